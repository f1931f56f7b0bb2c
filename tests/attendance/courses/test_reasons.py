"""The school's reasons: what they mean for percentages, and who may give which."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import openpyxl
import pytest
from werkzeug.test import TestResponse

from attendance.core.services import Services
from attendance.courses import percentages
from attendance.courses.percentages import Definitions, counted_as, share
from tests.attendance.school import audited, course_of, enrol, hold, listed, put
from tests.conftest import Api, FakeClock, Person, code_of

Reason = dict[str, Any]


@pytest.fixture(autouse=True)
def monday(clock: FakeClock) -> None:
    clock.moment = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


@pytest.fixture
def student(api: Api) -> Person:
    return api.student(name="Ann")


@pytest.fixture
def course(api: Api, teacher: Person, student: Person) -> dict[str, Any]:
    made = course_of(api, teacher)
    enrol(api, teacher, made, student)
    return made


@pytest.fixture
def reason(api: Api, admin: Person) -> Callable[..., Reason]:
    def add(status: str = "excused", meaning: str = "counted", **more: str) -> Reason:
        body = {"name": f"{status} {meaning}", "code": f"{status[0]}{meaning[0]}", **more}
        answer = api.post(
            "/admin/reasons", admin, json={**body, "status": status, "meaning": meaning}
        )
        assert answer.status_code == 201, answer.text
        made: Reason = answer.json["reason"]
        return made

    return add


def sheets_of(data: bytes) -> dict[str, list[list[Any]]]:
    """The rows of each sheet of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {sheet.title: [list(row) for row in sheet.values] for sheet in book}


def change(api: Api, by: Person, reason: Reason, **fields: Any) -> TestResponse:
    return api.call("PATCH", f"/admin/reasons/{reason['id']}", by, json=fields)


def overall(api: Api, student: Person) -> tuple[int, int]:
    """Present and total in the student's summary, which the own report says as well."""
    summary = api.get("/student/attendance/summary", student).json["overall"]
    assert summary == api.get("/student/report", student).json["overall"]
    return summary["present"], summary["total"]


# -- the rule


@pytest.mark.parametrize(
    ("status", "meaning", "counts"),
    [
        ("absent", None, "absent"),
        ("absent", "counted", "absent"),
        ("absent", "not_counted", "nothing"),
        ("absent", "as_present", "present"),
        ("late", "as_present", "present"),
        ("excused", "counted", "excused"),
        ("present", "not_counted", "nothing"),
    ],
)
def test_what_a_status_counts_as(status: str, meaning: str | None, counts: str) -> None:
    assert counted_as(status, meaning) == counts


def test_what_does_not_count_is_in_no_figure() -> None:
    definitions = Definitions(late_counts=False, max_absences=1, absences_in_row=2)
    counted = [
        counted_as("absent", None),
        counted_as("absent", "not_counted"),
        counted_as("late", "as_present"),
        counted_as("absent", "not_counted"),
        counted_as("absent", None),
    ]
    counts = {word: counted.count(word) for word in counted}
    found = share(counts, definitions)
    assert (found.present, found.total) == (1, 3)
    assert percentages.absences(counts, definitions) == 2
    assert percentages.absent_in_a_row(counted, definitions) == 1
    # between two absences it neither adds to the row nor ends it
    assert percentages.absent_in_a_row(["absent", "nothing", "absent"], definitions) == 2


# -- the list


