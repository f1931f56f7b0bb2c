"""Error rates on the school's own data: `flask evaluate` and what an administrator is shown."""

from __future__ import annotations

import json

import pytest
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from database import student_changes
from tests.conftest import Api, code_of


def test_an_empty_school_has_nothing_to_compare(api: Api, app: OpenAPI) -> None:
    said = app.test_cli_runner().invoke(args=["evaluate"])
    assert said.exit_code == 0, said.output
    assert said.output.count("nothing to compare yet") == 2
    found = api.get("/admin/accuracy", api.teacher()).json["accuracy"]
    assert (found["students"], found["marks"], found["distances"]) == (0, 0, {})
    assert found["impostor"] is found["genuine"] is None


def test_students_are_compared_with_each_other_and_marks_are_counted(
    api: Api, app: OpenAPI, parts: Services
) -> None:
    admin = api.teacher()
    obama, biden = api.student(), api.student("biden")
    api.enrol(obama, "obama", "obama2")
    session = api.session(admin)
    assert code_of(api.mark(obama, "biden", code=session["code"])) == (422, "face_mismatch")
    assert code_of(api.mark(biden, "obama", code=session["code"])) == (422, "face_mismatch")
    assert api.mark(obama, "obama3", code=session["code"]).status_code == 200
    found = api.get("/admin/accuracy", admin).json["accuracy"]
    assert found["threshold"] == parts.faces.thresholds.own(parts.faces.model)
    assert (found["students"], found["templates"]) == (2, 3)
    assert (found["impostor"]["comparisons"], found["impostor"]["errors"]) == (2, 0)
    assert found["impostor"]["high"] == 1  # two people tell next to nothing
    assert (found["genuine"]["comparisons"], found["genuine"]["errors"]) == (1, 0)
    assert found["marks"] == 1
    assert 0 < found["distances"]["50 %"] < found["threshold"]
    assert (found["refused"], found["refused_then_marked"]) == (2, 1)
    printed = app.test_cli_runner().invoke(args=["evaluate", "--json"])
    assert json.loads(printed.output) == found
    text = app.test_cli_runner().invoke(args=["evaluate"]).output
    assert "0 of 2" in text
    assert obama.row["name"] not in text + printed.output


def test_look_alikes_are_false_matches(api: Api) -> None:
    admin = api.teacher()
    one, other = api.student("obama"), api.student()
    body = {"student_ids": [one.row["student_id"], other.row["student_id"]]}
    assert api.post("/look-alikes/allowed", admin, json=body).status_code == 204
    api.enrol(other, "obama2")
    found = api.get("/admin/accuracy", admin).json["accuracy"]
    assert (found["impostor"]["errors"], found["impostor"]["rate"]) == (1, 1)


def test_whoever_has_not_agreed_is_not_measured(api: Api, parts: Services) -> None:
    admin, student = api.teacher(), api.student("obama")
    with parts.database.write() as tx:
        student_changes.forget_consent(tx, int(student.row["id"]))
    assert api.get("/admin/accuracy", admin).json["accuracy"]["students"] == 0


@pytest.mark.parametrize("who", ["teacher", "student"])
def test_only_an_administrator_is_shown_the_figures(api: Api, who: str) -> None:
    api.teacher()
    caller = api.teacher() if who == "teacher" else api.student()
    assert code_of(api.get("/admin/accuracy", caller)) == (403, "forbidden")
