"""Identification (1:N) for a device with an API key or a teacher's token: register and verify."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import (
    DEVICE_SECURITY,
    acting,
    caller,
    count_attempt,
    requires,
)
from attendance.admission.shares import ENROLMENT, IDENTIFICATION
from attendance.core.errors import (
    FACE_STATUS,
    FaceUnknown,
    InvalidRequest,
    Problem,
    StudentIdTaken,
    from_face_error,
)
from attendance.core.limits import MAX_IMAGES
from attendance.core.roles import TEACHER
from attendance.core.services import Services
from attendance.faces import events, presenting, schemas, served, taken
from attendance.faces.index import Index
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import UniqueViolation, students
from database.rows import StudentRow
from facerecog import FaceRecogError, FaceResult, Match, Seen, Wanted

bp = APIBlueprint(
    "identify", __name__, abp_tags=[Tag(name="identify", description="1:N, for devices")]
)


# Of a picture of many: the smallest face that is compared, pixels, and how many are.
MIN_FACE, MOST_FACES = 20, 100


@bp.post(
    "/register", security=DEVICE_SECURITY, responses={200: schemas.RegisterOut, **refuses(429)}
)
@requires(TEACHER, images=1, scope="register", turn=ENROLMENT)
def register(form: schemas.RegisterForm) -> Response:
    """Register a person from one picture. Anything wrong with the picture is answered 400.

    With an API key that is bound to courses, the person is enrolled in all of these.
    """
    parts = services()
    with parts.database.read() as tx:
        served.courses_of(tx, caller())
    _count_attempt(parts)
    picture = uploads.picture(form.image)
    with taken.counted(parts, acting()):
        row, face = _registered(parts, form, picture)
    events.registered(parts, int(row["id"]))
    return jsonify(
        {
            "student_id": row["student_id"],
            "name": row["name"],
            "quality": presenting.quality(face),
        }
    )


def _registered(
    parts: Services, form: schemas.RegisterForm, picture: bytes
) -> tuple[StudentRow, FaceResult]:
    """The new student and the face; whatever is wrong with the request is 400 here."""
    now = parts.clock.now()
    try:
        faces = parts.faces.examine([picture], consent=None)
        with parts.database.write() as tx:
            row = students.create(
                tx,
                student_id=form.student_id or f"R-{secrets.token_hex(4).upper()}",
                name=f"{form.first_name} {form.last_name}",
                email=None,
                password_hash=None,
                course=None,
                now=now,
            )
            served.enrol(parts, tx, caller(), int(row["id"]))
            parts.faces.store(tx, int(row["id"]), [picture], faces, now=now)
            acting().note(
                tx,
                now,
                "student.register",
                f"student:{row['id']}",
                new={"student_id": row["student_id"]},
            )
    except (UniqueViolation, Problem) as error:
        problem = error if isinstance(error, Problem) else StudentIdTaken()
        if problem.status < 500:
            problem.status = 400
        problem.extra.pop("image", None)
        raise problem from None
    return row, faces[0]


@bp.post(
    "/verify",
    security=DEVICE_SECURITY,
    responses={200: schemas.VerifyOut, **refuses(404, 422, 429)},
)
@requires(TEACHER, images=MAX_IMAGES, scope="verify", turn=IDENTIFICATION)
def verify(form: schemas.VerifyForm) -> Response:
    """Who is in the picture, or in the one to five of one moment?

    An API key that is bound to courses finds their students only.
    404 when nobody known is near enough, or two are equally near.
    """
    parts = services()
    with parts.database.read() as tx:
        served.courses_of(tx, caller())
    _count_attempt(parts)
    pictures = uploads.pictures(form.image)
    if form.all_faces:
        return jsonify({"faces": _every_face(parts, pictures)})
    try:
        face = parts.faces.analyse_together(pictures)
    except Problem as problem:
        if FACE_STATUS.get(problem.code) == 422:
            problem.status = 404
        raise
    among = served.gallery(parts, caller())
    match = parts.faces.identify(face.embedding, among)
    nearest = parts.faces.nearest(face.embedding, form.candidates, among) if form.candidates else []
    with parts.database.read() as tx:
        wanted = {int(each.key) for each in [*nearest, *([match] if match else [])]}
        rows = {int(row["id"]): row for row in students.of_ids(tx, sorted(wanted))}
    if match is None or int(match.key) not in rows:
        raise FaceUnknown
    shown = _named(parts, rows, match)
    if form.candidates:
        shown["candidates"] = [_named(parts, rows, each) for each in nearest if each.key in rows]
    return jsonify(shown)


def _named(parts: Services, rows: Mapping[int, StudentRow], match: Match) -> dict[str, Any]:
    row = rows[int(match.key)]
    return {
        "student_id": row["student_id"],
        "name": row["name"],
        "distance": parts.faces.reported(match.distance),
    }


def _every_face(parts: Services, pictures: list[bytes]) -> list[dict[str, Any]]:
    """Every face of one picture, and who it is, where that is known."""
    if len(pictures) != 1:
        raise InvalidRequest("image: with all_faces, send one picture.")
    try:
        wanted = Wanted(min_face=MIN_FACE, min_embedded=MIN_FACE, most_embedded=MOST_FACES)
        frame = parts.faces.look(pictures[0], wanted)
    except FaceRecogError as error:
        raise from_face_error(error) from error
    among = served.gallery(parts, caller())
    found = [(face, _who(parts, face, among)) for face in frame.faces]
    with parts.database.read() as tx:
        wanted_ids = sorted({int(match.key) for _, match in found if match is not None})
        rows = {int(row["id"]): row for row in students.of_ids(tx, wanted_ids)}
    unknown = {"student_id": None, "name": None, "distance": None}
    return [
        {
            "box": [round(float(edge), 4) for edge in face.box],
            **(_named(parts, rows, match) if match and int(match.key) in rows else unknown),
        }
        for face, match in found
    ]


def _who(parts: Services, face: Seen, among: Index) -> Match | None:
    return None if face.embedding is None else parts.faces.identify(face.embedding, among)


def _count_attempt(parts: Services) -> None:
    count_attempt("identify", caller().name, parts.settings.identify_tries_per_minute)