def test_reasons_are_added_changed_and_retired(
    api: Api, admin: Person, student: Person, parts: Services
) -> None:
    body = {"name": "School trip", "code": "T", "status": "excused", "meaning": "as_present"}
    made = api.post("/admin/reasons", admin, json=body).json["reason"]
    assert made == {"id": made["id"], **body, "retired": False}
    assert api.get("/reasons", student).json["reasons"] == [made]
    changed = change(api, admin, made, name="Excursion", meaning="not_counted")
    expected = {**made, "name": "Excursion", "meaning": "not_counted"}
    assert changed.json["reason"] == expected
    assert change(api, admin, made, retired=True).json["reason"]["retired"] is True
    again = api.post("/admin/reasons", admin, json={**body, "name": "Away", "code": "W"})
    names = [row["name"] for row in api.get("/reasons", student).json["reasons"]]
    assert names == ["Away", "Excursion"], "those in use first"
    back = change(api, admin, made, retired=False)
    assert back.json["reason"]["retired"] is False
    [line] = audited(parts, "reason.add")[:1]
    assert (line["subject"], json.loads(line["new_value"])) == (f"reason:{made['id']}", body)
    assert len(audited(parts, "reason.change")) == 3
    assert change(api, admin, made, name="Excursion", code=None).status_code == 200
    assert len(audited(parts, "reason.change")) == 3, "nothing was different"
    assert again.status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"code": ""},
        {"code": "LONGER"},
        {"status": "ill"},
        {"meaning": "half"},
        {"status": None},
    ],
)
def test_a_wrong_reason_is_refused(api: Api, admin: Person, wrong: dict[str, Any]) -> None:
    body = {"name": "Ill", "code": "I", "status": "excused", "meaning": "counted", **wrong}
    assert code_of(api.post("/admin/reasons", admin, json=body)) == (400, "invalid_request")
    assert api.get("/reasons", admin).json["reasons"] == []


def test_names_and_codes_are_had_once(
    api: Api, admin: Person, reason: Callable[..., Reason]
) -> None:
    ill, trip = reason(name="Ill", code="I"), reason(name="Trip", code="T")
    for body in ({"name": "ILL ", "code": "X"}, {"name": "Sick", "code": "i"}):
        answer = api.post("/admin/reasons", admin, json={**body, "status": "absent"})
        assert code_of(answer) == (409, "reason_exists")
    for fields in ({"name": "ill"}, {"code": "i"}):
        assert code_of(change(api, admin, trip, **fields)) == (409, "reason_exists")
    assert change(api, admin, ill, name="ILL").status_code == 200
    missing = change(api, admin, {"id": 987_654}, name="Nothing")
    assert code_of(missing) == (404, "reason_not_found")


def test_only_administrators_edit_the_list(
    api: Api, teacher: Person, student: Person, reason: Callable[..., Reason]
) -> None:
    made = reason()
    for by in (teacher, student):
        body = {"name": "Mine", "code": "M", "status": "absent"}
        assert api.post("/admin/reasons", by, json=body).status_code == 403
        assert change(api, by, made, retired=True).status_code == 403
        assert api.get("/reasons", by).json["reasons"] == [made]
    assert api.get("/reasons").status_code == 401


# -- marks


@pytest.mark.parametrize(
    ("status", "meaning", "expected"),
    [
        ("absent", "counted", (1, 2)),
        ("absent", "not_counted", (1, 1)),
        ("absent", "as_present", (2, 2)),
        ("excused", "counted", (1, 1)),
        ("excused", "as_present", (2, 2)),
        ("late", "not_counted", (1, 1)),
        ("present", "not_counted", (1, 1)),
    ],
)
def test_every_percentage_follows_the_meaning(
    api: Api,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    clock: FakeClock,
    reason: Callable[..., Reason],
    status: str,
    meaning: str,
    expected: tuple[int, int],
) -> None:
    hold(api, clock, teacher, course, {"present": [student]})
    given = reason(status, meaning)
    held = hold(api, clock, teacher, course, {})
    marked = put(api, teacher, held, student, status, reason_id=given["id"])
    assert (marked["status"], marked["reason_id"], marked["reason"]) == (
        status,
        given["id"],
        given["name"],
    )
    assert overall(api, student) == expected
    path = f"/course/{course['id']}/report"
    matrix = api.get(path, teacher).json
    [line] = matrix["students"]
    percentage = line["percentage"]
    assert percentage == round(100 * expected[0] / expected[1], 1)
    assert line[status] == (2 if status == "present" else 1), "counts are by status"
    assert line["mark_reasons"] == {str(held["id"]): given["id"]}
    assert sum(row["total"] for row in matrix["sessions"]) == expected[1]
    [of_student] = api.get(f"/reports/student/{student.row['id']}", teacher).json["courses"]
    assert (of_student["percentage"], of_student["history"][1]["reason"]) == (
        percentage,
        given["name"],
    )
    sheets = sheets_of(api.get(f"{path}.xlsx", teacher).data)
    assert sheets["Attendance"][1][7] == expected[0] / expected[1]
    words = {"counted": "counted", "not_counted": "not counted", "as_present": "counted as present"}
    assert sheets["Definitions"][-1] == [f"reason {given['name']} ({status})", words[meaning]]
    rows = api.get(f"{path}.csv", teacher).text.splitlines()
    assert f",{percentage}," in rows[1]
    rate = api.get(f"/session/{held['id']}/report", teacher).json["rate"]
    assert (rate["present"], rate["total"]) == (expected[0] - 1, expected[1] - 1)
    days = api.get("/stats/daily", teacher).json["days"]
    assert sum(day["total"] for day in days) == expected[1]
    [record] = api.get(f"/api/attendance/records?session_id={held['id']}", teacher).json["records"]
    assert (record["status"], record["reason"]) == (status, given["name"])


