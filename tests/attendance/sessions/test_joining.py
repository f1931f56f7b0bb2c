"""Codes, QR tickets, reservations: how a student gets in."""

from __future__ import annotations

import pytest

from attendance.core.services import Services
from database.moving import Fingerprint, fingerprints
from tests.attendance.sessions.test_tickets import former
from tests.conftest import Api, FakeClock, Person, code_of
from tests.reading import text_of_qr


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


def scanned(api: Api, teacher: Person, session: dict[str, object]) -> str:
    """The text of the QR code that the teacher's screen shows, read from its picture."""
    answer = api.get(f"/session/{session['id']}/qr.png", teacher)
    assert answer.content_type == "image/png"
    text = text_of_qr(answer.data)
    assert text is not None
    return text


def ticket_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


def test_a_code_is_read_whatever_its_case_and_spaces(api: Api, teacher: Person) -> None:
    session = api.session(teacher)
    typed = f" {session['code'][:3].lower()} {session['code'][3:]} "
    joined = api.post("/session/join", api.student(), json={"code": typed})
    assert joined.json["session"]["code"] == session["code"]


def test_every_answer_to_a_join_names_the_class(api: Api, teacher: Person) -> None:
    session = api.session(teacher, subject="Law", section="B")
    student = api.student()
    ticket = ticket_of(scanned(api, teacher, session))
    for body in ({"code": session["code"]}, {"ticket": ticket}):
        shown = api.post("/session/join", student, json=body).json["session"]
        assert (shown["subject"], shown["section"], shown["started_at"]) == (
            "Law",
            "B",
            session["started_at"],
        )


def test_the_qr_code_is_the_same_on_a_second_screen_and_changes_every_15_seconds(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher)
    first = scanned(api, teacher, session)
    assert first.startswith("http://localhost/join/")
    assert scanned(api, teacher, session) == first
    clock.advance(seconds=14.9)
    assert scanned(api, teacher, session) == first
    clock.advance(seconds=0.1)
    assert scanned(api, teacher, session) != first


def test_a_ticket_lives_for_two_steps(api: Api, teacher: Person, clock: FakeClock) -> None:
    session = api.session(teacher)
    student = api.student()
    ticket = ticket_of(scanned(api, teacher, session))
    clock.advance(seconds=29.9)
    assert api.post("/session/join", student, json={"ticket": ticket}).status_code == 200
    clock.advance(seconds=0.1)
    refused = api.post("/session/join", student, json={"ticket": ticket})
    assert code_of(refused) == (403, "join_expired")


@pytest.mark.parametrize("ticket", ["", "1", "1-2", "1-2-AAAA", "x-y-z", "ß-1-A", "1-1-A-B"])
def test_a_made_up_ticket_is_refused(api: Api, teacher: Person, ticket: str) -> None:
    api.session(teacher)
    refused = api.post("/session/join", api.student(), json={"ticket": ticket})
    assert code_of(refused) == (403, "join_required")


def test_a_ticket_of_one_session_does_not_open_another(api: Api, teacher: Person) -> None:
    first, second = api.session(teacher), api.session(teacher)
    session_id, step, mac = ticket_of(scanned(api, teacher, first)).split("-")
    moved = f"{int(second['id'])}-{step}-{mac}"
    assert session_id != str(second["id"])
    refused = api.post("/session/join", api.student(), json={"ticket": moved})
    assert code_of(refused) == (403, "join_required")


def test_a_mark_after_a_scan_says_so(api: Api, teacher: Person) -> None:
    session = api.session(teacher)
    student = api.student("obama")
    ticket = ticket_of(scanned(api, teacher, session))
    joined = api.post("/session/join", student, json={"ticket": ticket}).json
    assert joined["session"]["code"] is None
    api.mark(student, "obama2", join_token=joined["join_token"])
    rows = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"]
    assert [row["method"] for row in rows] == ["qr_face"]


