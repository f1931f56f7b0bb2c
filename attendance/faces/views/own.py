"""A student's own face: enrol it, check a picture, delete it."""

from __future__ import annotations

from flask import Response, jsonify
from flask_babel import gettext

from attendance.accounts.guard import SECURITY, acting, caller, count_attempt, requires
from attendance.accounts.views import students_blueprint
from attendance.admission.shares import ENROLMENT, HINT
from attendance.core.errors import FACE_STATUS
from attendance.core.limits import MAX_IMAGES
from attendance.core.mail import Email
from attendance.core.roles import STUDENT
from attendance.faces import events, presenting, proposals, schemas, taken
from attendance.faces.pose import pose
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.schemas import refuses
from database.rows import StudentRow
from facerecog import FaceRecogError
from facerecog.liveness import turn

bp = students_blueprint("own_face", __name__)


@bp.post(
    "/upload-face",
    security=SECURITY,
    responses={
        200: schemas.UploadFaceOut,
        202: schemas.PendingFaceOut,
        **refuses(409, 422, 429),
    },
)
@requires(STUDENT, images=MAX_IMAGES, turn=ENROLMENT)
def upload_face(form: schemas.UploadFaceForm) -> tuple[Response, int]:
    """Enrol the caller's face with one to five pictures, which replace any earlier ones.

    A face that does not resemble the one that is there waits until a teacher or administrator has
    confirmed it (202), and so does a first one where the school wants that. The student is told by
    mail.
    """
    parts, account = services(), caller()
    count_attempt("enrol", account.name, parts.settings.enrol_tries_per_minute)
    with taken.counted(parts, acting()):
        done = proposals.enrol(
            parts, account.id, uploads.pictures(form.image), form.consent, acting()
        )
    if done.replaced and not done.pending:  # somebody else's could mark for somebody else
        events.face_changed(parts, account.student)
    parts.mailer.send(_told(account.student, done))
    shown = [presenting.quality(face) for face in done.faces]
    if done.pending:
        return jsonify({"pending": True, "faces": shown}), 202
    return jsonify({"templates": len(done.faces), "faces": shown}), 200


@bp.post("/check-face", security=SECURITY, responses={200: schemas.CheckFaceOut, **refuses(429)})
@requires(STUDENT, images=1, turn=HINT)
def check_face(form: schemas.ImageForm) -> Response:
    """Say how good a picture is and which way the face looks. Nothing of it is stored."""
    parts, account = services(), caller()
    count_attempt("check", account.name, parts.settings.check_tries_per_minute)
    try:
        face = parts.faces.find(uploads.picture(form.image))
    except FaceRecogError as error:
        if FACE_STATUS.get(error.code) != 422:
            raise
        nothing = {"pose": None, "turn": None, "face": None}
        return jsonify({"good": False, "code": error.code, "detail": str(error), **nothing})
    return jsonify(
        {
            "good": True,
            "code": None,
            "detail": None,
            "pose": pose(face.landmarks),
            "turn": round(turn(face.landmarks), 3),
            "face": presenting.quality(face),
        }
    )


@bp.delete("/face", security=SECURITY, responses={204: None})
@requires(STUDENT)
def delete_face() -> tuple[str, int]:
    """Delete every template and photograph of the caller's face, and withdraw consent."""
    parts, account, by = services(), caller(), acting()
    now = parts.clock.now()
    parts.faces.forget(
        account.id, now=now, note=lambda tx: by.note(tx, now, "face.delete", account.name)
    )
    return "", 204


def _told(student: StudentRow, done: proposals.Enrolled) -> list[Email]:
    """What the student hears by mail: whoever did it in the student's name is thereby found out."""
    if done.pending:
        text = gettext(
            "A face was sent in for your account. It counts when your teacher or the "
            "administrator has confirmed that it is yours."
        )
    elif done.replaced:
        text = gettext("The face of your account was replaced by new pictures.")
    else:
        text = gettext("A face was enrolled for your account, with your consent.")
    warning = gettext("If that was not you, tell your teacher, and change your password.")
    return proposals.told(
        student, gettext("Your face"), f"{text} {warning}", services().clock.now()
    )