def test_another_meaning_holds_for_the_marks_so_far(
    api: Api,
    admin: Person,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    clock: FakeClock,
    reason: Callable[..., Reason],
) -> None:
    given = reason("absent", "counted")
    held = hold(api, clock, teacher, course, {})
    put(api, teacher, held, student, "absent", reason_id=given["id"])
    assert overall(api, student) == (0, 1)
    change(api, admin, given, meaning="not_counted")
    assert overall(api, student) == (0, 0)
    change(api, admin, given, retired=True)
    assert overall(api, student) == (0, 0), "retired reasons still mean what they mean"


def test_which_reason_a_mark_may_have(
    api: Api,
    admin: Person,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    clock: FakeClock,
    reason: Callable[..., Reason],
) -> None:
    held = hold(api, clock, teacher, course, {})
    given, other, old = reason("absent"), reason("late"), reason("absent", "as_present")
    change(api, admin, old, retired=True)
    path = f"/session/{held['id']}/attendance"
    number = student.row["student_id"]
    for wrong, refused in (
        (other["id"], (409, "reason_of_other_status")),
        (old["id"], (409, "reason_retired")),
        (987_654, (404, "reason_not_found")),
    ):
        body = {"status": "absent", "reason_id": wrong}
        assert code_of(api.call("PUT", f"{path}/{number}", teacher, json=body)) == refused
        changes = {"changes": [{"student_id": number, **body}]}
        assert code_of(api.call("PUT", path, teacher, json=changes)) == refused
    assert code_of(
        api.call("PUT", f"{path}/{number}", teacher, json={"status": "absent", "reason_id": "1"})
    ) == (400, "invalid_request")
    # a mark keeps a reason that is retired afterwards, with another remark too
    put(api, teacher, held, student, "absent", reason_id=given["id"])
    change(api, admin, given, retired=True)
    kept = put(api, teacher, held, student, "absent", reason_id=given["id"], remark="Again")
    assert (kept["reason_id"], kept["remark"]) == (given["id"], "Again")
    assert put(api, teacher, held, student, "absent")["reason_id"] is None
    body = {"status": "absent", "reason_id": given["id"]}
    gone = api.call("PUT", f"{path}/{number}", teacher, json=body)
    assert code_of(gone) == (409, "reason_retired")


