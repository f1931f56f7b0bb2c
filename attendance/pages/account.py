"""The user's account, for every role."""

from __future__ import annotations

from flask import render_template

from attendance.core.roles import STUDENT
from attendance.pages.blueprint import bp, page_for, viewer
from attendance.web.current import services


@bp.get("/account", doc_ui=False)
@page_for("any")
def account() -> str:
    """Personal data, password, and signing out."""
    by = viewer()
    is_student = by is not None and by.kind == STUDENT
    renames = not is_student or services().settings.student_renames
    return render_template("account/account.html", renames=renames)
