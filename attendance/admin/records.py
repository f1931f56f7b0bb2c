"""GET /admin/courses and /admin/sessions: everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from attendance.accounts.guard import SECURITY, requires
from attendance.admin.blueprint import bp
from attendance.admin.schemas import (
    AdminCourse,
    AdminCoursesOut,
    AdminRecordsQuery,
    AdminSessionsOut,
    TeacherName,
)
from attendance.core.roles import ADMIN
from attendance.sessions import presenting
from attendance.web.current import services
from attendance.web.paging import page_of, paged
from database import Row, courses, sessions


@bp.get("/courses", security=SECURITY, responses={200: AdminCoursesOut})
@requires(ADMIN)
def list_courses(query: AdminRecordsQuery) -> Response:
    """Every course of the installation, or one teacher's."""
    with services().database.read() as tx:
        rows, total = courses.page(tx, teacher=query.teacher_id, **paged(query))
    shown = [
        AdminCourse.shown(row, archived=row["archived_at"] is not None, teacher=_teacher(row))
        for row in rows
    ]
    return jsonify(page_of("courses", shown, query, total))


@bp.get("/sessions", security=SECURITY, responses={200: AdminSessionsOut})
@requires(ADMIN)
def list_sessions(query: AdminRecordsQuery) -> Response:
    """Every session of the installation, or one teacher's, newest first."""
    parts = services()
    with parts.database.read() as tx:
        rows, total = sessions.page(tx, teacher=query.teacher_id, **paged(query))
    now = parts.clock.now()
    shown = [
        {
            **presenting.session(row, now, with_code=True),
            "teacher": _teacher(row),
            "marks": row["marks"],
        }
        for row in rows
    ]
    return jsonify(page_of("sessions", shown, query, total))


def _teacher(row: Mapping[str, Any]) -> Row:
    return TeacherName.shown({}, id=row["teacher"], name=row["teacher_name"])
