"""Where each student stands in each session: the one definition of absent and excused.

A mark says what it says. Where there is none, a session of a course that is over was missed by
every student who is in the course and was so when it ended (or when it was entered, where that was
done afterwards): absent, or excused if an apology covers its start. Sessions that were discarded
count for nothing.
"""

from __future__ import annotations

HELD = "sessions.discarded_at IS NULL"
SESSION_END = "COALESCE(sessions.ended_at, sessions.closes_at)"


def standings(columns: str, scope: str) -> str:
    """A UNION of the marks and of what follows where there is none, for a FROM clause.

    Args:
        columns: further columns, of `sessions` and `students`.
        scope: a condition on `sessions` and `students`, set into both halves.

    The statement needs a parameter `now`. Its columns are session, student, status, method,
    distance, marked_at, remark, evidence, mark (the mark's id) and the further ones.
    """
    return " UNION ALL ".join(halves(columns, scope))


def halves(columns: str, scope: str) -> tuple[str, str]:
    """The marks, and what follows where there is none: the two parts of `standings`."""
    shown = f"""
        attendance.method, attendance.distance, attendance.marked_at, attendance.remark,
        attendance.evidence, attendance.id AS mark, {columns}
    """
    marked = f"""
        SELECT attendance.session AS session, attendance.student AS student,
               attendance.status AS status, {shown}
        FROM attendance JOIN sessions ON sessions.id = attendance.session
        JOIN students ON students.id = attendance.student
        WHERE {HELD} AND {scope}
    """
    # joined to the mark that is not there, so that its columns are NULLs of the right type
    unmarked = f"""
        SELECT sessions.id AS session, students.id AS student,
               CASE WHEN EXISTS (
                        SELECT 1 FROM excuses
                        WHERE excuses.course = sessions.course AND excuses.student = students.id
                          AND excuses.begins_at <= sessions.started_at
                          AND sessions.started_at < excuses.ends_at)
                    THEN 'excused' ELSE 'absent' END AS status, {shown}
        FROM enrolments JOIN sessions ON sessions.course = enrolments.course
        JOIN students ON students.id = enrolments.student
        LEFT JOIN attendance ON attendance.session = sessions.id
                            AND attendance.student = students.id
        WHERE attendance.id IS NULL
          AND {HELD} AND {SESSION_END} <= :now
          AND COALESCE(sessions.listed_at, {SESSION_END}) >= enrolments.enrolled_at
          AND {scope}
    """
    return marked, unmarked
