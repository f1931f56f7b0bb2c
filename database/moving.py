"""Move an installation to another database: every table, checked by counts and checksums."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from database import copying
from database.core import Database, Transaction
from database.migrate import current_revision, migrate


class MoveRefused(Exception):
    """The copy cannot be made, or is not the same; the message says why. Nothing was kept."""


@dataclass(frozen=True)
class Fingerprint:
    """What two equal tables have in common, whatever the order of their rows."""

    rows: int
    checksum: str


def move(source: Database, target: Database, progress: copying.Progress) -> dict[str, Fingerprint]:
    """Copy every row of `source` into the empty `target`, in one transaction, and compare.

    The source is read as of one moment. `progress` is told how many rows were copied since the
    last time.

    Returns:
        The fingerprint of each table, the same in both.

    Raises:
        MoveRefused: the source has not the newest schema, the target is not empty, or the copy
            differs.
    """
    if current_revision(target) is not None:
        raise MoveRefused("the target is not empty: give a new database")
    migrate(target)
    if current_revision(source) != current_revision(target):
        migrate(target, "base")
        raise MoveRefused("the source has another schema: run `flask db-upgrade` on it first")
    try:
        with source.snapshot() as old, target.write() as new:
            ids = copying.copy(old, new, progress)
            made, expected = fingerprints(new), fingerprints(old)
            differing = sorted(table for table in made if made[table] != expected[table])
            if differing:
                raise MoveRefused(f"the copy differs in {', '.join(differing)}")
    except BaseException:
        migrate(target, "base")  # empty again, for the next try
        raise
    copying.continue_ids(target, ids)
    return made


def fingerprints(tx: Transaction) -> dict[str, Fingerprint]:
    """The fingerprint of each table; equal tables have equal ones on every database."""
    return {table: _fingerprint(tx, table, columns) for table, columns in copying.tables_of(tx)}


def _fingerprint(tx: Transaction, table: str, columns: list[str]) -> Fingerprint:
    columns = sorted(columns)
    total, count = 0, 0
    for batch in tx.stream(f"SELECT {', '.join(columns)} FROM {table}"):
        for row in batch:
            line = repr([_canonical(row[column]) for column in columns])
            digest = hashlib.sha256(line.encode()).digest()
            # A sum does not depend on the order, which each database chooses itself.
            total = (total + int.from_bytes(digest, "big")) % 2**256
        count += len(batch)
    return Fingerprint(count, f"{total:064x}")


def _canonical(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return value
