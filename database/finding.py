"""What a teacher looks for by a few letters: own students and sessions, whatever the accents."""

from __future__ import annotations

from datetime import datetime

from database import naming, staff
from database.core import Row, Transaction
from database.filters import searched, where
from database.standings import HELD


def students(tx: Transaction, *, teacher: int, as_of: datetime, text: str, limit: int) -> list[Row]:
    """Students of the teacher's courses who have every word of the text in name, number or address,
    by name; `course` is the newest of these courses that each is in."""
    clause, params = where(
        ("students.state <> 'deleted'", {}),
        (f"enrolments.course IN ({staff.COURSES})", {"teacher": teacher, "as_of": as_of}),
        *searched(text),
    )
    return tx.all(
        f"""
        SELECT students.id, students.student_id, students.name, students.family_name,
               MAX(enrolments.course) AS course
        FROM students JOIN enrolments ON enrolments.student = students.id {clause}
        GROUP BY students.id, students.student_id, students.name, students.family_name,
                 students.sort_key
        ORDER BY students.sort_key, students.student_id LIMIT :limit
        """,
        limit=limit,
        **params,
    )


def sessions(tx: Transaction, *, teacher: int, as_of: datetime, text: str, limit: int) -> list[Row]:
    """Sessions that the teacher has a part in and that are called like the text, newest first.

    Each way of being called is folded here, so that accents count on no database; the newest
    sessions are among those of the ways that were used last.
    """
    scope = f"{staff.SESSIONS} AND {HELD}"
    called = tx.all(
        f"""
        SELECT subject, section FROM sessions WHERE {scope}
        GROUP BY subject, section ORDER BY MAX(started_at) DESC
        """,
        teacher=teacher,
        as_of=as_of,
    )
    fitting = [row for row in called if fits(text, row["subject"], row["section"])][:limit]
    if not fitting:
        return []
    named, params = [], {}
    for place, row in enumerate(fitting):
        params[f"subject_{place}"] = row["subject"]
        if row["section"] is None:
            named.append(f"(subject = :subject_{place} AND section IS NULL)")
        else:
            named.append(f"(subject = :subject_{place} AND section = :section_{place})")
            params[f"section_{place}"] = row["section"]
    return tx.all(
        f"""
        SELECT id, subject, section, started_at,
               (SELECT timezone FROM courses WHERE courses.id = sessions.course) AS timezone
        FROM sessions WHERE {scope} AND ({" OR ".join(named)})
        ORDER BY started_at DESC, id DESC LIMIT :limit
        """,
        teacher=teacher,
        as_of=as_of,
        limit=limit,
        **params,
    )


def fits(text: str, *texts: str | None) -> bool:
    """Whether every word of the text is somewhere in the others."""
    key = naming.search_key(*texts)
    return all(word in key for word in naming.words(text))
