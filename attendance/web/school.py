"""The school's name and logo, for every page."""

from __future__ import annotations

from flask import url_for

from attendance.web.current import services
from database import DatabaseUnavailable, school

LOGO = "logo"


def logo_url() -> str | None:
    """Where the logo is, at an address of its own for each logo; None: there is none."""
    try:
        with services().database.read() as tx:
            changed_at = school.file_changed_at(tx, LOGO)
    except DatabaseUnavailable:
        return None
    if changed_at is None:
        return None
    return url_for("pages.logo", v=int(changed_at.timestamp() * 1e6))
