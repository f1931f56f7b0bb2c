"""/admin/teachers: list, approve, suspend, delete, make administrators."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts import administration, presenting
from attendance.accounts.guard import SECURITY, acting, requires
from attendance.accounts.schemas import TeacherOut
from attendance.admin.blueprint import bp, reset_link
from attendance.admin.schemas import (
    ResetLinkOut,
    TeacherChangeIn,
    TeacherPath,
    TeachersOut,
    TeachersQuery,
    TransferQuery,
)
from attendance.core.roles import ACTIVE, ADMIN, SUSPENDED, TEACHER
from attendance.web.current import services
from attendance.web.paging import page_of, paged
from attendance.web.schemas import refuses
from database import teachers


@bp.get("/teachers", security=SECURITY, responses={200: TeachersOut})
@requires(ADMIN)
def list_teachers(query: TeachersQuery) -> Response:
    """Teachers by name; those waiting for approval come first."""
    with services().database.read() as tx:
        rows, total = teachers.search(tx, state=query.state, text=query.q, **paged(query))
    shown = [
        {**presenting.teacher(row), "courses": row["courses"], "sessions": row["sessions"]}
        for row in rows
    ]
    return jsonify(page_of("teachers", shown, query, total))


@bp.post("/teachers/<int:teacher_id>/approve", security=SECURITY, responses={200: TeacherOut})
@requires(ADMIN)
def approve_teacher(path: TeacherPath) -> Response:
    """Approve a teacher who is waiting for approval or was suspended."""
    return _set_state(path.teacher_id, ACTIVE)


@bp.post(
    "/teachers/<int:teacher_id>/suspend",
    security=SECURITY,
    responses={200: TeacherOut, **refuses(409)},
)
@requires(ADMIN)
def suspend_teacher(path: TeacherPath) -> Response:
    """Suspend a teacher: every token of the account ends at once."""
    return _set_state(path.teacher_id, SUSPENDED)


@bp.patch(
    "/teachers/<int:teacher_id>", security=SECURITY, responses={200: TeacherOut, **refuses(409)}
)
@requires(ADMIN)
def change_teacher(path: TeacherPath, body: TeacherChangeIn) -> Response:
    """Make a teacher an administrator, or an administrator a teacher."""
    row = administration.set_teacher_role(services(), path.teacher_id, body.role, acting())
    return jsonify({"teacher": presenting.teacher(row)})


@bp.post(
    "/teachers/<int:teacher_id>/reset-password", security=SECURITY, responses={200: ResetLinkOut}
)
@requires(ADMIN)
def reset_teacher_password(path: TeacherPath) -> Response:
    """A link with which the teacher sets a new password: once, within a day."""
    return reset_link(TEACHER, path.teacher_id)


@bp.delete("/teachers/<int:teacher_id>", security=SECURITY, responses={204: None, **refuses(409)})
@requires(ADMIN)
def delete_teacher(path: TeacherPath, query: TransferQuery) -> tuple[str, int]:
    """Delete a teacher. Courses and sessions go to `transfer_to`; without it, 409 if any."""
    administration.delete_teacher(services(), path.teacher_id, query.transfer_to, acting())
    return "", 204


def _set_state(teacher_id: int, state: str) -> Response:
    row = administration.set_teacher_state(services(), teacher_id, state, acting())
    return jsonify({"teacher": presenting.teacher(row)})
