"""Enrolments that wait for a person: encrypted templates that nothing is compared with yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from database import first_marks, staff
from database.core import Row, Transaction
from database.faces import NewTemplate
from database.standings import HELD

# Students whom `:teacher` may mark by hand as of `:as_of`, in a course or in a session without one.
_THEIRS = f"""
    (EXISTS (SELECT 1 FROM enrolments
             WHERE enrolments.student = students.id AND enrolments.course IN ({staff.COURSES}))
     OR EXISTS (SELECT 1 FROM first_marks JOIN sessions ON sessions.id = first_marks.session
                WHERE first_marks.student = students.id AND {HELD} AND {staff.SESSIONS}))
"""


@dataclass(frozen=True)
class Proposed:
    """One template of a proposal, the fingerprint of its picture, and how far it is from what is
    there."""

    template: NewTemplate
    fingerprint: str | None
    distance: float | None
    picture: bytes | None = None
    """A small one, encrypted with the template's key."""


def put(tx: Transaction, student: int, templates: list[Proposed], now: datetime) -> None:
    """Propose these in place of whatever the student has proposed before.

    Raises:
        ForeignKeyViolation: the student was deleted meanwhile.
    """
    forget(tx, student)
    for each in templates:
        tx.insert(
            """
            INSERT INTO proposed_templates (student, key_id, data, model, quality, fingerprint,
                                            distance, picture, proposed_at)
            VALUES (:student, :key_id, :data, :model, :quality, :fingerprint, :distance,
                    :picture, :now)
            """,
            student=student,
            key_id=each.template.key_id,
            data=each.template.data,
            model=each.template.model,
            quality=each.template.quality,
            fingerprint=each.fingerprint,
            distance=each.distance,
            picture=each.picture,
            now=now,
        )


def of_student(tx: Transaction, student: int) -> list[Row]:
    """The templates that the student has proposed."""
    return tx.all(
        """
        SELECT id, student, key_id, data, model, quality, fingerprint, distance, proposed_at
        FROM proposed_templates WHERE student = :student ORDER BY id
        """,
        student=student,
    )


def hold(tx: Transaction, student: int) -> list[int]:
    """The ids of what the student has proposed, which nobody decides on or replaces until the
    commit."""
    rows = tx.all(
        f"""
        SELECT id FROM proposed_templates WHERE student = :student ORDER BY id {tx.update_lock}
        """,
        student=student,
    )
    return [int(row["id"]) for row in rows]


def waiting(tx: Transaction, teacher: int | None, now: datetime) -> list[Row]:
    """A line for each student whose enrolment waits, the oldest first; `id` is the first row's.

    `teacher`: only of the students whom this one may mark; None: of everybody.
    """
    theirs = "" if teacher is None else f"WHERE {_THEIRS}"
    of = {} if teacher is None else {"teacher": teacher, "as_of": now}
    return tx.all(
        f"""
        SELECT MIN(proposed_templates.id) AS id, students.id AS student, students.student_id,
               students.name, COUNT(*) AS templates, MIN(proposed_templates.distance) AS distance,
               MAX(proposed_templates.proposed_at) AS proposed_at,
               COUNT(proposed_templates.picture) AS pictures,
               (SELECT COUNT(photo) FROM face_templates
                WHERE face_templates.student = students.id) AS photos,
               (SELECT COUNT(*) FROM face_templates
                WHERE face_templates.student = students.id) AS enrolled,
               (SELECT COUNT(*) FROM first_marks
                WHERE first_marks.student = students.id) AS first_marks
        FROM proposed_templates JOIN students ON students.id = proposed_templates.student
        {theirs}
        GROUP BY students.id, students.student_id, students.name
        ORDER BY proposed_at, id
        """,
        **of,
    )


def is_for(tx: Transaction, student: int, teacher: int, now: datetime) -> bool:
    """Whether a teacher may say whose the student's face is: in a course of theirs, or where the
    student has marked with it."""
    found = tx.scalar(
        f"SELECT 1 FROM students WHERE students.id = :student AND {_THEIRS}",
        student=student,
        teacher=teacher,
        as_of=now,
    )
    return found is not None


def student_of(tx: Transaction, proposal: int) -> int | None:
    """Whose proposal it is, by the `id` of `waiting`; None where it was decided or replaced."""
    found = tx.scalar("SELECT student FROM proposed_templates WHERE id = :id", id=proposal)
    return None if found is None else int(found)


def picture(tx: Transaction, proposal: int) -> tuple[str, bytes] | None:
    """The key's id and the encrypted picture of a proposal, by the `id` of `waiting`, or None."""
    row = tx.one(
        """
        SELECT key_id, picture FROM proposed_templates WHERE id = :id AND picture IS NOT NULL
        """,
        id=proposal,
    )
    return None if row is None else (str(row["key_id"]), bytes(row["picture"]))


def photo_before(tx: Transaction, student: int) -> str | None:
    """The name of a photograph of the face that counts now, or None where none is kept."""
    found = tx.scalar(
        """
        SELECT MIN(photo) FROM face_templates
        WHERE id = (SELECT MIN(id) FROM face_templates
                    WHERE student = :student AND photo IS NOT NULL)
        """,
        student=student,
    )
    return None if found is None else str(found)


def forget(tx: Transaction, student: int) -> None:
    """Drop what the student has proposed, and the marks that were made with it: what was compared
    with one face must not count by another."""
    # in this order: whoever marks meanwhile holds the proposal, and is waited for
    tx.execute("DELETE FROM proposed_templates WHERE student = :student", student=student)
    first_marks.forget(tx, student)
