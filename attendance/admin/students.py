"""/admin/students: list, correct, merge, delete, export."""

from __future__ import annotations

from flask import Response, jsonify
from flask_babel import gettext

from attendance.accounts import administration, correcting, merging, personal_data, presenting
from attendance.accounts.guard import SECURITY, acting, requires
from attendance.accounts.schemas import PersonalDataOut
from attendance.admin.blueprint import bp, reset_link
from attendance.admin.schemas import (
    AdminStudentOut,
    AdminStudentPath,
    AdminStudentsOut,
    AdminStudentsQuery,
    MergeIn,
    ResetLinkOut,
    StudentCorrectionIn,
    Tutor,
    TutorIn,
    TutorOut,
)
from attendance.core import student_numbers
from attendance.core.mail import Words
from attendance.core.roles import ADMIN, STUDENT
from attendance.courses import events, tutoring
from attendance.faces import removing
from attendance.web import languages
from attendance.web.current import services
from attendance.web.paging import page_of, paged
from attendance.web.schemas import refuses
from database import Row, Transaction, students, tutors
from database.rows import StudentRow


@bp.get("/students", security=SECURITY, responses={200: AdminStudentsOut})
@requires(ADMIN)
def list_students(query: AdminStudentsQuery) -> Response:
    """Students by the school's number; with `irregular=true` those with an old one."""
    with services().database.read() as tx:
        rows, total = (_irregular if query.irregular else students.search)(
            tx, text=query.q, **paged(query)
        )
    return jsonify(page_of("students", [_shown(row) for row in rows], query, total))


def _shown(row: StudentRow) -> Row:
    is_old = student_numbers.is_old(row["student_id"])
    return {**presenting.student(row), "irregular": is_old}


def _irregular(
    tx: Transaction, *, text: str | None, limit: int, offset: int
) -> tuple[list[StudentRow], int]:
    """As `students.search`, of those whose number could not be given today."""
    ids = [
        int(row["id"])
        for row in students.numbers(tx, text=text)
        if student_numbers.is_old(row["student_id"])
    ]
    page = ids[offset : offset + limit]
    return students.of_ids(tx, page) if page else [], len(ids)


@bp.get("/students/<int:student>", security=SECURITY, responses={200: AdminStudentOut})
@requires(ADMIN)
def one_student(path: AdminStudentPath) -> Response:
    """One student."""
    with services().database.read() as tx:
        row = administration.existing_student(tx, path.student)
    return jsonify({"student": _shown(row)})


@bp.patch(
    "/students/<int:student>",
    security=SECURITY,
    responses={200: AdminStudentOut, **refuses(409)},
)
@requires(ADMIN)
def correct_student(path: AdminStudentPath, body: StudentCorrectionIn) -> Response:
    """Put right a student's name, e-mail address, number or user name.

    Another address ends open invitations and links, and signs the account out.
    """
    given = body.model_dump(exclude_unset=True)
    row = correcting.correct_student(services(), path.student, given, acting())
    return jsonify({"student": _shown(row)})


@bp.post("/students/<int:student>/merge", security=SECURITY, responses={200: AdminStudentOut})
@requires(ADMIN)
def merge_student(path: AdminStudentPath, body: MergeIn) -> Response:
    """Make one account of two: marks, courses, excuses and appeals go over to `into`.

    Of two marks in one session the earlier one counts; the account in the URL ends.
    """
    parts = services()
    done = merging.merge(parts, path.student, body.into, acting())
    for course in done.courses:
        events.course_changed(parts, course)
    return jsonify({"student": _shown(done.student)})


@bp.get("/students/<int:student>/tutor", security=SECURITY, responses={200: TutorOut})
@requires(ADMIN)
def tutor_of_student(path: AdminStudentPath) -> Response:
    """Who looks after a student in all courses."""
    with services().database.read() as tx:
        administration.existing_student(tx, path.student)
        row = tutors.of(tx, path.student)
    return jsonify({"tutor": None if row is None else Tutor.shown(row)})


@bp.put("/students/<int:student>/tutor", security=SECURITY, responses={200: TutorOut})
@requires(ADMIN)
def assign_tutor(path: AdminStudentPath, body: TutorIn) -> Response:
    """Give a student a tutor, who sees the attendance over all courses; null: nobody."""
    row = tutoring.assign(services(), path.student, body.email, acting())
    return jsonify({"tutor": None if row is None else Tutor.shown(row)})


@bp.delete("/students/<int:student>/face", security=SECURITY, responses={204: None})
@requires(ADMIN)
def remove_face(path: AdminStudentPath) -> tuple[str, int]:
    """Take a student's face out: every template and photograph.

    The student is told. Only the student enrols it again: an import or a device may not.
    """
    with languages.of_mail():
        words = Words(
            gettext("Your face was taken out of the attendance system"),
            gettext(
                "Hello {name},\n\nan administrator of your school has taken your face out of the "
                "attendance system: every template and photograph of it is deleted. You cannot "
                "mark by face until you enrol it again, and nobody else can do that for you.\n"
            ),
        )
    removing.remove(services(), path.student, acting(), words)
    return "", 204


@bp.get("/students/<int:student>/export", security=SECURITY, responses={200: PersonalDataOut})
@requires(ADMIN)
def export_student(path: AdminStudentPath) -> Response:
    """Everything stored about a student, as JSON; the audit log records who exported it."""
    parts, by = services(), acting()
    with parts.database.write() as tx:
        row = administration.existing_student(tx, path.student)
        by.note(tx, parts.clock.now(), "student.export", f"student:{path.student}")
    return jsonify(personal_data.of_student(parts, row))


@bp.post("/students/<int:student>/reset-password", security=SECURITY, responses={200: ResetLinkOut})
@requires(ADMIN)
def reset_student_password(path: AdminStudentPath) -> Response:
    """A link with which the student sets a new password: once, within a day."""
    return reset_link(STUDENT, path.student)


@bp.delete("/students/<int:student>", security=SECURITY, responses={204: None})
@requires(ADMIN)
def delete_student(path: AdminStudentPath) -> tuple[str, int]:
    """Delete a student with everything that belongs to him or her.

    The marks stay without a name, or go, as the setting `deleted_student_marks` says.
    """
    administration.delete_student(services(), path.student, acting())
    return "", 204
