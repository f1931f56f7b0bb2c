"""Several marks of a session put right at once, and how that is taken back."""

from __future__ import annotations

from datetime import datetime

from database import notice_checks, webhooks
from database.core import Row, Transaction

# status, remark, and the id of a reason
Wanted = tuple[str, str | None, int | None]

_MARK = "status, method, distance, marked_at, remark, evidence, reason_id"


def add(
    tx: Transaction,
    session: int,
    wanted: dict[int, Wanted],
    before: dict[int, Row],
    now: datetime,
) -> int:
    """Write marks by hand over what was there, and keep that; returns the correction's id.

    The session's row must be locked. The time of arrival stays, where there was one.

    Args:
        wanted: for each student (by table id) the status, the remark and the id of a reason.
        before: the marks that are there, as `marks_of` reads them under that lock.

    Raises:
        ForeignKeyViolation: a student was deleted meanwhile.
    """
    correction = tx.insert(
        "INSERT INTO corrections (session, corrected_at) VALUES (:session, :now)",
        session=session,
        now=now,
    )
    rows = []
    for student, (status, remark, reason) in wanted.items():
        old = before.get(student, {})
        rows.append(
            {
                "correction": correction,
                "session": session,
                "student": student,
                "status": status,
                "remark": remark,
                "reason": reason,
                "now": now,
                **{f"old_{name}": old.get(name) for name in _MARK.split(", ")},
            }
        )
    tx.insert_many(
        """
        INSERT INTO corrected_marks (correction, student, status, remark, reason_id, old_status,
                                     old_method, old_distance, old_marked_at, old_remark,
                                     old_evidence, old_reason_id)
        VALUES (:correction, :student, :status, :remark, :reason, :old_status, :old_method,
                :old_distance, :old_marked_at, :old_remark, :old_evidence, :old_reason_id)
        """,
        rows,
    )
    tx.insert_many(
        """
        INSERT INTO attendance (session, student, status, method, remark, reason_id, marked_at)
        VALUES (:session, :student, :status, 'manual', :remark, :reason, :now)
        """,
        [row for row in rows if row["student"] not in before],
    )
    for row in rows:
        if row["student"] in before:
            tx.execute(
                """
                UPDATE attendance
                SET status = :status, method = 'manual', distance = NULL, remark = :remark,
                    reason_id = :reason, evidence = NULL, device = NULL
                WHERE session = :session AND student = :student
                """,
                **{
                    name: row[name] for name in ("status", "remark", "reason", "session", "student")
                },
            )
    webhooks.queue_marks(tx, session, list(wanted), now)
    notice_checks.note(tx, session, now)
    return correction


def by_id(tx: Transaction, correction: int, session: int) -> Row | None:
    """`id`, `corrected_at` and `undone_at` of a correction of the session, or None."""
    return tx.one(
        """
        SELECT id, corrected_at, undone_at FROM corrections
        WHERE id = :id AND session = :session
        """,
        id=correction,
        session=session,
    )


def undo(tx: Transaction, correction: int, session: int, now: datetime) -> tuple[list[int], int]:
    """Bring back what was there, except where a mark has been changed since.

    The session's row must be locked. Returns the students (by table id) whose mark is as before
    again, and how many were left as they are.
    """
    current = marks_of(tx, session)
    back, left = [], 0
    for row in tx.all("SELECT * FROM corrected_marks WHERE correction = :id", id=correction):
        mark = current.get(int(row["student"]))
        if (
            mark is not None
            and mark["method"] == "manual"
            and all(mark[name] == row[name] for name in ("status", "remark", "reason_id"))
        ):
            back.append(row)
        else:
            left += 1
    for row in back:
        which = {"session": session, "student": row["student"]}
        if row["old_status"] is None:
            tx.execute(
                "DELETE FROM attendance WHERE session = :session AND student = :student", **which
            )
            continue
        tx.execute(
            """
            UPDATE attendance
            SET status = :status, method = :method, distance = :distance, marked_at = :marked_at,
                remark = :remark, evidence = :evidence, reason_id = :reason_id
            WHERE session = :session AND student = :student
            """,
            **{name: row[f"old_{name}"] for name in _MARK.split(", ")},
            **which,
        )
    tx.execute("UPDATE corrections SET undone_at = :now WHERE id = :id", now=now, id=correction)
    students = [int(row["student"]) for row in back]
    webhooks.queue_marks(tx, session, students, now)
    notice_checks.note(tx, session, now)
    return students, left


def marks_of(tx: Transaction, session: int) -> dict[int, Row]:
    """The marks of a session, by the table id of the student."""
    rows = tx.all(
        f"SELECT student, {_MARK} FROM attendance WHERE session = :session", session=session
    )
    return {int(row["student"]): row for row in rows}
