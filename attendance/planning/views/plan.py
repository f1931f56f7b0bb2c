"""Planned sessions: weekly patterns of a course, and what is planned today."""

from __future__ import annotations

import json
from datetime import date, timedelta

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, caller, requires
from attendance.core import zones
from attendance.core.errors import CourseNotFound, InvalidRequest, PlanNotFound, found
from attendance.core.roles import TEACHER
from attendance.courses import patterns
from attendance.courses.access import Right, course_in_use, own_course, visible_course
from attendance.courses.patterns import DAYS, Occurrence
from attendance.courses.schemas import CourseName, CoursePath
from attendance.planning import schemas
from attendance.sessions import events, lessons, presenting, rules
from attendance.sessions.schemas import SessionOut
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import ForeignKeyViolation, Row, Transaction
from database import plans as stored

MAX_DAYS = 62

bp = APIBlueprint("plan", __name__, abp_tags=[Tag(name="plan", description="Planned sessions")])


@bp.post(
    "/course/<int:course_id>/plans",
    security=SECURITY,
    responses={201: schemas.PlanOut, **refuses(409)},
)
@requires(TEACHER)
def create(path: CoursePath, body: schemas.PlanIn) -> tuple[Response, int]:
    """Plan sessions of the course: on these weekdays at this time, from one day to another."""
    parts = services()
    with parts.database.write() as tx:
        course = course_in_use(tx, caller(), path.course_id, Right.ORGANISE, parts.clock.now())
        values = body.model_dump()
        values["subject"] = body.subject or course["name"]
        values["section"] = body.section or course["section"]
        try:
            plan_id = stored.create(tx, path.course_id, _as_stored(values), parts.clock.now())
        except ForeignKeyViolation:  # it was deleted meanwhile
            raise CourseNotFound from None
        row = stored.by_id(tx, plan_id)
    assert row is not None
    return jsonify({"plan": _shown(row)}), 201


@bp.get(
    "/course/<int:course_id>/plans",
    security=SECURITY,
    responses={200: schemas.PlansOut},
)
@requires("any")
def listed(path: CoursePath) -> Response:
    """The weekly patterns of a course, for its teacher and its students."""
    with services().database.read() as tx:
        visible_course(tx, caller(), path.course_id, services().clock.now())
        rows = stored.select(tx, course=path.course_id)
    return jsonify({"plans": [_shown(row) for row in rows]})


@bp.patch("/plan/<int:plan_id>", security=SECURITY, responses={200: schemas.PlanChangedOut})
@requires(TEACHER)
def change(
    path: schemas.PlanPath, body: schemas.PlanPatchIn, query: schemas.ChangeQuery
) -> Response:
    """Change a pattern: skip a lesson, move one, or all of it. Sessions that were held stay.

    With `dry_run=true` nothing is stored: `changes` says which lessons ahead would change.
    """
    parts = services()
    now = parts.clock.now()
    clearable = ("section", "room", "late_after_minutes")
    with parts.database.write() as tx:
        before = _own_plan(tx, path.plan_id, Right.ORGANISE)
        sent = {
            name: value
            for name, value in body.model_dump(include=body.model_fields_set).items()
            if value is not None or name in clearable
        }
        values = _as_stored({**_unpacked(before), **sent})
        row = {**before, **values}
        if not query.dry_run:
            stored.update(tx, path.plan_id, values)
    changes = [
        schemas.PlanChange.shown({}, day=day.isoformat(), before=was, after=will)
        for day, was, will in patterns.differences(before, row, now)
    ]
    return jsonify({"plan": _shown(row), "changes": changes})


@bp.delete("/plan/<int:plan_id>", security=SECURITY, responses={204: None})
@requires(TEACHER)
def delete(path: schemas.PlanPath) -> tuple[str, int]:
    """Delete a pattern. Sessions that were held stay."""
    with services().database.write() as tx:
        _own_plan(tx, path.plan_id, Right.ORGANISE)
        stored.delete(tx, path.plan_id, services().clock.now())
    return "", 204


@bp.post(
    "/plan/<int:plan_id>/start", security=SECURITY, responses={201: SessionOut, **refuses(409)}
)
@requires(TEACHER)
def start(path: schemas.PlanPath, body: schemas.StartPlannedIn) -> tuple[Response, int]:
    """Open now what is planned for today; a lesson that was missed gets its own time."""
    parts = services()
    now = parts.clock.now()
    with parts.database.write() as tx:
        plan = _own_plan(tx, path.plan_id, Right.RUN)
        course_in_use(tx, caller(), int(plan["course"]), Right.RUN, now)
        row, is_open = lessons.open_on(tx, plan, body.day, parts.settings, now)
    if is_open:
        events.session_changed(parts, "session_started", row)
    return jsonify({"session": presenting.session(row, now, with_code=True)}), 201


