"""The weekly message to teachers: what stands in it, when it is sent, and its way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_string, policy
from typing import Any

import pytest

from attendance.core.services import Services
from attendance.notices import digest_sending, digests
from tests.attendance.mailing import Sink
from tests.attendance.notices.telling import mails, missed, work
from tests.attendance.school import course_of, enrol, hold, put
from tests.conftest import Api, FakeClock, Person, code_of

URL = "https://attend.school.example"


@pytest.fixture
def course(api: Api, admin: Person) -> dict[str, Any]:
    return course_of(api, admin, section="A")


def want(api: Api, teacher: Person, wanted: bool = True, **fields: Any) -> dict[str, Any]:
    answer = api.call("PUT", "/teacher/me/digest", teacher, json={"wanted": wanted, **fields})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json
    return shown


def token_in(text: str) -> str:
    found = re.search(rf"{re.escape(URL)}/digest\?token=(\S+)", text)
    assert found is not None, text
    return found[1]


# The tests' clock begins on Monday, 2 March 2026, 08:00 UTC.


def test_a_week_is_told_on_its_day_and_once(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    bob, eve = api.student(name="Bob"), api.student(name="Eve")
    enrol(api, admin, course, bob, eve)
    shown = want(api, admin)
    assert shown == {
        "wanted": True,
        "language": None,
        "weekday": "mon",
        "hour": 7,
        "timezone": "UTC",
        "mail": True,
    }
    for _ in range(3):
        hold(api, clock, admin, course, {"present": [eve]})
    asked = {"from": "2026-03-03", "reason": "Fever"}
    assert api.post("/absence", bob, json=asked).status_code == 201
    clock.advance(days=3, hours=22, minutes=59)
    work(parts)
    assert mails(sink) == []
    clock.advance(minutes=1)  # Monday, 07:00
    work(parts)
    raw = sink.emails[0]
    ((to, text),) = mails(sink)
    text = text.replace("\r\n", "\n")
    assert to == admin.row["email"]
    assert "in your courses from March 2, 2026 to March 9, 2026." in text
    assert "Algebra · A\n- Sessions held: 3. Attendance: 50.0 %.\n" in text
    assert "- At risk: 1 (Bob 0.0 %)\n" in text
    assert "- Requests that wait for a decision: 1\n" in text
    # the day that Bob asked to be excused for is explained
    assert "- Absences without an explanation: 2\n" in text
    assert f"{URL}/teach/courses/{course['id']}" in text
    mail = message_from_string(raw, policy=policy.default)
    assert mail["List-Unsubscribe"] == f"<{URL}/digest?token={token_in(text)}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    clock.advance(days=6, hours=23)
    work(parts)
    assert mails(sink) == []


def test_a_week_in_which_nothing_happened_brings_no_message(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    bob = api.student(name="Bob")
    enrol(api, admin, course, bob)
    want(api, admin)
    missed(api, clock, admin, course)
    clock.advance(days=7)
    work(parts)
    assert len(mails(sink)) == 1
    for _ in range(3):
        clock.advance(days=7)
        work(parts)
    assert mails(sink) == []  # Bob is still at risk, and that was told
    missed(api, clock, admin, course)
    clock.advance(days=7)
    work(parts)
    assert len(mails(sink)) == 1


def test_one_click_in_the_mail_program_ends_it(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    want(api, admin, language="de")
    missed(api, clock, admin, course)
    clock.advance(days=7)
    work(parts)
    ((_, text),) = mails(sink)
    assert "Gehaltene Sitzungen: 1. Anwesenheit: 0.0 %." in text
    assert "vom 2. März 2026 bis zum 9. März 2026" in text
    path = f"/digest?token={token_in(text)}"
    assert code_of(api.post(f"{path}x")) == (403, "digest_link_invalid")
    assert code_of(api.post("/digest?token=")) == (403, "digest_link_invalid")
    assert code_of(api.post("/digest")) == (400, "invalid_request")
    assert api.get("/teacher/me/digest", admin).json["wanted"] is True
    # as RFC 8058 has it: a form, and nobody is signed in
    for _ in range(2):
        answer = api.client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.json) == (200, {"wanted": False})
    assert api.get("/teacher/me/digest", admin).json["wanted"] is False
    missed(api, clock, admin, course)
    clock.advance(days=7)
    work(parts)
    assert mails(sink) == []


def test_of_several_servers_one_sends(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    want(api, admin)
    missed(api, clock, admin, course)
    clock.advance(days=7)
    with ThreadPoolExecutor(4) as pool:
        tried = list(pool.map(lambda _: digest_sending.run_due(parts), range(8)))
    assert sum(tried) == 1
    assert len(mails(sink)) == 1


def test_a_mail_server_that_is_down_is_tried_again_and_nothing_is_lost(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    want(api, admin)
    missed(api, clock, admin, course)
    clock.advance(days=7)
    parts.settings.smtp_port, right = 1, parts.settings.smtp_port
    work(parts)
    clock.advance(minutes=4)
    parts.settings.smtp_port = right
    work(parts)
    assert mails(sink) == []
    clock.advance(minutes=1)
    work(parts)
    assert len(mails(sink)) == 1
    clock.advance(hours=1)
    work(parts)
    assert mails(sink) == []


def test_who_asks_for_it_is_told_from_the_next_time_on(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    missed(api, clock, admin, course)
    clock.advance(days=13)  # Sunday
    missed(api, clock, admin, course)
    want(api, admin)
    want(api, admin, language="fr")  # twice is once
    work(parts)
    assert mails(sink) == []
    clock.advance(days=1)
    work(parts)
    ((_, text),) = mails(sink)
    assert "Séances tenues : 1." in text


def test_another_weekday_counts_at_once_but_nobody_is_written_to_twice_a_week(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    want(api, admin)
    missed(api, clock, admin, course)
    clock.advance(days=7)
    work(parts)
    assert len(mails(sink)) == 1
    change = {"digest_weekday": "wed", "digest_hour": 18, "timezone": "Europe/Berlin"}
    assert api.call("PATCH", "/admin/settings", admin, json=change).status_code == 200
    missed(api, clock, admin, course)
    clock.advance(days=4)
    work(parts)
    assert mails(sink) == []
    moved = digests.due_at(parts.settings, clock.now())
    assert moved.isoformat() == "2026-03-11T17:00:00+00:00"
    clock.moment = moved + timedelta(days=7, seconds=-1)
    work(parts)
    assert mails(sink) == []
    clock.advance(seconds=1)
    work(parts)
    # nothing is left out: what was held since the last one is told
    ((_, text),) = mails(sink)
    assert "from March 9, 2026 to March 18, 2026" in text
    assert "Sessions held: 1." in text


@pytest.mark.any_database
def test_the_hour_is_that_of_the_schools_clock_when_it_changes(
    parts: Services, clock: FakeClock
) -> None:
    parts.settings.timezone = "Europe/Berlin"
    clock.advance(days=28)  # Monday, 30 March: the clock went forward on Sunday
    due = digests.due_at(parts.settings, clock.now())
    assert due.isoformat() == "2026-03-30T05:00:00+00:00"
    due = digests.due_at(parts.settings, due - timedelta(seconds=1))
    assert due.isoformat() == "2026-03-23T06:00:00+00:00"


def test_who_helps_is_told_of_what_he_or_she_may_decide(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    bob, helper, stranger = api.student(name="Bob"), api.teacher(), api.teacher()
    enrol(api, admin, course, bob)
    body = {"email": helper.row["email"], "role": "assistant"}
    assert api.post(f"/course/{course['id']}/staff", admin, json=body).status_code in (200, 201)
    for person in (helper, stranger):
        want(api, person)
    session = missed(api, clock, admin, course)
    put(api, admin, session, bob, "late")
    asked = {"from": "2026-03-03", "reason": "Fever"}
    assert api.post("/absence", bob, json=asked).status_code == 201
    clock.advance(days=7)
    work(parts)
    ((to, text),) = mails(sink)
    assert to == helper.row["email"]
    assert "Sessions held: 1. Attendance: 100.0 %." in text
    assert "Requests" not in text


def test_what_is_nobodys_any_more_is_not_sent(
    api: Api,
    admin: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    gone, suspended = api.teacher(), api.teacher()
    for teacher, code in ((gone, "X1"), (suspended, "X2")):
        made = course_of(api, teacher, code=code)
        want(api, teacher)
        missed(api, clock, teacher, made)
    path = f"/admin/teachers/{suspended.row['id']}/suspend"
    assert api.post(path, admin, json={}).status_code == 200
    heir = f"transfer_to={admin.row['id']}"
    answer = api.call("DELETE", f"/admin/teachers/{gone.row['id']}?{heir}", admin)
    assert answer.status_code in (200, 204), answer.text
    clock.advance(days=7)
    work(parts)
    assert mails(sink) == []
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM digests") == 1


@pytest.mark.any_database
def test_without_a_mail_server_it_waits_and_says_so(
    make_app: Callable[..., Any], clock: FakeClock
) -> None:
    api = Api(make_app())
    teacher = api.teacher()
    assert want(api, teacher)["mail"] is False
    assert code_of(api.call("PUT", "/teacher/me/digest", teacher, json={"wanted": "perhaps"})) == (
        *(400, "invalid_request"),
    )
    assert api.get("/teacher/me/digest", api.student()).status_code == 403
