"""What a transaction promises when others are in its way, or the line breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from attendance.operation.certificate import self_signed
from database import Database, DatabaseOptions, DatabaseUnavailable, Transaction, UniqueViolation
from database.dialects import OutcomeUnknown
from tests.relay import Relay

NOW = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=timezone.utc)
OpenDatabase = Callable[..., Database]


@pytest.fixture
def open_database(database_url: str) -> Iterator[OpenDatabase]:
    """Opens the test's database, as a process of its own would."""
    opened: list[Database] = []

    def open_(url: str | sa.URL = database_url, **options: object) -> Database:
        opened.append(Database(url, DatabaseOptions(**options)))  # type: ignore[arg-type]
        return opened[-1]

    yield open_
    for database in opened:
        database.close()


@pytest.fixture
def database(open_database: OpenDatabase) -> Database:
    return open_database()


@pytest.fixture
def relay(database_url: str) -> Iterator[Relay]:
    url = sa.make_url(database_url)
    assert url.host
    assert url.port
    with Relay(url.host, url.port) as relay:
        yield relay


@pytest.fixture
def relayed(open_database: OpenDatabase, database_url: str, relay: Relay) -> Database:
    """The database over a line that can be cut."""
    url = sa.make_url(database_url).set(port=relay.port)
    if url.get_backend_name() != "postgresql":
        # the relay looks for words in what passes
        url = url.update_query_dict({"ssl_disabled": "true"})
    return open_database(url, answer_timeout=5)


def add_student(tx: Transaction, number: str = "S1", name: str = "Ada") -> int:
    return tx.insert(
        """
        INSERT INTO students (student_id, name, created_at) VALUES (:number, :name, :now)
        """,
        number=number,
        name=name,
        now=NOW,
    )


def numbers(database: Database) -> list[str]:
    with database.read() as tx:
        rows = tx.all("SELECT student_id FROM students ORDER BY student_id")
        return [str(row["student_id"]) for row in rows]


def kill(database: Database, connection: int) -> None:
    with database.write() as tx:
        if tx.dialect == "postgresql":
            tx.scalar("SELECT pg_terminate_backend(:id)", id=connection)
        else:
            tx.execute(f"KILL {connection}")


def connection_id(tx: Transaction) -> int:
    call = "pg_backend_pid()" if tx.dialect == "postgresql" else "CONNECTION_ID()"
    return int(tx.scalar(f"SELECT {call}"))


def test_an_exception_undoes_all_of_it(database: Database) -> None:
    undone = []

    def half(tx: Transaction) -> None:
        add_student(tx)
        tx.on_rollback(lambda: undone.append(True))
        raise ValueError("the second half fails")

    with pytest.raises(ValueError, match="second half"):
        database.run(half)
    assert numbers(database) == []
    assert undone == [True]


def test_after_a_violation_the_transaction_goes_on(database: Database) -> None:
    with database.write() as tx:
        add_student(tx)
        with pytest.raises(UniqueViolation):
            add_student(tx)
        add_student(tx, "S2")
    assert numbers(database) == ["S1", "S2"]


def test_times_and_letters_come_back_as_they_went_in(database: Database) -> None:
    name = "Zoë 李 🎓 e\u0301"
    with database.write() as tx:
        add_student(tx, name=name)
    with database.read() as tx:
        row = tx.one("SELECT name, created_at FROM students WHERE created_at = :now", now=NOW)
        assert row == {"name": name, "created_at": NOW}
        assert row["created_at"].utcoffset() == timedelta(0)


def test_upper_and_lower_case_are_two_keys(database: Database) -> None:
    with database.write() as tx:
        add_student(tx, "s1")
        add_student(tx, "S1")
    assert sorted(numbers(database)) == ["S1", "s1"]


def test_a_text_that_is_too_long_is_refused_and_not_cut(database: Database) -> None:
    with database.write() as tx:
        if tx.dialect == "sqlite":  # knows no lengths: the API's own limits hold there
            add_student(tx, "x" * 65)
            return
    with pytest.raises(sa.exc.DataError), database.write() as tx:
        add_student(tx, "x" * 65)


def test_whoever_waits_too_long_for_a_lock_is_told_so(open_database: OpenDatabase) -> None:
    first, second = open_database(), open_database(lock_timeout=1)
    with first.write() as tx:
        tx.execute("UPDATE counters SET value = 7 WHERE name = 'faces'")
        with pytest.raises(DatabaseUnavailable), second.write() as other:
            other.execute("UPDATE counters SET value = 8 WHERE name = 'faces'")
    with second.read() as tx:
        assert tx.scalar("SELECT value FROM counters WHERE name = 'faces'") == 7


def test_a_snapshot_shows_one_moment(database: Database) -> None:
    with database.snapshot() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM students") == 0
        with database.write() as other:
            add_student(other)
        assert tx.scalar("SELECT COUNT(*) FROM students") == 0


def test_writers_of_one_process_wait_for_each_other_and_not_for_ever(
    open_database: OpenDatabase,
) -> None:
    database = open_database(lock_timeout=1)

    def add_the_same() -> None:
        with pytest.raises(DatabaseUnavailable), database.write() as tx:
            add_student(tx)

    with database.write() as tx:
        add_student(tx)
        other = threading.Thread(target=add_the_same)
        other.start()
        other.join()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: database.run(lambda tx: add_student(tx, f"T{n}")), range(40)))
    assert len(numbers(database)) == 41


