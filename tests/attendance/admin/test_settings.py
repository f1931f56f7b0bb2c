"""GET, PATCH /admin/settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from attendance.core.services import Services
from attendance.core.stored_settings import changeable
from tests.conftest import Api, Person, code_of


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


def settings(api: Api, by: Person) -> dict[str, dict[str, Any]]:
    rows = api.get("/admin/settings", by).json["settings"]
    return {row["name"]: row for row in rows}


def patch(api: Api, by: Person, **values: Any) -> Any:
    return api.call("PATCH", "/admin/settings", by, json=values)


def test_every_changeable_setting_is_listed_with_its_limits(api: Api, admin: Person) -> None:
    listed = settings(api, admin)
    assert list(listed) == list(changeable())
    threshold = listed["face_threshold"]
    assert (threshold["value"], threshold["default"], threshold["source"]) == (
        None,
        None,
        "default",
    )
    assert (threshold["type"], threshold["exclusive_minimum"], threshold["maximum"]) == (
        *("number", 0, 2),
    )
    assert threshold["editable"] is True
    assert listed["keep_photos"]["type"] == "boolean"
    assert listed["deleted_student_marks"]["choices"] == ["anonymise", "remove"]
    late = listed["late_after_minutes"]
    assert (late["type"], late["optional"], late["value"]) == ("integer", True, None)


def test_a_change_counts_at_once_and_is_audited(api: Api, admin: Person, parts: Services) -> None:
    student = api.student("obama")
    session = api.session(admin)
    changed = patch(api, admin, face_threshold=0.01, late_after_minutes=15)
    assert changed.status_code == 200, changed.text
    assert settings(api, admin)["face_threshold"]["source"] == "stored"
    refused = api.mark(student, "obama2", code=session["code"])
    assert code_of(refused) == (422, "face_mismatch")
    assert api.session(admin)["late_after_minutes"] == 15

    lines = api.get("/admin/audit", admin, query_string={"action": "setting"}).json["audit"]
    assert {(line["subject"], line["old"], line["new"]) for line in lines} == {
        ("setting:late_after_minutes", None, 15),
        ("setting:face_threshold", None, 0.01),
    }
    assert lines[0]["actor"] == f"teacher:{admin.row['id']}"

    assert patch(api, admin, face_threshold=None).status_code == 200
    assert settings(api, admin)["face_threshold"]["source"] == "default"
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200


def test_what_the_environment_says_wins_and_is_shown_as_such(
    make_app: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api(make_app())
    admin = api.teacher()
    assert patch(api, admin, face_threshold=0.5, identify_margin=0.2).status_code == 200

    monkeypatch.setenv("FACE_THRESHOLD", "0.8")
    fixed = Api(make_app())
    row = settings(fixed, admin)["face_threshold"]
    assert (row["value"], row["source"], row["editable"]) == (0.8, "environment", False)
    answer = patch(fixed, admin, identify_margin=0.3, face_threshold=0.7)
    assert code_of(answer) == (409, "setting_fixed")
    # all or none: the other one was not changed either
    assert settings(fixed, admin)["identify_margin"]["value"] == 0.2


@pytest.mark.parametrize(
    "values",
    [
        {"face_threshold": 0},
        {"face_threshold": 3},
        {"face_threshold": "near"},
        {"teacher_sign_up": "everybody"},
        {"late_after_minutes": -1},
        {"jwt_secret_key": "x" * 40},
        {"face_treshold": 0.9},
    ],
)
def test_a_wrong_value_or_name_is_refused_by_name(
    api: Api, admin: Person, values: dict[str, Any]
) -> None:
    answer = patch(api, admin, **values)
    assert code_of(answer) == (400, "invalid_request")
    assert answer.json["errors"][0]["field"] == next(iter(values))


def test_another_process_follows_within_a_second(make_app: Callable[..., Any]) -> None:
    api, other = Api(make_app()), Api(make_app())
    admin = api.teacher()
    assert other.session(admin)["late_after_minutes"] is None
    assert patch(api, admin, late_after_minutes=10).status_code == 200
    deadline = time.monotonic() + 1
    while other.session(admin)["late_after_minutes"] is None:
        assert time.monotonic() < deadline


def test_a_stored_value_that_is_not_allowed_any_more_is_the_default(
    api: Api, admin: Person, parts: Services
) -> None:
    with parts.database.write() as tx:
        for name, value in (("face_threshold", "99"), ("a_setting_of_old", "1")):
            tx.insert_row(
                "INSERT INTO stored_settings (name, value, changed_at) VALUES (:n, :v, :now)",
                n=name,
                v=value,
                now=parts.clock.now(),
            )
    assert settings(api, admin)["face_threshold"]["value"] is None


def test_health_asks_no_database(make_app: Callable[..., Any]) -> None:
    nowhere = make_app(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert Api(nowhere).get("/health").status_code == 200
    assert code_of(Api(nowhere).get("/health/ready")) == (503, "unavailable")
