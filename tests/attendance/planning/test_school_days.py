"""When the school is held: terms, holidays, every second week, lessons skipped and moved."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.planning import automatic
from attendance.web.current import services_of
from tests.attendance.planning.test_plans import planned, shown
from tests.attendance.school import audited, course_of
from tests.conftest import Api, FakeClock, Person, code_of

pytestmark = pytest.mark.any_database
MARCH = "?from=2026-03-02&to=2026-03-31"
MONDAYS = {"days": ["mon"], "start_time": "09:00", "duration_minutes": 60}


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, admin: Person) -> dict[str, Any]:
    return course_of(api, admin, timezone="Europe/Berlin")


def add_holiday(api: Api, admin: Person, first: str, last: str, name: str = "Break") -> int:
    answer = api.post("/admin/holidays", admin, json={"name": name, "from": first, "to": last})
    assert answer.status_code == 201, answer.text
    assert answer.json["holiday"] == {
        "id": answer.json["holiday"]["id"],
        "name": name,
        "from": first,
        "to": last,
    }
    return int(answer.json["holiday"]["id"])


def starts(api: Api, by: Person) -> list[str]:
    return [start for start, _ in shown(api, by, MARCH)]


def test_a_plan_leaves_holidays_out_until_they_are_deleted(
    api: Api, admin: Person, course: dict[str, Any]
) -> None:
    planned(api, admin, course, **MONDAYS)
    every = ["2026-03-02T08:00", "2026-03-09T08:00", "2026-03-16T08:00", "2026-03-23T08:00"]
    assert starts(api, admin) == [*every, "2026-03-30T07:00"]
    number = add_holiday(api, admin, "2026-03-09", "2026-03-16")
    assert starts(api, admin) == [every[0], every[3], "2026-03-30T07:00"]
    changed = api.call(
        "PUT",
        f"/admin/holidays/{number}",
        admin,
        json={"name": "Shorter", "from": "2026-03-09", "to": "2026-03-15"},
    )
    assert changed.json["holiday"]["to"] == "2026-03-15"
    assert starts(api, admin) == [every[0], every[2], every[3], "2026-03-30T07:00"]
    assert api.call("DELETE", f"/admin/holidays/{number}", admin).status_code == 204
    assert len(starts(api, admin)) == 5
    gone = api.call("DELETE", f"/admin/holidays/{number}", admin)
    assert code_of(gone) == (404, "school_days_not_found")


def test_a_plan_may_go_on_in_holidays(api: Api, admin: Person, course: dict[str, Any]) -> None:
    made = planned(api, admin, course, **MONDAYS, on_holidays=True)
    add_holiday(api, admin, "2026-03-09", "2026-03-16")
    assert made["on_holidays"] is True
    assert len(starts(api, admin)) == 5


def test_nothing_opens_by_itself_on_a_holiday_and_a_session_that_runs_goes_on(
    api: Api, app: OpenAPI, admin: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    planned(api, admin, course, **MONDAYS, automatic=True)
    clock.moment = datetime(2026, 3, 9, 8, 1, tzinfo=timezone.utc)
    number = add_holiday(api, admin, "2026-03-09", "2026-03-09")
    assert automatic.open_due(services_of(app)) == []
    api.call("DELETE", f"/admin/holidays/{number}", admin)
    [row] = automatic.open_due(services_of(app))
    add_holiday(api, admin, "2026-03-09", "2026-03-09")
    session = api.get(f"/session/{row['id']}", admin).json["session"]
    assert session["state"] == "open"


def test_every_second_week_counts_from_the_week_of_the_first_day(
    api: Api, admin: Person, course: dict[str, Any]
) -> None:
    planned(api, admin, course, **{**MONDAYS, "days": ["mon", "fri"]}, every_weeks=2)
    assert starts(api, admin) == [
        "2026-03-02T08:00",
        "2026-03-06T08:00",
        "2026-03-16T08:00",
        "2026-03-20T08:00",
        "2026-03-30T07:00",
    ]
    # one that begins on a Wednesday counts that week as its first
    planned(
        api,
        admin,
        course,
        **{**MONDAYS, "start_time": "14:00", "from": "2026-03-11"},
        every_weeks=2,
    )
    assert [start for start in starts(api, admin) if start.endswith(("13:00", "12:00"))] == [
        "2026-03-23T13:00"
    ]


def test_a_lesson_is_moved_to_another_day_and_time_and_stays_the_same_lesson(
    api: Api, admin: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    made = planned(api, admin, course, **MONDAYS)
    moves = [{"day": "2026-03-09", "to": "2026-03-12", "start_time": "15:00"}]
    url = f"/plan/{made['id']}"
    tried = api.call("PATCH", f"{url}?dry_run=true", admin, json={"moves": moves})
    clock.moment = datetime(2026, 3, 3, 8, 0, tzinfo=timezone.utc)
    expected = [
        {
            "day": "2026-03-09",
            "before": "2026-03-09T08:00:00.000000Z",
            "after": "2026-03-12T14:00:00.000000Z",
        }
    ]
    assert tried.json["changes"] == expected
    assert "2026-03-09T08:00" in starts(api, admin)
    changed = api.call("PATCH", url, admin, json={"moves": moves})
    assert changed.json["changes"] == expected
    assert changed.json["plan"]["moves"] == [{**moves[0], "duration_minutes": None}]
    assert starts(api, admin)[1] == "2026-03-12T14:00"
    [line] = [
        line
        for line in api.get(f"/session/planned{MARCH}", admin).json["planned"]
        if line["day"] == "2026-03-09"
    ]
    assert line["moved"] is True
    clock.moment = datetime(2026, 3, 12, 14, 5, tzinfo=timezone.utc)
    started = api.post(f"{url}/start", admin, json={"day": "2026-03-09"})
    assert started.json["session"]["closes_at"] == "2026-03-12T15:00:00.000000Z"
    again = api.post(f"{url}/start", admin, json={"day": "2026-03-09"})
    assert code_of(again)[0] == 409
    assert (starts(api, admin)[1], "open") in shown(api, admin, MARCH)


def test_a_moved_lesson_takes_place_in_holidays_and_after_the_last_day_too(
    api: Api, app: OpenAPI, admin: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    fields = {**MONDAYS, "to": "2026-03-09"}
    made = planned(api, admin, course, **fields, automatic=True)
    add_holiday(api, admin, "2026-03-20", "2026-03-20")
    moves = [{"day": "2026-03-09", "to": "2026-03-20"}]
    api.call("PATCH", f"/plan/{made['id']}", admin, json={"moves": moves})
    assert starts(api, admin) == ["2026-03-02T08:00", "2026-03-20T08:00"]
    clock.moment = datetime(2026, 3, 20, 8, 0, tzinfo=timezone.utc)
    [row] = automatic.open_due(services_of(app))
    assert row["course"] == course["id"]


def test_a_lesson_that_is_skipped_is_not_there_even_if_it_was_moved(
    api: Api, admin: Person, course: dict[str, Any]
) -> None:
    made = planned(api, admin, course, **MONDAYS)
    moves = [{"day": "2026-03-09", "to": "2026-03-12"}]
    body = {"moves": moves, "exceptions": ["2026-03-09"]}
    api.call("PATCH", f"/plan/{made['id']}", admin, json=body)
    assert [start[:10] for start in starts(api, admin)] == [
        "2026-03-02",
        "2026-03-16",
        "2026-03-23",
        "2026-03-30",
    ]
    late = api.post(f"/plan/{made['id']}/start", admin, json={"day": "2026-03-09"})
    assert code_of(late) == (404, "not_planned")


def test_one_lesson_cannot_be_moved_twice(api: Api, admin: Person, course: dict[str, Any]) -> None:
    made = planned(api, admin, course, **MONDAYS)
    moves = [{"day": "2026-03-09", "to": "2026-03-12"}, {"day": "2026-03-09", "to": "2026-03-13"}]
    answer = api.call("PATCH", f"/plan/{made['id']}", admin, json={"moves": moves})
    assert code_of(answer) == (400, "invalid_request")


def test_the_change_of_a_plan_is_shown_lesson_by_lesson(
    api: Api, admin: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    made = planned(api, admin, course, **{**MONDAYS, "to": "2026-03-23"})
    clock.moment = datetime(2026, 3, 10, 8, 0, tzinfo=timezone.utc)
    body = {"start_time": "10:00", "to": "2026-03-30"}
    answer = api.call("PATCH", f"/plan/{made['id']}?dry_run=true", admin, json=body)
    # over the change of the clock: 10:00 is 09:00 UTC, then 08:00
    assert answer.json["changes"] == [
        {
            "day": "2026-03-16",
            "before": "2026-03-16T08:00:00.000000Z",
            "after": "2026-03-16T09:00:00.000000Z",
        },
        {
            "day": "2026-03-23",
            "before": "2026-03-23T08:00:00.000000Z",
            "after": "2026-03-23T09:00:00.000000Z",
        },
        {"day": "2026-03-30", "before": None, "after": "2026-03-30T08:00:00.000000Z"},
    ]
    assert answer.json["plan"]["start_time"] == "10:00"
    stored = api.get(f"/course/{course['id']}/plans", admin).json["plans"]
    assert stored == [made]


def test_a_room_goes_with_the_lesson_and_can_be_changed(
    api: Api, admin: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    made = planned(api, admin, course, **MONDAYS, room="B 12")
    assert made["room"] == "B 12"
    clock.moment = datetime(2026, 3, 9, 8, 0, tzinfo=timezone.utc)
    session = api.post(f"/plan/{made['id']}/start", admin, json={"day": "2026-03-09"}).json[
        "session"
    ]
    assert session["room"] == "B 12"
    changed = api.call("PATCH", f"/session/{session['id']}", admin, json={"room": "A 1"})
    assert changed.json["session"]["room"] == "A 1"
    cleared = api.call("PATCH", f"/session/{session['id']}", admin, json={"room": None})
    assert cleared.json["session"]["room"] is None


def test_public_holidays_are_added_once_in_a_language(api: Api, admin: Person) -> None:
    body = {"country": "DE", "subdivision": "BY", "year": 2026, "language": "en"}
    added = api.post("/admin/holidays/public", admin, json=body).json["added"]
    named = {line["from"]: line["name"] for line in added}
    assert named["2026-01-06"] == "Epiphany"  # of Bavaria, not of all Germany
    assert all(line["from"] == line["to"] for line in added)
    assert api.post("/admin/holidays/public", admin, json=body).json["added"] == []
    listed = api.get("/school/days", api.student()).json["holidays"]
    assert [line["from"] for line in listed] == sorted(named)


@pytest.mark.parametrize(
    "fields", [{"country": "QQ"}, {"subdivision": "XX"}, {"country": "de"}, {"year": 1}]
)
def test_an_unknown_country_part_or_year_is_refused(
    api: Api, admin: Person, fields: dict[str, Any]
) -> None:
    body = {"country": "DE", "year": 2026, **fields}
    answer = api.post("/admin/holidays/public", admin, json=body)
    assert code_of(answer) == (400, "invalid_request")
    assert api.get("/school/days", admin).json["holidays"] == []


def test_the_countries_and_their_parts_are_listed(api: Api, admin: Person) -> None:
    countries = api.get("/admin/holidays/countries", admin).json["countries"]
    parts = {one["code"]: one["subdivisions"] for one in countries}
    assert "BY" in parts["DE"]
    assert list(parts) == sorted(parts)


def test_terms_are_kept_for_everybody_and_audited(api: Api, app: OpenAPI, admin: Person) -> None:
    body = {"name": "Spring", "from": "2026-02-02", "to": "2026-06-30"}
    term = api.post("/admin/terms", admin, json=body).json["term"]
    assert {key: term[key] for key in body} == body
    body["name"] = "Spring term"
    api.call("PUT", f"/admin/terms/{term['id']}", admin, json=body)
    assert api.get("/school/days", api.student()).json == {
        "terms": [{"id": term["id"], **body}],
        "holidays": [],
    }
    assert api.call("DELETE", f"/admin/terms/{term['id']}", admin).status_code == 204
    [changed] = audited(services_of(app), "school_days.change")
    assert "Spring term" in changed["new_value"]
    assert len(audited(services_of(app), "school_days.delete")) == 1


def test_days_in_the_wrong_order_are_refused_and_only_administrators_change_them(
    api: Api, admin: Person
) -> None:
    body = {"name": "Wrong", "from": "2026-03-02", "to": "2026-03-01"}
    assert code_of(api.post("/admin/terms", admin, json=body)) == (400, "invalid_request")
    body["to"] = "2026-03-03"
    for path in ("/admin/terms", "/admin/holidays"):
        assert api.post(path, api.teacher(), json=body).status_code == 403
        assert api.post(path, api.student(), json=body).status_code == 403
        assert api.post(path, json=body).status_code == 401
