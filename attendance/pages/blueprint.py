"""What all pages share: the blueprint, who looks, the navigation, and errors for people."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from flask_jwt_extended import decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from flask_openapi3 import APIBlueprint, Tag
from jwt import PyJWTError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from attendance.accounts.guard import Account, account_of_claims
from attendance.core.errors import Forbidden, Problem, Unavailable
from attendance.core.roles import ADMIN, STUDENT, TEACHER
from attendance.web.current import services
from attendance.web.problems import respond
from attendance.web.school import logo_url
from database import DatabaseUnavailable

View = TypeVar("View", bound=Callable[..., Any])

bp = APIBlueprint("pages", __name__, abp_tags=[Tag(name="pages", description="For browsers")])


@dataclass(frozen=True)
class Entry:
    """One line of the navigation; `icon` is a symbol of static/icons.svg.

    `beginnings`: how the endpoints of the pages begin that are reached from this one.
    """

    endpoint: str
    label: LazyString
    icon: str
    beginnings: tuple[str, ...] = ()

    def holds(self, endpoint: str | None) -> bool:
        """Whether a page belongs under this line."""
        return (endpoint or "").startswith(self.beginnings)


_TEACHING = (
    Entry(
        "pages.teacher_home",
        lazy_gettext("Today"),
        "home",
        (
            "pages.teacher_week",
            "pages.teacher_absences",
            "pages.teacher_appeals",
            "pages.teacher_tutor",
        ),
    ),
    Entry("pages.teacher_sessions", lazy_gettext("Sessions"), "clock", ("pages.teacher_session",)),
    Entry(
        "pages.teacher_courses",
        lazy_gettext("Courses"),
        "book",
        ("pages.teacher_course", "pages.teacher_report"),
    ),
)
_ACCOUNT = Entry("pages.account", lazy_gettext("Account"), "person")
NAVIGATION: dict[str, tuple[Entry, ...]] = {
    STUDENT: (
        Entry("pages.student_home", lazy_gettext("Home"), "home", ("pages.student_face",)),
        Entry("pages.joining", lazy_gettext("Mark"), "scan"),
        Entry("pages.student_history", lazy_gettext("Attendance"), "chart"),
        _ACCOUNT,
    ),
    TEACHER: (*_TEACHING, _ACCOUNT),
    ADMIN: (
        *_TEACHING,
        Entry("pages.admin_teachers", lazy_gettext("Manage"), "gear", ("pages.admin_",)),
        _ACCOUNT,
    ),
}
HOME = {STUDENT: "pages.student_home", TEACHER: "pages.teacher_home", ADMIN: "pages.teacher_home"}


def viewer() -> Account | None:
    """Who looks at the page, by the cookie; None: nobody has signed in.

    An expired token is enough to greet somebody: it shows no data, and the first call of the
    page's script refreshes it or leads to the sign-in.
    """
    if "viewer" not in g:
        g.viewer = _viewer()
    return cast("Account | None", g.viewer)


def role_of(account: Account | None) -> str | None:
    """student, teacher, admin, or None."""
    if account is None:
        return None
    return ADMIN if account.is_admin else account.kind


def page_for(kind: str) -> Callable[[View], View]:
    """Show a page to a student, a teacher, an administrator, or (`any`) whoever signed in.

    Others are led to the sign-in and back, or told that the page is not for them.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(**values: Any) -> Any:
            account = viewer()
            if account is None:
                return sign_in_first(kind)
            wrong = account.kind != kind and kind in (STUDENT, TEACHER)
            if wrong or (kind == ADMIN and not account.is_admin):
                raise Forbidden
            return view(**values)

        return cast(View, guarded)

    return decorate


def sign_in_first(kind: str) -> Response:
    """Lead to the sign-in, and from there back to this page."""
    here = request.script_root + request.full_path.rstrip("?")
    role = STUDENT if kind == STUDENT else TEACHER if kind in (TEACHER, ADMIN) else None
    return redirect(url_for("pages.sign_in", next=here, role=role), 303)


