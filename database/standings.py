"""Where each student stands in each session: the one definition of absent and excused.

A mark says what it says, for a reason of the school or without one. Where there is none, a session
of a course that is over was missed by every student who is in the course and was so when it ended
(or when it was entered, where that was done afterwards): absent, or excused if an apology covers
its start; of several the newest counts. Sessions that were discarded count for nothing.
"""

from __future__ import annotations

HELD = "sessions.discarded_at IS NULL"
SESSION_END = "COALESCE(sessions.ended_at, sessions.closes_at)"
# The student's apologies, as `covering`, for the time at which the session began.
COVERING = """
    excuses covering
    WHERE covering.course = sessions.course AND covering.student = students.id
      AND covering.begins_at <= sessions.started_at AND sessions.started_at < covering.ends_at
"""
# When and how the student of a mark left, or NULLs.
LEFT = ", ".join(
    f"""
    (SELECT departures.{name} FROM departures WHERE departures.session = attendance.session
     AND departures.student = attendance.student) AS {name}
    """
    for name in ("left_at", "left_by")
)


def standings(columns: str, scope: str) -> str:
    """A UNION of the marks and of what follows where there is none, for a FROM clause.

    Args:
        columns: further columns, of `sessions` and `students`.
        scope: a condition on `sessions` and `students`, set into both halves.

    The statement needs a parameter `now`. Its columns are session, student, status, reason_id,
    reason (its name), meaning (for percentages, NULL where there is no reason), method, distance,
    marked_at, remark, evidence, mark (the mark's id), left_at, left_by and the further ones.
    """
    return " UNION ALL ".join(halves(columns, scope))


def halves(columns: str, scope: str) -> tuple[str, str]:
    """The marks, and what follows where there is none: the two parts of `standings`."""
    shown = f"""
        reasons.name AS reason, reasons.meaning AS meaning,
        attendance.method, attendance.distance, attendance.marked_at, attendance.remark,
        attendance.evidence, attendance.id AS mark, {LEFT}, {columns}
    """
    marked = f"""
        SELECT attendance.session AS session, attendance.student AS student,
               attendance.status AS status, attendance.reason_id AS reason_id, {shown}
        FROM attendance JOIN sessions ON sessions.id = attendance.session
        JOIN students ON students.id = attendance.student
        LEFT JOIN reasons ON reasons.id = attendance.reason_id
        WHERE {HELD} AND {scope}
    """
    # joined to the mark that is not there, so that its columns are NULLs of the right type
    unmarked = f"""
        SELECT sessions.id AS session, students.id AS student,
               CASE WHEN excuses.id IS NULL THEN 'absent' ELSE 'excused' END AS status,
               excuses.reason_id AS reason_id, {shown}
        FROM enrolments JOIN sessions ON sessions.course = enrolments.course
        JOIN students ON students.id = enrolments.student
        LEFT JOIN attendance ON attendance.session = sessions.id
                            AND attendance.student = students.id
        LEFT JOIN excuses ON excuses.id = (
            SELECT MAX(covering.id) FROM {COVERING})
        LEFT JOIN reasons ON reasons.id = excuses.reason_id
        WHERE attendance.id IS NULL
          AND {HELD} AND {SESSION_END} <= :now
          AND COALESCE(sessions.listed_at, {SESSION_END}) >= enrolments.enrolled_at
          AND {scope}
    """
    return marked, unmarked
