"""Sightings: faces of which a teacher is asked who they are, with the students they resemble.

The small picture of a face is encrypted, and gone at `forgotten_at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from database.core import Row, Transaction

_COLUMNS = """
    id, session, camera, reason, seen_at, x1, y1, x2, y2, key_id,
    CASE WHEN crop IS NULL THEN 0 ELSE 1 END AS has_crop,
    forgotten_at, decided_at, decided_student, marked
"""


_MARKED = "SELECT student FROM attendance WHERE session = :session"
_SOMEBODY_UNMARKED = f"""
    EXISTS (SELECT 1 FROM sighting_candidates
            WHERE sighting_candidates.sighting = sightings.id
              AND sighting_candidates.student NOT IN ({_MARKED}))
"""


@dataclass(frozen=True)
class NewSighting:
    """A sighting on its way into the table."""

    camera: str
    reason: str
    box: tuple[float, float, float, float]
    key_id: str | None
    crop: bytes | None
    forgotten_at: datetime | None
    candidates: Sequence[tuple[int, float]]
    """Students by table id, and their distances, the nearest first."""


def add(tx: Transaction, session: int, new: NewSighting, now: datetime) -> int:
    """Add a sighting and return its id.

    Raises:
        ForeignKeyViolation: a student or the session was deleted meanwhile.
    """
    x1, y1, x2, y2 = new.box
    sighting = tx.insert(
        """
        INSERT INTO sightings (session, camera, reason, seen_at, x1, y1, x2, y2, key_id, crop,
                               forgotten_at)
        VALUES (:session, :camera, :reason, :now, :x1, :y1, :x2, :y2, :key_id, :crop,
                :forgotten_at)
        """,
        session=session,
        camera=new.camera,
        reason=new.reason,
        now=now,
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
        key_id=new.key_id,
        crop=new.crop,
        forgotten_at=new.forgotten_at,
    )
    tx.insert_many(
        """
        INSERT INTO sighting_candidates (sighting, student, place, distance)
        VALUES (:sighting, :student, :place, :distance)
        """,
        [
            {"sighting": sighting, "student": student, "place": place, "distance": distance}
            for place, (student, distance) in enumerate(new.candidates)
        ],
    )
    return sighting


def is_asked(tx: Transaction, session: int, student: int, since: datetime) -> bool:
    """Whether a sighting waits for the teacher, or was decided since, of whose candidates this
    student is the nearest who has no mark."""
    found = tx.scalar(
        f"""
        SELECT 1 FROM sightings
        JOIN sighting_candidates ON sighting_candidates.sighting = sightings.id
        WHERE sightings.session = :session AND sighting_candidates.student = :student
          AND NOT EXISTS (
              SELECT 1 FROM sighting_candidates nearer
              WHERE nearer.sighting = sightings.id AND nearer.place < sighting_candidates.place
                AND nearer.student NOT IN ({_MARKED}))
          AND (sightings.decided_at IS NULL OR sightings.decided_at > :since)
        LIMIT 1
        """,
        session=session,
        student=student,
        since=since,
    )
    return found is not None


def of_session(tx: Transaction, session: int, *, waiting: bool) -> list[Row]:
    """The session's sightings, the oldest first; only those that wait, of somebody who has no mark
    yet, or all."""
    condition = f"AND decided_at IS NULL AND {_SOMEBODY_UNMARKED}" if waiting else ""
    return tx.all(
        f"SELECT {_COLUMNS} FROM sightings WHERE session = :session {condition} ORDER BY id",
        session=session,
    )


def by_id(tx: Transaction, sighting: int, session: int) -> Row | None:
    """The session's sighting with this id, held until commit; or None."""
    return tx.one(
        f"""
        SELECT {_COLUMNS} FROM sightings
        WHERE id = :id AND session = :session {tx.update_lock}
        """,
        id=sighting,
        session=session,
    )


def candidates(tx: Transaction, sightings: Sequence[int]) -> list[Row]:
    """`sighting`, `student`, `student_id`, `name` and `distance`, the nearest first and whoever has
    a mark last, of those who still agree to be recognised by cameras."""
    return tx.all(
        """
        SELECT sighting_candidates.sighting, sighting_candidates.student, students.student_id,
               students.name, sighting_candidates.distance
        FROM sighting_candidates JOIN students ON students.id = sighting_candidates.student
        JOIN sightings ON sightings.id = sighting_candidates.sighting
        LEFT JOIN attendance ON attendance.session = sightings.session
          AND attendance.student = students.id
        WHERE sighting_candidates.sighting IN :sightings
          AND students.camera_consent_at IS NOT NULL
        ORDER BY sighting_candidates.sighting,
                 CASE WHEN attendance.id IS NULL THEN 0 ELSE 1 END, sighting_candidates.place
        """,
        sightings=list(sightings),
    )


def crop(tx: Transaction, sighting: int, session: int) -> tuple[str, bytes] | None:
    """Key id and encrypted picture, or None where there is none any more."""
    row = tx.one(
        """
        SELECT key_id, crop FROM sightings
        WHERE id = :id AND session = :session AND crop IS NOT NULL
        """,
        id=sighting,
        session=session,
    )
    return None if row is None else (str(row["key_id"]), bytes(row["crop"]))


def decide(
    tx: Transaction, sighting: int, student: int | None, *, marked: bool, now: datetime
) -> None:
    """Keep who it is (None: nobody of those), and whether that made a mark; the picture goes."""
    tx.execute(
        """
        UPDATE sightings SET decided_at = :now, decided_student = :student, marked = :marked,
                             crop = NULL, key_id = NULL, forgotten_at = NULL
        WHERE id = :id
        """,
        id=sighting,
        student=student,
        marked=int(marked),
        now=now,
    )


def reopen(tx: Transaction, sighting: int) -> None:
    """Let a sighting wait again; its picture is gone."""
    tx.execute(
        """
        UPDATE sightings SET decided_at = NULL, decided_student = NULL, marked = 0 WHERE id = :id
        """,
        id=sighting,
    )


def settle(tx: Transaction, session: int) -> None:
    """Drop what waits where everybody who may be meant has a mark by now."""
    tx.execute(
        f"""
        DELETE FROM sightings
        WHERE session = :session AND decided_at IS NULL AND NOT {_SOMEBODY_UNMARKED}
        """,
        session=session,
    )


def withdraw(tx: Transaction, student: int) -> None:
    """Forget whom the student resembled: every sighting that waits with him or her first."""
    rows = tx.all(
        "SELECT sighting FROM sighting_candidates WHERE student = :student AND place = 0",
        student=student,
    )
    for row in rows:
        tx.execute(
            "DELETE FROM sightings WHERE id = :id AND decided_at IS NULL", id=row["sighting"]
        )
    tx.execute("DELETE FROM sighting_candidates WHERE student = :student", student=student)


def any_to_forget(tx: Transaction, now: datetime) -> bool:
    """Whether a picture has had its time, or its session has ended."""
    return tx.scalar(f"SELECT 1 FROM sightings WHERE {_TO_FORGET} LIMIT 1", now=now) is not None


def forget(tx: Transaction, now: datetime) -> None:
    """Delete the pictures that have had their time, and those of sessions that have ended."""
    tx.execute(
        f"UPDATE sightings SET crop = NULL, key_id = NULL, forgotten_at = NULL WHERE {_TO_FORGET}",
        now=now,
    )


_TO_FORGET = """
    forgotten_at IS NOT NULL AND (forgotten_at <= :now OR session IN (
        SELECT sessions.id FROM sessions
        WHERE sessions.ended_at IS NOT NULL OR sessions.discarded_at IS NOT NULL))
"""
