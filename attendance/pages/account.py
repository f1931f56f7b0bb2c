"""The user's account, for every role."""

from __future__ import annotations

from flask import render_template

from attendance.pages.blueprint import bp, page_for


@bp.get("/account", doc_ui=False)
@page_for("any")
def account() -> str:
    """Personal data, password, and signing out."""
    return render_template("account/account.html")
