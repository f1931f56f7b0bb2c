"""Addresses of before get their one form; who would share it keeps his or hers, and it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from attendance.core import emails
from database import Database, migrate, students, teachers
from tests.databases import Server, Sqlite

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)


@pytest.fixture
def before(tmp_path: Path, database_server: Sqlite | Server) -> Iterator[Database]:
    """A database of before."""
    database = Database(database_server.create_empty(tmp_path))
    migrate(database, "0007")
    yield database
    database.close()


def test_addresses_get_one_form_and_a_collision_is_in_the_audit_log(before: Database) -> None:
    kept = [
        "ann@school.example",
        "a@xn--bcher-kva.example",
        "b@xn--bcher-kva.example",
        "b@bücher.example",
        "zoe\u0308@school.example",
        "c@xn--bcher-kva.example",
        "c@bu\u0308cher.example",
        "d@xn--a.example",
        None,
    ]
    with before.write() as tx:
        ids = [
            tx.insert(
                """
                INSERT INTO students (student_id, name, email, state, token_version, created_at)
                VALUES (:number, 'A', :email, 'active', 1, :now)
                """,
                number=f"S{number}",
                email=email,
                now=NOW,
            )
            for number, email in enumerate(kept)
        ]
        teachers.create(
            tx,
            name="T",
            email="b@xn--bcher-kva.example",
            password_hash="x",  # no password
            department=None,
            open_sign_up=True,
            now=NOW,
        )
    migrate(before)
    with before.read() as tx:
        found = [row["email"] for row in tx.all("SELECT email FROM students ORDER BY id")]
        reports = tx.all("SELECT actor, action, subject FROM audit ORDER BY id")
        assert tx.scalar("SELECT email FROM teachers") == "b@bücher.example"
    assert found == [
        "ann@school.example",
        "a@bücher.example",
        "b@xn--bcher-kva.example",
        "b@bücher.example",
        "zoë@school.example",
        "c@bücher.example",
        "c@bu\u0308cher.example",
        "d@xn--a.example",
        None,
    ]
    assert [(row["actor"], row["action"], row["subject"]) for row in reports] == [
        ("migration", "student.address_kept", f"student:{ids[2]}"),
        ("migration", "student.address_kept", f"student:{ids[6]}"),
    ]
    for email in filter(None, kept):
        with before.read() as tx:
            assert students.by_email(tx, *emails.forms(email)) is not None, email
