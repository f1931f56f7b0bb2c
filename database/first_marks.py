"""Marks by a first face that waits for a person: they become marks when it is confirmed."""

from __future__ import annotations

from datetime import datetime

from database import marks, notice_checks
from database.core import Row, Transaction, UniqueViolation
from database.standings import HELD

_COLUMNS = "session, student, status, method, distance, evidence, device, marked_at"


def add(
    tx: Transaction,
    *,
    session: int,
    student: int,
    status: str,
    method: str,
    distance: float,
    evidence: str,
    device: str | None,
    now: datetime,
) -> tuple[Row, bool]:
    """Keep the mark once. Returns the row that is kept, and whether it was there already.

    Args:
        evidence: what it rests on, words separated by commas.

    Raises:
        ForeignKeyViolation: the student or session was deleted meanwhile.
    """
    already = False
    try:
        tx.insert_row(
            f"""
            INSERT INTO first_marks ({_COLUMNS})
            VALUES (:session, :student, :status, :method, :distance, :evidence, :device, :now)
            """,
            session=session,
            student=student,
            status=status,
            method=method,
            distance=distance,
            evidence=evidence,
            device=device,
            now=now,
        )
    except UniqueViolation:
        already = True
    row = tx.one(
        f"SELECT {_COLUMNS} FROM first_marks WHERE session = :session AND student = :student",
        session=session,
        student=student,
    )
    assert row is not None
    return row, already


def in_session(tx: Transaction, session: int) -> list[Row]:
    """Who has marked in the session with a face that waits and has no mark, by time; `enrolment`
    is the proposal's id, `pictures` tells whether it has a picture."""
    return tx.all(
        """
        SELECT students.student_id, students.name, first_marks.status, first_marks.method,
               first_marks.distance, first_marks.evidence, first_marks.marked_at,
               waiting.id AS enrolment, waiting.pictures
        FROM first_marks JOIN students ON students.id = first_marks.student
        JOIN (SELECT student, MIN(id) AS id, COUNT(picture) AS pictures
              FROM proposed_templates GROUP BY student) AS waiting
          ON waiting.student = first_marks.student
        WHERE first_marks.session = :session
          AND NOT EXISTS (SELECT 1 FROM attendance
                          WHERE attendance.session = first_marks.session
                            AND attendance.student = first_marks.student)
        ORDER BY first_marks.marked_at, students.student_id
        """,
        session=session,
    )


def sessions_of(tx: Transaction, student: int) -> list[int]:
    """The sessions (by table id) in which the student has marked so."""
    rows = tx.all(
        "SELECT session FROM first_marks WHERE student = :student ORDER BY session",
        student=student,
    )
    return [int(row["session"]) for row in rows]


def settle(tx: Transaction, student: int, word: str, now: datetime) -> list[int]:
    """The face was confirmed: write what was kept as marks of the time at which they were made,
    with one word of evidence more. Returns the sessions that have another mark now.

    A mark that is there already stays. Of a discarded session nothing is written.
    """
    rows = tx.all(
        f"""
        SELECT {", ".join(f"first_marks.{name.strip()}" for name in _COLUMNS.split(","))}
        FROM first_marks JOIN sessions ON sessions.id = first_marks.session
        WHERE first_marks.student = :student AND {HELD} ORDER BY first_marks.session
        """,
        student=student,
    )
    forget(tx, student)
    written = []
    for row in rows:
        at = row.pop("marked_at")
        row["evidence"] = f"{row['evidence']},{word}"
        _, already = marks.add(tx, **row, now=at)
        if not already:
            notice_checks.note(tx, int(row["session"]), now)
            written.append(int(row["session"]))
    return written


def forget(tx: Transaction, student: int) -> None:
    """Drop what the student has marked with a face that waits."""
    tx.execute("DELETE FROM first_marks WHERE student = :student", student=student)
