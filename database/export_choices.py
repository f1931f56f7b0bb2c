"""How each teacher wants the CSV files that pages offer; who has chosen nothing has no row."""

from __future__ import annotations

from database.core import Row, Transaction


def of(tx: Transaction, teacher: int) -> Row | None:
    """The teacher's `separator`, `times` and `bom`, or None."""
    return tx.one(
        """
        SELECT separator_name, times, bom FROM export_choices
        WHERE teacher = :teacher
        """,
        teacher=teacher,
    )


def put(tx: Transaction, teacher: int, *, separator: str, times: str, bom: bool) -> None:
    """Store what the teacher has chosen."""
    tx.execute("DELETE FROM export_choices WHERE teacher = :teacher", teacher=teacher)
    tx.insert_row(
        """
        INSERT INTO export_choices (teacher, separator_name, times, bom)
        VALUES (:teacher, :separator, :times, :bom)
        """,
        teacher=teacher,
        separator=separator,
        times=times,
        bom=int(bom),
    )
