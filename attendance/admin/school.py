"""/admin/logo and /admin/first-steps: the school's logo, and what is left to set up."""

from __future__ import annotations

from flask import Response, jsonify, request

from attendance.accounts.guard import SECURITY, acting, requires
from attendance.admin.blueprint import bp
from attendance.admin.schemas import FirstStepsOut, LogoForm, LogoOut
from attendance.core import logos
from attendance.core.errors import from_face_error
from attendance.core.roles import ADMIN
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.schemas import refuses
from attendance.web.school import LOGO, logo_url
from database import school
from facerecog import ImageUnreadable

# What is done once, and in which order it is offered.
STEPS = ("school", "https", "mail", "course", "roster", "invitations", "trial")


@bp.put("/logo", security=SECURITY, responses={200: LogoOut, **refuses(413, 422)})
@requires(ADMIN, images=1)
def put_logo(form: LogoForm) -> Response:
    """Show a logo on every page and in print: JPEG, PNG or WebP, which is drawn anew and small."""
    parts = services()
    try:
        data = logos.drawn(uploads.picture(form.image))
    except logos.NotALogo:
        raise from_face_error(ImageUnreadable("This is no JPEG, PNG or WebP picture.")) from None
    with parts.database.write() as tx:
        school.put_file(tx, LOGO, data, parts.clock.now())
        acting().note(tx, parts.clock.now(), "school.logo", "school", new={"bytes": len(data)})
    return jsonify({"logo": logo_url()})


@bp.delete("/logo", security=SECURITY, responses={204: None})
@requires(ADMIN)
def delete_logo() -> tuple[str, int]:
    """Show no logo any more."""
    parts = services()
    with parts.database.write() as tx:
        if school.remove_file(tx, LOGO):
            acting().note(tx, parts.clock.now(), "school.logo", "school", old={})
    return "", 204


@bp.get("/first-steps", security=SECURITY, responses={200: FirstStepsOut})
@requires(ADMIN)
def first_steps() -> Response:
    """What is left to do on the first morning, and whether Today shows it."""
    parts = services()
    settings = parts.settings
    with parts.database.read() as tx:
        done = school.begun(tx)
    done["school"] = settings.school_name is not None
    done["https"] = request.is_secure or str(settings.public_url).startswith("https:")
    done["mail"] = parts.mailer.configured
    return jsonify(
        {
            "offered": settings.first_steps and not all(done.values()),
            "steps": [{"name": name, "done": done[name]} for name in STEPS],
        }
    )
