"""Lists as schools have them: encodings, headers, exports of other programs, spoiled numbers."""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance.core import texts
from attendance.core.errors import TableUnreadable
from attendance.courses import roster_lines
from attendance.spreadsheets import decoding, excel_numbers, separating
from attendance.spreadsheets.csv_lines import Style, csv_lines
from attendance.spreadsheets.reading import read
from attendance.spreadsheets.workbooks import Column, Sheet, write

pytestmark = pytest.mark.any_database
Told = list[tuple[str, str, str | None]]


def told(data: bytes | str, **how: Any) -> Told:
    raw = data.encode() if isinstance(data, str) else data
    return [
        (line.student_id, line.name, line.email) for line in roster_lines.read(raw, **how).lines
    ]


def decoded(data: bytes, encoding: str | None = None) -> decoding.Decoded:
    """The likeliest reading."""
    return next(decoding.readings(data, encoding))


def problems(data: bytes | str) -> list[tuple[int, str | None]]:
    raw = data.encode() if isinstance(data, str) else data
    return [(line.row, line.problem and line.problem.code) for line in roster_lines.read(raw).lines]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Name;Vorname;Matrikelnummer;E-Mail", "Müller;Zoë;7;z@x.example"),
        ("Name;Vorname;ID-Nummer;E-Mail-Adresse", "Müller;Zoë;7;z@x.example"),
        ("Name,Surname,ID,Email", "Zoë,Müller,7,z@x.example"),
        ("Prénom;Nom;N° étudiant;Adresse e-mail", "Zoë;Müller;7;z@x.example"),
        ("Nombre;Apellidos;Matrícula;Correo electrónico", "Zoë;Müller;7;z@x.example"),
        ("Nome;Sobrenome;Número de matrícula;E-mail", "Zoë;Müller;7;z@x.example"),
        ("Cognome;Nome;Numero matricola;Posta elettronica", "Müller;Zoë;7;z@x.example"),
        ("Jméno;Příjmení;Číslo studenta;E-mail", "Zoë;Müller;7;z@x.example"),
        ("Imię;Nazwisko;Nr albumu;Adres e-mail", "Zoë;Müller;7;z@x.example"),
        ("Ad;Soyad;Öğrenci No;E-posta", "Zoë;Müller;7;z@x.example"),
        ("Фамилия;Имя;Номер студента;Электронная почта", "Müller;Zoë;7;z@x.example"),
        ("Achternaam;Voornaam;Studentnummer;E-mailadres", "Müller;Zoë;7;z@x.example"),
        # Moodle, Google Workspace, WebUntis, OneRoster
        ("First name,Last name,ID number,Email address", "Zoë,Müller,7,z@x.example"),
        ("username,firstname,lastname,email,idnumber", "zoe,Zoë,Müller,z@x.example,7"),
        (
            "First Name [Required],Last Name [Required],Email Address [Required],Employee ID",
            "Zoë,Müller,z@x.example,7",
        ),
        (
            "name;longName;foreName;gender;klasse.name;externKey;address.email",
            "MueZo;Müller;Zoë;W;7b;7;z@x.example",
        ),
        (
            "sourcedId,status,enabledUser,username,givenName,familyName,identifier,email",
            "u-1,active,true,zoe,Zoë,Müller,7,z@x.example",
        ),
        (
            "Prénom,Nom de famille,Numéro d'identification,Adresse de courriel",
            "Zoë,Müller,7,z@x.example",
        ),
        ("Nombre,Apellido(s),Número de ID,Dirección de correo", "Zoë,Müller,7,z@x.example"),
        ("Nome;Apelido;N.º de aluno;E-mail", "Zoë;Müller;7;z@x.example"),
        ("Фамилия;Имя;Номер студенческого билета;Почта", "Müller;Zoë;7;z@x.example"),
        ("Elevnummer;Förnamn;Efternamn;E-post", "7;Zoë;Müller;z@x.example"),
        ("mtknr;nachname;vorname;email", "7;Müller;Zoë;z@x.example"),
        ("Nachname|Vorname|Interne ID-Nummer|E-Mail", "Müller|Zoë|7|z@x.example"),
        (
            "Name;Langname;Vorname;Klasse;Schlüssel (extern);E-Mail",
            "MueZo;Müller;Zoë;5a;7;z@x.example",
        ),
        (
            'Student ID#,"Student Name (Last, First)",Email',
            '7,"Müller, Zoë",z@x.example',
        ),
        ("Student,ID,SIS User ID,Section,Email", '"Müller, Zoë",99,7,A,z@x.example'),
        # Brightspace, PeopleSoft, SIMS, CAMPUSonline, Pronote, Apogée
        (
            "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator",
            "7,zoe,Müller,Zoë,z@x.example,#",
        ),
        ("Emplid,Name,Email", "7,Zoë Müller,z@x.example"),
        ("Legal Surname,Legal Forename,Adm No,Email", "Müller,Zoë,7,z@x.example"),
        (
            "REGISTRATION_NUMBER;FAMILY_NAME_OF_STUDENT;FIRST_NAME_OF_STUDENT;EMAIL_ADDRESS",
            "7;Müller;Zoë;z@x.example",
        ),
        ("Code apogée;Nom d'usage;Prénom;Mail", "7;Müller;Zoë;z@x.example"),
        # whose it is, in words beside it or in one word with it
        ("S.No;Roll Number;Name of the Student;Student's E-mail", "1;7;Zoë Müller;z@x.example"),
        ("Nr.;Stud.-Nr.;Nachname;Vorname;Schul-Mail", "1;7;Müller;Zoë;z@x.example"),
        ("Leerling;Leerlingnr.;E-mail leerling", "Zoë Müller;7;z@x.example"),
        ("Opiskelijanumero;Etunimi;Sukunimi;Sähköposti", "7;Zoë;Müller;z@x.example"),
        ("Eesnimi;Perekonnanimi;Üliõpilaskood;E-post", "Zoë;Müller;7;z@x.example"),
        # more languages
        ("Nr. matricol;Nume;Prenume;E-mail", "7;Müller;Zoë;z@x.example"),
        ("Ime;Prezime;Broj indeksa;E-pošta", "Zoë;Müller;7;z@x.example"),
        ("Име;Фамилия;Факултетен номер;Имейл", "Zoë;Müller;7;z@x.example"),
        ("Прізвище;Ім'я;Номер;Електронна пошта", "Müller;Zoë;7;z@x.example"),
        ("Vardas;Pavardė;Studento numeris;El. paštas", "Zoë;Müller;7;z@x.example"),
        ("Vārds;Uzvārds;Studenta apliecības numurs;E-pasts", "Zoë;Müller;7;z@x.example"),
        ("Cognoms;Nom;NIUB;Correu electrònic", "Müller;Zoë;7;z@x.example"),
        ("RA;Nome;E-mail", "7;Zoë Müller;z@x.example"),
        ("NISN;Nama Lengkap;Surel", "7;Zoë Müller;z@x.example"),
        ("รหัสนักศึกษา;ชื่อ;นามสกุล;อีเมล", "7;Zoë;Müller;z@x.example"),
        ("अनुक्रमांक;नाम;ईमेल", "7;Zoë Müller;z@x.example"),
        ("الرقم الجامعي;الاسم الأول;اسم العائلة;البريد الالكتروني", "7;Zoë;Müller;z@x.example"),
        ('מספר סטודנט;שם פרטי;שם משפחה;דוא"ל', "7;Zoë;Müller;z@x.example"),
        # whole names, the family's first
        ("Name, Vorname;Matrikelnummer;Mail", "Müller, Zoë;7;z@x.example"),
        ("Nazwisko i imię;Nr indeksu;E-mail", "Müller Zoë;7;z@x.example"),
        ("Alumno;Expediente;Correo", "Müller, Zoë;7;z@x.example"),
        ("Vor- und Nachname;Matrikelnummer;Mail", "Zoë Müller;7;z@x.example"),
    ],
)
def test_columns_are_known_by_the_names_that_schools_give_them(header: str, cells: str) -> None:
    assert told(f"{header}\n{cells}\n") == [("7", "Zoë Müller", "z@x.example")]


