"""Courses: create, edit, archive, delete; and the students in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts import api_keys
from attendance.accounts.guard import SECURITY, Account, acting, caller, count_attempt, requires
from attendance.core import codes, emails, student_numbers, zones
from attendance.core.errors import (
    CourseArchived,
    CourseHasSessions,
    CourseNotFound,
    StudentNotFound,
)
from attendance.core.roles import OWNER, STUDENT, TEACHER
from attendance.courses import check_in, enrolling, events, presenting, schemas, strangers
from attendance.courses.access import CourseInRole, Right, own_course, visible_course
from attendance.courses.views import TAGS
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import (
    ForeignKeyViolation,
    Row,
    Transaction,
    courses,
    excuses,
    staff,
    students,
)
from database.rows import CourseRow

bp = APIBlueprint("course", __name__, url_prefix="/course", abp_tags=TAGS)


@bp.post("", security=SECURITY, responses={201: schemas.CourseOut})
@requires(TEACHER)
def create(body: schemas.CourseIn) -> tuple[Response, int]:
    """Create a course. The server generates its join code."""
    parts, account = services(), caller()
    with parts.database.write() as tx:
        course_id = codes.drawn(
            lambda join_code: courses.create(
                tx,
                teacher=account.id,
                code=body.code,
                name=body.name,
                section=body.section,
                description=body.description,
                timezone=body.timezone or parts.settings.timezone,
                join_code=join_code,
                now=parts.clock.now(),
            )
        )
        row = own_course(tx, account, course_id, Right.SEE, parts.clock.now())
    return _shown(row, account), 201


@bp.get("/mine", security=SECURITY, responses={200: schemas.CoursesOut})
@requires("any")
def mine(query: schemas.CoursesQuery) -> Response:
    """The courses that the caller teaches or helps in or, as a student, is enrolled in."""
    account, now = caller(), services().clock.now()
    rows: Sequence[CourseRow]
    with services().database.read() as tx:
        if account.kind == TEACHER:
            parts = staff.roles_of(tx, account.id, now)
            rows = [
                CourseInRole(
                    **row, role=OWNER if row["teacher"] == account.id else parts[int(row["id"])]
                )
                for row in courses.of_teacher(tx, account.id, now)
            ]
        else:
            rows = courses.attended_by(tx, account.id)
    shown = [presenting.course(row, with_code=account.kind == TEACHER) for row in rows]
    if query.archived is not None:
        shown = [course for course in shown if course["archived"] is query.archived]
    return jsonify({"courses": shown})


@bp.get("/<int:course_id>", security=SECURITY, responses={200: schemas.CourseOut})
@requires("any")
def one(path: schemas.CoursePath) -> Response:
    """A course: for its teacher, and (without the join code) for its students."""
    account = caller()
    with services().database.read() as tx:
        row = visible_course(tx, account, path.course_id, services().clock.now())
    return _shown(row, account)


@bp.patch("/<int:course_id>", security=SECURITY, responses={200: schemas.CourseOut})
@requires(TEACHER)
def change(path: schemas.CoursePath, body: schemas.CoursePatchIn) -> Response:
    """Change a course: its names, its time zone, how percentages are counted; archive it."""
    parts, account = services(), caller()
    now = parts.clock.now()
    with parts.database.write() as tx:
        needed = Right.ORGANISE if body.archived is None else Right.OWN
        before = own_course(tx, account, path.course_id, needed, now)
        courses.update(tx, path.course_id, {**before, **_changes(body, before)})
        if body.archived is not None and body.archived != (before["archived_at"] is not None):
            courses.set_archived(tx, path.course_id, now if body.archived else None)
        if body.timezone not in (None, before["timezone"]):
            _move_excuses(tx, path.course_id, str(body.timezone))
        if body.new_join_code:
            codes.drawn(lambda fresh: courses.set_join_code(tx, path.course_id, fresh))
        row = own_course(tx, account, path.course_id, needed, now)
        old, new = (presenting.course(course, with_code=False) for course in (before, row))
        changed = [name for name in new if new[name] != old[name]]
        if changed:
            acting().note(
                tx,
                now,
                "course.change",
                f"course:{path.course_id}",
                old={name: old[name] for name in changed},
                new={name: new[name] for name in changed},
            )
    return _shown(row, account)


@bp.delete("/<int:course_id>", security=SECURITY, responses={204: None, **refuses(409)})
@requires(TEACHER)
def delete(path: schemas.CoursePath) -> tuple[str, int]:
    """Delete a course in which no session was held; others are archived (PATCH). API keys that are
    bound to nothing else are revoked."""
    parts, account = services(), caller()
    try:
        with parts.database.write() as tx:
            row = own_course(tx, account, path.course_id, Right.OWN, parts.clock.now())
            api_keys.revoke_bound_to(tx, path.course_id, acting(), parts.clock.now())
            courses.delete(tx, path.course_id)
            acting().note(
                tx,
                parts.clock.now(),
                "course.delete",
                f"course:{path.course_id}",
                old={"code": row["code"], "name": row["name"], "students": row["students"]},
            )
    except ForeignKeyViolation:
        raise CourseHasSessions from None
    return "", 204


@bp.post("/join", security=SECURITY, responses={200: schemas.CourseOut, **refuses(404, 409, 429)})
@requires(STUDENT)
def join(body: schemas.CourseJoinIn) -> Response:
    """Enrol the caller with the join code that the teacher has shown. Repeating changes nothing."""
    parts, account = services(), caller()
    count_attempt("course-join", account.name, parts.settings.join_tries_per_minute)
    with parts.database.write() as tx:
        found = courses.by_join_code(tx, body.join_code)
        if found is None:
            raise CourseNotFound("No course has this join code.")
        is_new = _enrol(tx, found, account.id)
        row = visible_course(tx, account, int(found["id"]), parts.clock.now())
    if is_new:
        events.course_changed(parts, row)
    return _shown(row, account)


@bp.get(
    "/<int:course_id>/students",
    security=SECURITY,
    responses={200: schemas.CourseStudentsOut},
)
@requires(TEACHER)
def listed(path: schemas.CoursePath) -> Response:
    """The students of the course, by name."""
    with services().database.read() as tx:
        own_course(tx, caller(), path.course_id, Right.SEE, services().clock.now())
        rows = courses.students_of(tx, path.course_id)
    return jsonify({"students": [presenting.course_student(row) for row in rows]})


@bp.post(
    "/<int:course_id>/students",
    security=SECURITY,
    responses={201: schemas.CourseStudentOut, 200: schemas.CourseStudentOut, **refuses(409, 429)},
)
@requires(TEACHER)
def enrol(path: schemas.CoursePath, body: schemas.EnrolIn) -> tuple[Response, int]:
    """Enrol one student who has an account; 200 if he or she was in the course already.

    The e-mail address is told of students whom the teacher has in a course already. The audit log
    keeps who enrolled whom. Students of none of the teacher's courses are counted
    (`UNKNOWN_STUDENTS_PER_HOUR`) where they are enrolled by the bare number.
    """
    parts, account = services(), caller()
    with parts.database.write() as tx:
        row = own_course(tx, account, path.course_id, Right.ORGANISE, parts.clock.now())
        student = (
            students.known_as(tx, *student_numbers.forms(body.student_id))
            if body.student_id is not None
            else students.by_email(tx, *emails.forms(str(body.email)))
        )
        if student is None:
            raise StudentNotFound
        is_familiar = (
            account.is_admin
            or body.email is not None
            or courses.is_taught_by(tx, int(student["id"]), account.id)
        )
        if not is_familiar:
            strangers.meet(parts, tx, account, [int(student["id"])])
        is_new = _enrol(tx, row, int(student["id"]))
        shown = courses.student_of(tx, path.course_id, int(student["id"]))
        if is_new:
            acting().note(
                tx,
                parts.clock.now(),
                "student.enrol",
                f"student:{student['id']}",
                new={"course": path.course_id},
            )
    assert shown is not None
    if is_new:
        events.course_changed(parts, row)
    told = presenting.course_student(shown)
    if not is_familiar:
        told["email"] = None
    return jsonify({"student": told}), 201 if is_new else 200


@bp.delete(
    "/<int:course_id>/students/<number:student_id>", security=SECURITY, responses={204: None}
)
@requires(TEACHER)
def remove(path: schemas.EnrolledPath) -> tuple[str, int]:
    """Remove a student from the course. Marks already made stay with the student."""
    parts = services()
    row = enrolling.remove(parts, caller(), path.course_id, path.student_id, acting())
    events.course_changed(parts, row)
    return "", 204


def _shown(row: CourseRow, account: Account) -> Response:
    return jsonify({"course": presenting.course(row, with_code=account.kind == TEACHER)})


def _enrol(tx: Transaction, course: CourseRow, student: int) -> bool:
    if course["archived_at"] is not None:
        raise CourseArchived
    try:
        return courses.enrol(tx, int(course["id"]), student, services().clock.now())
    except ForeignKeyViolation:
        raise StudentNotFound from None


def _changes(body: schemas.CoursePatchIn, before: CourseRow) -> Row:
    """What the body changes: null clears what may be empty, and leaves the rest as it is."""
    clearable = ("section", "description", "max_absences")
    sent = body.model_dump(include=set(courses.CHANGEABLE), exclude_unset=True)
    asked = sent.pop("check_in", None)
    if asked:
        said = {
            name: value
            for name, value in asked.items()
            if value is not None or name == "position"  # which null clears
        }
        sent["check_in"] = check_in.of(before).changed(said).text()
    return {
        name: int(value) if name == "late_counts" else value
        for name, value in sent.items()
        if value is not None or name in clearable
    }


def _move_excuses(tx: Transaction, course: int, timezone: str) -> None:
    """Excused days stay the same days when the course moves to another zone."""
    for row in excuses.of_course(tx, course):
        first, last = (date.fromisoformat(row[key]) for key in ("first_day", "last_day"))
        excuses.move(tx, int(row["id"]), *zones.days(first, last, timezone))
