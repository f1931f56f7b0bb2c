"""Rules about absences: what they find, whom they tell, and when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from attendance.core.services import Services
from attendance.webhooks import sending as webhook_sending
from tests.attendance.mailing import Sink
from tests.attendance.notices.telling import (
    guardian,
    incidents,
    mails,
    missed,
    rule,
    states,
    work,
)
from tests.attendance.receiving import receiving
from tests.attendance.school import audited, course_of, enrol, hold, put
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def course(api: Api, admin: Person) -> dict[str, Any]:
    return course_of(api, admin)


@pytest.fixture
def bob(api: Api, admin: Person, course: dict[str, Any]) -> Person:
    student = api.student(name="Bob")
    enrol(api, admin, course, student)
    return student


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as made:
        yield made


def test_three_sessions_missed_in_a_row_are_told_once_an_incident(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    rule(api, admin, "in_a_row", amount=3, hold_minutes=10)
    for _ in range(2):
        hold(api, clock, admin, course, {})
        work(parts)
    assert incidents(api, admin) == []
    missed(api, clock, admin, course)
    work(parts)
    assert mails(sink) == []  # held back
    clock.advance(minutes=9)
    work(parts)
    assert mails(sink) == []
    clock.advance(minutes=1)
    work(parts)
    ((to, text),) = mails(sink)
    assert to == admin.row["email"]
    assert "Bob, Algebra: sessions missed in a row: 3." in text
    # a fourth is the same incident
    clock.advance(hours=22)
    missed(api, clock, admin, course)
    clock.advance(minutes=30)
    work(parts)
    assert mails(sink) == []
    (incident,) = incidents(api, admin)
    assert (incident["found"], incident["ended_at"]) == (3.0, None)
    assert [(n["to"], n["state"]) for n in incident["notices"]] == [("Ms Ada", "sent")]
    # one that came ends it; three more are a new one
    hold(api, clock, admin, course, {"present": [bob]})
    work(parts)
    assert incidents(api, admin)[0]["ended_at"] is not None
    for _ in range(3):
        hold(api, clock, admin, course, {})
        work(parts)
    clock.advance(minutes=10)
    work(parts)
    assert len(mails(sink)) == 1
    assert len(incidents(api, admin)) == 2


def test_a_correction_meanwhile_ends_it_unseen(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    rule(api, admin, "unexplained", hold_minutes=15)
    session = missed(api, clock, admin, course)
    work(parts)
    assert states(api, admin) == [("teacher", "pending")]
    clock.advance(minutes=5)
    put(api, admin, session, bob, "present")
    work(parts)
    clock.advance(hours=1)
    work(parts)
    assert mails(sink) == []
    assert states(api, admin) == [("teacher", "cancelled")]


@pytest.mark.parametrize("how", ["discarded", "asked", "undone"])
def test_everything_that_changes_a_standing_is_judged(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
    how: str,
) -> None:
    rule(api, admin, "unexplained", hold_minutes=15)
    session = missed(api, clock, admin, course)
    work(parts)
    assert states(api, admin) == [("teacher", "pending")]
    if how == "discarded":
        assert api.call("DELETE", f"/session/{session['id']}", admin).status_code == 204
    elif how == "asked":
        body = {"from": "2026-03-02", "reason": "ill"}
        assert api.post("/absence", bob, json=body).status_code == 201
    else:
        path = f"/session/{session['id']}/attendance"
        undo = api.call("PUT", path, admin, json={"rest": "present"}).json["undo"]
        work(parts)
        assert states(api, admin) == [("teacher", "cancelled")]
        assert api.post(f"{path}/undo", admin, json={"undo": undo}).status_code == 200
        work(parts)
        assert states(api, admin)[0] == ("teacher", "pending")
        return
    work(parts)
    assert states(api, admin) == [("teacher", "cancelled")]


def test_a_declined_request_explains_nothing(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
) -> None:
    rule(api, admin, "unexplained")
    asked = api.post("/absence", bob, json={"from": "2026-03-02", "reason": "ill"}).json["absence"]
    missed(api, clock, admin, course)
    work(parts)
    assert incidents(api, admin) == []
    path = f"/absence/{asked['id']}/decide"
    assert api.post(path, admin, json={"accepted": False}).status_code == 200
    work(parts)
    assert [one["day"] for one in incidents(api, admin)] == ["2026-03-02"]


def test_a_percentage_below_a_limit_is_told_as_it_is_shown(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    rule(api, admin, "below", amount=66.7, hold_minutes=0)
    for status in ("present", "present", "absent"):  # 2 of 3 is shown as 66.7: not below
        hold(api, clock, admin, course, {status: [bob]})
        work(parts)
    assert mails(sink) == []
    hold(api, clock, admin, course, {"absent": [bob]})
    work(parts)
    ((_, text),) = mails(sink)
    assert "Bob, Algebra: attendance is at 50.0 %." in text


def test_absences_within_days_count_those_days_only(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    rule(api, admin, "within_days", amount=2, days=7, hold_minutes=0)
    hold(api, clock, admin, course, {"absent": [bob]})
    clock.advance(days=7)
    hold(api, clock, admin, course, {"absent": [bob]})
    work(parts)
    assert mails(sink) == []
    hold(api, clock, admin, course, {"absent": [bob]})
    work(parts)
    ((_, text),) = mails(sink)
    assert "sessions missed within 7 days: 2." in text


def test_steps_wait_and_guardians_read_their_language(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    guardian(api, admin, bob, "Mutter@home.example", name="Frau B", language="de")
    steps = [
        {"whom": ["student"], "after_hours": 0},
        {"whom": ["guardian", "teacher"], "after_hours": 24},
    ]
    rule(api, admin, "unexplained", steps=steps, hold_minutes=0)
    missed(api, clock, admin, course)
    work(parts)
    assert [to for to, _ in mails(sink)] == [bob.row["email"]]
    clock.advance(hours=23, minutes=59)
    work(parts)
    assert mails(sink) == []
    clock.advance(minutes=1)
    work(parts)
    got = dict(mails(sink))
    assert set(got) == {"mutter@home.example", admin.row["email"]}
    assert "Guten Tag" in got["mutter@home.example"]
    assert "Good day" in got[admin.row["email"]]
    assert states(api, admin) == [("student", "sent"), ("guardian", "sent"), ("teacher", "sent")]


def test_nobody_is_written_to_in_quiet_hours(
    api: Api,
    admin: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    course = course_of(api, admin, timezone="Europe/Berlin")
    enrol(api, admin, course, api.student(name="Bob"))
    rule(api, admin, "unexplained", hold_minutes=0)
    clock.advance(hours=10, minutes=30)  # 18:30 UTC; the lesson ends at 20:30 in Berlin
    missed(api, clock, admin, course)
    work(parts)
    assert mails(sink) == []
    (incident,) = incidents(api, admin)
    assert incident["notices"][0]["due_at"] == "2026-03-03T06:00:00.000000Z"  # 7 in Berlin
    clock.advance(hours=10)
    work(parts)
    assert mails(sink) == []
    clock.advance(hours=1)
    work(parts)
    assert len(mails(sink)) == 1


def test_answers_go_to_the_address_of_the_setting(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    change = {"notice_reply_to": "office@school.example", "mail_language": "fr"}
    assert api.call("PATCH", "/admin/settings", admin, json=change).status_code == 200
    for wrong in ("nobody", "a b@c.example", "a\nb@c.example"):
        bad = api.call("PATCH", "/admin/settings", admin, json={"notice_reply_to": wrong})
        assert code_of(bad) == (400, "invalid_request")
    rule(api, admin, "unexplained", hold_minutes=0)
    missed(api, clock, admin, course)
    work(parts)
    assert "Reply-To: office@school.example" in sink.emails[0]
    ((_, text),) = mails(sink)
    assert "Bonjour" in text
    assert "office@school.example" in text


def test_a_rule_that_would_write_to_many_at_once_waits_for_confirmation(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    students = [api.student(name=f"S{number}") for number in range(4)]
    enrol(api, admin, course, *students)
    steps = [{"whom": ["student"], "after_hours": 0}]
    made = rule(api, admin, "unexplained", steps=steps, most_people=3, hold_minutes=0)
    missed(api, clock, admin, course)
    work(parts)
    assert mails(sink) == []
    assert states(api, admin) == [("student", "held")] * 4
    assert api.get("/admin/notice-rules", admin).json["rules"][0]["held"] == 4
    # one of them was there after all
    path = f"/admin/notice-rules/{made['id']}/held"
    put(api, admin, api.get("/session/mine", admin).json["sessions"][0], students[0], "present")
    work(parts)
    assert api.post(path, admin, json={"send": True}).json == {"released": 3}
    work(parts)
    assert sorted(to for to, _ in mails(sink)) == sorted(s.row["email"] for s in students[1:])
    assert code_of(api.post(path, admin, json={"send": True})) == (409, "nothing_held")
    assert len(audited(parts, "notice_rule.confirm")) == 1


def test_many_who_come_one_after_the_other_are_held_too(
    api: Api,
    admin: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    steps = [{"whom": ["student"], "after_hours": 0}]
    rule(api, admin, "unexplained", steps=steps, most_people=1, hold_minutes=0)
    for number in range(2):
        course = course_of(api, admin, code=f"C{number}")
        enrol(api, admin, course, api.student())
        session = api.session(admin, course_id=course["id"])
        clock.advance(minutes=10)
        api.post("/session/stop", admin, json={"session_id": session["id"]})
        work(parts)
    assert len(mails(sink)) == 1
    assert sorted(states(api, admin)) == [("student", "held"), ("student", "sent")]


def test_what_is_refused_is_given_up(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    made = rule(api, admin, "unexplained", most_people=1, hold_minutes=0)
    steps = [{"whom": ["student", "teacher"], "after_hours": 0}]
    body = {**made, "steps": steps}
    assert api.call("PUT", f"/admin/notice-rules/{made['id']}", admin, json=body).status_code == 200
    missed(api, clock, admin, course)
    work(parts)
    path = f"/admin/notice-rules/{made['id']}/held"
    assert api.post(path, admin, json={"send": False}).json == {"released": 2}
    work(parts)
    assert mails(sink) == []
    assert {state for _, state in states(api, admin)} == {"cancelled"}


def test_a_teacher_gets_one_message_of_many_students(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    enrol(api, admin, course, *(api.student(name=name) for name in ("Bob", "Cem", "Dana")))
    rule(api, admin, "unexplained", most_people=1, hold_minutes=0)
    missed(api, clock, admin, course)
    work(parts)
    ((_, text),) = mails(sink)
    assert [name in text for name in ("Bob", "Cem", "Dana")] == [True] * 3


def test_a_dry_run_says_to_whom_it_would_write_and_writes_to_nobody(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    other = api.student(name="Cem")
    enrol(api, admin, course, other)
    guardian(api, admin, bob, "a@home.example")
    guardian(api, admin, bob, "b@home.example")
    missed(api, clock, admin, course)
    body = {
        "name": "x",
        "kind": "unexplained",
        "steps": [{"whom": ["guardian", "teacher"]}],
        "most_people": 2,
    }
    found = api.post("/admin/notice-rules/try", admin, json=body)
    assert found.status_code == 200, found.text
    assert found.json == {
        "students": 2,
        "people": 3,
        "by": {"guardian": 2, "teacher": 1},
        "without_address": 0,
        "held": True,
        "examples": ["Bob", "Cem"],
    }
    work(parts)
    assert mails(sink) == []
    assert api.get("/admin/notice-rules", admin).json == {"rules": [], "mail": True}
    body["steps"] = [{"whom": ["guardian"]}]
    found = api.post("/admin/notice-rules/try", admin, json=body).json
    assert (found["people"], found["without_address"], found["held"]) == (2, 1, False)


def test_a_webhook_is_told_signed_as_of_everything_else(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    pool: ThreadPoolExecutor,
) -> None:
    with receiving() as receiver:
        hook = {"url": receiver.url, "events": ["student_notice"]}
        assert api.post("/admin/webhooks", admin, json=hook).status_code == 201
        steps = [{"whom": ["webhook"], "after_hours": 0}]
        made = rule(api, admin, "unexplained", steps=steps, hold_minutes=0)
        missed(api, clock, admin, course)
        work(parts)
        assert webhook_sending.send_due(parts, pool) == 1
        ((_, _, body),) = receiver.got
    message = json.loads(body)
    assert message["type"] == "student_notice"
    (incident,) = incidents(api, admin)
    assert message["data"] == {
        "incident": incident["id"],
        "step": 1,
        "rule": {"id": made["id"], "name": "Rule", "kind": "unexplained"},
        "student_id": bob.row["student_id"],
        "course": {"id": course["id"], "code": "MA101", "name": "Algebra"},
        "day": "2026-03-02",
        "found": 1.0,
    }


def test_a_mail_server_that_does_not_answer_is_tried_again(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    rule(api, admin, "unexplained", hold_minutes=0)
    parts.settings.smtp_port, right = 1, parts.settings.smtp_port
    missed(api, clock, admin, course)
    work(parts)
    (notice,) = incidents(api, admin)[0]["notices"]
    assert (notice["state"], notice["error"]) == ("pending", "ConnectionRefusedError")
    parts.settings.smtp_port = right
    clock.advance(minutes=1)
    work(parts)
    assert len(mails(sink)) == 1
    (notice,) = incidents(api, admin)[0]["notices"]
    assert (notice["state"], notice["error"]) == ("sent", None)


def test_an_address_that_is_refused_is_not_tried_again(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    guardian(api, admin, bob, "refused@home.example")
    steps = [{"whom": ["guardian"], "after_hours": 0}]
    rule(api, admin, "unexplained", steps=steps, hold_minutes=0)
    missed(api, clock, admin, course)
    work(parts)
    (notice,) = incidents(api, admin)[0]["notices"]
    assert (notice["state"], notice["error"]) == ("failed", "refused")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"amount": None}, "amount_missing"),
        ({"kind": "within_days"}, "days_missing"),
        ({"kind": "below", "amount": 101}, "amount_too_large"),
        ({"amount": 2.5}, "amount_not_whole"),
        ({"amount": 0}, "greater_than"),
        ({"steps": []}, "too_short"),
        ({"steps": [{"whom": []}]}, "too_short"),
        ({"steps": [{"whom": ["everybody"]}]}, "literal_error"),
        ({"most_people": 0}, "greater_than_equal"),
        ({"kind": "x"}, "literal_error"),
        ({"name": " "}, "string_too_short"),
    ],
)
@pytest.mark.any_database
def test_rules_that_mean_nothing_are_refused(
    api: Api, admin: Person, change: dict[str, Any], kind: str
) -> None:
    body = {"name": "x", "kind": "in_a_row", "amount": 3, "steps": [{"whom": ["teacher"]}]}
    answer = api.post("/admin/notice-rules", admin, json={**body, **change})
    assert code_of(answer) == (400, "invalid_request")
    assert kind in {error["type"] for error in answer.json["errors"]}


@pytest.mark.any_database
def test_only_administrators_keep_rules_and_guardians(api: Api, admin: Person) -> None:
    teacher, student = api.teacher(), api.student()
    made = rule(api, admin, "unexplained")
    for person in (teacher, student):
        for method, path in (
            ("GET", "/admin/notice-rules"),
            ("GET", "/admin/notices"),
            ("DELETE", f"/admin/notice-rules/{made['id']}"),
            ("GET", f"/admin/students/{student.row['id']}/guardians"),
        ):
            assert api.call(method, path, person).status_code == 403
    assert code_of(api.call("DELETE", "/admin/notice-rules/99", admin)) == (
        *(404, "notice_rule_not_found"),
    )


def test_a_rule_that_is_switched_off_or_deleted_sends_nothing_more(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    made = rule(api, admin, "unexplained")
    gone = rule(api, admin, "in_a_row", amount=1)
    missed(api, clock, admin, course)
    work(parts)
    assert len(incidents(api, admin)) == 2
    path = f"/admin/notice-rules/{made['id']}"
    assert api.call("PUT", path, admin, json={**made, "enabled": False}).status_code == 200
    assert api.call("DELETE", f"/admin/notice-rules/{gone['id']}", admin).status_code == 204
    clock.advance(hours=1)
    work(parts)
    assert mails(sink) == []
    assert states(api, admin) == [("teacher", "cancelled")]


def test_guardians_of_a_student_come_and_go(api: Api, admin: Person, parts: Services) -> None:
    student, other = api.student(), api.student()
    made = guardian(api, admin, student, "Mum@Home.example", name="Mum")
    path = f"/admin/students/{student.row['id']}/guardians"
    assert made["email"] == "mum@home.example"
    assert api.get(path, admin).json == {"guardians": [made], "minor": False, "consents": []}
    again = api.post(path, admin, json={"email": "mum@home.example"})
    assert code_of(again) == (409, "guardian_known")
    wrong = f"/admin/students/{other.row['id']}/guardians/{made['id']}"
    assert code_of(api.call("DELETE", wrong, admin)) == (404, "guardian_not_found")
    assert code_of(api.post("/admin/students/999/guardians", admin, json={"email": "a@b.ch"})) == (
        *(404, "student_not_found"),
    )
    assert api.call("DELETE", f"{path}/{made['id']}", admin).status_code == 204
    assert api.get(path, admin).json["guardians"] == []
    assert [len(audited(parts, f"guardian.{what}")) for what in ("add", "remove")] == [1, 1]


def test_nothing_is_left_of_a_student_who_is_deleted(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
) -> None:
    guardian(api, admin, bob, "mum@home.example")
    rule(api, admin, "unexplained", steps=[{"whom": ["guardian"], "after_hours": 0}])
    missed(api, clock, admin, course)
    work(parts)
    exported = api.get(f"/admin/students/{bob.row['id']}/export", admin).json
    assert "mum@home.example" in json.dumps(exported)
    assert api.call("DELETE", f"/admin/students/{bob.row['id']}", admin).status_code == 204
    with parts.database.read() as tx:
        for table in ("guardians", "incidents", "notices"):
            assert tx.scalar(f"SELECT COUNT(*) FROM {table}") == 0  # noqa: S608


def test_a_tutor_is_told_and_who_teaches_the_course_as_well_gets_one_message(
    api: Api,
    admin: Person,
    course: dict[str, Any],
    bob: Person,
    parts: Services,
    clock: FakeClock,
    sink: Sink,
) -> None:
    eve, ann, tutor = api.student(name="Eve"), api.student(name="Ann"), api.teacher(name="Tutor")
    enrol(api, admin, course, eve, ann)
    for student, teacher in ((bob, tutor), (eve, admin)):
        path = f"/admin/students/{student.row['id']}/tutor"
        body = {"email": teacher.row["email"]}
        assert api.call("PUT", path, admin, json=body).status_code == 200
    steps = [{"whom": ["teacher", "tutor"], "after_hours": 0}]
    body = {"name": "x", "kind": "unexplained", "steps": steps}
    rule(api, admin, "unexplained", steps=steps, hold_minutes=0)
    missed(api, clock, admin, course)
    tried = api.post("/admin/notice-rules/try", admin, json=body).json
    assert (tried["people"], tried["by"]) == (2, {"teacher": 2})
    work(parts)
    told = dict(mails(sink))
    assert set(told) == {admin.row["email"], tutor.row["email"]}
    lines = [line for line in told[admin.row["email"]].splitlines() if line.startswith("- ")]
    assert [line.partition(",")[0] for line in lines] == ["- Ann", "- Bob", "- Eve"]
    lines = [line for line in told[tutor.row["email"]].splitlines() if line.startswith("- ")]
    assert [line.partition(",")[0] for line in lines] == ["- Bob"]
    tutors = {
        incident["student"]["name"]: [
            (n["to"], n["state"], n["error"]) for n in incident["notices"]
        ][1]
        for incident in incidents(api, admin)
    }
    assert tutors == {
        "Bob": ("Tutor", "sent", None),
        "Eve": ("Ms Ada", "sent", None),
        "Ann": (None, "failed", "no_address"),
    }