def test_what_stands_before_a_family_name_belongs_to_it() -> None:
    listed = "Leerlingnummer;Achternaam;Tussenvoegsel;Roepnaam\n7;Vries;de;Ann\n8;Bos;;Bo\n"
    lines = roster_lines.read(listed.encode())
    assert [(line.name, line.family_name) for line in lines.lines] == [
        ("Ann de Vries", "de Vries"),
        ("Bo Bos", "Bos"),
    ]
    assert lines.columns.unused == []


def test_a_sentence_is_no_column_of_a_list() -> None:
    long = "Student " + "number" * 40
    assert roster_lines.read(f"ID;Name;{long}\n7;Ann;8\n".encode()).columns.unused == [long]


def test_a_second_family_name_follows_the_first() -> None:
    for header in ("Primer apellido;Segundo apellido", "Apellido paterno;Apellido materno"):
        (line,) = roster_lines.read(f"DNI;{header};Nombre\n7;Díaz;Gil;Ana\n".encode()).lines
        assert (line.student_id, line.name, line.family_name) == ("7", "Ana Díaz Gil", "Díaz Gil")


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        # as the column writes them
        ("Lee, Ann|de Vries, Bo", [("Ann Lee", "Lee"), ("Bo de Vries", "de Vries")]),
        ("DE LA CRUZ Ana Maria|LI Wei", [("Ana Maria DE LA CRUZ", "DE LA CRUZ"), ("Wei LI", "LI")]),
        ("J. DUPONT|Zoé LE GOFF", [("J. DUPONT", "DUPONT"), ("Zoé LE GOFF", "LE GOFF")]),
        # what stands alone, or tells nothing, stays
        ("Ann Lee|Bo Ax|Cy Wu|Lee, Dan", [("Ann Lee", None), ("Bo Ax", None)]),
        ("Martin King, Jr.|Ann Lee, PhD", [("Martin King, Jr.", None), ("Ann Lee, PhD", None)]),
        ("ANN LEE|BO AX", [("ANN LEE", None), ("BO AX", None)]),
    ],
)
def test_whole_names_are_read_as_their_column_writes_them(
    listed: str, expected: list[tuple[str, str | None]]
) -> None:
    rows = "".join(f"{number};{name}\n" for number, name in enumerate(listed.split("|")))
    lines = roster_lines.read(f"Nummer;Name\n{rows}".encode()).lines
    assert [(line.name, line.family_name) for line in lines][:2] == expected
    # in a file of our own a name is what we have called it
    lines = roster_lines.read(f"student_id;name\n{rows}".encode()).lines
    assert [line.name for line in lines] == listed.split("|")


