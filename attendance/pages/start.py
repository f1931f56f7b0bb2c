"""The start: where to begin, sign in, sign up, and the language."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from attendance.core.roles import STUDENT, TEACHER
from attendance.pages.blueprint import HOME, bp, local_path, role_of, viewer
from attendance.web import languages
from attendance.web.current import services
from attendance.web.schemas import TextIn

YEAR = 365 * 24 * 3600


class LanguagePath(TextIn):
    """Which language."""

    language: str


@bp.get("/", doc_ui=False)
def index() -> str | Response:
    """Where to begin; whoever is signed in begins at home."""
    role = role_of(viewer())
    if role is not None:
        return redirect(url_for(HOME[role]), 303)
    return render_template("index.html")


@bp.get("/sign-in", doc_ui=False)
def sign_in() -> str:
    """Sign in, as a student or a teacher; `next` tells where to go afterwards."""
    return render_template("account/sign_in.html", **_asked())


@bp.get("/sign-up", doc_ui=False)
def sign_up() -> str:
    """Sign up, as a student or a teacher."""
    return render_template("account/sign_up.html", **_asked())


@bp.get("/privacy", doc_ui=False)
def privacy() -> str:
    """What is stored, what for, for how long, and how to delete it."""
    return render_template("privacy.html", keep_photos=services().settings.keep_photos)


@bp.get("/help/camera", doc_ui=False)
def camera_help() -> str:
    """Why browsers give no camera without HTTPS, and what the administrator can do."""
    return render_template("camera_help.html")


@bp.get("/kiosk", doc_ui=False)
def kiosk() -> str:
    """A tablet at the door: nobody is signed in, the device has a key."""
    return render_template("kiosk.html")


@bp.get("/language/<language>", doc_ui=False)
def switch_language(path: LanguagePath) -> Response:
    """Keep the language in a cookie and go back."""
    target = local_path(request.args.get("next")) or url_for("pages.index")
    response = redirect(target, 303)
    if path.language in languages.languages():
        response.set_cookie(
            languages.COOKIE,
            path.language,
            max_age=YEAR,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response


def _asked() -> dict[str, str]:
    wanted = request.args.get("role")
    return {
        "wanted_role": TEACHER if wanted == TEACHER else STUDENT,
        "next": local_path(request.args.get("next")) or url_for("pages.index"),
    }
