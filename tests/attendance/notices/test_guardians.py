"""Guardians of minors: asked by a one-time link, who agreed to what, and the way back."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from attendance.core.services import Services
from attendance.notices import guardian_links
from tests.attendance.mailing import Sink, wait_for_mail
from tests.attendance.notices.telling import guardian, mails, missed, rule, work
from tests.attendance.school import audited, course_of, enrol
from tests.conftest import Api, FakeClock, Person, code_of, picture


@pytest.fixture
def minor(api: Api, admin: Person) -> Person:
    student = api.student(name="Mia")
    path = f"/admin/students/{student.row['id']}/minor"
    assert api.call("PUT", path, admin, json={"minor": True}).status_code == 204
    return student


def token_in(text: str) -> str:
    found = re.search(r"https://attend\.school\.example/guardian#(\S+)", text)
    assert found is not None, text
    return found[1]


def asked(api: Api, admin: Person, student: Person, sink: Sink, **more: Any) -> str:
    """Ask a new guardian for consent; returns the token that came by mail."""
    made = guardian(api, admin, student, "mum@home.example", **more)
    path = f"/admin/students/{student.row['id']}/guardians/{made['id']}/ask"
    answer = api.post(path, admin, json={})
    assert answer.status_code == 201, answer.text
    wait_for_mail()
    ((to, text),) = mails(sink)
    assert to == "mum@home.example"
    assert token_in(text) == token_in(answer.json["link"])
    return token_in(text)


def agree(api: Api, token: str, **fields: Any) -> Any:
    body = {"token": token, "name": "Mum M", "language": "de", "agree": True, **fields}
    return api.post("/guardian/consent", json=body)


def kept(api: Api, admin: Person, student: Person) -> Any:
    return api.get(f"/admin/students/{student.row['id']}/guardians", admin).json


def upload(api: Api, student: Person) -> Any:
    return api.upload("/student/upload-face", student, picture("obama"))


def test_a_minor_enrols_after_a_guardian_has_agreed(
    api: Api, admin: Person, minor: Person, sink: Sink, clock: FakeClock, parts: Services
) -> None:
    assert code_of(upload(api, minor)) == (403, "guardian_consent_missing")
    missing = api.get("/admin/consents/missing", admin).json["missing"]
    assert [(one["name"], one["guardians"], one["has_face"]) for one in missing] == [
        ("Mia", 0, False)
    ]
    token = asked(api, admin, minor, sink, name="Mum")
    look = api.post("/guardian/link", json={"token": token})
    assert (look.json["purpose"], look.json["student"]) == ("consent", "Mia")
    assert agree(api, token).json == {"done": True}
    (consent,) = kept(api, admin, minor)["consents"]
    assert consent["signed_by"] == "Mum M"
    assert (consent["email"], consent["language"]) == ("mum@home.example", "de")
    assert (consent["version"], consent["withdrawn_at"]) == (look.json["version"], None)
    assert consent["agreed_at"] == "2026-03-02T08:00:00.000000Z"
    assert upload(api, minor).status_code == 200
    assert api.get("/admin/consents/missing", admin).json["missing"] == []
    assert len(audited(parts, "guardian.agree")) == 1


def test_a_link_that_was_used_or_forwarded_says_so(
    api: Api, admin: Person, minor: Person, sink: Sink, clock: FakeClock
) -> None:
    token = asked(api, admin, minor, sink)
    assert code_of(agree(api, token, agree=False)) == (400, "invalid_request")
    assert code_of(agree(api, token, name=" ")) == (400, "invalid_request")
    assert agree(api, token).status_code == 200
    assert code_of(agree(api, token, name="Somebody else")) == (410, "guardian_link_used")
    assert code_of(api.post("/guardian/link", json={"token": token})) == (
        *(410, "guardian_link_used"),
    )
    assert len(kept(api, admin, minor)["consents"]) == 1
    assert code_of(agree(api, "x" * 43)) == (403, "guardian_link_invalid")
    for path in ("withdraw", "absence"):  # a link is good for its own purpose only
        body = {"token": token, "from": "2026-03-02", "reason": "ill"}
        assert api.post(f"/guardian/{path}", json=body).status_code == 410


def test_a_link_for_one_thing_is_no_link_for_another(
    api: Api, admin: Person, minor: Person, sink: Sink, clock: FakeClock
) -> None:
    token = asked(api, admin, minor, sink)
    answer = api.post("/guardian/withdraw", json={"token": token})
    assert code_of(answer) == (403, "guardian_link_invalid")
    clock.advance(days=30)
    assert code_of(agree(api, token)) == (410, "guardian_link_expired")


def test_a_guardian_takes_the_consent_back_by_the_link_of_the_confirmation(
    api: Api, admin: Person, minor: Person, sink: Sink, clock: FakeClock, parts: Services
) -> None:
    assert agree(api, asked(api, admin, minor, sink, language="de")).status_code == 200
    wait_for_mail()
    ((_, text),) = mails(sink)
    assert "Ihre Einwilligung für Mia" in text
    assert upload(api, minor).status_code == 200
    clock.advance(days=100)
    back = token_in(text)
    assert api.post("/guardian/withdraw", json={"token": back}).json == {"done": True}
    again = api.post("/guardian/withdraw", json={"token": back})
    assert code_of(again) == (410, "guardian_link_used")
    (consent,) = kept(api, admin, minor)["consents"]
    assert consent["withdrawn_at"] is not None
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM face_templates") == 0
    assert code_of(upload(api, minor)) == (403, "guardian_consent_missing")


def test_links_end_with_the_guardian(api: Api, admin: Person, minor: Person, sink: Sink) -> None:
    token = asked(api, admin, minor, sink)
    (one,) = kept(api, admin, minor)["guardians"]
    path = f"/admin/students/{minor.row['id']}/guardians/{one['id']}"
    assert api.call("DELETE", path, admin).status_code == 204
    assert code_of(agree(api, token)) == (403, "guardian_link_invalid")


def test_who_is_no_minor_any_more_decides_alone(api: Api, admin: Person, minor: Person) -> None:
    path = f"/admin/students/{minor.row['id']}/minor"
    for _ in range(2):
        assert api.call("PUT", path, admin, json={"minor": False}).status_code == 204
    assert upload(api, minor).status_code == 200
    assert code_of(api.call("PUT", "/admin/students/999/minor", admin, json={"minor": True})) == (
        *(404, "student_not_found"),
    )


def test_a_guardian_who_was_told_asks_for_an_excuse_without_an_account(
    api: Api, admin: Person, parts: Services, clock: FakeClock, sink: Sink
) -> None:
    course = course_of(api, admin)
    student = api.student(name="Mia")
    enrol(api, admin, course, student)
    guardian(api, admin, student, "mum@home.example")
    steps = [{"whom": ["guardian"], "after_hours": 0}]
    rule(api, admin, "unexplained", steps=steps, hold_minutes=0)
    missed(api, clock, admin, course)
    work(parts)
    ((_, text),) = mails(sink)
    token = token_in(text)
    body = {"token": token, "from": "2026-03-03", "to": "2026-03-02", "reason": "Fever"}
    assert code_of(api.post("/guardian/absence", json=body)) == (400, "invalid_request")
    body["from"] = "2026-03-02"
    assert api.post("/guardian/absence", json=body).json == {"done": True}
    assert code_of(api.post("/guardian/absence", json=body)) == (410, "guardian_link_used")
    (absence,) = api.get("/absence/mine", admin).json["absences"]
    assert (absence["from"], absence["reason"]) == ("2026-03-02", "Fever")
    work(parts)
    assert api.get("/admin/notices", admin).json["incidents"][0]["ended_at"] is not None


def test_a_guardians_request_has_the_picture_of_a_note(
    api: Api, admin: Person, parts: Services, clock: FakeClock
) -> None:
    course = course_of(api, admin)
    student = api.student(name="Mia")
    enrol(api, admin, course, student)
    number = guardian(api, admin, student, "mum@home.example")["id"]
    with parts.database.write() as tx:
        link = guardian_links.make(tx, parts.settings, number, guardian_links.ABSENCE, clock.now())
        other = guardian_links.make(tx, parts.settings, number, guardian_links.CONSENT, clock.now())

    def send(link: str, data: bytes, **more: str) -> TestResponse:
        form = {"token": link.split("#")[1], "from": "2026-03-02", "reason": "Fever", **more}
        return api.post(
            "/guardian/absence-with-note",
            data={**form, "image": (io.BytesIO(data), "note.jpg")},
            content_type="multipart/form-data",
        )

    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    paper = out.getvalue()
    assert code_of(send(link, b"Dear school")) == (400, "image_unreadable")
    assert code_of(send(link, b"x" * 10_500_000)) == (413, "image_too_large")
    assert code_of(send(link, paper, to="2029-03-02")) == (400, "invalid_request")
    assert code_of(send(link, paper, to="2026-03-01")) == (400, "invalid_request")
    assert code_of(send(other, paper)) == (403, "guardian_link_invalid")
    assert code_of(send(f"{link}x", b"Dear school")) == (403, "guardian_link_invalid")
    assert api.get("/absence/mine", admin).json["absences"] == []
    assert send(link, paper).json == {"done": True}
    assert code_of(send(link, paper)) == (410, "guardian_link_used")
    [absence] = api.get("/absence/mine", admin).json["absences"]
    assert (absence["reason"], absence["note"]) == ("Fever", True)
    shown = api.get(f"/absence/{absence['id']}/note.jpg", admin)
    assert (shown.status_code, shown.content_type) == (200, "image/jpeg")


@pytest.mark.parametrize("both", [False, True])
def test_two_accounts_of_a_minor_become_one_with_what_was_agreed(
    api: Api, admin: Person, minor: Person, sink: Sink, both: bool
) -> None:
    assert agree(api, asked(api, admin, minor, sink)).status_code == 200
    other = api.student(name="Mia M")
    noted = f"/admin/students/{other.row['id']}/minor"
    assert api.call("PUT", noted, admin, json={"minor": both}).status_code == 204
    guardian(api, admin, other, "mum@home.example")
    path = f"/admin/students/{minor.row['id']}/merge"
    assert api.post(path, admin, json={"into": other.row["id"]}).status_code == 200
    now = kept(api, admin, other)
    assert (now["minor"], len(now["consents"])) == (True, 1)
    assert [one["email"] for one in now["guardians"]] == ["mum@home.example"]