@pytest.mark.parametrize(
    "header",
    [
        *("Name of the parent", "Mother's name", "Class teacher", "Phone number", "Class code"),
        *("Student status", "Student phone no.", "Date of birth", "Place of birth", "Group name"),
        *("Name der Schule", "School name", "Course ID", "Section number", "Emergency contact"),
    ],
)
def test_a_column_of_something_else_is_not_taken(header: str) -> None:
    read_so = roster_lines.read(f"ID;Given name;Surname;{header}\n7;Ann;Lee;x\n".encode())
    assert read_so.columns.unused == [header]
    with pytest.raises(TableUnreadable):
        roster_lines.read(f"{header};Remark\n7;x\n".encode())


def test_family_names_come_first_where_they_do() -> None:
    assert told("学号,姓,名\n7,王,小明\n") == [("7", "王小明", None)]
    assert told("Vezetéknév;Keresztnév;Neptun kód\nNagy;Anna;7\n") == [("7", "Nagy Anna", None)]
    assert told("MSSV;Họ đệm;Tên\n7;Nguyễn Văn;An\n") == [("7", "Nguyễn Văn An", None)]
    assert told("MSSV;Họ và tên\n7;Nguyễn An\n") == [("7", "Nguyễn An", None)]


def test_a_list_of_google_classroom_has_the_address_for_a_number() -> None:
    data = "Last Name,First Name,Email Address\nLee,Ann,ann.lee@x.example\n"
    assert told(data) == [("ann.lee", "Ann Lee", "ann.lee@x.example")]


def test_enrolments_of_oneroster_name_who_is_known() -> None:
    header = "sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role,primary"
    data = f"{header}\ne1,active,c1,s1,S1,student,\ne2,active,c1,s1,T1,teacher,true\n"
    assert told(data) == [("S1", "", None), ("T1", "", None)]
    assert problems(data) == [(2, None), (3, "not_a_student")]