@pytest.mark.needs_server
def test_two_that_lock_each_other_out_both_get_through(database: Database) -> None:
    """A deadlock: one is rolled back by the server and tried again."""
    with database.write() as tx:
        add_student(tx, "A")
        add_student(tx, "B")
    met = threading.Barrier(2)
    tries: list[str] = []

    def rename(first: str, second: str) -> None:
        def work(tx: Transaction) -> None:
            tries.append(first)
            for number in (first, second):
                tx.execute(
                    "UPDATE students SET name = :name WHERE student_id = :number",
                    name=f"by {first}",
                    number=number,
                )
                # Each holds one row and asks for the other's; a second try meets nobody.
                if number == first and tries.count(first) == 1:
                    met.wait(10)

        database.run(work)

    threads = [threading.Thread(target=rename, args=pair) for pair in (("A", "B"), ("B", "A"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as tx:
        names = {row["name"] for row in tx.all("SELECT name FROM students")}
    assert len(tries) == 3, "one of the two was tried twice"
    assert len(names) == 1, "both rows are of the last writer: no half"


@pytest.mark.needs_server
@pytest.mark.parametrize("statement", [add_student, lambda tx: tx.scalar("SELECT 1")])
def test_a_connection_lost_before_the_commit_is_tried_again(
    database: Database, statement: Callable[[Transaction], object]
) -> None:
    tries = []

    def work(tx: Transaction) -> None:
        add_student(tx, f"S{len(tries)}")
        tries.append(True)
        if len(tries) == 1:
            kill(database, connection_id(tx))
            statement(tx)

    database.run(work)
    assert len(tries) == 2
    assert numbers(database) == ["S1"], "nothing is left of the first try"


@pytest.mark.needs_server
def test_a_server_that_stays_away_is_given_up(relayed: Database, relay: Relay) -> None:
    assert numbers(relayed) == []
    relay.refuse()
    tries = []

    def work(tx: Transaction) -> None:
        tries.append(True)
        add_student(tx)

    with pytest.raises(DatabaseUnavailable):
        relayed.run(work, repeatable=True)
    with pytest.raises(DatabaseUnavailable):
        relayed.ping()


@pytest.mark.needs_server
def test_a_commit_without_an_answer_is_not_tried_again_by_itself(
    relayed: Database, relay: Relay, database: Database
) -> None:
    def work(tx: Transaction) -> None:
        add_student(tx)
        tx.on_rollback(lambda: pytest.fail("it may have been kept"))
        relay.swallow_answer_to(b"COMMIT")

    with pytest.raises(OutcomeUnknown):
        relayed.run(work)
    assert numbers(database) == ["S1"], "the database had committed"


@pytest.mark.needs_server
def test_a_commit_without_an_answer_is_tried_again_where_twice_is_as_good_as_once(
    relayed: Database, relay: Relay
) -> None:
    tries = []

    def work(tx: Transaction) -> bool:
        tries.append(True)
        try:
            add_student(tx)
        except UniqueViolation:
            return False
        relay.swallow_answer_to(b"COMMIT")
        return True

    was_first = relayed.run(work, repeatable=True)
    assert (len(tries), was_first) == (2, False)
    assert numbers(relayed) == ["S1"]


@pytest.mark.needs_server
def test_a_silent_server_is_given_up_and_its_connection_not_used_again(
    open_database: OpenDatabase,
) -> None:
    database = open_database(answer_timeout=2, pool_size=1)
    sleep = {"postgresql": "pg_sleep(6)"}.get(database.dialect, "SLEEP(6)")
    with pytest.raises(DatabaseUnavailable), database.read() as tx:
        tx.scalar(f"SELECT {sleep}")
    assert numbers(database) == []


def test_a_busy_pool_is_told(open_database: OpenDatabase) -> None:
    database = open_database(pool_size=1, pool_timeout=0.2)
    with database.read(), database.read(), pytest.raises(DatabaseUnavailable), database.read():
        pytest.fail("two connections are all there is")


@pytest.mark.needs_server
def test_a_required_encryption_is_there_or_the_server_is_refused(
    open_database: OpenDatabase,
) -> None:
    with open_database().read() as tx:
        if tx.dialect == "postgresql":
            offered = tx.scalar("SHOW ssl") == "on"
        else:
            offered = bool(tx.all("SHOW SESSION STATUS LIKE 'Ssl_cipher'")[0]["Value"])
    strict = open_database(tls="require")
    if offered:
        strict.ping()
    else:
        with pytest.raises(DatabaseUnavailable, match=r"TLS|SSL"):
            strict.ping()


@pytest.mark.needs_server
def test_a_server_that_the_given_certificates_do_not_vouch_for_is_refused(
    open_database: OpenDatabase, tmp_path: Path
) -> None:
    certificate, _ = self_signed(tmp_path, [], NOW)
    strict = open_database(tls="verify", tls_ca=certificate)
    with pytest.raises(DatabaseUnavailable):
        strict.ping()
