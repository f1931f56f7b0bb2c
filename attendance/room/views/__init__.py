"""Cameras over HTTP, one file a resource."""

from __future__ import annotations

from flask_openapi3 import Tag

# The resources of this wing are one group in the API's description.
TAGS = [Tag(name="camera", description="Cameras in the room, photographs of the class, kiosks")]