def test_what_is_not_used_is_named_and_columns_are_chosen_by_hand() -> None:
    data = b"Kennzeichen;Name;Mail;Haustier\nK7;Ann Lee;a@x.example;Katze\n"
    with pytest.raises(TableUnreadable) as refused:
        roster_lines.read(data)
    assert refused.value.extra == {"found_columns": ["Kennzeichen", "Name", "Mail", "Haustier"]}
    read_by_hand = roster_lines.read(data, given={"student_id": "Kennzeichen", "email": None})
    assert read_by_hand.columns.named == {"student_id": "Kennzeichen", "name": "Name"}
    assert read_by_hand.columns.unused == ["Mail", "Haustier"]
    with pytest.raises(TableUnreadable):
        roster_lines.read(data, given={"student_id": "Nummer"})


@pytest.mark.parametrize(
    ("name", "encodings"),
    [
        ("Jiří Dvořák, Žofie Šťastná", {"cp1250"}),
        ("Łukasz Żółć", {"cp1250"}),
        ("Őry Ágnes, Tűz Béla", {"cp1250", "iso8859_2"}),
        ("Иванов Пётр", {"cp1251", "cp866"}),
        ("Ξενοφών Παπαδόπουλος", {"cp1253"}),
        ("Ağaoğlu Şahin İpek", {"cp1254"}),
        ("Müller Jürgen, Groß Zoë", {"cp1252", "mac_roman", "cp850"}),
        ("Søren Ærø Åse", {"cp1252"}),
        ("王小明 李小龙", {"gb2312"}),
        ("김철수 박영희", {"euc_kr"}),
        ("שלום כהן", {"cp1255"}),
        ("田中 太郎", {"shift_jis"}),
    ],
)
def test_an_encoding_is_found_by_the_letters_of_a_language(name: str, encodings: set[str]) -> None:
    for encoding in encodings:
        data = f"student_id;name\n1;{name}\n".encode(encoding)
        found = decoded(data)
        assert name in found.text, (encoding, found)
        assert 0 <= found.confidence < 1
        assert decoded(data, encoding).text == found.text


@pytest.mark.parametrize("encoding", ["euc_jp", "shift_jis", "iso2022_jp"])
def test_where_letters_leave_it_open_the_column_names_say_the_encoding(encoding: str) -> None:
    data = "学籍番号,氏名\n7,田中太郎\n8,佐藤健\n".encode(encoding)
    found = roster_lines.read(data)
    assert [line.name for line in found.lines] == ["田中太郎", "佐藤健"]
    assert found.table.encoding == encoding


@pytest.mark.parametrize("western", ["cp1252", "latin-1"])
def test_what_was_encoded_twice_is_read_once(western: str) -> None:
    name = "Zoë Müller, Łukasz Żółć, Иванов" if western == "latin-1" else "Zoë Müller, François"
    data = f"id;name\n1;{name}\n".encode().decode(western).encode()
    found = decoded(data)
    assert name in found.text
    assert (found.encoding, found.confidence < 0.9) == ("utf-8", True)
    assert name not in decoded(data, "utf-8").text, "whoever says so gets what is there"
    for plain in ("Ñandú Ã Â", "Ärzte", "naïve café — “so”", "ÃO"):
        assert decoded(plain.encode()) == decoding.Decoded(plain, "utf-8", 1.0)


def test_utf_8_is_certain_and_an_encoding_that_is_said_is_taken() -> None:
    assert decoded("Zoë".encode()).confidence == 1
    assert decoded(b"\xe9t\xe9", "cp1251").text == "йtй"
    with pytest.raises(TableUnreadable, match="not in the encoding utf-8"):
        decoded(b"\xe9t\xe9", "utf-8")


def test_a_stray_quotation_mark_costs_its_own_row() -> None:
    data = (
        'id,name,email\nS1,Ann,a@x.example\nS2,"Bob,b@x.example\n'
        'S3,"Lee, Carl",c@x.example\nS4,Dora,d@x.example\n'
    )
    assert problems(data) == [(2, None), (3, "quote_stray"), (4, None), (5, None)]
    assert told(data)[2] == ("S3", "Lee, Carl", "c@x.example")
    twice = 'id,name,email\nS1,"Ann,a@x.example\nS2,Bob",b@x.example\nS3,Cy,c@x.example\n'
    assert problems(twice) == [(2, "quote_stray"), (3, "quote_stray"), (4, None)]


