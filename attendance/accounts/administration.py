"""What administrators decide about accounts. Each change and its audit line are one transaction."""

from __future__ import annotations

import secrets
from datetime import timedelta

from attendance.accounts import events
from attendance.accounts.invitations import Invitation
from attendance.core.audit import By
from attendance.core.errors import (
    Forbidden,
    InvalidRequest,
    LastAdministrator,
    StudentNotFound,
    TeacherHasRecords,
    TeacherNotFound,
    found,
)
from attendance.core.roles import ACTIVE, ADMIN, SUSPENDED, TEACHER
from attendance.core.services import Services
from database import ForeignKeyViolation, Transaction, faces, students, teachers
from database.rows import StudentRow, TeacherRow

ANONYMISE = "anonymise"
RESET_LIFE = timedelta(days=1)


def set_teacher_state(parts: Services, teacher: int, state: str, by: By) -> TeacherRow:
    """Approve, suspend or reactivate. A suspended teacher's tokens end at once.

    Raises:
        TeacherNotFound, LastAdministrator
    """
    with parts.database.write() as tx:
        row = _locked(tx, teacher)
        if state != ACTIVE:
            _require_another_administrator(tx, row)
        if row["state"] != state:
            teachers.set_state(tx, teacher, state)
            action = {ACTIVE: "teacher.approve", SUSPENDED: "teacher.suspend"}[state]
            by.note(
                tx,
                parts.clock.now(),
                action,
                f"teacher:{teacher}",
                old={"state": row["state"]},
                new={"state": state},
            )
        now_standing = existing_teacher(tx, teacher)
    events.teachers_waiting(parts)
    return now_standing


def set_teacher_role(parts: Services, teacher: int, role: str, by: By) -> TeacherRow:
    """Make the teacher an administrator, or take that away.

    Raises:
        TeacherNotFound, LastAdministrator
        Forbidden: who is not active cannot become an administrator.
    """
    with parts.database.write() as tx:
        row = _locked(tx, teacher)
        if role != ADMIN:
            _require_another_administrator(tx, row)
        elif row["state"] != ACTIVE:
            raise Forbidden("Approve this teacher first.")
        if row["role"] != role:
            teachers.set_role(tx, teacher, role)
            by.note(
                tx,
                parts.clock.now(),
                "teacher.role",
                f"teacher:{teacher}",
                old={"role": row["role"]},
                new={"role": role},
            )
        return existing_teacher(tx, teacher)


def create_administrator(
    parts: Services, *, name: str, email: str, password: str, by: By
) -> tuple[TeacherRow, bool]:
    """An administrator who can sign in with this password, and whether the account is new."""
    hashed = parts.hashing.hash(password, by.actor)
    with parts.database.write() as tx:
        teachers.lock(tx)
        row = teachers.by_email(tx, email)
        created = row is None
        if row is None:
            row = teachers.create(
                tx,
                name=name,
                email=email,
                password_hash=hashed,
                department=None,
                open_sign_up=True,
                now=parts.clock.now(),
            )
        else:
            teachers.set_password(tx, row["id"], hashed)
        old = None if created else {"role": row["role"], "state": row["state"]}
        teachers.set_role(tx, row["id"], ADMIN)
        teachers.set_state(tx, row["id"], ACTIVE)
        new = {"role": ADMIN, "state": ACTIVE}
        subject = f"teacher:{row['id']}"
        by.note(tx, parts.clock.now(), "teacher.create_admin", subject, old=old, new=new)
        return existing_teacher(tx, row["id"]), created


def delete_teacher(parts: Services, teacher: int, transfer_to: int | None, by: By) -> None:
    """Delete a teacher; another one takes over the courses and sessions.

    Raises:
        TeacherNotFound, LastAdministrator
        TeacherHasRecords: nobody takes them over.
        InvalidRequest: who shall take over is the same or cannot sign in.
    """
    with parts.database.write() as tx:
        row = _locked(tx, teacher)
        _require_another_administrator(tx, row)
        if transfer_to is not None:
            heir = existing_teacher(tx, transfer_to)
            if transfer_to == teacher or heir["state"] != ACTIVE:
                raise InvalidRequest.of(
                    "transfer_to", "not_another", "Name another, active teacher."
                )
            teachers.hand_over(tx, teacher, transfer_to)
        try:
            teachers.delete(tx, teacher)
        except ForeignKeyViolation:
            raise TeacherHasRecords from None
        by.note(
            tx,
            parts.clock.now(),
            "teacher.delete",
            f"teacher:{teacher}",
            old={key: row[key] for key in ("name", "email", "role", "state")},
            new={"transfer_to": transfer_to},
        )


def delete_student(parts: Services, student: int, by: By) -> None:
    """Delete a student: account, templates, photographs, and whatever else belongs to it.

    The marks stay without a name, or go, as the setting `deleted_student_marks` says.

    Raises:
        StudentNotFound
    """
    policy = parts.settings.deleted_student_marks
    with parts.database.write() as tx:
        # First the turn to change faces: who enrols this student's face meanwhile comes after it.
        version = faces.lock(tx)
        existing_student(tx, student)
        now = parts.clock.now()
        obsolete = faces.replace(tx, student, [], version=version, now=now)
        if policy == ANONYMISE:
            students.anonymise_marks(tx, student, alias=f"deleted-{secrets.token_hex(8)}", now=now)
        students.delete(tx, student, now)
        by.note(tx, now, "student.delete", f"student:{student}", new={"marks": policy})
    parts.faces.photos.discard(obsolete)
    parts.faces.refresh()


def reset_link(parts: Services, kind: str, account: int, base_url: str, by: By) -> Invitation:
    """A link with which a teacher or student sets a new password, once, within a day.

    Raises:
        TeacherNotFound, StudentNotFound
    """
    find = existing_teacher if kind == TEACHER else existing_student
    with parts.database.write() as tx:
        row = find(tx, account)
        now = parts.clock.now()
        by.note(tx, now, "password.reset_link", f"{kind}:{account}")
    return parts.invitations.make(kind, row, base_url, now, RESET_LIFE)


def existing_teacher(tx: Transaction, teacher: int) -> TeacherRow:
    """The teacher. Raises `TeacherNotFound`."""
    return found(teachers.by_id(tx, teacher), TeacherNotFound)


def existing_student(tx: Transaction, student: int) -> StudentRow:
    """The student, unless deleted. Raises `StudentNotFound`."""
    row = students.by_id(tx, student)
    if row is None or row["state"] == "deleted":
        raise StudentNotFound
    return row


def _locked(tx: Transaction, teacher: int) -> TeacherRow:
    teachers.lock(tx)
    return existing_teacher(tx, teacher)


def _require_another_administrator(tx: Transaction, row: TeacherRow) -> None:
    if row["role"] == ADMIN and teachers.active_administrators(tx) == [row["id"]]:
        raise LastAdministrator
