"""Every gate of a mark, in the order in which the gates answer."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from attendance.core.services import Services
from tests.conftest import Api, FakeClock, Person, code_of, picture


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def student(api: Api) -> Person:
    return api.student("obama")


def enrol_in_course(parts: Services, teacher: Person, *students: Person) -> int:
    """A course with these students, made below the API."""
    now = parts.clock.now()
    with parts.database.write() as tx:
        course = tx.insert(
            """
            INSERT INTO courses (teacher, code, name, join_code, created_at)
            VALUES (:teacher, 'LAW1', 'Law', :join_code, :now)
            """,
            teacher=teacher.row["id"],
            join_code=f"J{teacher.row['id']}",
            now=now,
        )
        for student in students:
            tx.insert_row(
                "INSERT INTO enrolments (course, student, enrolled_at) VALUES (:c, :s, :now)",
                c=course,
                s=student.row["id"],
                now=now,
            )
    return course


def altered(name: str, change: str) -> bytes:
    """A public photograph made too small, blurred or dark, as PNG."""
    image = Image.open(io.BytesIO(picture(name))).convert("RGB")
    pixels = np.asarray(image)
    if change == "small":
        pixels = np.asarray(image.resize((image.width // 6, image.height // 6)))
    elif change == "blurred":
        pixels = cv2.GaussianBlur(pixels, (0, 0), 18)
    elif change == "dark":
        pixels = (pixels * 0.15).astype(np.uint8)
    elif change == "twice":
        pixels = np.concatenate([pixels, pixels], axis=1)
    elif change == "faceless":
        pixels = np.full((480, 640, 3), 127, np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format="PNG")
    return out.getvalue()


def test_a_mark_without_a_token_is_refused(api: Api) -> None:
    assert code_of(api.upload("/session/mark", None, picture("obama"))) == (401, "token_missing")


def test_a_teacher_cannot_mark(api: Api, teacher: Person) -> None:
    session = api.session(teacher)
    assert code_of(api.mark(teacher, "obama", code=session["code"])) == (403, "forbidden")


def test_an_unknown_session_comes_before_everything_else(api: Api, student: Person) -> None:
    assert code_of(api.mark(student, b"text", code="ABC999")) == (404, "session_not_found")
    assert code_of(api.mark(student, b"text", session_id="4711")) == (404, "session_not_found")


def test_an_ended_session_comes_before_the_lock(api: Api, teacher: Person, student: Person) -> None:
    session = api.session(teacher)
    api.post("/session/lock", teacher, json={"session_id": session["id"]})
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert code_of(api.mark(student, b"text", code=session["code"])) == (410, "session_ended")


def test_a_session_ends_by_itself_exactly(
    api: Api, teacher: Person, student: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, duration_minutes=10)
    clock.advance(minutes=10, microseconds=-1)
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200
    clock.advance(microseconds=1)
    assert code_of(api.mark(student, "obama2", code=session["code"])) == (410, "session_ended")
    shown = api.get(f"/session/{session['id']}", teacher).json["session"]
    assert (shown["state"], shown["ended_at"]) == ("ended", "2026-03-02T08:10:00.000000Z")


def test_a_lock_comes_before_the_enrolment(
    api: Api, parts: Services, teacher: Person, student: Person
) -> None:
    session = api.session(teacher, course_id=enrol_in_course(parts, teacher))
    api.post("/session/lock", teacher, json={"session_id": session["id"]})
    assert code_of(api.mark(student, b"text", code=session["code"])) == (423, "session_locked")


def test_the_enrolment_comes_before_the_join_token(
    api: Api, parts: Services, teacher: Person, student: Person
) -> None:
    session = api.session(teacher, course_id=enrol_in_course(parts, teacher))
    refused = api.mark(student, b"text", session_id=str(session["id"]))
    assert code_of(refused) == (403, "not_enrolled")


def test_without_code_or_token_a_join_is_required(
    api: Api, teacher: Person, student: Person
) -> None:
    session = api.session(teacher)
    without = api.mark(student, b"text", session_id=str(session["id"]))
    assert code_of(without) == (403, "join_required")
    assert code_of(api.mark(student, b"text")) == (403, "join_required")
    forged = api.mark(student, b"text", join_token="WzEsMV0.AAAA")
    assert code_of(forged) == (403, "join_required")


def test_a_join_token_of_another_student_is_refused(
    api: Api, teacher: Person, student: Person
) -> None:
    session = api.session(teacher)
    other = api.student()
    token = api.post("/session/join", other, json={"code": session["code"]}).json["join_token"]
    assert code_of(api.mark(student, b"text", join_token=token)) == (403, "join_required")


def test_a_join_token_for_another_session_is_refused(
    api: Api, teacher: Person, student: Person
) -> None:
    joined, other = api.session(teacher), api.session(teacher)
    token = api.post("/session/join", student, json={"code": joined["code"]}).json["join_token"]
    refused = api.mark(student, b"text", join_token=token, session_id=str(other["id"]))
    assert code_of(refused) == (403, "join_required")


def test_a_join_token_expires_after_five_minutes(
    api: Api, teacher: Person, student: Person, clock: FakeClock
) -> None:
    session = api.session(teacher)
    token = api.post("/session/join", student, json={"code": session["code"]}).json["join_token"]
    clock.advance(minutes=5)
    assert code_of(api.mark(student, b"text", join_token=token)) == (403, "join_expired")


def test_a_student_without_templates_is_told_before_the_picture_is_read(
    api: Api, teacher: Person
) -> None:
    session = api.session(teacher)
    assert code_of(api.mark(api.student(), b"text", code=session["code"])) == (
        409,
        "face_not_enrolled",
    )


@pytest.mark.parametrize(
    ("upload", "expected"),
    [
        (b"this is text", (400, "image_unreadable")),
        (b"", (400, "image_unreadable")),
        (b"\xff\xd8\xff" + b"0" * (10 * 2**20), (413, "image_too_large")),
    ],
)
def test_what_is_no_picture_is_refused(
    api: Api, teacher: Person, student: Person, upload: bytes, expected: tuple[int, str]
) -> None:
    session = api.session(teacher)
    assert code_of(api.mark(student, upload, code=session["code"])) == expected


def test_a_truncated_photograph_is_refused(api: Api, teacher: Person, student: Person) -> None:
    session = api.session(teacher)
    half = picture("obama")[:20_000]
    assert code_of(api.mark(student, half, code=session["code"])) == (400, "image_unreadable")


def test_a_decompression_bomb_is_refused(api: Api, teacher: Person, student: Person) -> None:
    session = api.session(teacher)
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, format="PNG")
    refused = api.mark(student, out.getvalue(), code=session["code"])
    assert code_of(refused) == (413, "image_too_large")


def test_a_form_without_a_picture_is_refused(api: Api, teacher: Person, student: Person) -> None:
    session = api.session(teacher)
    refused = api.upload("/session/mark", student, code=session["code"])
    assert code_of(refused) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("faceless", "face_not_found"),
        ("twice", "several_faces"),
        ("small", "face_too_small"),
        ("blurred", "too_blurry"),
        ("dark", "too_dark"),
    ],
)
def test_a_poor_picture_is_refused_with_its_reason(
    api: Api, teacher: Person, student: Person, change: str, code: str
) -> None:
    session = api.session(teacher)
    refused = api.mark(student, altered("obama2", change), code=session["code"])
    assert code_of(refused) == (422, code)


def test_another_mans_face_is_refused_and_the_distance_is_not_told(
    api: Api, teacher: Person, student: Person
) -> None:
    session = api.session(teacher)
    refused = api.mark(student, "biden", code=session["code"])
    assert code_of(refused) == (422, "face_mismatch")
    assert "distance" not in refused.json


def test_a_face_nearer_to_a_classmate_is_refused(
    api: Api, parts: Services, teacher: Person, student: Person
) -> None:
    """Also where the threshold alone would let it pass."""
    api.student("biden")
    session = api.session(teacher)
    lax = parts.settings.model_copy(update={"face_threshold": 2.0})
    object.__setattr__(parts, "settings", lax)
    assert code_of(api.mark(student, "biden", code=session["code"])) == (422, "face_mismatch")
    assert api.mark(student, "obama3", code=session["code"]).status_code == 200


def test_only_classmates_count_in_a_course(
    api: Api, parts: Services, teacher: Person, student: Person
) -> None:
    api.student("biden")
    session = api.session(teacher, course_id=enrol_in_course(parts, teacher, student))
    lax = parts.settings.model_copy(update={"face_threshold": 2.0})
    object.__setattr__(parts, "settings", lax)
    assert api.mark(student, "biden", code=session["code"]).status_code == 200


def test_a_second_mark_answers_with_the_first_time(
    api: Api, teacher: Person, student: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, late_after_minutes=5)
    first = api.mark(student, "obama2", code=session["code"]).json
    clock.advance(minutes=20)
    second = api.mark(student, "obama3", code=session["code"]).json
    assert second == {**first, "already": True}


def test_a_mark_after_the_limit_is_late(
    api: Api, teacher: Person, student: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, late_after_minutes=5)
    clock.advance(minutes=5)
    punctual = api.mark(student, "obama2", code=session["code"])
    assert punctual.json["status"] == "present"
    session = api.session(teacher, late_after_minutes=5)
    clock.advance(minutes=5, microseconds=1)
    assert api.mark(student, "obama2", code=session["code"]).json["status"] == "late"


def test_what_the_client_says_of_threshold_student_status_and_time_is_ignored(
    api: Api, teacher: Person, student: Person
) -> None:
    session = api.session(teacher)
    wishes = {
        "threshold": "2",
        "student_id": "S999",
        "status": "excused",
        "marked_at": "2020-01-01T00:00:00Z",
    }
    assert code_of(api.mark(student, "biden", code=session["code"], **wishes)) == (
        422,
        "face_mismatch",
    )
    marked = api.mark(student, "obama2", code=session["code"], **wishes).json
    assert (marked["status"], marked["marked_at"]) == ("present", "2026-03-02T08:00:00.000000Z")


def test_a_code_of_digits_is_read_as_text(api: Api, teacher: Person, student: Person) -> None:
    for own in ("004711", "1E5", "12345678"):
        started = api.post(
            "/session/start", teacher, json={"subject": "Algebra", "code": own.ljust(4, "0")}
        )
        code = started.json["session"]["code"]
        assert (
            api.mark(student, "obama2", code=code).json["session_id"]
            == (started.json["session"]["id"])
        )


def test_tries_to_mark_are_counted_per_student(make_app, clock: FakeClock) -> None:  # type: ignore[no-untyped-def]  # a fixture
    api = Api(make_app(mark_tries_per_minute=2))
    session = api.session(api.teacher())
    first, second = api.student("obama"), api.student("biden")
    for _ in range(2):
        assert api.mark(first, "obama2", code=session["code"]).status_code == 200
    refused = api.mark(first, "obama2", code=session["code"])
    assert code_of(refused) == (429, "too_many_tries")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert api.mark(second, "biden", code=session["code"]).status_code == 200