def test_a_cell_of_several_lines_is_one_cell() -> None:
    data = 'id,name,remark\r\nS1,Ann,"two\r\nlines"\r\nS2,Bob,\r\n'
    assert told(data) == [("S1", "Ann", None), ("S2", "Bob", None)]


def sheet(*rows: list[Any], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, form in (formats or {}).items():
        book.active[cell].number_format = form
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_number_is_what_excel_shows() -> None:
    data = sheet(
        ["id", "name"], [123, "Ann"], [7, "Bob"], [202611234567, "Cy"], [123456, "Di"],
        formats={"A2": "00000", "A3": '"S-"000', "A5": "000-000"},
    )  # fmt: skip
    assert [number for number, _, _ in told(data)] == ["00123", "S-007", "202611234567", "123-456"]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (123, "00000", "00123"),
        (123456, "00000", "123456"),
        (123, "General", "123"),
        (123, "[$-407]00000", "00123"),
        (123, "00000_ ;[Red]-00000", "00123"),
        (123, "[Color 3]000000", "000123"),
        (123, '"_[A]"0000', "_[A]0123"),
        (123, "[<=9999]00000;0", "123"),
        (123, "#,##0.00", "123"),
        (5, "0", "5"),
        (12345, r"00\-000", "12-345"),
    ],
)
def test_number_formats(value: int, form: str, text: str) -> None:
    assert excel_numbers.shown(value, form) == text


def test_spoiled_numbers_are_rejected_with_the_reason() -> None:
    data = sheet(["id", "name"], [datetime.date(2026, 3, 4), "Ann"], [2.02611e17, "Bob"])
    assert problems(data) == [(2, "student_id_date"), (3, "student_id_rounded")]
    text = "id;name\n2,02611E+11;A\n2.02E+11;B\n04.03.2026;C\n4. Mrz;D\nMar 04;E\n2026-1;F\n"
    assert [code for _, code in problems(text)] == [
        "student_id_rounded",
        "student_id_rounded",
        "student_id_date",
        "student_id_date",
        "student_id_date",
        None,
    ]


def test_a_number_with_a_decimal_place_is_rejected() -> None:
    assert [code for _, code in problems("id;name\n123.0;A\n7,00;B\n12.5;C\nS.0;D\n")] == [
        "student_id_decimal",
        "student_id_decimal",
        None,
        None,
    ]


def test_a_list_without_column_names_loses_nobody() -> None:
    """Once it is said what is what, the first row is a student too."""
    data = b"7;Ann Lee;a@x.example\n8;Bo Ax;b@x.example\n"
    with pytest.raises(TableUnreadable) as refused:
        roster_lines.read(data)
    assert refused.value.extra == {"found_columns": ["7", "Ann Lee", "a@x.example"]}
    chosen: dict[str, str | None] = {"student_id": "7", "name": "Ann Lee", "email": "a@x.example"}
    assert [(line.row, line.name) for line in roster_lines.read(data, given=chosen).lines] == [
        (1, "Ann Lee"),
        (2, "Bo Ax"),
    ]
    titled = b"Class 7b;;\n" + data
    lines = roster_lines.read(titled, given={**chosen, "email": None}).lines
    assert [(line.row, line.student_id) for line in lines] == [(2, "7"), (3, "8")]


def test_joiners_of_persian_and_sinhala_names_stay() -> None:
    persian, sinhala = "علی\u200cرضا", "ක්\u200dෂමා"
    data = f"id,name\n1,{persian}\n2,{sinhala}\n3,A\u200cnn\n"
    assert [name for _, name, _ in told(data)] == [persian, sinhala, "Ann"]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")),
    min_size=1,
    max_size=30,
)


