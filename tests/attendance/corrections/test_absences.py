"""Students ask to be excused; each of their courses decides."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.web.current import services_of
from database import ForeignKeyViolation, excuses
from tests.attendance.school import audited, course_of, enrol, hold, listed
from tests.conftest import Api, FakeClock, Person, code_of

pytestmark = pytest.mark.any_database
DAYS = {"from": "2026-03-02", "to": "2026-03-03", "reason": "A cold."}


@pytest.fixture(autouse=True)
def monday(clock: FakeClock) -> None:
    clock.moment = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)


@pytest.fixture
def course(api: Api, teacher: Person, student: Person) -> dict[str, Any]:
    made = course_of(api, teacher, timezone="Europe/Berlin")
    enrol(api, teacher, made, student)
    return made


def asked(api: Api, student: Person, **fields: str) -> dict[str, Any]:
    answer = api.post("/absence", student, json={**DAYS, **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json["absence"]
    return found


def decided(api: Api, by: Person, absence: dict[str, Any], **fields: Any) -> Any:
    return api.post(f"/absence/{absence['id']}/decide", by, json={"accepted": True, **fields})


def test_what_is_missed_is_shown_before_and_excused_after_the_decision(
    api: Api, teacher: Person, student: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    hold(api, clock, teacher, course, {})
    absence = asked(api, student)
    [line] = absence["courses"]
    assert (line["state"], line["missed"]) == ("open", 1)
    assert line["now"] == {"present": 0, "total": 1, "percentage": 0.0}
    assert line["excused"] == {"present": 0, "total": 0, "percentage": 0.0}
    assert api.get("/waiting", teacher).json["absences"] == 1
    [seen] = api.get("/absence/mine?state=open", teacher).json["absences"]
    assert seen == absence

    answer = decided(api, teacher, absence, remark="Get well.")
    [line] = answer.json["absence"]["courses"]
    assert (line["state"], line["remark"], line["missed"]) == ("accepted", "Get well.", 0)
    report = api.get("/student/report", student).json
    assert report["courses"][0]["excused"] == 1
    assert api.get("/waiting", teacher).json["absences"] == 0
    assert (
        api.get("/absence/mine?state=decided", student).json["absences"][0]["id"] == absence["id"]
    )
    assert code_of(decided(api, teacher, absence)) == (409, "absence_decided")


def test_an_absence_is_asked_for_in_advance(
    api: Api, teacher: Person, student: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    absence = asked(api, student, **{"from": "2026-03-03", "to": "2026-03-03"})
    assert decided(api, teacher, absence).status_code == 200
    clock.moment = datetime(2026, 3, 3, 8, 0, tzinfo=timezone.utc)
    hold(api, clock, teacher, course, {})
    report = api.get("/student/report", student).json
    assert report["courses"][0]["excused"] == 1


def reason_of(api: Api, admin: Person, meaning: str, **fields: str) -> dict[str, Any]:
    body = {"name": meaning, "code": meaning[:4], "status": "excused", "meaning": meaning}
    answer = api.post("/admin/reasons", admin, json={**body, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json["reason"]
    return made


@pytest.mark.parametrize(
    ("meaning", "then"),
    [("counted", (1, 2)), ("not_counted", (1, 1)), ("as_present", (2, 2))],
)
def test_what_is_shown_before_for_a_reason_is_what_comes_for_each_course(
    api: Api,
    admin: Person,
    teacher: Person,
    student: Person,
    clock: FakeClock,
    meaning: str,
    then: tuple[int, int],
) -> None:
    courses = [
        course_of(api, teacher, code=code, excused_counts_as="absent") for code in ("MA", "PH")
    ]
    for course in courses:
        enrol(api, teacher, course, student)
    for course in courses:
        clock.moment = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)
        hold(api, clock, teacher, course, {})
        hold(api, clock, teacher, course, {"present": [student]})
    absence = asked(api, student)
    reason = reason_of(api, admin, meaning)
    path = f"/absence/{absence['id']}"
    before = api.get(f"{path}?reason_id={reason['id']}", teacher).json["absence"]["courses"]
    assert [line["course"]["code"] for line in before] == ["MA", "PH"]
    for line in before:
        assert (line["now"]["present"], line["now"]["total"], line["missed"]) == (1, 2, 1)
        assert (line["excused"]["present"], line["excused"]["total"]) == then
    answer = decided(api, teacher, absence, reason_id=reason["id"]).json["absence"]
    assert [line["now"] for line in answer["courses"]] == [line["excused"] for line in before]
    assert {line["reason_id"] for line in answer["courses"]} == {reason["id"]}
    for course in courses:
        [row] = api.get(f"/course/{course['id']}/report", teacher).json["students"]
        assert row["percentage"] == before[0]["excused"]["percentage"]


def test_marks_of_being_absent_on_these_days_become_excused(
    api: Api,
    app: OpenAPI,
    admin: Person,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    clock: FakeClock,
) -> None:
    hook = {"url": "https://hooks.example/", "events": ["attendance_marked"]}
    assert api.post("/admin/webhooks", admin, json=hook).status_code == 201
    held = [hold(api, clock, teacher, course, {status: [student]}) for status in ("absent", "late")]
    later = hold(api, clock, teacher, course, {"absent": [student]})
    reason = reason_of(api, admin, "not_counted")
    absence = asked(api, student)
    [line] = absence["courses"]
    assert (line["missed"], line["now"]["total"], line["excused"]["total"]) == (1, 3, 2)

    def told() -> int:
        with services_of(app).database.read() as tx:
            return int(tx.scalar("SELECT COUNT(*) FROM webhook_deliveries"))

    before = told()
    answer = decided(api, teacher, absence, reason_id=reason["id"])
    assert told() == before + 1
    [line] = answer.json["absence"]["courses"]
    assert (line["missed"], line["now"]["total"]) == (0, 2)
    name = student.row["name"]
    shown = [listed(api, teacher, session)[name] for session in (*held, later)]
    assert shown == ["excused", "late", "absent"]
    url = f"/session/attendance?session_id={held[0]['id']}"
    [row] = api.get(url, teacher).json["attendance"]
    assert (row["method"], row["reason_id"]) == ("manual", reason["id"])
    [*_, last] = audited(services_of(app), "attendance.set")
    assert last["actor"] == f"teacher:{teacher.row['id']}"


def test_a_decision_with_a_wrong_reason_changes_nothing(
    api: Api,
    app: OpenAPI,
    admin: Person,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    absence = asked(api, student)
    path = f"/absence/{absence['id']}"
    late = reason_of(api, admin, "counted", status="late")
    old = reason_of(api, admin, "as_present")
    api.call("PATCH", f"/admin/reasons/{old['id']}", admin, json={"retired": True})
    for wrong, code in (
        (late["id"], (409, "reason_of_other_status")),
        (old["id"], (409, "reason_retired")),
        (987_654, (404, "reason_not_found")),
    ):
        assert code_of(decided(api, teacher, absence, reason_id=wrong)) == code
        assert code_of(api.get(f"{path}?reason_id={wrong}", teacher)) == code
    rejected = decided(api, teacher, absence, accepted=False, reason_id=old["id"])
    assert code_of(rejected) == (400, "invalid_request")
    assert api.get(f"{path}?reason_id=x", teacher).status_code == 400
    [line] = api.get(path, teacher).json["absence"]["courses"]
    assert (line["state"], line["reason_id"]) == ("open", None)
    assert api.get(f"/course/{course['id']}/excuses", teacher).json["excuses"] == []
    assert audited(services_of(app), "absence.decide") == []


def test_a_decision_for_several_courses_is_whole_or_not_at_all(
    api: Api,
    app: OpenAPI,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = course_of(api, teacher, code="PH", name="Physics")
    enrol(api, teacher, second, student)
    absence = asked(api, student)
    create = excuses.create

    def fails_at_the_second(tx: Any, **row: Any) -> int:
        if row["course"] == second["id"]:
            raise ForeignKeyViolation
        return create(tx, **row)

    monkeypatch.setattr(excuses, "create", fails_at_the_second)
    assert code_of(decided(api, teacher, absence))[0] == 500
    monkeypatch.undo()
    courses = api.get(f"/absence/{absence['id']}", teacher).json["absence"]["courses"]
    assert {line["state"] for line in courses} == {"open"}
    assert api.get(f"/course/{course['id']}/excuses", teacher).json["excuses"] == []
    assert audited(services_of(app), "absence.decide") == []
    assert decided(api, teacher, absence).status_code == 200


def test_each_teacher_decides_for_the_own_courses_and_sees_only_these(
    api: Api, app: OpenAPI, teacher: Person, student: Person, course: dict[str, Any]
) -> None:
    other = api.teacher()
    theirs = course_of(api, other, code="PH", name="Physics")
    enrol(api, other, theirs, student)
    absence = asked(api, student)
    assert len(absence["courses"]) == 2
    [seen] = api.get("/absence/mine", other).json["absences"]
    assert [line["course"]["code"] for line in seen["courses"]] == ["PH"]

    refused = decided(api, other, absence, course_ids=[course["id"]])
    assert code_of(refused) == (403, "forbidden")
    answer = decided(api, other, absence, accepted=False)
    assert [line["state"] for line in answer.json["absence"]["courses"]] == ["rejected"]
    after = api.get(f"/absence/{absence['id']}", student).json["absence"]
    assert {line["course"]["code"]: line["state"] for line in after["courses"]} == {
        "MA101": "open",
        "PH": "rejected",
    }
    [line] = audited(services_of(app), "absence.decide")
    assert line["subject"].startswith("student:")


def test_an_administrator_decides_for_several_courses_at_once(
    api: Api, admin: Person, teacher: Person, student: Person, course: dict[str, Any]
) -> None:
    second = course_of(api, teacher, code="PH", name="Physics")
    enrol(api, teacher, second, student)
    absence = asked(api, student)
    answer = decided(api, admin, absence)
    assert {line["state"] for line in answer.json["absence"]["courses"]} == {"accepted"}
    for one in (course, second):
        excuses = api.get(f"/course/{one['id']}/excuses", teacher).json["excuses"]
        assert [(line["from"], line["to"], line["reason"]) for line in excuses] == [
            ("2026-03-02", "2026-03-03", "A cold.")
        ]


def test_a_request_is_taken_back_until_somebody_has_decided(
    api: Api, teacher: Person, student: Person, course: dict[str, Any]
) -> None:
    first, second = asked(api, student), asked(api, student)
    url = f"/absence/{first['id']}"
    assert code_of(api.call("DELETE", url, api.student())) == (404, "absence_not_found")
    assert api.call("DELETE", url, student).status_code == 204
    assert code_of(api.get(url, teacher)) == (404, "absence_not_found")
    decided(api, teacher, second)
    kept = api.call("DELETE", f"/absence/{second['id']}", student)
    assert code_of(kept) == (409, "absence_decided")


def test_others_learn_nothing_of_a_request(
    api: Api, teacher: Person, student: Person, course: dict[str, Any]
) -> None:
    absence = asked(api, student)
    for other in (api.teacher(), api.student()):
        assert api.get("/absence/mine", other).json["absences"] == []
        seen = api.get(f"/absence/{absence['id']}", other)
        assert code_of(seen) == (404, "absence_not_found")
    stranger = decided(api, api.teacher(), absence)
    assert code_of(stranger) == (404, "absence_not_found")
    assert decided(api, student, absence).status_code == 403
    assert api.post("/absence", teacher, json=DAYS).status_code == 403
    assert api.get("/absence/mine").status_code == 401


def test_an_assistant_does_not_decide_and_a_substitute_does(
    api: Api, teacher: Person, student: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    absence = asked(api, student)
    for role, status in (("assistant", 404), ("substitute", 200)):
        helper = api.teacher()
        body = {"email": helper.row["email"], "role": role}
        if role == "substitute":
            body["until"] = (clock.now() + timedelta(days=1)).isoformat()
        assert api.post(f"/course/{course['id']}/staff", teacher, json=body).status_code == 201
        assert decided(api, helper, absence).status_code == status


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": " "},
        {"to": "2026-03-01"},
        {"to": "2027-03-03"},
        {"to": "2029-03-02"},
        {"from": "tomorrow"},
        {"reason": "x" * 5001},
    ],
)
def test_a_wrong_request_is_refused(api: Api, student: Person, fields: dict[str, str]) -> None:
    answer = api.post("/absence", student, json={**DAYS, **fields})
    assert code_of(answer) == (400, "invalid_request")
    assert api.get("/absence/mine", student).json["absences"] == []
