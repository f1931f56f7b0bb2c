"""Rosters: CSV and XLSX as schools have them, a dry run that tells the truth, invitations."""

from __future__ import annotations

import io
import json
import logging
import smtplib
import zipfile
from collections.abc import Callable, Iterator
from email import message_from_string
from email.policy import default as default_policy
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from werkzeug.test import TestResponse

import attendance
from attendance.core.mail import Email
from attendance.core.services import Services
from attendance.courses import roster, roster_lines
from attendance.courses import schemas as course_schemas
from attendance.spreadsheets import reading
from attendance.web.current import services_of
from attendance.web.logs import JsonFormatter
from database import UniqueViolation, students
from tests.attendance.mailing import smtp_sink, wait_for_mail
from tests.attendance.school import audited, course_of, enrol
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def log_lines() -> Iterator[list[dict[str, Any]]]:
    """What the application logs meanwhile."""
    lines: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonFormatter().format(record)))

    log, keep = logging.getLogger("attendance"), Keep()
    level = log.level
    log.addHandler(keep)
    yield lines
    log.setLevel(level)
    log.removeHandler(keep)


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


@pytest.fixture
def course(api: Api, teacher: Person) -> dict[str, Any]:
    return course_of(api, teacher)


def xlsx(*rows: list[Any], before: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    if before is not None:
        before(book)
    sheet = book.worksheets[-1]
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(
    api: Api, by: Person | None, course: dict[str, Any], data: bytes | str, query: str = ""
) -> TestResponse:
    raw = data.encode() if isinstance(data, str) else data
    return api.call(
        "POST",
        f"/course/{course['id']}/roster{query}",
        by,
        data={"file": (io.BytesIO(raw), "roster")},
        content_type="multipart/form-data",
    )


def outcomes(answer: TestResponse) -> list[tuple[int, str, str]]:
    assert answer.status_code == 200, answer.text
    return [(row["row"], row["result"], row["detail"]) for row in answer.json["rows"]]


def messy() -> bytes:
    """Title rows, another sheet first, a running number, numbers as numbers, odd spaces, gaps."""

    def cover(book: Any) -> None:
        book.active.append(["Timetable", "Monday"])
        book.create_sheet("Class list")

    return xlsx(
        ["Springfield High School"],
        [],
        ["Class 9B", None, "2026"],
        ["No.", " E-Mail ", "Last Name", "First\u00a0name", "Student ID", "Remarks"],
        [1, "ANN@School.Example ", "  Lee", "Ann\u200b", 1001.0, "new"],
        [2, "mailto:bob@school.example", "O'Neil  ", "Bob", "00123", None],
        [],
        [3, None, "Müller", "Zoe\u0308", "A-7", "no mail"],
        [4, "not an address", "Bad", "Mail", "A-8", None],
        [5, "dora@school.example", "Double", "Dora", "1001", None],
        [6, "ann@school.example", "Same", "Mail", "A-9", None],
        [7, "x@school.example", None, None, "A-10", None],
        [8, "y@school.example", "No", "Number", None, None],
        before=cover,
    )


def test_a_messy_workbook_is_understood_row_by_row(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    answer = upload(api, teacher, course, messy())
    assert outcomes(answer) == [
        (5, "created", ""),
        (6, "created", ""),
        (8, "created", "Without an e-mail address a printed slip is needed to sign in."),
        (9, "rejected", "not an address is not an e-mail address."),
        (10, "rejected", "The same student id stands in row 5."),
        (11, "rejected", "The same e-mail address stands in row 5."),
        (12, "rejected", "The name is missing."),
        (13, "rejected", "The student id is missing."),
    ]
    assert [(row["code"], row["values"]) for row in answer.json["rows"]] == [
        (None, {}),
        (None, {}),
        ("email_missing", {}),
        ("email_invalid", {"email": "not an address"}),
        ("student_id_repeated", {"row": 5}),
        ("email_repeated", {"row": 5}),
        ("name_missing", {}),
        ("student_id_missing", {}),
    ]
    assert answer.json["counts"] == {
        "created": 3,
        "enrolled": 0,
        "changed": 0,
        "unchanged": 0,
        "rejected": 5,
        "left": 0,
    }
    listed = api.get(f"/course/{course['id']}/students", teacher).json["students"]
    assert [(row["student_id"], row["name"], row["email"]) for row in listed] == [
        ("1001", "Ann Lee", "ann@school.example"),
        ("A-7", "Zoë Müller", None),
        ("00123", "Bob O'Neil", "bob@school.example"),
    ]
    assert {row["has_password"] for row in listed} == {False}


def test_a_dry_run_tells_what_the_real_run_does_and_keeps_nothing(
    api: Api, teacher: Person, course: dict[str, Any], parts: Services
) -> None:
    known = api.student(name="Known", student_id="K1", email="known@school.example")
    there = api.student(name="There", student_id="K2", email="there@school.example")
    enrol(api, teacher, course, there)
    data = (
        "student_id,name,email\n"
        "K1,Known,known@school.example\n"
        "K2,Renamed,there@school.example\n"
        "K1,Known,other@school.example\n"
        "N1,New,new@school.example\n"
        "N2,Thief,known@school.example\n"
        "K2,There,\n"
    )

    def stored() -> list[list[dict[str, Any]]]:
        with parts.database.read() as tx:
            return [
                tx.all("SELECT * FROM students ORDER BY id"),
                tx.all("SELECT * FROM enrolments ORDER BY course, student"),
                tx.all("SELECT * FROM audit ORDER BY id"),
            ]

    before = stored()
    dry = upload(api, teacher, course, data, "?dry_run=true")
    assert stored() == before
    assert dry.json["dry_run"] is True
    assert all(row["invitation"] is None for row in dry.json["rows"])
    real = upload(api, teacher, course, data)
    assert outcomes(dry) == outcomes(real)
    assert dry.json["counts"] == real.json["counts"]
    assert outcomes(real) == [
        (2, "enrolled", ""),
        (3, "unchanged", "Known as There."),
        (4, "rejected", "The same student id stands in row 2."),
        (5, "created", ""),
        (6, "rejected", "The same e-mail address stands in row 2."),
        (7, "rejected", "The same student id stands in row 3."),
    ]
    assert stored() != before
    again = upload(api, teacher, course, data)
    counts = again.json["counts"]
    assert {name: count for name, count in counts.items() if count} == {
        "unchanged": 3,
        "rejected": 3,
    }
    assert api.get("/course/mine", known).json["courses"][0]["id"] == course["id"]
    assert len(audited(parts, "course.roster")) == 1


def test_a_list_without_addresses_is_a_list(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    done = upload(api, teacher, course, xlsx(["Name", "Matriculation No."], ["Ann", 1001]))
    assert [result for _, result, _ in outcomes(done)] == ["created"]


def test_an_address_of_somebody_else_is_refused(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    api.student(student_id="K1", email="known@school.example")
    answer = upload(
        api,
        teacher,
        course,
        "id,name,email\nK1,A,else@school.example\nN1,B,known@school.example\n",
    )
    assert outcomes(answer) == [
        (2, "rejected", "This student is known with another e-mail address."),
        (3, "rejected", "This e-mail address belongs to another student."),
    ]


@pytest.mark.parametrize(
    "data",
    [
        "student_id,name,email\r\nS1,Zoë Ann,z@school.example\r\n".encode(),
        "\ufeffEmail;Name;Student-ID\nz@school.example;Zoë Ann;S1\n".encode(),
        "sep=;\nE-Mail;Name;Matrikelnummer\nz@school.example;Zoë Ann;S1\n".encode("cp1252"),
        "Name\tMail\tID\nZoë Ann\tz@school.example\tS1\n".encode("utf-16"),
        "First name|Surname|Roll No.|E-mail\nZoë|Ann|S1|z@school.example\n".encode(),
        '"student id","full name","e-mail"\n="S1","Zoë  Ann",<Z@School.Example>\n'.encode(),
    ],
    ids=["utf-8", "bom", "cp1252", "utf-16", "pipes", "quotes"],
)
def test_csv_in_the_forms_that_programs_write(data: bytes) -> None:
    assert [(line.student_id, line.name, line.email) for line in roster_lines.read(data).lines] == [
        ("S1", "Zoë Ann", "z@school.example")
    ]


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "student_id, name, email"),
        (b"just some text", "student_id, name, email"),
        (b"id,email\n1,a@b.example\n", "student_id, name, email"),
        (b"\xff\xd8\xff\xe0\0\0", "neither a CSV nor an XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b'id,name\n"' + b"x" * 140_000, "not a CSV file"),
    ],
)
def test_what_is_no_roster_is_refused(
    api: Api, teacher: Person, course: dict[str, Any], data: bytes, detail: str
) -> None:
    answer = upload(api, teacher, course, data)
    assert code_of(answer) == (400, "table_unreadable")
    assert detail in answer.json["detail"]


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def test_broken_and_exploding_workbooks_are_refused(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    bomb = zipped("xl/worksheets/sheet1.xml", b"0" * (reading.MAX_UNPACKED_BYTES + 1))
    for data, detail in ((zipped("a.txt", b"hello"), "cannot be read"), (bomb, "too large")):
        answer = upload(api, teacher, course, data)
        assert code_of(answer) == (400, "table_unreadable")
        assert detail in answer.json["detail"]


def test_a_workbook_that_names_one_sheet_many_times_is_given_up(
    api: Api, teacher: Person, course: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_READ_ROWS", 50)

    def sheets(count: int) -> bytes:
        def others(book: Any) -> None:
            for _ in range(count - 1):
                for row in range(10):
                    book.create_sheet().append([row] * 10)

        return xlsx(["id", "name"], ["1", "Ann"], before=others)

    assert outcomes(upload(api, teacher, course, sheets(2)))[0][1] == "created"
    answer = upload(api, teacher, course, sheets(60))
    assert code_of(answer) == (400, "table_too_long")


def test_a_file_without_end_is_given_up(api: Api, teacher: Person, course: dict[str, Any]) -> None:
    long = "id,name\n" + "".join(f"{n},N\n" for n in range(reading.MAX_ROWS + 1))
    for many in (long, long * 5, xlsx(*([f"S{n}", "Name"] for n in range(31_000)))):
        answer = upload(api, teacher, course, many)
        assert code_of(answer) == (400, "table_too_long")
        assert answer.json["limit"] == reading.MAX_ROWS
        assert f"at most {reading.MAX_ROWS} rows" in answer.json["detail"]
    large = upload(api, teacher, course, b"x" * (11 * 1024 * 1024))
    assert code_of(large) == (413, "request_too_large")


def test_formatted_empty_rows_below_the_data_do_no_harm() -> None:
    def far_below(book: Any) -> None:
        book.active.cell(1_000_000, 1).number_format = "0.00"

    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    book.active.append([7, "Ann"])
    far_below(book)
    out = io.BytesIO()
    book.save(out)
    assert [line.student_id for line in roster_lines.read(out.getvalue()).lines] == ["7"]


def test_a_file_must_come(api: Api, teacher: Person, course: dict[str, Any]) -> None:
    answer = api.call(
        "POST",
        f"/course/{course['id']}/roster",
        teacher,
        data={"file": "text, no file"},
        content_type="multipart/form-data",
    )
    assert code_of(answer) == (400, "invalid_request")


def test_who_may_import_and_invite(
    api: Api, admin: Person, teacher: Person, course: dict[str, Any]
) -> None:
    data = "id,name,email\nN1,New,new@school.example\n"
    assert code_of(upload(api, None, course, data)) == (401, "token_missing")
    assert code_of(upload(api, api.student(), course, data)) == (403, "forbidden")
    assert code_of(upload(api, api.teacher(), course, data)) == (403, "forbidden")
    assert code_of(upload(api, teacher, {"id": 999}, data)) == (404, "course_not_found")
    assert upload(api, admin, course, data).status_code == 200
    url = f"/course/{course['id']}/students/N1/invitation"
    assert code_of(api.post(url)) == (401, "token_missing")
    assert code_of(api.post(url, api.student())) == (403, "forbidden")
    assert code_of(api.post(url, api.teacher())) == (403, "forbidden")
    missing = api.post(f"/course/{course['id']}/students/N2/invitation", teacher)
    assert code_of(missing) == (404, "student_not_found")
    assert api.post(url, teacher).status_code == 201
    api.call("PATCH", f"/course/{course['id']}", teacher, json={"archived": True})
    assert code_of(upload(api, teacher, course, data)) == (409, "course_archived")


def test_an_imported_student_follows_the_link_and_marks_the_account_as_own(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    answer = upload(api, teacher, course, "id,name,email\nN1,New,new@school.example\n")
    link = answer.json["rows"][0]["invitation"]["link"]
    assert link.startswith("http://localhost/set-password#")
    token = link.partition("#")[2]
    body = {"token": token, "password": "battery staple"}
    signed_in = api.post("/auth/set-password", json=body)
    assert signed_in.status_code == 200
    mine = api.get("/course/mine", signed_in.json["access_token"]).json["courses"]
    assert [found["id"] for found in mine] == [course["id"]]
    url = f"/course/{course['id']}/students/N1/invitation"
    assert code_of(api.post(url, teacher)) == (409, "password_set")


def test_a_lost_link_is_replaced(
    api: Api, teacher: Person, course: dict[str, Any], clock: FakeClock
) -> None:
    upload(api, teacher, course, "id,name,email\nN1,New,new@school.example\n")
    clock.advance(days=30)
    made = api.post(f"/course/{course['id']}/students/N1/invitation", teacher).json
    assert made["mailed"] is False
    token = made["invitation"]["link"].partition("#")[2]
    body = {"token": token, "password": "battery staple"}
    assert api.post("/auth/set-password", json=body).status_code == 200


def test_a_link_is_shown_to_whoever_made_the_account_and_to_administrators(
    api: Api, admin: Person, teacher: Person, course: dict[str, Any]
) -> None:
    upload(api, teacher, course, "id,name,email\nN1,New,new@school.example\n")
    other = api.teacher()
    elsewhere = course_of(api, other)
    body = {"student_id": "N1"}
    assert api.post(f"/course/{elsewhere['id']}/students", other, json=body).status_code == 201
    refused = api.post(f"/course/{elsewhere['id']}/students/N1/invitation", other)
    assert code_of(refused) == (403, "invitation_not_shown")
    for by, where in ((teacher, course), (admin, elsewhere)):
        made = api.post(f"/course/{where['id']}/students/N1/invitation", by)
        assert made.status_code == 201
        assert made.json["invitation"]["link"].startswith("http://localhost/set-password#")
    # also not by the other teacher's own roster, which finds the account there
    again = upload(api, other, elsewhere, "id,name,email\nN1,New,new@school.example\n")
    assert [row["invitation"] for row in again.json["rows"]] == [None]
    refused = api.post(f"/course/{elsewhere['id']}/students/N1/invitation", other)
    assert code_of(refused) == (403, "invitation_not_shown")


def test_an_account_without_a_maker_is_nobodys_to_invite(
    api: Api, parts: Services, teacher: Person, course: dict[str, Any]
) -> None:
    with parts.database.write() as tx:
        students.create(
            tx,
            student_id="N1",
            name="New",
            email="new@school.example",
            password_hash=None,
            course=None,
            now=parts.clock.now(),
        )
    api.post(f"/course/{course['id']}/students", teacher, json={"student_id": "N1"})
    refused = api.post(f"/course/{course['id']}/students/N1/invitation", teacher)
    assert code_of(refused) == (403, "invitation_not_shown")


def test_whoever_takes_over_the_courses_hands_out_their_invitations(
    api: Api, admin: Person, teacher: Person, course: dict[str, Any]
) -> None:
    upload(api, teacher, course, "id,name,email\nN1,New,new@school.example\n")
    heir = api.teacher()
    path = f"/admin/teachers/{teacher.row['id']}?transfer_to={heir.row['id']}"
    assert api.call("DELETE", path, admin).status_code == 204
    made = api.post(f"/course/{course['id']}/students/N1/invitation", heir)
    assert made.status_code == 201
    assert made.json["invitation"] is not None


def test_a_mailbox_is_not_filled_with_invitations(
    api: Api, teacher: Person, course: dict[str, Any]
) -> None:
    upload(api, teacher, course, "id,name,email\nN1,New,new@school.example\n")
    url = f"/course/{course['id']}/students/N1/invitation"
    codes = [api.post(url, teacher).status_code for _ in range(6)]
    assert codes == [201] * 5 + [429]


def test_a_roster_does_not_tell_how_strangers_are_called(
    api: Api, parts: Services, admin: Person, teacher: Person, course: dict[str, Any]
) -> None:
    api.student(student_id="N1", name="A Stranger")
    known = api.student(student_id="N2", name="Well Known")
    enrol(api, teacher, course_of(api, teacher, code="LAW1"), known)
    data = "id,name\nN1,Guessed\nN2,Guessed\n"
    dry = upload(api, teacher, course, data, "?dry_run=true")
    assert "A Stranger" not in dry.text
    assert [row["code"] for row in dry.json["rows"]] == ["name_differs", "other_name"]
    assert dry.json["rows"][1]["values"] == {"name": "Well Known"}
    by_admin = upload(api, admin, course, data, "?dry_run=true")
    assert [row["code"] for row in by_admin.json["rows"]] == ["other_name"] * 2


def test_enrolling_by_number_tells_no_address_and_is_audited(
    api: Api, parts: Services, admin: Person, teacher: Person, course: dict[str, Any]
) -> None:
    student = api.student()
    body = {"student_id": student.row["student_id"]}
    url = f"/course/{course['id']}/students"
    first = api.post(url, teacher, json=body)
    assert first.status_code == 201
    assert student.row["email"] not in first.text
    assert api.post(url, teacher, json=body).json["student"]["email"] == student.row["email"]
    (line,) = audited(parts, "student.enrol")
    assert line["actor"] == f"teacher:{teacher.row['id']}"
    assert line["subject"] == f"student:{student.row['id']}"
    assert json.loads(line["new_value"]) == {"course": course["id"]}
    other = course_of(api, admin, code="LAW1")
    by_admin = api.post(f"/course/{other['id']}/students", admin, json=body)
    assert by_admin.json["student"]["email"] == student.row["email"]


def test_students_known_by_their_number_only_are_counted(make_app: Any) -> None:
    api = Api(make_app(unknown_students_per_hour=2))
    admin, teacher, other = api.teacher(), api.teacher(), api.teacher()
    course = course_of(api, teacher)
    strangers = [api.student(student_id=f"N{place}") for place in range(6)]
    url = f"/course/{course['id']}/students"
    by_number = [{"student_id": each.row["student_id"]} for each in strangers]
    session = api.session(teacher)

    def mark(number: str, by: Person = teacher) -> Any:
        path = f"/session/{session['id']}/attendance/{number}"
        return api.call("PUT", path, by, json={"status": "present"})

    assert api.post(url, teacher, json=by_number[0]).status_code == 201
    assert mark("N1").status_code == 200
    for refused in (
        api.post(url, teacher, json=by_number[2]),
        mark("N2"),
        api.call(
            "PUT",
            f"/session/{session['id']}/attendance",
            teacher,
            json={"changes": [{"student_id": "N2", "status": "present"}]},
        ),
    ):
        assert code_of(refused) == (429, "too_many_tries")
        assert int(refused.headers["Retry-After"]) > 0
        assert strangers[2].row["name"] not in refused.text
    # who is known already, by name, or by address is not counted
    assert api.post(url, teacher, json=by_number[0]).status_code == 200
    assert mark("N0").status_code == mark("N1").status_code == 200
    assert api.post(url, teacher, json={"email": strangers[3].row["email"]}).status_code == 201
    name, address = strangers[4].row["name"], strangers[5].row["email"]
    rows = upload(
        api, teacher, course, f"id,name,email\nN2,Guessed,\nN4,{name},\nN5,Guessed,{address}\n"
    ).json["rows"]
    assert [row["result"] for row in rows] == ["rejected", "enrolled", "enrolled"]
    assert rows[0]["code"] == "name_differs"
    # and others have a share of their own
    theirs = course_of(api, other, code="LAW1")
    answer = api.post(f"/course/{theirs['id']}/students", other, json=by_number[2])
    assert answer.status_code == 201
    assert mark("N3", admin).status_code == 200


# -- mail


def test_invitations_are_sent_by_mail(make_app: Any) -> None:
    with smtp_sink() as sink:
        api = Api(
            make_app(
                smtp_host="127.0.0.1",
                smtp_port=sink.server_address[1],
                smtp_security="none",
                smtp_from="school@school.example",
                public_url="https://attend.school.example",
            )
        )
        teacher = api.teacher()
        course = course_of(api, teacher)
        answer = upload(
            api,
            teacher,
            course,
            "id,name,email\n1,Ann,ann@school.example\n2,Bob,refused@school.example\n"
            "3,Zoë,zoe@school.example\n4,No Mail,\n",
        )
        assert answer.json["mailed"] == 3
        wait_for_mail()
    assert len(sink.emails) == 2
    first = sink.emails[0]
    assert "From: school@school.example" in first
    assert "To: ann@school.example" in first
    link = answer.json["rows"][0]["invitation"]["link"]
    assert link.startswith("https://attend.school.example/set-password#")
    assert link[-40:] in first.replace("=\r\n", "")


def test_other_teachers_have_the_link_sent_and_do_not_see_it(make_app: Any) -> None:
    with smtp_sink() as sink:
        port = sink.server_address[1]
        api = Api(make_app(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"))
        maker, other = api.teacher(), api.teacher()
        upload(api, maker, course_of(api, maker), "id,name,email\n1,Ann,ann@school.example\n")
        wait_for_mail()
        course = course_of(api, other)
        api.post(f"/course/{course['id']}/students", other, json={"student_id": "1"})
        answer = api.post(f"/course/{course['id']}/students/1/invitation", other)
        assert answer.status_code == 201
        assert answer.json == {"invitation": None, "mailed": True}
        wait_for_mail()
    sent = sink.emails[-1].replace("=\r\n", "").replace("=3D", "=")
    assert len(sink.emails) == 2
    assert "To: ann@school.example" in sent
    token = sent.partition("/set-password#")[2].split()[0]
    body = {"token": token, "password": "battery staple"}
    assert api.post("/auth/set-password", json=body).status_code == 200


def test_an_unreachable_mail_server_changes_nothing(make_app: Any) -> None:
    with smtp_sink() as sink:
        port = sink.server_address[1]
    api = Api(make_app(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"))
    teacher = api.teacher()
    answer = upload(api, teacher, course_of(api, teacher), "id,name,email\n1,A,a@b.example\n")
    assert answer.json["counts"]["created"] == 1
    wait_for_mail()


def test_an_email_that_the_mail_server_cannot_take_stops_no_other(
    make_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtplib.SMTP, "has_extn", lambda _self, name: name != "smtputf8")
    with smtp_sink() as sink:
        port = sink.server_address[1]
        api = Api(make_app(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none"))
        teacher = api.teacher()
        names = ("ann", "jürgen", "zoe")
        lines = [f"{name},{name},{name}@school.example" for name in names]
        answer = upload(api, teacher, course_of(api, teacher), "\n".join(["id,name,email", *lines]))
        assert answer.json["mailed"] == 3
        wait_for_mail()
    assert len(sink.emails) == 2


@pytest.mark.parametrize(
    ("mail_language", "page", "subject", "hello"),
    [
        ("fr", "en", "Votre compte de présences pour Algebra {I}", "Bonjour Ann {x},"),
        ("en", "de", "Your attendance account for Algebra {I}", "Hello Ann {x},"),
        (None, "de", "Ihr Konto der Anwesenheit für Algebra {I}", "Hallo Ann {x},"),
    ],
)
def test_an_invitation_is_in_the_language_of_the_school_or_of_who_invites(
    make_app: Any, mail_language: str | None, page: str, subject: str, hello: str
) -> None:
    with smtp_sink() as sink:
        port = sink.server_address[1]
        settings = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
        api = Api(make_app(**settings, mail_language=mail_language))
        teacher = api.teacher()
        course = course_of(api, teacher, name="Algebra {I}")
        file = (io.BytesIO(b"id,name,email\n1,Ann {x},ann@school.example\n"), "roster.csv")
        path = f"/course/{course['id']}/roster"
        headers = {"Accept-Language": page}
        assert api.post(path, teacher, data={"file": file}, headers=headers).json["mailed"] == 1
        wait_for_mail()
    sent = message_from_string(sink.emails[0], policy=default_policy)
    assert sent["Subject"] == subject
    assert sent.get_content().startswith(hello)
    assert "/set-password" in sent.get_content()


@pytest.mark.parametrize("end", ["\u2028", "\u0085", "\n", "\r\nBcc: all@school.example\r\n"])
def test_a_name_that_was_kept_with_the_end_of_a_line_in_it_loses_no_mail(
    make_app: Any, end: str
) -> None:
    with smtp_sink() as sink:
        port = sink.server_address[1]
        app = make_app(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
        api = Api(app)
        teacher = api.teacher()
        course = course_of(api, teacher)
        with services_of(app).database.write() as tx:
            tx.execute("UPDATE courses SET name = :name", name=f"Algebra{end}II")
        upload(api, teacher, course, "id,name,email\n1,Ann,ann@school.example\n")
        wait_for_mail()
    (sent,) = sink.emails
    headers = sent.partition("\r\n\r\n")[0]
    (subject,) = [line for line in headers.split("\r\n") if line.startswith("Subject:")]
    assert subject.startswith("Subject: Your attendance account for Algebra ")
    assert "\r\nBcc" not in headers
    shown = api.get(f"/course/{course['id']}", teacher).json["course"]["name"]
    assert shown == f"Algebra{end}II"


def test_an_email_that_cannot_be_written_is_a_line_in_the_log_and_stops_no_other(
    make_app: Any, log_lines: list[dict[str, Any]]
) -> None:
    with smtp_sink() as sink:
        port = sink.server_address[1]
        app = make_app(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
        logging.getLogger("attendance").setLevel(logging.INFO)
        emails = [Email(to, "Hello", "Hello") for to in ("a@b.example\n", "ann@school.example")]
        thread = services_of(app).mailer.send(emails)
        assert thread is not None
        thread.join(20)
    assert len(sink.emails) == 1
    assert [line["mail_error"] for line in log_lines if "mail_error" in line] == ["ValueError"]
    assert log_lines[-1]["message"] == "1 of 2 e-mails were sent"


def test_a_student_added_by_others_meanwhile_is_judged_anew(
    api: Api, teacher: Person, course: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    create_many, tried = students.create_many, 0

    def too_late(*arguments: Any) -> None:
        nonlocal tried
        tried += 1
        if tried < roster.TRIES:
            raise UniqueViolation("on purpose")
        create_many(*arguments)

    monkeypatch.setattr(students, "create_many", too_late)
    answer = upload(api, teacher, course, "id,name,email\n1,Ann,ann@b.example\n")
    assert outcomes(answer)[0][1] == "created"
    tried = -10
    assert code_of(upload(api, teacher, course, "id,name\n2,Bob\n")) == (503, "unavailable")
    enrolled = api.get(f"/course/{course['id']}/students", teacher).json["students"]
    assert [row["student_id"] for row in enrolled] == ["1"]


def test_every_remark_on_a_row_is_declared_and_has_words_on_the_page() -> None:
    declared = course_schemas.RosterRow.model_json_schema()["properties"]["code"]["anyOf"][0]
    assert set(declared["enum"]) == set(roster_lines.REMARKS)
    script = Path(attendance.__file__).parent / "static/js/teacher/roster_import.js"
    words = script.read_text(encoding="utf-8")
    assert [code for code in roster_lines.REMARKS if f"  {code}: (" not in words] == []
