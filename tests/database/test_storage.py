"""How much is kept, on each database."""

from __future__ import annotations

from database import Database, students
from database.storage import rows, size
from tests.database.conftest import NOW


def test_rows_are_counted_and_bytes_told(database: Database) -> None:
    with database.write() as tx:
        students.create(
            tx,
            student_id="S1",
            name="Ada",
            email="ada@school.example",
            password_hash="x",
            course=None,
            now=NOW,
        )
    with database.read() as tx:
        counted, taken = rows(tx), size(tx)
    assert (counted["students"], counted["attendance"]) == (1, 0)
    assert taken > 0