def test_a_scan_survives_a_slow_login(api: Api, teacher: Person, clock: FakeClock) -> None:
    session = api.session(teacher, subject="Law")
    phone = Api(api.app, cookies=True)
    opened = phone.get(f"/join/{ticket_of(scanned(api, teacher, session))}")
    assert opened.status_code == 303
    assert "HttpOnly" in opened.headers["Set-Cookie"]
    assert "Law" in phone.get("/join").text
    clock.advance(minutes=4)
    joined = phone.post("/session/join", api.student("obama"), json={})
    assert joined.status_code == 200
    assert joined.json["session"]["subject"] == "Law"


def test_a_reservation_expires_after_five_minutes(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher)
    phone = Api(api.app, cookies=True)
    phone.get(f"/join/{ticket_of(scanned(api, teacher, session))}")
    sealed = phone.client.get_cookie("join_reservation").value
    clock.advance(minutes=5)
    cookie = {"Cookie": f"join_reservation={sealed}"}
    refused = api.post("/session/join", api.student(), headers=cookie)
    assert code_of(refused) == (403, "join_expired")


def test_who_joined_before_an_upgrade_joins_again(api: Api, teacher: Person) -> None:
    """Reservations and join tokens of version 1.0.0 are no longer read."""
    session, student = api.session(teacher), api.student()
    cookie = {
        "Cookie": f"join_reservation={former(b'reservation', ['a' * 32, session['id'], 1.0])}"
    }
    refused = api.post("/session/join", student, headers=cookie)
    assert code_of(refused) == (403, "join_expired")
    token = former(b"join", [session["id"], student.row["id"], "face", 1.0])
    assert code_of(api.mark(student, b"text", join_token=token)) == (403, "join_expired")
    again = api.post("/session/join", student, json={"code": session["code"]})
    assert again.status_code == 200


def test_a_reservation_serves_one_student(api: Api, teacher: Person) -> None:
    session = api.session(teacher)
    phone = Api(api.app, cookies=True)
    phone.get(f"/join/{ticket_of(scanned(api, teacher, session))}")
    cookie = {"Cookie": f"join_reservation={phone.client.get_cookie('join_reservation').value}"}
    first, friend = api.student(), api.student()
    assert api.post("/session/join", first, headers=cookie).status_code == 200
    assert api.post("/session/join", first, headers=cookie).status_code == 200
    refused = api.post("/session/join", friend, headers=cookie)
    assert code_of(refused) == (403, "join_required")


def test_an_expired_or_made_up_ticket_in_the_url_reserves_nothing(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher)
    ticket = ticket_of(scanned(api, teacher, session))
    phone = Api(api.app, cookies=True)
    clock.advance(seconds=30)
    for path in (f"/join/{ticket}", "/join/1-2-AAAA"):
        assert phone.get(path).status_code == 403
        assert phone.client.get_cookie("join_reservation") is None


def test_join_gates_stand_in_order(api: Api, teacher: Person) -> None:
    student = api.student()
    session = api.session(teacher)
    body = {"code": session["code"]}
    assert code_of(api.post("/session/join", student)) == (403, "join_required")
    unknown = api.post("/session/join", student, json={"code": "ABC999"})
    assert code_of(unknown) == (404, "session_not_found")
    api.post("/session/lock", teacher, json={"session_id": session["id"]})
    assert code_of(api.post("/session/join", student, json=body)) == (423, "session_locked")
    assert code_of(api.get(f"/session/{session['id']}/qr.png", teacher)) == (423, "session_locked")
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert code_of(api.post("/session/join", student, json=body)) == (410, "session_ended")
    assert code_of(api.get(f"/session/{session['id']}/qr.png", teacher)) == (410, "session_ended")


def test_reading_writes_nothing(api: Api, parts: Services, teacher: Person) -> None:
    """Nothing that writes is a GET: opening the ticket's URL leaves the database as it was."""
    session = api.session(teacher)
    ticket = ticket_of(scanned(api, teacher, session))
    before = contents(parts)
    Api(api.app, cookies=True).get(f"/join/{ticket}")
    api.get(f"/session/{session['id']}/export.csv", teacher)
    assert contents(parts) == before


def contents(parts: Services) -> dict[str, Fingerprint]:
    with parts.database.snapshot() as tx:
        return fingerprints(tx)
