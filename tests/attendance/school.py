"""Steps that tests of courses share."""

from __future__ import annotations

from typing import Any

from attendance.core.services import Services
from attendance.web.current import services_of
from database import name_keys
from tests.conftest import Api, FakeClock, Person


def course_of(api: Api, teacher: Person, **fields: Any) -> dict[str, Any]:
    """A new course; fields that only a change knows (`min_percentage`) are changed afterwards."""
    first = ("code", "name", "section", "description", "timezone")
    body = {"code": "MA101", "name": "Algebra", **fields}
    new = {key: value for key, value in body.items() if key in first}
    later = {key: value for key, value in body.items() if key not in first}
    answer = api.post("/course", teacher, json=new)
    assert answer.status_code == 201, answer.text
    if later:
        url = f"/course/{answer.json['course']['id']}"
        answer = api.call("PATCH", url, teacher, json=later)
        assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json["course"]
    return made


def enrol(api: Api, teacher: Person, course: dict[str, Any], *students: Person) -> None:
    for student in students:
        body = {"student_id": student.row["student_id"]}
        answer = api.post(f"/course/{course['id']}/students", teacher, json=body)
        assert answer.status_code == 201, answer.text


def excuse(
    api: Api, teacher: Person, course: dict[str, Any], student: Person, **body: Any
) -> dict[str, Any]:
    """An apology, for the 3rd of March where no other day is given."""
    sent = {"student_id": student.row["student_id"], "from": "2026-03-03", **body}
    answer = api.post(f"/course/{course['id']}/excuses", teacher, json=sent)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json["excuse"]
    return made


def reason_of(api: Api, admin: Person, **fields: str) -> dict[str, Any]:
    """A reason of the school: of being excused at a fair, where nothing else is said."""
    body = {"name": "Fair", "code": "F", "status": "excused", "meaning": "as_present", **fields}
    answer = api.post("/admin/reasons", admin, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json["reason"]
    return made


def guardian_agrees(api: Api, admin: Person, student: int, email: str) -> None:
    """A guardian of the student (by table id) gets the link, and agrees with it."""
    path = f"/admin/students/{student}/guardians"
    [guardian] = [one for one in api.get(path, admin).json["guardians"] if one["email"] == email]
    asked = api.post(f"{path}/{guardian['id']}/ask", admin, json={}).json
    token = asked["link"].partition("#")[2]
    signed = {"token": token, "name": "A guardian", "language": "en", "agree": True}
    assert api.post("/guardian/consent", json=signed).status_code == 200


def renumber(api: Api, student: Person, number: str) -> Person:
    """Give the student a number that older versions took."""
    with services_of(api.app).database.write() as tx:
        tx.execute(
            "UPDATE students SET student_id = :number WHERE id = :id",
            number=number,
            id=student.row["id"],
        )
        name_keys.renew(tx, student.row["id"])
    student.row["student_id"] = number
    return student


def put(
    api: Api, teacher: Person, session: dict[str, Any], student: Person, status: str, **body: Any
) -> dict[str, Any]:
    """Mark by hand."""
    url = f"/session/{session['id']}/attendance/{student.row['student_id']}"
    answer = api.call("PUT", url, teacher, json={"status": status, **body})
    assert answer.status_code == 200, answer.text
    marked: dict[str, Any] = answer.json["attendance"]
    return marked


def hold(
    api: Api,
    clock: FakeClock,
    teacher: Person,
    course: dict[str, Any] | None,
    marks: dict[str, list[Person]],
    **fields: Any,
) -> dict[str, Any]:
    """A session of an hour, with marks by status; a day later is now."""
    in_course = {} if course is None else {"course_id": course["id"]}
    session = api.session(teacher, **in_course, **fields)
    for status, students in marks.items():
        for student in students:
            put(api, teacher, session, student, status)
    clock.advance(hours=1)
    answer = api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert answer.status_code == 200, answer.text
    clock.advance(hours=23)
    held: dict[str, Any] = answer.json["session"]
    return held


def listed(api: Api, teacher: Person, session: dict[str, Any]) -> dict[str, str]:
    """Status by name, as the session's list shows it."""
    answer = api.get(f"/session/attendance?session_id={session['id']}", teacher)
    assert answer.status_code == 200, answer.text
    return {row["name"]: row["status"] for row in answer.json["attendance"]}


def audited(parts: Services, action: str) -> list[dict[str, Any]]:
    """The lines of the audit log with this action."""
    with parts.database.read() as tx:
        return tx.all("SELECT * FROM audit WHERE action = :action ORDER BY id", action=action)
