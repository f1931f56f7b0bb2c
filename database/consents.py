"""Minors, what their guardians agreed to, and the one-time links that guardians get."""

from __future__ import annotations

from datetime import datetime

from database.core import Row, Transaction

_IN_FORCE = """
    EXISTS (SELECT 1 FROM guardian_consents
            WHERE guardian_consents.student = {student} AND withdrawn_at IS NULL)
"""


def set_minor(tx: Transaction, student: int, minor: bool, now: datetime) -> None:
    """Keep whether the student's consent is the guardian's.

    Raises:
        ForeignKeyViolation: the student was deleted meanwhile.
    """
    if minor and not is_minor(tx, student):
        tx.insert_row(
            "INSERT INTO minors (student, noted_at) VALUES (:student, :now)",
            student=student,
            now=now,
        )
    if not minor:
        tx.execute("DELETE FROM minors WHERE student = :student", student=student)


def is_minor(tx: Transaction, student: int) -> bool:
    """Whether the student's consent is the guardian's."""
    return tx.scalar("SELECT 1 FROM minors WHERE student = :s", s=student) is not None


def is_missing(tx: Transaction, student: int) -> bool:
    """Whether the student is a minor, and no guardian's consent is in force."""
    found = tx.scalar(
        f"""
        SELECT 1 FROM minors
        WHERE student = :student AND NOT {_IN_FORCE.format(student="minors.student")}
        """,
        student=student,
    )
    return found is not None


def missing(tx: Transaction, limit: int) -> list[Row]:
    """Minors of whom no consent is in force, by number: how many guardians each has, and whether
    there is a face nevertheless."""
    return tx.all(
        f"""
        SELECT students.id, students.student_id, students.name,
               (SELECT COUNT(*) FROM guardians WHERE guardians.student = students.id) AS guardians,
               CASE WHEN EXISTS (SELECT 1 FROM face_templates
                                 WHERE face_templates.student = students.id)
                    THEN 1 ELSE 0 END AS has_face
        FROM minors JOIN students ON students.id = minors.student
        WHERE NOT {_IN_FORCE.format(student="students.id")}
        ORDER BY students.student_id LIMIT :limit
        """,
        limit=limit,
    )


def give(
    tx: Transaction,
    *,
    student: int,
    signed_by: str,
    email: str,
    version: str,
    language: str,
    now: datetime,
) -> None:
    """Write down who agreed to what, in which language, and when."""
    tx.insert(
        """
        INSERT INTO guardian_consents (student, signed_by, email, version, language, agreed_at)
        VALUES (:student, :signed_by, :email, :version, :language, :now)
        """,
        student=student,
        signed_by=signed_by,
        email=email,
        version=version,
        language=language,
        now=now,
    )


def withdraw(tx: Transaction, student: int, now: datetime) -> int:
    """Take back every consent of the student's guardians; returns how many there were."""
    return tx.execute(
        """
        UPDATE guardian_consents SET withdrawn_at = :now
        WHERE student = :student AND withdrawn_at IS NULL
        """,
        student=student,
        now=now,
    )


def of_student(tx: Transaction, student: int) -> list[Row]:
    """What guardians agreed to and took back, newest first."""
    return tx.all(
        """
        SELECT id, signed_by, email, version, language, agreed_at, withdrawn_at
        FROM guardian_consents WHERE student = :student ORDER BY id DESC
        """,
        student=student,
    )


def in_force(tx: Transaction, students: list[int]) -> set[tuple[int, str]]:
    """Whose consent, by the address, is in force for which of these students."""
    rows = tx.tuples(
        """
        SELECT student, email FROM guardian_consents
        WHERE student IN :students AND withdrawn_at IS NULL
        """,
        students=students,
    )
    return {(int(student), str(email)) for student, email in rows}


def add_link(
    tx: Transaction, *, guardian: int, token_hash: str, purpose: str, expires_at: datetime
) -> None:
    """Keep a link by the hash of its token."""
    tx.insert(
        """
        INSERT INTO guardian_links (guardian, token_hash, purpose, expires_at)
        VALUES (:guardian, :token_hash, :purpose, :expires_at)
        """,
        guardian=guardian,
        token_hash=token_hash,
        purpose=purpose,
        expires_at=expires_at,
    )


def link(tx: Transaction, token_hash: str) -> Row | None:
    """The link, whose it is, and about whom; None: there is none."""
    return tx.one(
        """
        SELECT guardian_links.id, guardian_links.purpose, guardian_links.expires_at,
               guardian_links.used_at, guardian_links.guardian, guardians.email,
               guardians.language, guardians.student, students.name AS student_name
        FROM guardian_links JOIN guardians ON guardians.id = guardian_links.guardian
        JOIN students ON students.id = guardians.student
        WHERE guardian_links.token_hash = :token_hash
        """,
        token_hash=token_hash,
    )


def use(tx: Transaction, link: int, now: datetime) -> bool:
    """Use a link up; False: somebody else was first."""
    return (
        tx.execute(
            "UPDATE guardian_links SET used_at = :now WHERE id = :id AND used_at IS NULL",
            id=link,
            now=now,
        )
        > 0
    )
