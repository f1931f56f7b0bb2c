"""Names in the order of the alphabet, and found without accents, the same on every database."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from database import (
    Database,
    courses,
    merging,
    naming,
    own_accounts,
    records,
    reports,
    student_changes,
    students,
    teachers,
)

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("searched", "name"),
    [
        ("jose", "José García"),
        ("JOSÉ", "jose"),
        ("strasse", "Anna Straße"),
        ("straße", "Anna Strasse"),
        ("müller", "Mu\u0308ller"),
        ("muller", "Müller"),
        ("mueller", "Müller"),
        ("lukasz", "Łukasz Wałęsa"),
        ("soren", "Søren Ærø"),
        ("aeroe", "Søren Ærø"),
        ("istanbul", "İstanbul"),
        ("isik", "Işık"),
        ("obrien", "Conor O’Brien"),
        ("o'brien", "Conor O’Brien"),
        ("\u0639\u0644\u064a", "\u0639\u0644\u06cc"),  # Ali: Arabic yeh, Persian yeh
        ("\u0643\u0631\u064a\u0645", "\u06a9\u0631\u06cc\u0645"),  # Karim: Arabic and Persian kaf
        ("\u0627\u062d\u0645\u062f", "\u0623\u064e\u062d\u0645\u0640\u062f"),  # Ahmad: hamza, vowel
        ("\u0641\u0627\u0637\u0645\u0647", "\u0641\u0627\u0637\u0645\u0629"),  # Fatima: teh marbuta
        (
            "\u0639\u0644\u06cc\u0631\u0636\u0627",
            "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        ),  # ZWNJ
        ("семенов", "Семёнов"),
        ("ιωαννης", "Ιωάννης"),
        ("αδωνις", "ΑΔΩΝΙΣ"),
        ("やまだ", "ヤマダ"),
        ("12", "Klasse \u0661\u0662"),
        ("ann lee", "Lee Ann"),
    ],
)
def test_a_search_finds_a_name_however_it_is_typed(searched: str, name: str) -> None:
    key = naming.search_key(name)
    assert all(word in key for word in naming.words(searched))


@pytest.mark.parametrize(
    ("searched", "name"),
    [("कमल", "कोमल"), ("jose", "Josip"), ("ann lee", "Ann Le"), ("กา", "กี")],
)
def test_a_search_does_not_find_another_name(searched: str, name: str) -> None:
    key = naming.search_key(name)
    assert not all(word in key for word in naming.words(searched))


@pytest.mark.parametrize(
    "names",
    [
        ["Adam", "Ärzte", "de Vries", "Zimmer"],
        ["Muller", "Müller", "Mullers"],
        ["Lee", "Lee Ann", "Lee-Bo", "Leeds"],
        ["Obama", "O’Brien", "Obst"],
        ["Strasse", "Straße", "Stratmann"],
        ["Lukas", "Łukasz", "Lund"],
        ["Зайцев", "Ия", "Іваненко", "Йовович", "Коваль"],
        ["\u0628\u0627\u0628\u06a9", "\u067e\u0631\u0648\u06cc\u0646", "\u062a\u0642\u06cc"],
        [
            "\u0641\u0627\u0637\u0645\u0629",
            "\u06a9\u0627\u0645\u0644",
            "\u06af\u0644",
            "\u0644\u0637\u0641",
        ],
        ["\u0646\u0633\u0631\u06cc\u0646", "\u0647\u062f\u0649", "\u06cc\u0627\u0633"],
    ],
)
def test_names_are_in_the_order_of_the_alphabet(names: list[str]) -> None:
    assert sorted(set(names), key=naming.sort_key) == names


def test_the_family_name_counts_first_wherever_it_stands() -> None:
    people = [
        ("Zoe Adam", "Adam"),
        ("Ann de Vries", "de Vries"),
        ("Bo de Vries", "de Vries"),
        ("Nagy Anna", "Nagy"),
        ("Ärzte", None),
    ]
    found = sorted(people, key=lambda one: naming.sort_key(*one))
    assert [name for name, _ in found] == [
        "Zoe Adam", "Ärzte", "Ann de Vries", "Bo de Vries", "Nagy Anna",
    ]  # fmt: skip


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = naming.folded(text)
    assert naming.folded(once) == once


@given(st.text(max_size=250), st.text(max_size=64))
def test_keys_fit_into_their_columns(name: str, number: str) -> None:
    row = naming.keys({"name": name, "student_id": number, "email": None, "username": None})
    assert len(row["sort_key"]) <= naming.SORT_LENGTH
    assert len(row["search_key"]) <= naming.SEARCH_LENGTH


NAMES = ["Zimmer", "de Vries", "Ärzte", "Adam", "\u06a9\u0631\u06cc\u0645", "Иванов", "Öz", "oz"]
IN_ORDER = ["Adam", "Ärzte", "de Vries", "oz", "Öz", "Zimmer", "Иванов", "\u06a9\u0631\u06cc\u0645"]


@pytest.fixture
def school(database: Database) -> Database:
    with database.write() as tx:
        teacher = teachers.create(
            tx, name="T", email="t@x.example", password_hash="x", department=None,
            open_sign_up=True, now=NOW,
        )  # fmt: skip
        course = courses.create(
            tx, teacher=int(teacher["id"]), code="M", name="M", section=None, description=None,
            timezone="UTC", join_code="JOIN", now=NOW,
        )  # fmt: skip
        for number, name in enumerate(NAMES):
            row = students.create(
                tx, student_id=f"S{number}", name=name, email=f"m{number}@x.example",
                password_hash=None, course=None, now=NOW,
            )  # fmt: skip
            courses.enrol(tx, course, int(row["id"]), NOW)
    return database


def test_every_list_has_one_order_on_every_database(school: Database) -> None:
    with school.read() as tx:
        assert [row["name"] for row in courses.students_of(tx, 1)] == IN_ORDER
        assert [row["name"] for row in students.search(tx, text=None, limit=50, offset=0)[0]] == (
            IN_ORDER
        )
        paged, after = [], ("", "")
        while batch := reports.students_after(tx, 1, after, 3):
            paged += [row["name"] for row in batch]
            after = (batch[-1]["sort_key"], batch[-1]["student_id"])
        assert paged == IN_ORDER


def _found(database: Database, text: str) -> list[str]:
    with database.read() as tx:
        rows, total = students.search(tx, text=text, limit=50, offset=0)
        again = records.students(
            tx, teacher=None, as_of=NOW, course=None, text=text, after=None, limit=50
        )
    assert total == len(rows) == len(again)
    return [row["name"] for row in rows]


def test_every_search_is_folded_on_every_database(school: Database) -> None:
    assert _found(school, "arzte") == ["Ärzte"]
    assert _found(school, "OZ") == ["oz", "Öz"]
    assert _found(school, "\u0643\u0631\u064a\u0645") == ["\u06a9\u0631\u06cc\u0645"]
    assert _found(school, "иван s5") == ["Иванов"]
    assert _found(school, "M1@X.example") == ["de Vries"]
    assert _found(school, "%") == _found(school, "_") == []


def test_whatever_changes_a_student_changes_the_keys(school: Database) -> None:
    with school.write() as tx:
        row = students.by_student_id(tx, "S0")
        assert row is not None
        one = int(row["id"])
        new = {**row, "name": "Éva Nagy", "username": "evi", "family_name": "Nagy"}
        student_changes.correct(tx, one, new)
    assert _found(school, "eva") == _found(school, "EVI") == ["Éva Nagy"]
    with school.write() as tx:
        own_accounts.set_email(tx, "student", one, "other@x.example")
    assert _found(school, "m0@") == []
    assert _found(school, "other@") == ["Éva Nagy"]
    with school.write() as tx:
        students.update_profile(tx, one, name="Éva Kiss", course=None)
    with school.read() as tx:
        changed = students.by_id(tx, one)
        assert changed is not None
        assert changed["family_name"] is None
    assert _found(school, "nagy") == []
    with school.write() as tx:
        merging.take_over(tx, one, {**changed, "email": "third@x.example", "username": None})
    assert _found(school, "evi") == []
    assert _found(school, "third@") == ["Éva Kiss"]


@pytest.mark.parametrize(("name", "family"), [("-", None), ("-", "-"), ("'", None), ("- Ann", "-")])
def test_a_key_stands_behind_the_empty_text_on_every_database(
    name: str, family: str | None
) -> None:
    key = naming.sort_key(name, family)
    assert key.ljust(600) > " " * 600  # as MariaDB compares
    assert naming.sort_key("") != key
