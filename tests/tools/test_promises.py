"""The comparison of two revisions finds what a client would notice, and nothing else."""

from __future__ import annotations

import copy
import subprocess
import sys
from typing import Any

from attendance.core.settings import PROJECT
from tools.promises.differences import differences
from tools.promises.reading import calls, flat


def description(**fields: Any) -> dict[str, Any]:
    ref = {"$ref": "#/components/schemas/Out"}
    answer = {"content": {"application/json": {"schema": ref}}}
    wanted = {"in": "query", "name": "page", "schema": {"type": "integer"}}
    operation = {"summary": "Says it", "parameters": [wanted], "responses": {"200": answer}}
    model = {"title": "Out", "properties": {"title": {"type": "string"}, **fields}}
    return {"paths": {"/a": {"get": operation}}, "components": {"schemas": {"Out": model}}}


def compared(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return differences(calls(before), calls(after))


def test_another_name_of_a_model_and_other_words_are_no_difference() -> None:
    after = copy.deepcopy(description())
    model = after["components"]["schemas"].pop("Out")
    after["components"]["schemas"]["Answer"] = {**model, "title": "Answer"}
    operation = after["paths"]["/a"]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]
    schema["schema"] = {"$ref": "#/components/schemas/Answer"}
    operation["summary"] = "Says it otherwise"
    assert compared(description(), after) == []


def test_a_field_that_is_called_as_words_are_is_a_field() -> None:
    before = description(name={"type": "string"})
    after = copy.deepcopy(before)
    del after["components"]["schemas"]["Out"]["properties"]["title"]
    (line,) = compared(before, after)
    assert line.startswith("- GET /a responses.200")
    assert line.endswith("properties.title.type: string")


def test_what_is_gone_new_or_changed_is_told_with_its_place() -> None:
    after = copy.deepcopy(description(name={"type": "integer"}))
    after["paths"]["/a"]["get"]["parameters"][0]["name"] = "offset"
    after["paths"]["/b"] = {"get": {}}
    found = compared(description(name={"type": "string"}), after)
    assert any(line.startswith("+ GET /b") for line in found)
    assert any(line.startswith("~ ") and line.endswith("string → integer") for line in found)
    assert any("query page" in line and line[0] == "-" for line in found)
    assert any("query offset" in line and line[0] == "+" for line in found)


def test_a_model_inside_itself_comes_to_an_end() -> None:
    inside = description(parts={"items": {"$ref": "#/components/schemas/Out"}})
    assert compared(inside, inside) == []
    assert any("again" in where for where in calls(inside))


def test_the_order_of_plain_values_does_not_count() -> None:
    assert flat({"required": ["a", "b"]}) == flat({"required": ["b", "a"]})


def test_a_revision_agrees_with_itself_and_one_that_is_not_there_is_named() -> None:
    def compare(*revisions: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tools.promises", *revisions]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    same = compare("HEAD", "HEAD")
    assert same.returncode == 0, same.stdout + same.stderr
    assert same.stdout.count("all the same") == 4
    assert " 0 facts" not in same.stdout
    missing = compare("no-such-revision")
    assert missing.returncode == 2
    assert "git cannot unpack no-such-revision" in missing.stderr
