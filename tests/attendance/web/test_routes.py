"""Paths are read as they are written."""

from __future__ import annotations

import pytest
from flask_openapi3 import OpenAPI
from werkzeug.routing import Rule

from attendance.web.routes import AFTER_A_NUMBER, RowNumber, StudentNumber
from tests.attendance.school import course_of, renumber
from tests.conftest import Api, code_of

pytestmark = pytest.mark.any_database


def path_of(rule: Rule) -> str:
    """A path that leads to the rule."""
    values = dict.fromkeys(rule.arguments, 1)
    built = rule.build(values, append_unknown=False)
    assert built is not None
    return built[1]


def test_no_path_with_two_slashes_together_leads_anywhere(app: OpenAPI, api: Api) -> None:
    paths = sorted({path_of(rule) for rule in app.url_map.iter_rules()} - {"/"})
    assert len(paths) > 100
    for path in paths:
        for cut in (0, path.rindex("/")):
            doubled = path[:cut] + "/" + path[cut:]
            if "/assets/" in doubled:
                continue  # names of files, which have no say
            answer = api.client.open("/", environ_overrides={"PATH_INFO": doubled})
            assert code_of(answer) == (404, "not_found"), doubled


def test_what_follows_two_slashes_is_acted_on_by_nobody(api: Api) -> None:
    teacher = api.teacher()
    student = api.student(student_id="VIC")
    course = course_of(api, teacher)
    url = f"/course/{course['id']}/students"
    api.post(url, teacher, json={"student_id": "VIC"})
    for path in (f"{url}//VIC", f"{url}/%2FVIC", f"{url}//VIC/invitation"):
        for method in ("DELETE", "POST"):
            assert api.call(method, path, teacher).status_code == 404
    enrolled = api.get(url, teacher).json["students"]
    assert [row["student_id"] for row in enrolled] == [student.row["student_id"]]
    session = api.session(teacher)["id"]
    put = api.call("PUT", f"/session/{session}/attendance//VIC", teacher, json={"status": "late"})
    assert put.status_code == 404


def test_what_a_call_has_after_a_number_belongs_to_no_number(api: Api) -> None:
    teacher = api.teacher()
    course = course_of(api, teacher)
    url = f"/course/{course['id']}/students"
    renumber(api, api.student(), "2026/7")
    renumber(api, api.student(), "2026/7/invitation")
    for number in ("2026/7", "2026/7/invitation"):
        assert api.post(url, teacher, json={"student_id": number}).status_code == 201
    answer = api.call("DELETE", f"{url}/2026/7/invitation", teacher)
    assert code_of(answer) == (405, "method_not_allowed")
    assert len(api.get(url, teacher).json["students"]) == 2
    assert api.call("DELETE", f"{url}/2026/7", teacher).status_code == 204


def test_every_word_after_a_number_is_known(app: OpenAPI) -> None:
    words = set()
    for rule in app.url_map.iter_rules():
        is_of_files = rule.endpoint == "asset_file" or "filename" in rule.arguments
        assert "<path:" not in rule.rule or is_of_files, rule.rule
        if any(isinstance(one, StudentNumber) for one in rule._converters.values()):
            words.add(rule.rule.rpartition(">")[2].strip("/"))
    assert words == {"", *AFTER_A_NUMBER}


ODD_NUMBERS = [
    "\u0661",
    "\u00b2",
    "01",
    "-1",
    "+1",
    "1_0",
    "1.0",
    "%201",
    "9" * 5000,
]


@pytest.mark.parametrize("number", ODD_NUMBERS, ids=lambda number: number[:20])
def test_an_id_is_written_in_one_way(app: OpenAPI, api: Api, number: str) -> None:
    admin, seen = api.teacher(), 0
    for rule in app.url_map.iter_rules():
        names = [name for name, one in rule._converters.items() if isinstance(one, RowNumber)]
        if not names or not rule.methods:
            continue
        path = path_of(rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = api.call(method, path.replace("/1", f"/{number}", 1), admin)
            assert answer.status_code in (404, 405), (method, rule)
            seen += 1
    assert seen > 50


def test_a_method_that_a_path_has_not_is_told_which_it_has(api: Api) -> None:
    answer = api.call("DELETE", "/session/start")
    assert code_of(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "OPTIONS, POST"
