"""Students: sign up, sign in, account; their face and their attendance."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts import passwords as hashing
from attendance.accounts import personal_data, presenting, signing_in
from attendance.accounts import schemas as account_schemas
from attendance.accounts.guard import (
    SECURITY,
    STUDENT,
    Account,
    acting,
    caller,
    count_attempt,
    requires,
)
from attendance.core.errors import FACE_STATUS, EmailTaken, StudentIdTaken
from attendance.courses import percentages
from attendance.faces import presenting as face_presenting
from attendance.faces import schemas as face_schemas
from attendance.faces.pose import pose
from attendance.sessions import presenting as session_presenting
from attendance.sessions import schemas as session_schemas
from attendance.web import schemas, uploads
from attendance.web.current import services
from database import UniqueViolation, marks, sessions, students
from facerecog import FaceRecogError

# More at once than any student could attend.
OPEN_SESSIONS = 20

bp = APIBlueprint(
    "student", __name__, url_prefix="/student", abp_tags=[Tag(name="student", description="")]
)


@bp.post("/signup", responses={201: account_schemas.StudentTokensOut})
def signup(
    body: account_schemas.StudentSignUpIn, query: account_schemas.TransportQuery
) -> Response:
    """Sign up as a student."""
    parts = services()
    password_hash = hashing.hash_password(body.password, parts.settings.bcrypt_rounds)
    with parts.database.write() as tx:
        if students.by_student_id(tx, body.student_id) is not None:
            raise StudentIdTaken
        try:
            row = students.create(
                tx,
                student_id=body.student_id,
                name=body.name,
                email=body.email,
                password_hash=password_hash,
                course=body.course,
                now=parts.clock.now(),
            )
        except UniqueViolation:
            if students.by_student_id(tx, body.student_id) is not None:
                raise StudentIdTaken from None
            raise EmailTaken from None
    return signing_in.with_tokens({"student": presenting.student(row)}, Account(STUDENT, row), 201)


@bp.post("/login", responses={200: account_schemas.StudentTokensOut})
def login(body: account_schemas.LoginIn, query: account_schemas.TransportQuery) -> Response:
    """Sign in as a student."""
    account = signing_in.check_login(STUDENT, body.email, body.password)
    return signing_in.with_tokens({"student": presenting.student(account.row)}, account)


@bp.get("/me", security=SECURITY, responses={200: account_schemas.StudentOut})
@requires(STUDENT)
def me() -> Response:
    """The caller's account."""
    return jsonify({"student": presenting.student(caller().row)})


@bp.patch("/me", security=SECURITY, responses={200: account_schemas.StudentChangedOut})
@requires(STUDENT)
def change_me(body: account_schemas.StudentPatchIn) -> Response:
    """Change the caller's account. A new password ends all tokens; the response has new ones."""
    parts, account = services(), caller()
    password_hash = body.password and signing_in.new_password(
        parts, account, current=body.current_password, new=body.password
    )
    with parts.database.write() as tx:
        students.update_profile(
            tx,
            account.id,
            name=account.row["name"] if body.name is None else body.name,
            course=body.course if "course" in body.model_fields_set else account.row["course"],
        )
        if password_hash:
            students.set_password(tx, account.id, password_hash)
        row = students.by_id(tx, account.id)
    assert row is not None
    shown = {"student": presenting.student(row)}
    return signing_in.with_tokens(shown, Account(STUDENT, row)) if body.password else jsonify(shown)


@bp.post("/upload-face", security=SECURITY, responses={200: face_schemas.UploadFaceOut})
@requires(STUDENT, images=uploads.MAX_IMAGES)
def upload_face(form: face_schemas.UploadFaceForm) -> Response:
    """Enrol the caller's face with one to five pictures, which replace any earlier ones."""
    parts, account = services(), caller()
    faces = parts.faces.enrol(
        account.id, uploads.pictures(form.image), now=parts.clock.now(), consent=form.consent
    )
    return jsonify(
        {"templates": len(faces), "faces": [face_presenting.quality(face) for face in faces]}
    )


@bp.post("/check-face", security=SECURITY, responses={200: face_schemas.CheckFaceOut})
@requires(STUDENT, images=1)
def check_face(form: face_schemas.ImageForm) -> Response:
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
            "face": face_presenting.quality(face),
        }
    )


@bp.delete("/face", security=SECURITY, responses={204: None})
@requires(STUDENT)
def delete_face() -> tuple[str, int]:
    """Delete every template and photograph of the caller's face, and withdraw consent."""
    parts, account = services(), caller()
    if parts.faces.forget(account.id, now=parts.clock.now()):
        with parts.database.write() as tx:
            acting().note(
                tx,
                parts.clock.now(),
                "face.delete",
                account.name,
            )
    return "", 204


@bp.get("/sessions", security=SECURITY, responses={200: session_schemas.OpenSessionsOut})
@requires(STUDENT)
def open_sessions() -> Response:
    """The sessions running now: those of the caller's courses, and those open to everyone."""
    parts = services()
    now = parts.clock.now()
    with parts.database.read() as tx:
        rows = sessions.live_for(tx, caller().id, now, limit=OPEN_SESSIONS)
    return jsonify(
        {
            "sessions": [
                {**session_presenting.session(row, now, with_code=False), "status": row["status"]}
                for row in rows
            ]
        }
    )


@bp.get("/attendance", security=SECURITY, responses={200: session_schemas.HistoryOut})
@requires(STUDENT)
def attendance(query: schemas.PageQuery) -> Response:
    """The caller's marks, newest first."""
    parts, student = services(), caller().id
    with parts.database.read() as tx:
        rows = marks.history_of(
            tx, student, limit=query.per_page, offset=(query.page - 1) * query.per_page
        )
        total = marks.count_of(tx, student)
    now = parts.clock.now()
    return jsonify(
        {
            "attendance": [session_presenting.history(row, now) for row in rows],
            "page": query.page,
            "per_page": query.per_page,
            "total": total,
        }
    )


@bp.get("/attendance/summary", security=SECURITY, responses={200: session_schemas.SummaryOut})
@requires(STUDENT)
def summary() -> Response:
    """The caller's percentages, overall and by subject."""
    parts = services()
    with parts.database.read() as tx:
        rows = marks.summary_of(tx, caller().id, parts.clock.now())
    return jsonify(percentages.summary(rows))


@bp.get("/export", security=SECURITY, responses={200: account_schemas.PersonalDataOut})
@requires(STUDENT)
def export() -> Response:
    """Everything that is kept about the caller: account, templates, photographs, marks, audit."""
    response = jsonify(personal_data.of_student(services(), caller().row))
    response.headers["Cache-Control"] = "no-store"
    return response
