"""Pages for who has no account yet, or no password: a forgotten one, and where links lead that set
one, that ask a guardian, or that end a message."""

from __future__ import annotations

from flask import render_template

from attendance.pages.blueprint import bp
from attendance.web.current import services


@bp.get("/forgot-password", doc_ui=False)
def forgot_password() -> str:
    """Ask for a link by mail; where no mail is sent, whom to ask."""
    return render_template("account/forgot_password.html", sends_mail=services().mailer.configured)


@bp.get("/first-sign-in", doc_ui=False)
def first_sign_in() -> str:
    """With a printed slip: a number, a PIN, and a password of one's own."""
    return render_template("account/first_sign_in.html")


@bp.get("/set-password", doc_ui=False)
def set_password() -> str:
    """The token stands behind the `#` of the link: only the page's script ever sees it."""
    return render_template("account/set_password.html")


@bp.get("/guardian", doc_ui=False)
def guardian() -> str:
    """Where the links of guardians lead; the token stands behind the `#`."""
    return render_template("account/guardian.html", keep_photos=services().settings.keep_photos)


@bp.get("/digest", doc_ui=False)
def digest() -> str:
    """Where the link of the weekly message leads that ends it."""
    return render_template("account/digest.html")
