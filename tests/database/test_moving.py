"""Moving an installation from one database to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from click.testing import Result
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from attendance.web.current import services_of
from database import Database, Transaction, copying, migrate, moving
from tests.conftest import Api, Person
from tests.databases import Server, Sqlite

NOW = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=timezone.utc)


@pytest.fixture
def target_url(tmp_path: Path, database_server: Sqlite | Server) -> str:
    return database_server.create_empty(tmp_path)


@pytest.fixture
def barack(api: Api) -> Person:
    """A student with a face and a mark, in a school with letters of several scripts."""
    student = api.student("obama")
    session = api.session(
        api.teacher(name="Zoë 李 🎓"), subject='Algebra "I"; -- \\', section=" B "
    )
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200
    return student


@pytest.fixture
def add(parts: Services) -> Iterator[Callable[[str], int]]:
    def add(number: str) -> int:
        with parts.database.write() as tx:
            return add_student(tx, number)

    return add


def add_student(tx: Transaction, number: str) -> int:
    return tx.insert(
        "INSERT INTO students (student_id, name, created_at) VALUES (:number, 'x', :now)",
        number=number,
        now=NOW,
    )


def copy_by_command(app: OpenAPI, source: str, target: str) -> Result:
    return app.test_cli_runner().invoke(args=["copy-database", source, target])


def test_an_installation_moves_whole_and_works_at_its_new_place(
    app: OpenAPI,
    barack: Person,
    make_app: Callable[..., OpenAPI],
    database_url: str,
    target_url: str,
) -> None:
    result = copy_by_command(app, database_url, target_url)
    assert result.exit_code == 0, result.output
    assert "counts and checksums agree" in result.output
    moved = Api(make_app(database_url=target_url))
    with services_of(moved.app).database.read() as tx:
        assert tx.scalar("SELECT name FROM teachers") == "Zoë 李 🎓"
        assert tx.scalar("SELECT model FROM face_templates") == "both"  # or it compares with nobody
    session = moved.session(moved.teacher())
    assert moved.mark(barack, "obama3", code=session["code"]).status_code == 200
    history = moved.get("/student/attendance", barack).json
    assert history["total"] == 2, "the mark of before the move, and the new one"


def test_from_sqlite_to_every_server(
    barack: Person, parts: Services, tmp_path: Path, target_url: str
) -> None:
    """There and back again: the file is as it was."""
    with parts.database.snapshot() as tx:
        before = moving.fingerprints(tx)
    back = Database(f"sqlite:///{tmp_path / 'back.db'}")
    there = Database(target_url)
    moving.move(parts.database, back, lambda _rows: None)
    moving.move(back, there, lambda _rows: None)
    with there.snapshot() as tx:
        assert moving.fingerprints(tx) == before
    back.close()
    there.close()


def test_ids_of_deleted_rows_are_not_given_out_again(
    add: Callable[[str], int], parts: Services, target_url: str
) -> None:
    add("S1")
    highest = add("S2")
    with parts.database.write() as tx:
        tx.execute("DELETE FROM students WHERE student_id = 'S2'")
    target = Database(target_url)
    moving.move(parts.database, target, lambda _rows: None)
    with target.write() as tx:
        assert add_student(tx, "S3") > highest  # by one, or in a cluster's steps
    target.close()


def test_more_rows_than_one_batch_are_told_and_copied(parts: Services, target_url: str) -> None:
    with parts.database.write() as tx:
        tx.insert_many(
            "INSERT INTO revoked_tokens (id, expires_at) VALUES (:id, :now)",
            [{"id": f"t{n}", "now": NOW} for n in range(1001)],
        )
    told: list[int] = []
    target = Database(target_url)
    copied = moving.move(parts.database, target, told.append)
    assert copied["revoked_tokens"].rows == 1001
    assert sum(told) == sum(fingerprint.rows for fingerprint in copied.values())
    assert max(told) < 1001
    target.close()


def test_a_target_with_something_in_it_is_left_alone(
    app: OpenAPI, database_url: str, target_url: str
) -> None:
    target = Database(target_url)
    migrate(target)
    target.close()
    result = copy_by_command(app, database_url, target_url)
    assert result.exit_code == 1
    assert "the target is not empty" in result.output


def test_an_old_schema_is_refused(app: OpenAPI, tmp_path: Path, target_url: str) -> None:
    source = f"sqlite:///{tmp_path / 'old.db'}"
    result = copy_by_command(app, source, target_url)
    assert result.exit_code == 1
    assert "db-upgrade" in result.output


def test_a_copy_that_differs_is_undone(
    barack: Person, parts: Services, target_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copying.copy

    def forgetful(old: Transaction, new: Transaction, progress: copying.Progress) -> dict[str, int]:
        ids = copy(old, new, progress)
        new.execute("UPDATE attendance SET distance = distance + 1e-9")
        return ids

    target = Database(target_url)
    monkeypatch.setattr(copying, "copy", forgetful)
    with pytest.raises(moving.MoveRefused, match="attendance"):
        moving.move(parts.database, target, lambda _rows: None)
    monkeypatch.undo()
    assert moving.move(parts.database, target, lambda _rows: None)["students"].rows == 1
    target.close()
