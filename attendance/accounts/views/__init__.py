"""Accounts over HTTP, one file a resource."""

from __future__ import annotations

from flask_babel import gettext
from flask_openapi3 import APIBlueprint

from attendance.core.mail import Words
from attendance.web import languages
from attendance.web.apidocs import part_of


def address_changed() -> Words:
    """What the address is told that an account had before."""
    with languages.of_mail():
        return Words(
            gettext("The address of your attendance account was changed"),
            gettext(
                "Hello {name},\n\nfrom now on your attendance account has another e-mail address. "
                "If it was not you who changed it, tell your school's administrator.\n"
            ),
        )


def students_blueprint(name: str, module: str) -> APIBlueprint:
    """A blueprint for what students call about themselves, which stands in several wings."""
    return part_of("student", name, module, prefix="/student")
