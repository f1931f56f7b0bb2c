"""Lists for programs: students, attendance records, daily statistics, paged by cursors."""

from __future__ import annotations

import base64
from datetime import date, timedelta

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts import api_keys
from attendance.accounts.guard import DEVICE_SECURITY, Account, caller, requires
from attendance.core import student_numbers, zones
from attendance.core.errors import InvalidRequest
from attendance.core.roles import DEVICE, TEACHER
from attendance.courses.access import Right, own_course
from attendance.reports import daily as statistics
from attendance.reports import figures, presenting, schemas
from attendance.room import comparing
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import Row, Transaction, records

bp = APIBlueprint(
    "record", __name__, abp_tags=[Tag(name="records", description="Lists for programs")]
)


@bp.get(
    "/api/students/", security=DEVICE_SECURITY, responses={200: schemas.StudentsOut, **refuses(404)}
)
@requires(TEACHER, scope="students:read")
def students(query: schemas.StudentsQuery) -> Response:
    """The students of the caller's courses and sessions (for an administrator: all)."""
    account = caller()
    with services().database.read() as tx:
        _zone_of(tx, account, query.course_id)
        rows = records.students(
            tx,
            teacher=_teacher(account),
            as_of=services().clock.now(),
            course=query.course_id,
            text=query.q,
            after=query.cursor,
            limit=query.limit + 1,
        )
    shown, more = rows[: query.limit], len(rows) > query.limit
    return jsonify(
        {
            "students": [presenting.listed_student(row) for row in shown],
            "next_cursor": shown[-1]["student_id"] if more else None,
        }
    )


@bp.get(
    "/api/attendance/records",
    security=DEVICE_SECURITY,
    responses={200: schemas.RecordsOut, **refuses(404)},
)
@requires(TEACHER, scope="attendance:read")
def attendance(query: schemas.RecordsQuery) -> Response:
    """Attendance records, newest session first. Days are the course's, or else the school's."""
    parts, account = services(), caller()
    now = parts.clock.now()
    with parts.database.read() as tx:
        zone = _zone_of(tx, account, query.course_id)
        period = figures.period_of(query.first_day, query.last_day, zone)
        rows = records.page(
            tx,
            now,
            teacher=_teacher(account),
            course=query.course_id,
            session=query.session_id,
            student_ids=None
            if query.student_id is None
            else student_numbers.forms(query.student_id),
            status=query.status,
            **period.as_filter(),
            after=_opened(query.cursor),
            limit=query.limit + 1,
        )
        shown, more = rows[: query.limit], len(rows) > query.limit
        seen = comparing.of_many(tx, {row["session"]: row["course"] for row in shown})
    return jsonify(
        {
            "records": presenting.records(shown, seen, now, parts.settings.left_early_minutes),
            "next_cursor": _sealed(shown[-1]) if more else None,
        }
    )


@bp.get("/stats/daily", security=DEVICE_SECURITY, responses={200: schemas.DailyOut, **refuses(404)})
@requires(TEACHER, scope="attendance:read")
def daily(query: schemas.DailyQuery) -> Response:
    """Sessions and attendance by day, newest first; a page covers `limit` calendar days."""
    parts, account = services(), caller()
    now = parts.clock.now()
    with parts.database.read() as tx:
        zone = _zone_of(tx, account, query.course_id)
        scope = {"teacher": _teacher(account), "course": query.course_id}
        last = min(query.cursor or date.max, query.last_day or zones.day_of(now, zone))
        first = max(query.first_day or date.min, last - timedelta(days=query.limit - 1))
        found = statistics.daily(tx, now, first=first, last=last, zone=zone, **scope)
        before = statistics.day_before(tx, now, first, zone=zone, **scope)
    if before is not None and query.first_day is not None and before < query.first_day:
        before = None
    return jsonify(
        {
            "days": [presenting.day(day) for day in found],
            "next_cursor": None if before is None else before.isoformat(),
        }
    )


def _teacher(account: Account) -> int | None:
    """Whose sessions are shown; None: everybody's."""
    return None if account.is_admin else account.id


def _zone_of(tx: Transaction, account: Account, course_id: int | None) -> str:
    """The zone of the course, which must be the caller's own, or of the school."""
    if account.kind == DEVICE:
        api_keys.require_bound_to(tx, account.row, course_id)
    if course_id is None:
        return services().settings.timezone
    return str(own_course(tx, account, course_id, Right.SEE, services().clock.now())["timezone"])


def _sealed(row: Row) -> str:
    return base64.urlsafe_b64encode(f"{row['session']}.{row['student']}".encode()).decode()


def _opened(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    try:
        session, student = base64.b64decode(cursor.encode("ascii"), b"-_", validate=True).split(
            b"."
        )
        return _row_id(session), _row_id(student)
    except ValueError:
        raise InvalidRequest("cursor: send `next_cursor` of the page before.") from None


def _row_id(text: bytes) -> int:
    number = int(text)
    if not 0 < number < 2**63:
        raise ValueError
    return number
