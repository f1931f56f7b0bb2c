"""Guardians of before: whom a list has brought is told apart by the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from attendance.core.audit import CLI
from database import Database, guardians, migrate
from tests.databases import Server, Sqlite

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)


@pytest.fixture
def before(tmp_path: Path, database_server: Sqlite | Server) -> Iterator[Database]:
    """A database of before."""
    database = Database(database_server.create_empty(tmp_path))
    migrate(database, "0040")
    yield database
    database.close()


def test_who_came_with_a_list_is_known_and_who_was_entered_by_hand_is_not_taken_for_it(
    before: Database,
) -> None:
    with before.write() as tx:
        ann, bob = (
            tx.insert(
                """
                INSERT INTO students (student_id, name, state, token_version, created_at)
                VALUES (:number, 'A', 'active', 1, :now)
                """,
                number=number,
                now=NOW,
            )
            for number in ("S1", "S2")
        )
        for student in (ann, bob):
            for name in ("hand", "list", "again", "unknown"):
                guardians.add(
                    tx,
                    student=student,
                    name=None,
                    email=f"{name}@home.example",
                    language=None,
                    now=NOW,
                )
        subject = f"student:{ann}"
        by_hand = {"name": None, "email": "hand@home.example"}
        CLI.note(tx, NOW, "guardian.add", subject, new=by_hand)
        CLI.note(
            tx,
            NOW,
            "guardian.import",
            subject,
            old="hand@home.example",
            new="Mum <hand@home.example>; Dad <list@home.example>; again@home.example",
        )
        CLI.note(tx, NOW, "guardian.remove", subject, old={"email": "again@home.example"})
        CLI.note(tx, NOW, "guardian.add", subject, new={"email": "again@home.example"})
        CLI.note(tx, NOW, "guardian.import", "student:987654", new="unknown@home.example")
    migrate(before)
    with before.read() as tx:
        listed = guardians.listed(tx, [ann, bob])
    assert [(row["student"], row["email"]) for row in listed if row["from_list"]] == [
        (ann, "list@home.example")
    ]
