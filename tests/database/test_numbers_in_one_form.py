"""Numbers of before get their one form, unless it is somebody else's or fits no more."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from database import Database, migrate
from tests.databases import Server, Sqlite

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)


def test_numbers_get_one_form_and_nobody_gets_another_students(
    tmp_path: Path, database_server: Sqlite | Server
) -> None:
    kept = ["S1", "Zoe\u0308", "12\u200b", "12", "1\u00a0 2", "Ｓ２", "a/b", "..", "Ｓ２\u200b"]
    database = Database(database_server.create_empty(tmp_path))
    migrate(database, "0009")
    with database.write() as tx:
        for number in kept:
            tx.insert(
                """
                INSERT INTO students (student_id, name, email, state, token_version, created_at)
                VALUES (:number, 'A', :email, 'active', 1, :now)
                """,
                number=number,
                email=None,
                now=NOW,
            )
    migrate(database)
    with database.read() as tx:
        found = [row["student_id"] for row in tx.all("SELECT student_id FROM students ORDER BY id")]
    database.close()
    assert found == ["S1", "Zoë", "12\u200b", "12", "1 2", "S2", "a/b", "..", "Ｓ２\u200b"]
