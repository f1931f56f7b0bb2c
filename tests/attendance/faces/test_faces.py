"""Enrolment and deletion of faces, what is stored of them, and identification."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from flask_openapi3 import OpenAPI
from PIL import Image

from attendance.core.services import Services
from attendance.crypto.vault import Undecryptable
from attendance.web.current import services_of
from facerecog.containers import without_metadata
from tests.conftest import Api, code_of, picture


def test_enrolment_tells_the_quality_of_each_picture(api: Api) -> None:
    student = api.student()
    answer = api.upload(
        "/student/upload-face", student, picture("obama"), picture("obama2"), picture("obama3")
    )
    assert answer.status_code == 200
    assert answer.json["templates"] == 3
    assert len(answer.json["faces"]) == 3
    for face in answer.json["faces"]:
        assert set(face) == {"quality", "sharpness", "brightness", "size"}
        assert 0 < face["quality"] <= 1
        assert face["size"] > 60
    me = api.get("/student/me", student).json["student"]
    assert me["templates"] == 3
    assert me["consent_at"] == "2026-03-02T08:00:00.000000Z"


def test_a_new_enrolment_replaces_the_earlier_one(api: Api) -> None:
    session = api.session(api.teacher())
    student = api.student("obama")
    before = api.get("/student/export", student).json["templates"]
    api.enrol(student, "obama2")
    after = api.get("/student/export", student).json["templates"]
    assert [one["embedding"] for one in after] != [one["embedding"] for one in before]
    assert api.mark(student, "obama", code=session["code"]).status_code == 200
    assert api.get("/student/me", student).json["student"]["templates"] == 1


def test_one_bad_picture_refuses_all_and_is_named(api: Api) -> None:
    student = api.student("obama")
    answer = api.upload("/student/upload-face", student, picture("obama2"), b"text")
    assert code_of(answer) == (400, "image_unreadable")
    assert answer.json["image"] == 2
    assert api.get("/student/me", student).json["student"]["templates"] == 1


def test_pictures_of_two_people_are_refused(api: Api) -> None:
    student = api.student()
    answer = api.upload("/student/upload-face", student, picture("obama"), picture("biden"))
    assert code_of(answer) == (422, "faces_differ")
    assert answer.json["image"] == 2


def test_none_and_six_pictures_are_refused(api: Api) -> None:
    student = api.student()
    none = api.upload("/student/upload-face", student)
    assert code_of(none) == (400, "invalid_request")
    six = api.upload("/student/upload-face", student, *[picture("obama")] * 6)
    assert code_of(six) == (400, "invalid_request")
    text = api.upload("/student/upload-face", student, image="text")
    assert code_of(text) == (400, "invalid_request")


def test_without_consent_nothing_is_stored(api: Api) -> None:
    student = api.student()
    answer = api.upload("/student/upload-face", student, picture("obama"), consent="false")
    assert code_of(answer) == (403, "consent_required")
    assert api.get("/student/me", student).json["student"]["templates"] == 0


def test_a_face_of_another_student_is_refused(api: Api) -> None:
    api.student("obama")
    thief = api.student()
    answer = api.upload("/student/upload-face", thief, picture("obama2"))
    assert code_of(answer) == (409, "face_taken")
    api.enrol(thief, "biden")


def test_of_two_who_enrol_one_face_at_once_one_is_refused(api: Api, parts: Services) -> None:
    people = [api.student(), api.student()]
    start = threading.Barrier(2)

    def enrol(number: int) -> int:
        start.wait()
        data = picture(("obama", "obama2")[number])
        return Api(api.app).upload("/student/upload-face", people[number], data).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(f.result() for f in [pool.submit(enrol, n) for n in range(2)])
    assert statuses == [200, 409]
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM face_templates") == 1


def test_deletion_deletes_templates_photographs_and_consent(
    make_app: Callable[..., OpenAPI], tmp_path: Path
) -> None:
    api = Api(make_app(keep_photos=True))
    parts = services_of(api.app)
    session = api.session(api.teacher())
    student = api.student()
    api.enrol(student, "obama", "obama2")
    assert len(list((tmp_path / "uploads").iterdir())) == 2
    assert api.call("DELETE", "/student/face", student).status_code == 204
    assert list((tmp_path / "uploads").iterdir()) == []
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM face_templates") == 0
    me = api.get("/student/me", student).json["student"]
    assert (me["templates"], me["consent_at"]) == (0, None)
    refused = api.mark(student, "obama2", code=session["code"])
    assert code_of(refused) == (409, "face_not_enrolled")
    assert api.call("DELETE", "/student/face", student).status_code == 204
    api.student("obama")


def test_photographs_are_not_kept_unless_the_school_says_so(api: Api, tmp_path: Path) -> None:
    api.student("obama")
    uploads = tmp_path / "uploads"
    assert not uploads.exists() or list(uploads.iterdir()) == []


def test_kept_photographs_are_encrypted_and_replaced(
    make_app: Callable[..., OpenAPI], tmp_path: Path
) -> None:
    api = Api(make_app(keep_photos=True))
    parts = services_of(api.app)
    student = api.student("obama")
    number = student.row["id"]
    (kept,) = (tmp_path / "uploads").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert picture("obama")[:64] not in kept.read_bytes()
    assert parts.faces.photos.read(number, kept.name) == without_metadata(picture("obama"))
    with pytest.raises(Undecryptable):
        parts.faces.photos.read(number + 1, kept.name)
    api.enrol(student, "obama2")
    (replaced,) = (tmp_path / "uploads").iterdir()
    assert parts.faces.photos.read(number, replaced.name) == without_metadata(picture("obama2"))


def test_a_kept_photograph_does_not_tell_where_it_was_taken(
    make_app: Callable[..., OpenAPI], tmp_path: Path
) -> None:
    api = Api(make_app(keep_photos=True))
    parts = services_of(api.app)
    exif = Image.Exif()
    exif[0x0112] = 1
    exif[0x010F] = "Maker of the telephone"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 15.0)})
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(picture("obama"))) as photograph:
        photograph.save(buffer, "JPEG", exif=exif, quality=95, comment=b"At home")
    data = buffer.getvalue() + b"a film with a place in it"
    student = api.student()
    api.enrol(student, data)
    (kept,) = (tmp_path / "uploads").iterdir()
    stored = parts.faces.photos.read(student.row["id"], kept.name)
    for trace in (b"telephone", b"At home", b"a film", b"Exif"):
        assert trace in data
        assert trace not in stored
    with Image.open(io.BytesIO(stored)) as image, Image.open(io.BytesIO(data)) as original:
        assert dict(image.getexif()) == {}
        assert np.array_equal(np.asarray(image), np.asarray(original))


def test_a_photograph_without_its_end_enrols_and_is_not_kept(
    make_app: Callable[..., OpenAPI], tmp_path: Path
) -> None:
    api = Api(make_app(keep_photos=True))
    student = api.student()
    api.enrol(student, picture("obama").rstrip(b"\0").removesuffix(b"\xff\xd9"), "obama2")
    assert len(list((tmp_path / "uploads").iterdir())) == 1
    assert api.get("/student/me", student).json["student"]["templates"] == 2


def test_a_template_is_stored_encrypted_and_bound_to_its_student(api: Api, parts: Services) -> None:
    student = api.student("obama")
    other = api.student()
    with parts.database.read() as tx:
        row = tx.one("SELECT key_id, data FROM face_templates")
    assert row is not None
    plain = parts.vault.decrypt(row["key_id"], row["data"], f"template:{student.row['id']}")
    embedding = np.frombuffer(plain, "<f4")
    assert embedding.shape == (parts.faces.recognizer.info["embedding_size"],)
    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-3)
    assert plain[:32] not in row["data"]
    with pytest.raises(Undecryptable):
        parts.vault.decrypt(row["key_id"], row["data"], f"template:{other.row['id']}")


def test_a_deleted_template_is_gone_from_every_process(make_app: Callable[..., OpenAPI]) -> None:
    first, second = Api(make_app()), Api(make_app())
    session = first.session(first.teacher())
    student = first.student("obama")
    assert second.mark(student, "obama2", code=session["code"]).status_code == 200
    assert first.call("DELETE", "/student/face", student).status_code == 204
    refused = second.mark(student, "obama2", code=session["code"])
    assert code_of(refused) == (409, "face_not_enrolled")
    second.enrol(student, "biden")
    assert first.mark(student, "biden", code=session["code"]).status_code == 200


def test_a_registered_person_is_recognised_and_a_stranger_is_not(api: Api) -> None:
    device = api.teacher()
    registered = api.upload(
        "/register", device, picture("obama"), first_name="Barack", last_name="Obama"
    )
    assert registered.status_code == 200, registered.text
    assert registered.json["name"] == "Barack Obama"
    verified = api.upload("/verify", device, picture("obama3"))
    assert verified.status_code == 200
    assert verified.json["name"] == "Barack Obama"
    assert verified.json["student_id"] == registered.json["student_id"]
    assert code_of(api.upload("/verify", device, picture("biden"))) == (404, "face_unknown")


def test_a_student_who_enrolled_is_recognised_too(api: Api) -> None:
    student = api.student("obama")
    verified = api.upload("/verify", api.teacher(), picture("obama2"))
    assert verified.json["student_id"] == student.row["student_id"]


def test_nobody_is_recognised_in_an_empty_school(api: Api) -> None:
    refused = api.upload("/verify", api.teacher(), picture("obama"))
    assert code_of(refused) == (404, "face_unknown")


def test_two_who_are_equally_near_are_unknown(api: Api, parts: Services) -> None:
    """The best must be clearly nearer than the second."""
    device = api.teacher()
    twins = api.student("obama"), api.student()
    with parts.database.write() as tx:
        tx.execute(
            "DELETE FROM face_templates WHERE student = :student", student=twins[1].row["id"]
        )
    again = io.BytesIO()  # nearly the picture with which the first one enrolled
    Image.open(io.BytesIO(picture("obama"))).save(again, "JPEG", quality=70)
    face = parts.faces.analyse(again.getvalue())
    object.__setattr__(
        parts.faces, "settings", parts.settings.model_copy(update={"face_taken_threshold": 1e-9})
    )
    with parts.database.write() as tx:
        parts.faces.store(tx, twins[1].row["id"], [again.getvalue()], [face], now=parts.clock.now())
    near = api.upload("/verify", device, picture("obama3"))
    own = sorted(
        match.distance
        for match in parts.faces.index.search(
            parts.faces.analyse(picture("obama3")).embedding, k=2
        ).matches
    )
    if own[1] - own[0] >= 0.1:
        pytest.fail(f"the photographs do not show what this test is about: {own}")
    assert code_of(near) == (404, "face_unknown")


@pytest.mark.parametrize(
    ("fields", "data", "code"),
    [
        ({"first_name": "A"}, "obama", "invalid_request"),
        ({"first_name": "A", "last_name": "B"}, None, "invalid_request"),
        ({"first_name": "A", "last_name": "B"}, "text", "image_unreadable"),
        ({"first_name": "A", "last_name": "B"}, "taken", "face_taken"),
        ({"first_name": "A", "last_name": "B", "student_id": "S1"}, "biden", "student_id_taken"),
    ],
)
def test_whatever_is_wrong_with_a_registration_answers_400(
    api: Api, fields: dict[str, str], data: str | None, code: str
) -> None:
    api.student("obama", student_id="S1")
    uploads = {"text": b"text", "taken": picture("obama2"), None: None}
    upload = uploads[data] if data in uploads else picture(str(data))
    answer = api.upload("/register", api.teacher(), *([upload] if upload else []), **fields)
    assert code_of(answer) == (400, code)


def test_a_refused_registration_leaves_no_student(api: Api, parts: Services) -> None:
    api.student("obama")
    api.upload("/register", api.teacher(), picture("obama2"), first_name="A", last_name="B")
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM students") == 1


def test_a_verification_without_a_face_answers_404_and_without_a_picture_400(api: Api) -> None:
    from tests.attendance.sessions.test_marking_gates import altered

    device = api.teacher()
    faceless = api.upload("/verify", device, altered("obama", "faceless"))
    assert code_of(faceless) == (404, "face_not_found")
    assert code_of(api.upload("/verify", device, b"text")) == (400, "image_unreadable")
