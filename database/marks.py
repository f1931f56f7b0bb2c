"""Attendance marks: at most one per session and student, by the table's own unique key."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from database import notice_checks, webhooks
from database.core import Row, Transaction, UniqueViolation
from database.rows import MarkRow
from database.standings import COVERING, HELD, LEFT, SESSION_END, standings

# Of a session's marks: for each status how many there are, and the newest one's id. Another value
# when marks were added or taken away, or stand with another status.
Version = frozenset[tuple[str, int, int]]

_PERSON = "students.student_id, students.name, students.family_name, students.email"
_IN_ORDER = f"{_PERSON}, students.sort_key"
_SHOWN = """
    student_id, name, family_name, email, status, method, distance, marked_at, remark, evidence,
    reason_id
"""
# The name of a mark's reason; a standing has it already.
_REASON = """
    (SELECT reasons.name FROM reasons WHERE reasons.id = attendance.reason_id) AS reason
"""
_LEFT = "left_at, left_by"


def add(
    tx: Transaction,
    *,
    session: int,
    student: int,
    status: str,
    method: str,
    distance: float | None,
    remark: str | None = None,
    evidence: str | None = None,
    device: str | None = None,
    now: datetime,
) -> tuple[MarkRow | None, bool]:
    """Write the mark once. Returns the row that counts and whether it was there already.

    Args:
        evidence: what it rests on, words separated by commas; None: what the method says.
        device: the browser that marks, where one may mark for one student only. Where it has
            marked for another, there is no row.

    Raises:
        ForeignKeyViolation: the student or session was deleted meanwhile.
    """
    already = False
    try:
        tx.insert(
            """
            INSERT INTO attendance (session, student, status, method, distance, remark, evidence,
                                    device, marked_at)
            VALUES (:session, :student, :status, :method, :distance, :remark, :evidence,
                    :device, :now)
            """,
            session=session,
            student=student,
            status=status,
            method=method,
            distance=distance,
            remark=remark,
            evidence=evidence,
            device=device,
            now=now,
        )
    except UniqueViolation:
        already = True
    if not already:
        webhooks.queue(tx, "attendance_marked", now, session=session, student=student)
    return of_student_in(tx, session=session, student=student), already


def marked_by_device(tx: Transaction, session: int, device: str) -> int | None:
    """The student (by table id) for whom this browser has marked in the session, also with a face
    that waits, or None."""
    found = tx.scalar(
        """
        SELECT student FROM attendance WHERE session = :session AND device = :device
        UNION ALL
        SELECT student FROM first_marks WHERE session = :session AND device = :device
        """,
        session=session,
        device=device,
    )
    return None if found is None else int(found)


def put(
    tx: Transaction,
    *,
    session: int,
    student: int,
    status: str,
    remark: str | None,
    reason: int | None = None,
    now: datetime,
) -> None:
    """Write the mark by hand, over what was there. The time of arrival stays, if there was one.

    Raises:
        ForeignKeyViolation: the student or session was deleted meanwhile.
    """
    webhooks.queue(tx, "attendance_marked", now, session=session, student=student)
    notice_checks.note(tx, session, now)
    with suppress(UniqueViolation):
        tx.insert(
            """
            INSERT INTO attendance (session, student, status, method, remark, reason_id, marked_at)
            VALUES (:session, :student, :status, 'manual', :remark, :reason, :now)
            """,
            session=session,
            student=student,
            status=status,
            remark=remark,
            reason=reason,
            now=now,
        )
        return
    tx.execute(
        """
        UPDATE attendance
        SET status = :status, method = 'manual', distance = NULL, remark = :remark,
            reason_id = :reason, evidence = NULL, device = NULL
        WHERE session = :session AND student = :student
        """,
        session=session,
        student=student,
        status=status,
        remark=remark,
        reason=reason,
    )


def distances(tx: Transaction) -> list[float]:
    """The distance of every mark for which a face was compared."""
    rows = tx.all("SELECT distance FROM attendance WHERE distance IS NOT NULL")
    return [float(row["distance"]) for row in rows]


def face_refusals(tx: Transaction) -> Row:
    """How many attempts were `refused` because the face did not agree, and of how many of these the
    student was `then_marked` by face in the same session."""
    row = tx.one(
        """
        SELECT COUNT(*) AS refused, COUNT(attendance.distance) AS then_marked
        FROM refusals LEFT JOIN attendance ON attendance.session = refusals.session
          AND attendance.student = refusals.student
        WHERE refusals.code = 'face_mismatch'
        """
    )
    assert row is not None
    return row


def of_student_in(tx: Transaction, *, session: int, student: int) -> MarkRow | None:
    """One student's mark in one session, as the list shows it, or None."""
    return tx.one(
        f"""
        SELECT {_SHOWN}, {_REASON}, {LEFT}
        FROM attendance JOIN students ON students.id = attendance.student
        WHERE attendance.session = :session AND attendance.student = :student
        """,
        MarkRow,
        session=session,
        student=student,
    )


def standing_of(tx: Transaction, *, session: int, student: int, now: datetime) -> MarkRow | None:
    """Where one student stands in one session, by a mark or without one, or None."""
    scope = "sessions.id = :session AND students.id = :student"
    return tx.one(
        f"SELECT {_SHOWN}, reason, {_LEFT} FROM ({standings(_PERSON, scope)}) AS standing",
        MarkRow,
        session=session,
        student=student,
        now=now,
    )