def test_a_roll_call_gives_reasons_and_takes_them_back(
    api: Api,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    clock: FakeClock,
    parts: Services,
    reason: Callable[..., Reason],
) -> None:
    ill, trip = reason("excused", "not_counted"), reason("excused", "as_present")
    held = hold(api, clock, teacher, course, {})
    put(api, teacher, held, student, "excused", reason_id=ill["id"])
    path, number = f"/session/{held['id']}/attendance", student.row["student_id"]
    change = {"student_id": number, "status": "excused", "reason_id": trip["id"]}
    answer = api.call("PUT", path, teacher, json={"changes": [change]}).json
    assert answer["changed"] == 1
    assert overall(api, student) == (1, 1)
    line = audited(parts, "attendance.set")[-1]
    told = [json.loads(line[f"{which}_value"])["reason_id"] for which in ("old", "new")]
    assert told == [ill["id"], trip["id"]]
    again = api.call("PUT", path, teacher, json={"changes": [change]}).json
    assert again == {"changed": 0, "excused": 0, "undo": None}
    undone = api.post(f"{path}/undo", teacher, json={"undo": answer["undo"]}).json
    assert undone == {"restored": 1, "kept": 0}
    assert overall(api, student) == (0, 0)
    # a mark whose reason was changed since is another mark
    answer = api.call("PUT", path, teacher, json={"changes": [change]}).json
    put(api, teacher, held, student, "excused", reason_id=ill["id"])
    undone = api.post(f"{path}/undo", teacher, json={"undo": answer["undo"]}).json
    assert undone == {"restored": 0, "kept": 1}


def test_cleared_marks_come_back_with_their_reason(
    api: Api,
    admin: Person,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    clock: FakeClock,
    reason: Callable[..., Reason],
) -> None:
    given = reason("excused", "as_present")
    held = hold(api, clock, teacher, course, {})
    put(api, teacher, held, student, "excused", reason_id=given["id"])
    path = f"/session/{held['id']}/attendance"
    assert api.call("DELETE", f"{path}?confirm=true", teacher).json == {"cleared": 1}
    assert overall(api, student) == (0, 1)
    assert api.post(f"{path}/restore", teacher).json == {"restored": 1, "kept": 0}
    assert overall(api, student) == (1, 1)
    exported = api.get(f"/admin/students/{student.row['id']}/export", admin).json
    assert exported["attendance"][0]["school_reason"] == given["name"]
    assert exported["cleared_marks"][0]["school_reason"] == given["name"]


def test_files_of_a_session_name_the_reason_last_where_there_is_one(
    api: Api,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    clock: FakeClock,
    reason: Callable[..., Reason],
) -> None:
    held = hold(api, clock, teacher, course, {})
    path = f"/session/{held['id']}/export"
    plain = api.get(f"{path}.csv", teacher).text.lstrip("\ufeff").splitlines()[0]
    assert plain.endswith(",distance,evidence,camera")
    put(api, teacher, held, student, "excused", reason_id=reason(name="Fair")["id"])
    head, line = api.get(f"{path}.csv", teacher).text.lstrip("\ufeff").splitlines()
    assert (head, line.split(",")[-1]) == (f"{plain},reason", "Fair")
    sheet = sheets_of(api.get(f"{path}.xlsx", teacher).data)["Attendance"]
    assert (sheet[0][-1], sheet[1][-1]) == ("reason", "Fair")


# -- excuses


def test_an_excuse_counts_as_its_reason_says_and_the_newest_counts(
    api: Api,
    admin: Person,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    clock: FakeClock,
    reason: Callable[..., Reason],
) -> None:
    trip, absent = reason("excused", "as_present"), reason("absent")
    body = {"student_id": student.row["student_id"], "from": "2026-03-02"}
    path = f"/course/{course['id']}/excuses"
    wrong = api.post(path, teacher, json={**body, "reason_id": absent["id"]})
    assert code_of(wrong) == (409, "reason_of_other_status")
    held = hold(api, clock, teacher, course, {})
    made = api.post(path, teacher, json={**body, "reason_id": trip["id"]}).json["excuse"]
    assert made["reason_id"] == trip["id"]
    assert listed(api, teacher, held)["Ann"] == "excused"
    assert overall(api, student) == (1, 1)
    newer = api.post(path, teacher, json=body).json["excuse"]
    assert overall(api, student) == (0, 0)
    assert api.call("DELETE", f"/excuse/{newer['id']}", teacher).status_code == 204
    assert overall(api, student) == (1, 1)
    exported = api.get(f"/admin/students/{student.row['id']}/export", admin).json
    assert exported["excuses"][0]["school_reason"] == trip["name"]
