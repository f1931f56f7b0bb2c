"""The picture of a note that goes with a request to be excused."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from PIL import Image

from attendance.core.audit import By
from attendance.core.services import Services
from attendance.crypto.vault import of_notes
from attendance.operation import rotation
from attendance.web.current import services_of
from database import encrypted
from tests.attendance.commands.conftest import Run, run
from tests.attendance.school import audited, course_of, enrol
from tests.conftest import Api, FakeClock, Person, code_of

__all__ = ["run"]  # a fixture of the commands
pytestmark = pytest.mark.any_database
PLACE = b"52.520008"


@pytest.fixture(autouse=True)
def monday(clock: FakeClock) -> None:
    clock.moment = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)


@pytest.fixture
def course(api: Api, teacher: Person, student: Person) -> dict[str, Any]:
    made = course_of(api, teacher)
    enrol(api, teacher, made, student)
    return made


@pytest.fixture
def absence(api: Api, student: Person, course: dict[str, Any]) -> int:
    body = {"from": "2026-03-02", "reason": "A cold."}
    return int(api.post("/absence", student, json=body).json["absence"]["id"])


def paper(size: tuple[int, int] = (3000, 2000), form: str = "JPEG", **more: Any) -> bytes:
    """A sheet of paper, with what a telephone writes beside it: it lies on its side, and where."""
    picture = Image.new("RGB", size, "white")
    picture.paste((200, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = PLACE.decode()
    out = io.BytesIO()
    picture.save(out, form, exif=exif, **more)
    return out.getvalue()


def send(api: Api, by: Person, absence: int, data: bytes, name: str = "note.jpg") -> Any:
    form = {"image": (io.BytesIO(data), name)}
    path = f"/absence/{absence}/note"
    return api.call("PUT", path, by, data=form, content_type="multipart/form-data")


def decide(api: Api, by: Person, absence: int, **more: Any) -> None:
    answer = api.post(f"/absence/{absence}/decide", by, json={"accepted": True, **more})
    assert answer.status_code == 200, answer.text


def stored(app: OpenAPI) -> int:
    with services_of(app).database.read() as tx:
        return int(tx.scalar("SELECT COUNT(*) FROM absence_notes"))


def test_who_decides_sees_the_note_and_nothing_else_that_the_file_told(
    api: Api, app: OpenAPI, teacher: Person, student: Person, absence: int
) -> None:
    sent = paper()
    assert PLACE in sent
    answer = send(api, student, absence, sent)
    assert answer.status_code == 200, answer.text
    assert answer.json["absence"]["note"] is True
    [seen] = api.get("/absence/mine", teacher).json["absences"]
    assert seen["note"] is True
    shown = api.get(f"/absence/{absence}/note.jpg", teacher)
    assert (shown.status_code, shown.content_type) == (200, "image/jpeg")
    assert "no-store" in shown.headers["Cache-Control"]
    assert PLACE not in shown.data
    picture = Image.open(io.BytesIO(shown.data))
    assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (1067, 1600), {})
    # upright: what was at the top on the left is at the top on the right
    assert picture.getpixel((900, 100))[0] > 150 > picture.getpixel((900, 100))[1]  # type: ignore[index]
    with services_of(app).database.read() as tx:
        row = tx.one("SELECT * FROM absence_notes")
    assert row is not None
    assert b"JFIF" not in bytes(row["data"]), "encrypted"
    vault = services_of(app).vault
    assert vault.decrypt(row["key_id"], bytes(row["data"]), of_notes(absence)) == shown.data
    [line] = audited(services_of(app), "absence.note")
    assert line["actor"] == f"student:{student.row['id']}"


def test_nobody_else_sees_it(
    api: Api, admin: Person, teacher: Person, student: Person, absence: int, course: dict[str, Any]
) -> None:
    send(api, student, absence, paper())
    path = f"/absence/{absence}/note.jpg"
    helper = api.teacher()
    body = {"email": helper.row["email"], "role": "assistant"}
    assert api.post(f"/course/{course['id']}/staff", teacher, json=body).status_code == 201
    for by in (api.teacher(), helper):
        assert code_of(api.get(path, by)) == (404, "absence_not_found")
    assert api.get(path, student).status_code == 403
    assert api.get(path).status_code == 401
    assert api.get(path, admin).status_code == 200
    other = api.student()
    assert code_of(send(api, other, absence, paper())) == (404, "absence_not_found")
    assert send(api, teacher, absence, paper()).status_code == 403


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        (b"Dear teacher, I was ill.", (400, "image_unreadable")),
        (b"", (400, "image_unreadable")),
        (paper()[:2000], (400, "image_unreadable")),
        (b"x" * (10 * 1024 * 1024 + 1), (413, "image_too_large")),
    ],
)
def test_what_is_no_picture_is_refused(
    api: Api,
    app: OpenAPI,
    teacher: Person,
    student: Person,
    absence: int,
    data: bytes,
    refused: tuple[int, str],
) -> None:
    assert code_of(send(api, student, absence, data)) == refused
    assert stored(app) == 0
    seen = api.get(f"/absence/{absence}/note.jpg", teacher)
    assert code_of(seen) == (404, "note_not_found")


def test_a_picture_of_too_many_pixels_is_refused_unread(
    api: Api, student: Person, absence: int
) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert code_of(send(api, student, absence, out.getvalue())) == (400, "image_unreadable")


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_pictures_are_taken_too(
    api: Api, teacher: Person, student: Person, absence: int, form: str
) -> None:
    assert send(api, student, absence, paper((80, 60), form)).status_code == 200
    shown = api.get(f"/absence/{absence}/note.jpg", teacher).data
    assert Image.open(io.BytesIO(shown)).format == "JPEG"


def test_it_is_replaced_until_every_course_has_decided(
    api: Api, app: OpenAPI, teacher: Person, student: Person, absence: int
) -> None:
    for size in ((80, 60), (60, 80)):
        assert send(api, student, absence, paper(size)).status_code == 200
    assert stored(app) == 1
    decide(api, teacher, absence)
    assert code_of(send(api, student, absence, paper())) == (409, "absence_decided")
    missing = send(api, student, 987_654, paper())
    assert code_of(missing) == (404, "absence_not_found")
    no_file = api.call(
        "PUT", f"/absence/{absence}/note", student, data={}, content_type="multipart/form-data"
    )
    assert code_of(no_file) == (400, "invalid_request")


def test_it_is_deleted_a_time_after_the_decision(
    make_app: Callable[..., OpenAPI], clock: FakeClock, run: Run
) -> None:
    app = make_app(note_days=10)
    api = Api(app)
    admin, student = api.teacher(), api.student()
    course = course_of(api, admin)
    enrol(api, admin, course, student)
    absences = []
    for _ in range(2):
        body = {"from": "2026-03-02", "reason": "A cold."}
        absences.append(int(api.post("/absence", student, json=body).json["absence"]["id"]))
        assert send(api, student, absences[-1], paper((80, 60))).status_code == 200
    decide(api, admin, absences[0])
    clock.advance(hours=10 * 24 - 1)
    run("purge", app=app)
    assert stored(app) == 2
    clock.advance(hours=2)
    run("purge", app=app)
    assert stored(app) == 1, "the one that nobody has decided about stays"
    body = {"email": admin.row["email"], "password": admin.password}
    token = api.post("/teacher/login", json=body).json["access_token"]
    seen = api.get(f"/absence/{absences[0]}/note.jpg", token)
    assert code_of(seen) == (404, "note_not_found")
    clock.advance(hours=366 * 24)
    run("purge", app=app)
    assert stored(app) == 0


def test_it_goes_with_the_request_and_with_the_student(
    api: Api, app: OpenAPI, admin: Person, student: Person, absence: int
) -> None:
    send(api, student, absence, paper((80, 60)))
    assert api.call("DELETE", f"/absence/{absence}", student).status_code == 204
    assert stored(app) == 0
    body = {"from": "2026-03-02", "reason": "A cold."}
    second = int(api.post("/absence", student, json=body).json["absence"]["id"])
    send(api, student, second, paper((80, 60)))
    path = f"/admin/students/{student.row['id']}"
    exported = api.get(f"{path}/export", admin).json
    assert base64.b64decode(exported["absences"][0]["note"]).startswith(b"\xff\xd8")
    assert api.call("DELETE", path, admin).status_code == 204
    assert stored(app) == 0


def test_another_key_encrypts_it_anew(
    api: Api, parts: Services, teacher: Person, student: Person, absence: int
) -> None:
    send(api, student, absence, paper((80, 60)))
    before = api.get(f"/absence/{absence}/note.jpg", teacher).data
    with parts.database.read() as tx:
        [old] = encrypted.key_ids(tx)
    done = rotation.rotate(parts, By("cli"), keep_old=False, progress=lambda _: None)
    assert (done.changed, done.removed) == (1, [old])
    with parts.database.read() as tx:
        assert encrypted.key_ids(tx) == {parts.vault.current}
    assert api.get(f"/absence/{absence}/note.jpg", teacher).data == before
