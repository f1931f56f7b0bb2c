"""Where an invitation or a reset link leads: setting a password, once."""

from __future__ import annotations

from flask import render_template

from attendance.pages.blueprint import bp


@bp.get("/set-password", doc_ui=False)
def set_password() -> str:
    """The token stands behind the `#` of the link: only the page's script ever sees it."""
    return render_template("account/set_password.html")
