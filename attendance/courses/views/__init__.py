"""Courses over HTTP, one file a resource."""

from __future__ import annotations

from flask_babel import gettext
from flask_openapi3 import Tag

from attendance.core.mail import Words
from attendance.web import languages

# The resources of this wing are one group in the API's description.
TAGS = [Tag(name="course", description="Courses and who is in them")]


def invitation_words() -> Words:
    """What brings a student the link with which a first password is set."""
    with languages.of_mail():
        return Words(
            gettext("Your attendance account for {course}"),
            gettext(
                "Hello {name},\n\n"
                "you were enrolled in {code} {course}. Set your password here:\n\n{link}\n\n"
                "The link works once, until {until}.\n"
            ),
        )
