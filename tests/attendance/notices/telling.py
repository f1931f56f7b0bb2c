"""Steps that tests of notices share."""

from __future__ import annotations

from email import message_from_string, policy
from typing import Any

from attendance.core.services import Services
from attendance.notices import sending
from tests.attendance.mailing import Sink
from tests.conftest import Api, FakeClock, Person

TEACHER_AT_ONCE = [{"whom": ["teacher"], "after_hours": 0}]


def rule(api: Api, admin: Person, kind: str, **fields: Any) -> dict[str, Any]:
    """A new rule."""
    body = {"name": "Rule", "kind": kind, "steps": TEACHER_AT_ONCE, **fields}
    answer = api.post("/admin/notice-rules", admin, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json["rule"]
    return made


def guardian(api: Api, admin: Person, student: Person, email: str, **more: Any) -> dict[str, Any]:
    """A new guardian of a student."""
    path = f"/admin/students/{student.row['id']}/guardians"
    answer = api.post(path, admin, json={"email": email, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json["guardian"]
    return made


def missed(
    api: Api, clock: FakeClock, teacher: Person, course: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    """A lesson of an hour to which nobody came; it has just ended."""
    session = api.session(teacher, course_id=course["id"], **fields)
    clock.advance(hours=1)
    answer = api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert answer.status_code == 200, answer.text
    return session


def work(parts: Services) -> None:
    """Do what the server's thread does, until nothing is left to do now."""
    while sending.run_due(parts):
        pass


def mails(sink: Sink) -> list[tuple[str, str]]:
    """To whom, and the text, of each message since the last time."""
    found = []
    for text in sink.emails:
        mail = message_from_string(text, policy=policy.default)
        body = mail.get_body()
        assert body is not None
        found.append((str(mail["To"]), str(body.get_content())))
    sink.emails.clear()
    return found


def incidents(api: Api, admin: Person) -> list[dict[str, Any]]:
    """What the rules found, newest first."""
    answer = api.get("/admin/notices", admin)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["incidents"]
    return found


def states(api: Api, admin: Person) -> list[tuple[str, str]]:
    """Whom each message is for, and what became of it."""
    return [
        (notice["whom"], notice["state"])
        for incident in incidents(api, admin)
        for notice in incident["notices"]
    ]
