"""GET /admin/audit and /admin/audit.csv."""

from __future__ import annotations

import csv
import io

import pytest

from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def admin(api: Api, clock: FakeClock) -> Person:
    """An administrator called Ada, and ten minutes later another teacher who was suspended."""
    ada = api.teacher(name="Ada")
    clock.advance(minutes=10)
    bob = api.teacher(name="Bob")
    api.post(f"/admin/teachers/{bob.row['id']}/suspend", ada, headers={"X-Request-ID": "r-1"})
    return ada


def test_the_newest_line_comes_first_with_names_and_request(api: Api, admin: Person) -> None:
    found = api.get("/admin/audit", admin).json
    assert found["next"] is None
    line = found["audit"][0]
    assert line == {
        "id": line["id"],
        "occurred_at": "2026-03-02T08:10:00.000000Z",
        "actor": f"teacher:{admin.row['id']}",
        "actor_name": "Ada",
        "action": "teacher.suspend",
        "subject": f"teacher:{admin.row['id'] + 1}",
        "subject_name": "Bob",
        "old": {"state": "active"},
        "new": {"state": "suspended"},
        "reason": None,
        "request_id": "r-1",
    }


def test_every_change_by_http_names_its_request(api: Api, admin: Person) -> None:
    session, student = api.session(admin), api.student()
    answer = api.call(
        "PUT",
        f"/session/{session['id']}/attendance/{student.row['student_id']}",
        admin,
        json={"status": "excused"},
    )
    assert answer.status_code == 200
    line = api.get("/admin/audit", admin).json["audit"][0]
    assert line["action"] == "attendance.set"
    assert line["request_id"] == answer.headers["X-Request-ID"]


def test_filters_narrow_each_other(api: Api, admin: Person) -> None:
    def count(**query: object) -> int:
        return len(api.get("/admin/audit", admin, query_string=query).json["audit"])

    ada = f"teacher:{admin.row['id']}"
    assert count() == 3
    assert count(actor=ada) == 2
    assert count(action="teacher.signup") == 2
    assert count(action="teacher") == 3
    assert count(action="teach") == 0
    assert count(action="teacher", actor=ada, subject=ada) == 1
    assert count(since="2026-03-02T08:10:00Z") == 2
    assert count(until="2026-03-02T09:10:00+01:00") == 1


def test_a_time_without_a_zone_is_refused(api: Api, admin: Person) -> None:
    answer = api.get("/admin/audit", admin, query_string={"since": "2026-03-02T08:10:00"})
    assert code_of(answer) == (400, "invalid_request")


def test_pages_follow_each_other_without_gap(api: Api, admin: Person) -> None:
    seen: list[int] = []
    before: dict[str, int] = {}
    while True:
        found = api.get("/admin/audit", admin, query_string={"limit": 2, **before}).json
        seen += [line["id"] for line in found["audit"]]
        if found["next"] is None:
            break
        before = {"before": found["next"]}
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 3


def test_the_csv_has_the_same_lines(api: Api, admin: Person) -> None:
    answer = api.get("/admin/audit.csv", admin, query_string={"action": "teacher.suspend"})
    assert answer.content_type == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (row["action"], row["actor_name"], row["subject_name"]) == (
        *("teacher.suspend", "Ada", "Bob"),
    )
    assert row["new"] == '{"state": "suspended"}'