@pytest.mark.parametrize(
    "style", [Style(), Style("semicolon"), Style("tab"), Style("semicolon", bom=False)], ids=str
)
@settings(max_examples=100, deadline=None)
@given(people=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_what_is_exported_is_imported_unchanged(
    style: Style, people: list[tuple[str, str]]
) -> None:
    table = [("student_id", "name"), *people]
    expected = [tuple(map(texts.cleaned, row)) for row in people]
    expected = [row for row in expected if any(row)]
    csv = "".join(csv_lines(table, style)).encode()
    got = read(csv, fits=lambda rows: rows[0][1] == ["student_id", "name"])
    assert [tuple(cells) for _, cells in got.rows[1:]] == expected
    assert got.broken == {}
    for separator in separating.SEPARATORS:
        cut = separating.separated(csv.decode("utf-8-sig"), separator)
        assert len(cut.rows) + len(cut.broken) >= 1


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_a_workbook_that_is_exported_is_imported_unchanged(people: list[tuple[str, str]]) -> None:
    table = [("student_id", "name"), *people]
    expected = [row for row in [tuple(map(texts.cleaned, row)) for row in people] if any(row)]
    got = read(workbook_of(table), fits=lambda rows: rows[0][1][:2] == ["student_id", "name"])
    assert [tuple(cells[:2]) for _, cells in got.rows[1:]] == expected


def workbook_of(table: list[tuple[str, str]]) -> bytes:
    out = io.BytesIO()
    write([Sheet("Students", [Column(heading) for heading in table[0]], table[1:])], out)
    return out.getvalue()


def test_a_header_alone_is_a_list_of_nobody() -> None:
    read = roster_lines.read(b"id;name;email\n")
    assert (read.lines, read.columns.named["email"], read.columns.unused) == ([], "email", [])


def test_of_two_columns_of_one_name_the_first_that_holds_anything_counts() -> None:
    read = roster_lines.read(b"id,name,name,id\nS1,Ann,Bob,S2\n")
    (line,) = read.lines
    assert (line.student_id, line.name) == ("S1", "Ann")
    assert read.columns.unused == ["name", "id"]
    (line,) = roster_lines.read(b"id,name,name\nS1,,Bob\n").lines
    assert line.name == "Bob"


@pytest.mark.parametrize(
    ("cell", "email"),
    [
        ("Ann Lee <Ann@x.example>", "ann@x.example"),
        ('"""Lee, Ann"" <ann@x.example>;"', "ann@x.example"),
        ("MAILTO:ann@x.example", "ann@x.example"),
        *(
            (text, None)
            for text in ("-", "–", "n/a", "N.A.", "#N/A", "none", "NULL", "k.A.", "./.")
        ),
    ],
)
def test_an_address_is_taken_as_people_write_it_or_say_that_there_is_none(
    cell: str, email: str | None
) -> None:
    assert told(f"id,name,email\n7,Ann Lee,{cell}\n") == [("7", "Ann Lee", email)]
    assert problems(f"id,name,email\n7,Ann Lee,{cell}\n") == [(2, None)]


def test_what_excel_says_of_a_broken_formula_is_no_number_and_no_name() -> None:
    data = "id;name\n#REF!;Ann\n8;#N/A\n9;#ÜBERLAUF!\n10;#1 Ann\n"
    assert problems(data) == [
        *((2, "student_id_missing"), (3, "name_missing")),
        *((4, "name_missing"), (5, None)),
    ]


def test_a_number_of_digits_around_an_e_is_one_and_what_excel_made_of_a_longer_is_none() -> None:
    data = "id;name\n7E12;Ann\n7e1;Bob\n7E+12;Cy\n7,1E12;Di\n1.2E-05;Ed\n"
    assert problems(data) == [
        *((2, None), (3, None)),
        *((row, "student_id_rounded") for row in (4, 5, 6)),
    ]


def test_an_apostrophe_before_a_number_is_how_excel_was_told_to_keep_zeros() -> None:
    assert told("id;name\n'00123;Ann O'Neil\n") == [("00123", "Ann O'Neil", None)]


def test_column_names_that_stand_on_each_page_are_nobody() -> None:
    data = "Nr;Name\n7;Ann\nNr;Name\n8;Bob\n"
    assert told(data) == [("7", "Ann", None), ("8", "Bob", None)]


def test_one_letter_beyond_ascii_is_what_windows_writes() -> None:
    data = "id;name\n7;Anna Dąbrowska\n".encode("cp1250")
    assert told(data) == [("7", "Anna Dąbrowska", None)]
