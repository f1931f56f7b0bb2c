"""User names, with which those sign in who have no mailbox: `ann.lee`, `7b-03`.

They are kept in small letters; an `@` is in none, so a user name is never taken for an address.
"""

from __future__ import annotations

from attendance.core import student_numbers, texts

LONGEST = 64
PATTERN = r"^[^\x00-/:-@\[-`{-\x7f][^\x00-,/:-@\[-^`{-\x7f]*$"


def accepted(name: str) -> str:
    """The name in its one form.

    Raises:
        Unacceptable: `username`, or as `texts.line`. (Lengths are looked at elsewhere.)
    """
    form = normal(texts.line(name))
    if form and (not student_numbers.fits(form) or " " in form):
        raise texts.Unacceptable(
            "username",
            "A user name begins with a letter or digit, and has letters, digits, dots, hyphens "
            "and underscores.",
        )
    return form


def normal(name: str) -> str:
    """The one form of what somebody typed, whether it could be given or not."""
    return student_numbers.normal(name).lower()
