"""flask create-admin."""

from __future__ import annotations

import pytest

from tests.attendance.commands.conftest import Run
from tests.conftest import Api, code_of

ADA = ("--name", "Ada", "--email", "Ada@School.example", "--password", "correct horse")
LOGIN = {"email": "ada@school.example", "password": "correct horse"}


def test_an_administrator_is_made_and_signs_in(run: Run, api: Api) -> None:
    assert "Created administrator 1: Ada <ada@school.example>" in run("create-admin", *ADA).output
    answer = api.post("/teacher/login", json=LOGIN)
    assert answer.json["teacher"]["role"] == "admin"
    (line,) = api.get("/admin/audit", answer.json["access_token"]).json["audit"]
    assert (line["actor"], line["action"]) == ("cli", "teacher.create_admin")


def test_who_signs_up_after_that_is_no_administrator(run: Run, api: Api) -> None:
    run("create-admin", *ADA)
    assert api.teacher().row["role"] == "teacher"


def test_the_password_is_asked_for_twice(run: Run, api: Api) -> None:
    run("create-admin", *ADA[:4], input="correct horse\ncorrect horse\n")
    assert api.post("/teacher/login", json=LOGIN).status_code == 200


def test_it_is_the_way_back_in(run: Run, api: Api) -> None:
    """Nobody can sign in any more: the account is let in with a new password."""
    api.teacher()
    bob = api.teacher(email="ada@school.example", password="forgotten one")
    run("create-admin", *ADA)
    assert code_of(api.get("/teacher/me", bob)) == (401, "token_invalid")
    answer = api.post("/teacher/login", json=LOGIN)
    assert answer.json["teacher"]["id"] == bob.row["id"]
    assert answer.json["teacher"]["role"] == "admin"


@pytest.mark.parametrize(
    "wrong", [("--name", " "), ("--email", "ada"), ("--password", "short")], ids=str
)
def test_a_wrong_value_is_named(run: Run, wrong: tuple[str, str]) -> None:
    given = dict(zip(ADA[::2], ADA[1::2], strict=True)) | {wrong[0]: wrong[1]}
    result = run("create-admin", *(part for pair in given.items() for part in pair), status=2)
    assert wrong[0].removeprefix("--") in result.output
