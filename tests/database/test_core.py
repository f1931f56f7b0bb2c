"""The one door: transactions, times, violations, waiting."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from database import Database, DatabaseUnavailable, ForeignKeyViolation, UniqueViolation, counters
from tests.database.conftest import NOW

COUNT = "SELECT COUNT(*) FROM revoked_tokens"
INSERT = "INSERT INTO revoked_tokens (id, expires_at) VALUES (:id, :expires_at)"


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    def write_and_break() -> None:
        with database.write() as tx:
            tx.insert_row(INSERT, id="a", expires_at=NOW)
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        write_and_break()
    with database.read() as tx:
        assert tx.scalar(COUNT) == 0


def test_times_keep_their_microseconds_and_their_zone(database: Database) -> None:
    berlin = timezone(timedelta(hours=1))
    with database.write() as tx:
        tx.insert_row(INSERT, id="a", expires_at=NOW.astimezone(berlin))
        row = tx.one("SELECT expires_at FROM revoked_tokens")
    assert row == {"expires_at": NOW}
    with database.read() as tx:
        assert tx.scalar(f"{COUNT} WHERE expires_at <= :now", now=NOW) == 1
        early = NOW - timedelta(microseconds=1)
        assert tx.scalar(f"{COUNT} WHERE expires_at <= :now", now=early) == 0


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001  # what this test is about
    with database.write() as tx, pytest.raises(ValueError, match="zone"):
        tx.insert_row(INSERT, id="a", expires_at=naive)


def test_a_violation_leaves_the_rest_of_the_transaction_alone(database: Database) -> None:
    with database.write() as tx:
        tx.insert_row(INSERT, id="a", expires_at=NOW)
        with pytest.raises(UniqueViolation):
            tx.insert_row(INSERT, id="a", expires_at=NOW)
        tx.insert_row(INSERT, id="b", expires_at=NOW)
    with database.read() as tx:
        assert tx.scalar(COUNT) == 2


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with database.write() as tx, pytest.raises(ForeignKeyViolation):
        tx.insert_row(
            "INSERT INTO enrolments (course, student, enrolled_at) VALUES (1, 1, :now)", now=NOW
        )


def test_text_is_compared_by_code_point(database: Database) -> None:
    with database.write() as tx:
        for text in ("a", "A", "ä", "ß", "ss", "𝒳"):
            tx.insert_row(INSERT, id=text, expires_at=NOW)
        assert tx.scalar(f"{COUNT} WHERE id = :id", id="A") == 1
        assert tx.scalar(f"{COUNT} WHERE id IN :ids", ids=["ß", "𝒳"]) == 2


def test_nothing_is_in_an_empty_list(database: Database) -> None:
    with database.write() as tx:
        tx.insert_row(INSERT, id="a", expires_at=NOW)
        for column in ("id", "expires_at"):
            assert tx.scalar(f"{COUNT} WHERE {column} IN :none", none=[]) == 0
        number = "SELECT COUNT(*) FROM alembic_version WHERE LENGTH(version_num) IN :none"
        assert tx.scalar(number, none=[]) == 0


def test_holders_of_a_counter_take_turns(database: Database) -> None:
    values: list[int] = []

    def raise_counter() -> None:
        for _ in range(10):
            with database.write() as tx:
                values.append(counters.raise_by_one(tx, "faces"))

    threads = [threading.Thread(target=raise_counter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(values) == list(range(1, 81))


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writer:
        writer.insert_row(INSERT, id="a", expires_at=NOW)
        with database.read() as reader:
            assert reader.scalar(COUNT) == 0


def test_a_database_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    for url in (
        f"sqlite:///{folder}",
        "mysql+mysqlconnector://nobody@127.0.0.1:1/none",
        "postgresql+psycopg://nobody@127.0.0.1:1/none",
    ):
        with pytest.raises(DatabaseUnavailable):
            Database(url).ping()


def test_the_password_is_not_shown() -> None:
    shown = Database("mysql+mysqlconnector://root:secret@127.0.0.1/x").shown
    assert "secret" not in shown


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_an_sqlite_database_is_a_file(url: str) -> None:
    with pytest.raises(ValueError, match="file"):
        Database(url)