@bp.get("/session/planned", security=SECURITY, responses={200: schemas.PlannedOut})
@requires("any")
def planned(query: schemas.PlannedQuery) -> Response:
    """What is planned in the caller's courses: today (and what runs since yesterday), or from one
    day to another."""
    account, now = caller(), services().clock.now()
    whose = {"teacher" if account.kind == TEACHER else "student": account.id}
    with services().database.read() as tx:
        found: list[Row] = []
        for plan in stored.select(tx, as_of=now, **whose):
            today = zones.day_of(now, plan["timezone"])
            first = query.first_day or min(today, query.last_day or today)
            last = query.last_day or max(today, first)
            if last - first >= timedelta(days=MAX_DAYS):
                raise InvalidRequest.of("to", "too_many_days", f"At most {MAX_DAYS} days at once.")
            found += _planned(tx, plan, first, last)
            if query.first_day is None and query.last_day is None:
                found += _since_yesterday(tx, plan, today)
    return jsonify(
        {"planned": sorted(found, key=lambda line: (line["starts_at"], line["plan_id"]))}
    )


def _planned(tx: Transaction, plan: Row, first: date, last: date) -> list[Row]:
    found = list(patterns.occurrences(plan, first, last))
    days = [first.isoformat(), last.isoformat(), *(one.day.isoformat() for one in found)]
    became = {
        row["day"]: row
        for row in stored.started(tx, [int(plan["id"])], min(days), max(days))
        if lessons.is_held(row)
    }
    return [_shown_occurrence(one, became.get(one.day.isoformat())) for one in found]


def _since_yesterday(tx: Transaction, plan: Row, today: date) -> list[Row]:
    """What began before midnight and is not over."""
    yesterday, now = today - timedelta(days=1), services().clock.now()
    over_midnight = {
        one.day.isoformat()
        for one in patterns.occurrences(plan, yesterday, yesterday)
        if one.ends_at > now and one.starts_at <= now
    }
    if not over_midnight:
        return []
    return [
        line for line in _planned(tx, plan, yesterday, yesterday) if line["day"] in over_midnight
    ]


def _shown_occurrence(occurrence: Occurrence, session: Row | None) -> Row:
    plan, now = occurrence.plan, services().clock.now()
    if session is not None:
        state = rules.state_of(session, now)
    elif now < occurrence.starts_at:
        state = "planned"
    else:
        state = "due" if now < occurrence.ends_at else "missed"
    return schemas.Planned.shown(
        {**plan, **vars(occurrence)},
        plan_id=plan["id"],
        course=CourseName.shown(plan, id=plan["course"]),
        day=occurrence.day.isoformat(),
        moved=occurrence.is_moved,
        session_id=session and session["session"],
        state=state,
    )


def _own_plan(tx: Transaction, plan_id: int, right: Right) -> Row:
    row = found(stored.by_id(tx, plan_id), PlanNotFound)
    own_course(tx, caller(), int(row["course"]), right, services().clock.now())
    return row


def _as_stored(values: Row) -> Row:
    if values["last_day"] < values["first_day"]:
        raise InvalidRequest.of("to", "before_from", "`to` lies before `from`.")
    moves = {move["day"]: move for move in values["moves"]}
    if len(moves) < len(values["moves"]):
        raise InvalidRequest.of("moves", "named_twice", "A lesson is moved twice.")
    return {
        **{name: values[name] for name in stored.FIELDS},
        "moves": json.dumps([_moved(moves[day]) for day in sorted(moves)]) if moves else None,
        "on_holidays": int(values["on_holidays"]),
        "days": ",".join(day for day in DAYS if day in values["days"]),
        "first_day": values["first_day"].isoformat(),
        "last_day": values["last_day"].isoformat(),
        "exceptions": json.dumps(sorted({day.isoformat() for day in values["exceptions"]})),
        "automatic": int(values["automatic"]),
    }


def _moved(move: Row) -> Row:
    return {**move, "day": move["day"].isoformat(), "to": move["to"].isoformat()}


def _unpacked(row: Row) -> Row:
    """A stored plan with the values as a body has them."""
    return {
        **row,
        "days": row["days"].split(","),
        "first_day": date.fromisoformat(row["first_day"]),
        "last_day": date.fromisoformat(row["last_day"]),
        "exceptions": [date.fromisoformat(day) for day in json.loads(row["exceptions"])],
        "moves": [vars(move) for move in patterns.moves(row)],
    }


def _shown(row: Row) -> Row:
    return schemas.Plan.shown(
        row,
        course_id=row["course"],
        days=row["days"].split(","),
        exceptions=json.loads(row["exceptions"]),
        moves=json.loads(row["moves"] or "[]"),
    )