def local_path(target: str | None) -> str | None:
    """`target`, if it is a path of this server: nobody is led elsewhere by a link."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if not f"{target}/".startswith(f"{request.script_root}/"):
        return None  # of another program at this host
    # Browsers take a backslash for a slash, and leave out what is not printable.
    return target if "\\" not in target and target.isprintable() else None


@bp.app_context_processor
def _about_the_viewer() -> dict[str, Any]:
    account = viewer() if request.blueprint == bp.name else None
    role = role_of(account)
    return {
        "viewer": account,
        "role": role,
        "navigation": NAVIGATION[role] if role else (),
        "home_url": url_for(HOME[role] if role else "pages.index"),
        "school_name": services().settings.school_name,
        "school_logo": logo_url() if request.blueprint == bp.name else None,
        "secure_url": _secure_url(),
        "students_sign_up": services().settings.student_sign_up == "open",
    }


def _secure_url() -> str | None:
    """Where the installation is reached by HTTPS, if it says so: signing in works there only."""
    url = services().settings.public_url
    if not url or not url.lower().startswith("https:"):
        return None
    return url.rstrip("/").removesuffix(request.script_root)


@bp.errorhandler(Problem)
def _problem(problem: Problem) -> Any:
    """A page that says it to a person; other clients get the problem document."""
    if not _wants_html():
        return respond(problem)
    g.problem_code = problem.code
    return _error_page(problem.status, problem.code)


@bp.errorhandler(DatabaseUnavailable)
def _no_database(_error: DatabaseUnavailable) -> Any:
    g.viewer = None
    return _problem(Unavailable())


@bp.app_errorhandler(404)
def _nothing_here(error: HTTPException) -> Any:
    if request.blueprint in (None, bp.name) and _wants_html():
        return _error_page(404, "not_found")
    problem = Problem(error.description)
    problem.status, problem.code = 404, "not_found"
    return respond(problem)


def _error_page(status: int, code: str) -> tuple[str, int]:
    return render_template("error.html", code=code, sentences=explained(code)), status


def explained(code: str) -> tuple[str, str]:
    """What happened and what to do, for the problems that pages (not scripts) can meet."""
    known = {
        "not_found": (
            gettext("There is nothing here"),
            gettext("The address may be mistyped, or the page is gone."),
        ),
        "forbidden": (
            gettext("This page is not for your account"),
            gettext("Sign in with another account, or go back to your own pages."),
        ),
        "join_expired": (
            gettext("The QR code has changed"),
            gettext("It changes every few seconds. Scan the one on the screen now."),
        ),
        "join_required": (
            gettext("This QR code is not from this server"),
            gettext("Scan the code on your teacher’s screen, or type the session code."),
        ),
        "session_not_found": (
            gettext("The session does not exist"),
            gettext("Scan the code on your teacher’s screen, or type the session code."),
        ),
        "session_ended": (
            gettext("The session has ended"),
            gettext("If you were there, ask your teacher to mark you by hand."),
        ),
        "session_locked": (
            gettext("The teacher has locked the session"),
            gettext("Ask your teacher to unlock it, then scan the code again."),
        ),
        "unavailable": (
            gettext("The server cannot answer right now"),
            gettext("Wait a few seconds and load the page again."),
        ),
    }
    return known.get(
        code, (gettext("Something went wrong"), gettext("Load the page again, or go back."))
    )


def _wants_html() -> bool:
    best = request.accept_mimetypes.best_match(["application/json", "text/html"])
    return best == "text/html"


def _viewer() -> Account | None:
    token = request.cookies.get(current_app.config["JWT_ACCESS_COOKIE_NAME"])
    if not token:
        return None
    try:
        claims = decode_token(token, allow_expired=True)
    except (PyJWTError, JWTExtendedException, ValueError):
        return None
    if claims.get("type") != "access":
        return None
    with services().database.read() as tx:
        return account_of_claims(tx, claims)
