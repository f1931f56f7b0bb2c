"""Guardians and tutors of a list: shown before, stored on request, and nobody is written to."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from attendance.core.services import Services
from attendance.courses import roster_lines
from database import consents
from tests.attendance.mailing import smtp_sink, wait_for_mail
from tests.attendance.school import audited, course_of, enrol, guardian_agrees
from tests.conftest import Api, Person


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def tutor(api: Api, admin: Person) -> Person:
    return api.teacher(name="Ms Tutor", email="tutor@school.example")


@pytest.fixture
def course(api: Api, admin: Person) -> dict[str, Any]:
    return course_of(api, admin)


def send(api: Api, by: Person, course: dict[str, Any], data: str, **fields: str) -> Any:
    query = f"?dry_run={fields.pop('dry_run', 'false')}"
    answer = api.post(
        f"/course/{course['id']}/roster{query}",
        by,
        data={"file": (io.BytesIO(data.encode()), "list.csv"), **fields},
    )
    assert answer.status_code == 200, answer.text
    return answer.json


def rows(answer: Any) -> list[tuple[str, str, str | None, dict[str, Any]]]:
    return [
        (row["student_id"], row["result"], row["code"], row["changes"]) for row in answer["rows"]
    ]


def kept(api: Api, admin: Person, course: dict[str, Any]) -> dict[str, Any]:
    """Guardians and tutor by student number."""
    found = {}
    for student in api.get(f"/course/{course['id']}/students", admin).json["students"]:
        path = f"/admin/students/{student['id']}"
        guardians = api.get(f"{path}/guardians", admin).json["guardians"]
        tutor = api.get(f"{path}/tutor", admin).json["tutor"]
        found[student["student_id"]] = (
            [(one["name"], one["email"]) for one in guardians],
            tutor and tutor["name"],
        )
    return found


LIST = (
    "Nummer;Name;Erziehungsberechtigte;E-Mail der Eltern;E-Mail der Klassenleitung\n"
    "S1;Ann;Mum;mum@home.example;tutor@school.example\n"
    "S2;Bob;Mum;mum@home.example, Dad@Home.example;\n"
    "S3;Eve;;;TUTOR@school.example\n"
)


def test_new_students_come_with_guardians_and_a_tutor(
    api: Api, admin: Person, tutor: Person, course: dict[str, Any], parts: Services
) -> None:
    dry = send(api, admin, course, LIST, dry_run="true")
    assert (dry["columns"]["guardian_email"], dry["unused"]) == ("E-Mail der Eltern", [])
    assert kept(api, admin, course) == {}
    real = send(api, admin, course, LIST)
    assert rows(real) == rows(dry)
    assert [(row[1], row[3]) for row in rows(real)] == [
        ("created", {"guardians": [None, "Mum <mum@home.example>"], "tutor": [None, "Ms Tutor"]}),
        ("created", {"guardians": [None, "Mum <mum@home.example>; dad@home.example"]}),
        ("created", {"tutor": [None, "Ms Tutor"]}),
    ]
    assert kept(api, admin, course) == {
        "S1": ([("Mum", "mum@home.example")], "Ms Tutor"),
        "S2": ([("Mum", "mum@home.example"), (None, "dad@home.example")], None),
        "S3": ([], "Ms Tutor"),
    }
    assert len(audited(parts, "guardian.import")) == len(audited(parts, "student.tutor")) == 2


def test_of_who_is_there_the_preview_shows_old_and_new_and_updating_stores_it(
    api: Api, admin: Person, tutor: Person, course: dict[str, Any], parts: Services
) -> None:
    send(api, admin, course, LIST)
    again = (
        "id,name,guardian name,guardian email,tutor email\n"
        "S1,Ann,Mother,mum@home.example,tutor@school.example\n"
        "S2,Bob,,mum@home.example,\n"
        "S3,Eve,Gran,gran@home.example,\n"
    )
    told = send(api, admin, course, again)
    assert [row[1:3] for row in rows(told)] == [
        ("unchanged", "people_not_stored"),
        ("unchanged", "people_not_stored"),
        ("unchanged", "people_not_stored"),
    ]
    assert len(kept(api, admin, course)["S2"][0]) == 2
    real = send(api, admin, course, again, update="true")
    both = "Mum <mum@home.example>; dad@home.example"
    changes = {"guardians": ["Mum <mum@home.example>", "Mother <mum@home.example>"]}
    assert rows(real) == [
        ("S1", "changed", None, changes),
        ("S2", "changed", None, {"guardians": [both, "Mum <mum@home.example>"]}),
        ("S3", "changed", None, {"guardians": [None, "Gran <gran@home.example>"]}),
    ]
    assert kept(api, admin, course)["S1"] == ([("Mother", "mum@home.example")], "Ms Tutor")
    assert kept(api, admin, course)["S2"] == ([("Mum", "mum@home.example")], None)
    lines = [json.loads(line["new_value"]) for line in audited(parts, "guardian.import")]
    assert lines[2:] == [
        "Mother <mum@home.example>",
        "Mum <mum@home.example>",
        "Gran <gran@home.example>",
    ]
    assert [row[1] for row in rows(send(api, admin, course, again, update="true"))] == [
        *("unchanged", "unchanged", "unchanged"),
    ]


def test_who_came_with_a_list_goes_when_a_later_one_names_another_and_nobody_else(
    api: Api, admin: Person, course: dict[str, Any], parts: Services
) -> None:
    """Who was entered by hand stays, and so does whoever has agreed: that is said before."""
    head = "id,name,guardian email\n"
    first = f"{head}S1,Ann,mum@home.example dad@home.example\nS2,Bob,a@b.example\n"
    send(api, admin, course, first)
    [ann] = [
        student["id"]
        for student in api.get(f"/course/{course['id']}/students", admin).json["students"]
        if student["student_id"] == "S1"
    ]
    path = f"/admin/students/{ann}/guardians"
    assert api.post(path, admin, json={"email": "aunt@home.example"}).status_code == 201
    guardian_agrees(api, admin, ann, "mum@home.example")

    later = f"{head}S1,Ann,gran@home.example\nS2,Bob,\n"
    dry = send(api, admin, course, later, update="true", dry_run="true")
    assert rows(dry) == [
        (
            *("S1", "changed", "guardian_agreed"),
            {
                "guardians": [
                    "mum@home.example; dad@home.example; aunt@home.example",
                    "mum@home.example; aunt@home.example; gran@home.example",
                ]
            },
        ),
        ("S2", "unchanged", None, {}),  # an empty cell names nobody else
    ]
    assert dry["rows"][0]["values"] == {"email": "mum@home.example"}
    assert len(kept(api, admin, course)["S1"][0]) == 3
    assert rows(send(api, admin, course, later, update="true")) == rows(dry)
    left = [email for _, email in kept(api, admin, course)["S1"][0]]
    assert left == ["mum@home.example", "aunt@home.example", "gran@home.example"]
    assert len(kept(api, admin, course)["S2"][0]) == 1
    again = rows(send(api, admin, course, later, update="true"))[0]
    assert again[1:] == ("unchanged", "guardian_agreed", {})
    with parts.database.write() as tx:
        consents.withdraw(tx, ann, parts.clock.now())
    send(api, admin, course, later, update="true")
    left = [email for _, email in kept(api, admin, course)["S1"][0]]
    assert left == ["aunt@home.example", "gran@home.example"]


@pytest.mark.any_database
def test_a_teacher_names_guardians_of_accounts_that_the_own_list_made_and_no_tutors(
    api: Api, admin: Person, tutor: Person
) -> None:
    mine = course_of(api, tutor)
    own = api.student(student_id="S9", name="Zoe")  # has an account of her own
    enrol(api, tutor, mine, own)
    text = (
        "id,name,guardian email,tutor email\n"
        "S1,Ann,mum@home.example,tutor@school.example\nS9,Zoe,spy@home.example,\n"
    )
    answer = send(api, tutor, mine, text, update="true")
    assert rows(answer) == [
        ("S1", "created", "tutor_refused", {"guardians": [None, "mum@home.example"]}),
        ("S9", "unchanged", "change_refused", {}),
    ]
    assert kept(api, admin, mine) == {
        "S1": ([(None, "mum@home.example")], None),
        "S9": ([], None),
    }
    known = "id,name,email,tutor email\nS2,Bob,bob@x.example,tutor@school.example\n"
    assert rows(send(api, tutor, mine, known))[0][1:3] == ("created", "tutor_refused")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("mum@home,,", "guardian_email_invalid"),
        ("ann@x.example,,", "guardian_is_student"),
        (" ".join(f"g{n}@home.example" for n in range(7)) + ",,", "too_many_guardians"),
        (f"mum@home.example,{201 * 'x'},", "name_too_long"),
        (",,nobody@school.example", "tutor_unknown"),
        (",,Mr Miller", "tutor_unknown"),
    ],
)
def test_what_cannot_be_right_is_rejected_with_the_reason(
    api: Api, admin: Person, course: dict[str, Any], cells: str, code: str
) -> None:
    text = f"id,name,email,guardian email,guardian name,tutor email\nS1,Ann,ann@x.example,{cells}\n"
    (row,) = rows(send(api, admin, course, text))
    assert row[1:3] == ("rejected", code)


@pytest.mark.any_database
def test_nobody_is_written_to_by_an_import(make_app: Callable[..., Any]) -> None:
    with smtp_sink() as sink:
        settings = {"smtp_host": "127.0.0.1", "smtp_port": sink.server_address[1]}
        api = Api(make_app(**settings, smtp_security="none"))
        admin = api.teacher()
        text = "id,name,guardian email\nS1,Ann,mum@home.example\n"
        send(api, admin, course_of(api, admin), text)
        wait_for_mail()
        assert sink.emails == []


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Parent e-mail", "guardian_email"),
        ("E-Mail-Adresse Eltern", "guardian_email"),
        ("Courriel du responsable", "guardian_email"),
        ("بريد ولي الأمر", "guardian_email"),
        ("E-mail du professeur principal", "tutor_email"),
        ("Class teacher (e-mail)", "tutor_email"),
    ],
)
def test_headers_are_known_in_the_languages_of_the_pages(header: str, field: str) -> None:
    read = roster_lines.read(f"id,name,{header}\nS1,Ann,x@y.example\n".encode())
    assert (read.columns.unused, read.columns.named[field]) == ([], header)


@pytest.mark.any_database
def test_a_name_of_a_guardian_without_an_address_is_said_to_be_unused() -> None:
    read = roster_lines.read(b"id,name,Parent\nS1,Ann,Mum\n")
    assert read.columns.unused == ["Parent"]
