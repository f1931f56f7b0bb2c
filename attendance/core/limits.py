"""How much is taken at once."""

from __future__ import annotations

MAX_IMAGE_BYTES = 10 * 1024 * 1024
# How many pictures one enrolment takes, and one burst of a mark.
MAX_IMAGES = 5
