"""/admin/assessment: the facts of a data-protection impact assessment of this installation."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, requires
from attendance.admin.blueprint import bp
from attendance.admin.schemas import AssessmentOut
from attendance.core.clock import iso
from attendance.core.roles import ADMIN
from attendance.courses import check_in, rooms
from attendance.web.current import services
from database import assessment
from database import rooms as stored_rooms

# What decides how much is kept, for how long, and how sure a mark is.
SETTINGS = (
    "face_networks",
    "face_fmr",
    "keep_photos",
    "template_retention_days",
    "picture_memory_days",
    "note_days",
    "camera_crop_minutes",
    "deleted_student_marks",
    "confirm_first_enrolments",
    "student_sign_up",
    "teacher_sign_up",
    "session_code_seconds",
    "qr_step_seconds",
    "challenge_seconds",
    "challenge_steps",
    "trusted_proxies",
    "web_push",
)


@bp.get("/assessment", security=SECURITY, responses={200: AssessmentOut})
@requires(ADMIN)
def impact_assessment() -> Response:
    """The facts of a data-protection impact assessment (GDPR, article 35), as they are now: the
    page /manage/assessment prints them with what they mean."""
    parts = services()
    with parts.database.read() as tx:
        counts = assessment.counts(tx)
        rows = assessment.courses(tx)
        held = [rooms.shown(row) for row in stored_rooms.every(tx)]
    rules = [{"code": row["code"], "name": row["name"], **asdict(check_in.of(row))} for row in rows]
    return jsonify(
        {
            "printed_at": iso(parts.clock.now()),
            "school": parts.settings.school_name or None,
            "counts": counts,
            "settings": {name: getattr(parts.settings, name) for name in SETTINGS},
            "courses": rules,
            "rooms": [room for room in held if room["networks"]],
            "mail": parts.mailer.configured,
        }
    )
