"""One address is one account, in whatever form it is typed."""

from __future__ import annotations

import io
import unicodedata

import pytest

from attendance.core.mail import Email, Mailer
from attendance.core.services import Services
from attendance.courses import roster_lines
from tests.attendance.school import course_of
from tests.conftest import PASSWORD, Api, code_of

NORMAL, ASCII = "zoë@bücher.example", "zoë@xn--bcher-kva.example"
DECOMPOSED = unicodedata.normalize("NFD", NORMAL)
FORMS = [NORMAL, ASCII, DECOMPOSED, NORMAL.upper(), DECOMPOSED.upper()]


@pytest.mark.parametrize("kind", ["teacher", "student"])
@pytest.mark.parametrize("signed_up", FORMS)
def test_an_account_signs_in_with_every_form_of_its_address(
    api: Api, kind: str, signed_up: str
) -> None:
    body = {"name": "Zoë", "password": PASSWORD, "student_id": "S1"}
    made = api.post(f"/{kind}/signup", json={**body, "email": signed_up})
    assert made.json[kind]["email"] == NORMAL
    for form in FORMS:
        login = api.post(f"/{kind}/login", json={"email": form, "password": PASSWORD})
        assert login.status_code == 200, form
        again = api.post(f"/{kind}/signup", json={**body, "email": form, "student_id": "S2"})
        assert code_of(again) == (409, "email_taken"), form


@pytest.mark.parametrize("form", FORMS)
def test_rosters_and_enrolments_know_an_address_in_every_form(
    api: Api, parts: Services, form: str
) -> None:
    teacher = api.teacher()
    course = course_of(api, teacher)
    api.student(student_id="S1", email=NORMAL, name="Zoë")
    data = f"id,name,email\nS1,Zoë,{form}\nS2,Other,{form}\n".encode()
    assert {line.email for line in roster_lines.lines_of(data)} == {NORMAL}
    answer = api.post(
        f"/course/{course['id']}/roster",
        teacher,
        data={"file": (io.BytesIO(data), "roster.csv")},
        content_type="multipart/form-data",
    )
    assert [(row["result"], row["code"]) for row in answer.json["rows"]] == [
        ("enrolled", None),
        ("rejected", "email_repeated"),
    ]
    other = course_of(api, teacher, code="LAW")
    enrolled = api.post(f"/course/{other['id']}/students", teacher, json={"email": form})
    assert enrolled.json["student"]["student_id"] == "S1"


def test_accounts_of_before_that_would_share_an_address_sign_in_as_they_are_kept(
    api: Api, parts: Services
) -> None:
    first = api.student(email="first@school.example", student_id="S1")
    second = api.student(email=NORMAL, student_id="S2")
    with parts.database.write() as tx:
        tx.execute(
            "UPDATE students SET email = :email WHERE id = :id", email=ASCII, id=first.row["id"]
        )
    for form, owner in ((ASCII, first), (NORMAL, second), (DECOMPOSED, second)):
        login = api.post("/student/login", json={"email": form, "password": PASSWORD})
        assert login.json["student"]["id"] == owner.row["id"], form


def test_an_account_of_before_is_found_though_its_form_is_another(
    api: Api, parts: Services
) -> None:
    student = api.student(email="first@school.example")
    with parts.database.write() as tx:
        tx.execute("UPDATE students SET email = :email", email=ASCII)
    login = api.post("/student/login", json={"email": ASCII, "password": PASSWORD})
    assert login.json["student"]["id"] == student.row["id"]


def test_guesses_at_one_account_are_counted_together_in_every_form(make_app) -> None:  # type: ignore[no-untyped-def]  # a fixture
    api = Api(make_app(login_failures_per_hour=2))
    answers = [
        api.post("/student/login", json={"email": form, "password": "wrong wrong"}).status_code
        for form in FORMS[:3]
    ]
    assert answers == [401, 401, 429]


def test_mail_goes_to_a_domain_that_every_server_takes(parts: Services) -> None:
    message = Mailer(parts.settings)._message(Email("zoe@bücher.example", "Hello", "Hello"))
    assert message["To"] == "zoe@xn--bcher-kva.example"