def missing_in(tx: Transaction, session: int, now: datetime) -> list[Row]:
    """Students who belong to the session's list and have no mark, nor one that waits for their
    first face, by number: `id`, `student_id`, and whether an apology covers the session
    (`excused`)."""
    rows = tx.all(
        f"""
        SELECT students.id, students.student_id,
               CASE WHEN EXISTS (SELECT 1 FROM {COVERING}) THEN 1 ELSE 0 END AS excused
        FROM sessions JOIN enrolments ON enrolments.course = sessions.course
        JOIN students ON students.id = enrolments.student
        LEFT JOIN attendance ON attendance.session = sessions.id
                            AND attendance.student = students.id
        WHERE sessions.id = :session AND {HELD} AND attendance.id IS NULL
          AND COALESCE(sessions.listed_at, {SESSION_END}, :now) >= enrolments.enrolled_at
          AND NOT EXISTS (SELECT 1 FROM first_marks WHERE first_marks.session = sessions.id
                          AND first_marks.student = students.id)
        ORDER BY students.student_id
        """,
        session=session,
        now=now,
    )
    return [{**row, "excused": bool(row["excused"])} for row in rows]


def count_in(tx: Transaction, session: int) -> int:
    """How many marks the session has."""
    return int(tx.scalar("SELECT COUNT(*) FROM attendance WHERE session = :s", s=session))


def versions_of(tx: Transaction, session_ids: list[int]) -> dict[int, Version]:
    """The versions of those of the sessions that have marks."""
    rows = tx.tuples(
        """
        SELECT session, status, COUNT(*), MAX(id) FROM attendance
        WHERE session IN :sessions GROUP BY session, status
        """,
        sessions=session_ids,
    )
    found: dict[int, set[tuple[str, int, int]]] = {}
    for session, status, n, newest in rows:
        found.setdefault(int(session), set()).add((status, int(n), int(newest)))
    return {session: frozenset(version) for session, version in found.items()}


def of_session(tx: Transaction, session: int, now: datetime) -> list[MarkRow]:
    """The session's list by time of arrival, then those without a mark by name."""
    return tx.all(
        f"""
        SELECT {_SHOWN}, reason, {_LEFT}
        FROM ({standings(_IN_ORDER, "sessions.id = :session")}) AS standing
        ORDER BY CASE WHEN mark IS NULL THEN 1 ELSE 0 END, marked_at, mark, sort_key, student_id
        """,
        MarkRow,
        session=session,
        now=now,
    )


def counts(tx: Transaction, session: int, now: datetime) -> dict[str, int]:
    """How many students stand with each status in the session."""
    rows = tx.all(
        f"""
        SELECT status, COUNT(*) AS n
        FROM ({standings("sessions.subject", "sessions.id = :session")}) AS standing
        GROUP BY status
        """,
        session=session,
        now=now,
    )
    return {str(row["status"]): int(row["n"]) for row in rows}


def absent_between(
    tx: Transaction, course: int, student: int, begins_at: datetime, ends_at: datetime
) -> list[int]:
    """The course's sessions that started in a time and in which the student's mark says absent."""
    rows = tx.all(
        f"""
        SELECT sessions.id FROM attendance JOIN sessions ON sessions.id = attendance.session
        WHERE attendance.student = :student AND attendance.status = 'absent'
          AND sessions.course = :course AND {HELD}
          AND sessions.started_at >= :begins_at AND sessions.started_at < :ends_at
        ORDER BY sessions.id
        """,
        course=course,
        student=student,
        begins_at=begins_at,
        ends_at=ends_at,
    )
    return [int(row["id"]) for row in rows]


def counts_by_meaning(tx: Transaction, session: int, now: datetime) -> list[Row]:
    """`status`, `meaning` of the reason (None: no reason), and how many stand so, `n`."""
    return tx.all(
        f"""
        SELECT status, meaning, COUNT(*) AS n
        FROM ({standings("sessions.subject", "sessions.id = :session")}) AS standing
        GROUP BY status, meaning
        """,
        session=session,
        now=now,
    )


def history_of(tx: Transaction, student: int, *, limit: int, offset: int) -> list[Row]:
    """The student's own marks, newest first."""
    return tx.all(
        f"""
        SELECT sessions.id AS session_id, sessions.subject, sessions.section, sessions.started_at,
               sessions.ended_at, sessions.closes_at, attendance.status, attendance.method,
               attendance.distance, attendance.marked_at, attendance.remark, attendance.evidence,
               attendance.reason_id, {_REASON},
               (SELECT timezone FROM courses WHERE courses.id = sessions.course) AS timezone,
               (SELECT courses.check_in FROM courses WHERE courses.id = sessions.course)
               AS check_in, {LEFT}
        FROM attendance JOIN sessions ON sessions.id = attendance.session
        WHERE attendance.student = :student AND {HELD}
        ORDER BY attendance.marked_at DESC, attendance.id DESC LIMIT :limit OFFSET :offset
        """,
        student=student,
        limit=limit,
        offset=offset,
    )


def count_of(tx: Transaction, student: int) -> int:
    """How many marks the student has."""
    return int(
        tx.scalar(
            f"""
            SELECT COUNT(*) FROM attendance JOIN sessions ON sessions.id = attendance.session
            WHERE attendance.student = :s AND {HELD}
            """,
            s=student,
        )
    )


def summary_of(tx: Transaction, student: int, now: datetime) -> list[Row]:
    """`subject`, `status`, `meaning` of the reason, `n` and the course's definitions: where the
    student stands."""
    return tx.all(
        f"""
        SELECT subject, status, meaning, late_counts, excused_counts_as, min_percentage,
               max_absences, absences_in_row, COUNT(*) AS n
        FROM ({standings("sessions.subject, sessions.course", "students.id = :student")})
             AS standing
        LEFT JOIN courses ON courses.id = standing.course
        GROUP BY subject, status, meaning, late_counts, excused_counts_as, min_percentage,
                 max_absences, absences_in_row
        ORDER BY subject, status
        """,
        student=student,
        now=now,
    )
