"""The pages for browsers. They show what the API says, and ask it as every other client does."""

from __future__ import annotations

from attendance.pages import (
    account,
    admin,
    installed,
    join,
    school,
    set_password,
    start,
    student,
    teacher,
)
from attendance.pages.blueprint import bp

__all__ = [
    "account",
    "admin",
    "bp",
    "installed",
    "join",
    "school",
    "set_password",
    "start",
    "student",
    "teacher",
]
