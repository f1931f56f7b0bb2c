"""Two accounts of one student become one: what belongs to the first goes over to the second.

Where both have something of one session, course or correction, the earlier one counts; of two marks
of one moment, as a roll call makes them, that of having been there.
"""

from __future__ import annotations

from database import calendars, name_keys
from database.core import Row, Transaction

# Every table that names students, with what a student has once of: its key beside the student, and
# the time by which the earlier one is known. Where there is no key, all of it simply goes over.
TABLES: dict[str, tuple[str, str] | None] = {
    "attendance": ("session", "marked_at"),
    "departures": ("session", "left_at"),
    "appeals": ("session", "created_at"),
    "enrolments": ("course", "enrolled_at"),
    "cleared_marks": ("clearing", "marked_at"),
    "corrected_marks": ("correction", "old_marked_at"),
    "former_enrolments": ("course", "enrolled_at"),
    "join_requests": ("course", "created_at"),
    "camera_seen": ("session", "first_at"),
    "used_pictures": ("fingerprint", "used_at"),
    "guardians": ("email", "created_at"),
    "minors": None,
    "tutors": None,
    "guardian_consents": None,
    "excuses": None,
    "absences": None,
    "refusals": None,
    "reservation_uses": None,
}
# A student has one row of these: that of the account that stays counts.
ONE_EACH = ("minors", "tutors")
# These do not go over: faces are encrypted for their owner, and a pair is of faces, as is what a
# camera's face resembles; what the account that ends signed in and marked with ends with it.
LEFT = (
    "face_templates",
    "proposed_templates",
    "first_marks",
    "face_pairs",
    "sightings",
    "sighting_candidates",
    "student_pins",
    "first_pins",
    "passkeys",
    "push_devices",
    "incidents",
)


def hold(tx: Transaction, one: int, into: int) -> None:
    """Hold both accounts until the commit: who marks for one of them meanwhile comes after it."""
    tx.all(
        f"SELECT id FROM students WHERE id IN :ids ORDER BY id {tx.update_lock}", ids=[one, into]
    )


def sessions_of(tx: Transaction, student: int) -> list[int]:
    """The sessions in which the student has a mark."""
    rows = tx.all(
        "SELECT session FROM attendance WHERE student = :student ORDER BY session", student=student
    )
    return [int(row["session"]) for row in rows]


def go_over(tx: Transaction, one: int, into: int) -> dict[str, int]:
    """Move everything of one student to another; returns how many rows of each table went over."""
    for table in ONE_EACH:
        if tx.scalar(f"SELECT 1 FROM {table} WHERE student = :into", into=into) is not None:
            tx.execute(f"DELETE FROM {table} WHERE student = :one", one=one)
    moved = {}
    for table, once in TABLES.items():
        if once is not None:
            _drop_the_later(tx, table, *once, one, into)
        moved[table] = tx.execute(
            f"UPDATE {table} SET student = :into WHERE student = :one", one=one, into=into
        )
    return moved


# Of two marks at the same moment: mine is the one of having been there.
MARKS = ("attendance", "cleared_marks")
_WAS_THERE = """
    mine.status IN ('present', 'late') AND theirs.status NOT IN ('present', 'late')
"""


def _drop_the_later(tx: Transaction, table: str, key: str, time: str, one: int, into: int) -> None:
    better = _WAS_THERE if table in MARKS else "1 = 0"
    both = tx.all(
        f"""
        SELECT mine.{key} AS key_value,
               CASE WHEN mine.{time} < theirs.{time} THEN 1
                    WHEN mine.{time} = theirs.{time} AND {better} THEN 1
                    ELSE 0 END AS is_earlier
        FROM {table} mine JOIN {table} theirs ON theirs.{key} = mine.{key}
        WHERE mine.student = :one AND theirs.student = :into
        """,
        one=one,
        into=into,
    )
    for loser, lost in ((one, 0), (into, 1)):
        keys = [row["key_value"] for row in both if int(row["is_earlier"]) == lost]
        if keys:
            tx.execute(
                f"DELETE FROM {table} WHERE student = :loser AND {key} IN :keys",
                loser=loser,
                keys=keys,
            )


def end(tx: Transaction, one: int) -> None:
    """Delete the account whose things have gone over, and what is left of it."""
    calendars.revoke(tx, f"student:{one}")
    tx.execute("DELETE FROM students WHERE id = :id", id=one)


def take_over(tx: Transaction, into: int, row: Row) -> None:
    """Store what the account that stays takes from the other, from a row that has all of it.

    Raises:
        UniqueViolation: somebody else took an address or user name meanwhile.
    """
    tx.execute(
        """
        UPDATE students
        SET email = :email, username = :username, password_hash = :password_hash,
            course = :course, consent_at = :consent_at, face_withdrawn_at = :face_withdrawn_at
        WHERE id = :id
        """,
        id=into,
        **{
            name: row[name]
            for name in (
                "email",
                "username",
                "password_hash",
                "course",
                "consent_at",
                "face_withdrawn_at",
            )
        },
    )
    name_keys.renew(tx, into)
