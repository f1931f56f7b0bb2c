"""A student's own face: enrol it, check a picture, delete it."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, acting, caller, count_attempt, requires
from attendance.accounts.views import students_blueprint
from attendance.admission.shares import ENROLMENT, HINT
from attendance.core.errors import FACE_STATUS
from attendance.core.limits import MAX_IMAGES
from attendance.core.roles import STUDENT
from attendance.faces import events, presenting, schemas, taken
from attendance.faces.pose import pose
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import students
from facerecog import FaceRecogError

bp = students_blueprint("own_face", __name__)


@bp.post(
    "/upload-face",
    security=SECURITY,
    responses={200: schemas.UploadFaceOut, **refuses(409, 422, 429)},
)
@requires(STUDENT, images=MAX_IMAGES, turn=ENROLMENT)
def upload_face(form: schemas.UploadFaceForm) -> Response:
    """Enrol the caller's face with one to five pictures, which replace any earlier ones."""
    parts, account = services(), caller()
    count_attempt("enrol", account.name, parts.settings.enrol_tries_per_minute)
    had = int(account.student["templates"])
    with taken.counted(parts, acting()):
        faces = parts.faces.enrol(
            account.id, uploads.pictures(form.image), now=parts.clock.now(), consent=form.consent
        )
    if had:  # somebody else's in its place could mark for somebody else
        with parts.database.write() as tx:
            students.note_face_change(tx, account.id, parts.clock.now())
            acting().note(
                tx,
                parts.clock.now(),
                "face.change",
                account.name,
                old={"templates": had},
                new={"templates": len(faces)},
            )
        events.face_changed(parts, account.student)
    return jsonify({"templates": len(faces), "faces": [presenting.quality(face) for face in faces]})


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
        return jsonify(
            {"good": False, "code": error.code, "detail": str(error), "pose": None, "face": None}
        )
    return jsonify(
        {
            "good": True,
            "code": None,
            "detail": None,
            "pose": pose(face.landmarks),
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
