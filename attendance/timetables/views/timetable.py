"""Timetables of other programs: looked at, taken over, read again, forgotten."""

from __future__ import annotations

import json

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.admission.shares import FILE
from attendance.core.errors import InvalidRequest
from attendance.core.roles import TEACHER
from attendance.timetables import addresses, keeping, looking, presenting, refreshing, schemas
from attendance.timetables.looking import Wanted
from attendance.timetables.matching import NONE
from attendance.timetables.reading import Source
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.schemas import refuses
from database import timetables

bp = APIBlueprint(
    "timetable",
    __name__,
    url_prefix="/timetable",
    abp_tags=[Tag(name="timetable", description="Timetables of other programs (iCalendar)")],
)


@bp.get("", security=SECURITY, responses={200: schemas.TimetablesOut})
@requires(TEACHER)
def listed() -> Response:
    """The caller's timetables."""
    with services().database.read() as tx:
        rows = timetables.of_teacher(tx, caller().id)
    return jsonify({"timetables": [schemas.ListedTimetable.shown(row) for row in rows]})


@bp.post("", security=SECURITY, responses={200: schemas.TimetableDoneOut, **refuses(413, 422)})
@requires(TEACHER, file=True, turn=FILE)
def create(query: schemas.TimetableQuery, form: schemas.TimetableForm) -> Response:
    """Plan the lessons of an iCalendar file, or of an address that has one.

    A teacher's timetable is about the courses that he or she may plan, an administrator's about
    all. With `dry_run=true` nothing is stored, and the response says what would happen.
    """
    if (form.file is None) == (form.url is None):
        raise InvalidRequest.of("url", "one_of_two", "A file or an address is needed.")
    wanted = Wanted(_choices(form), form.name, form.automatic)
    if form.url is not None:
        source = addresses.fetched(services(), addresses.accepted(form.url))
        assert source is not None
    else:
        source = Source(uploads.file(form.file))
    return _done(source, wanted, None, query)


@bp.post(
    "/<int:timetable_id>",
    security=SECURITY,
    responses={200: schemas.TimetableDoneOut, **refuses(413, 422)},
)
@requires(TEACHER, file=True, turn=FILE)
def again(
    path: schemas.TimetablePath, query: schemas.TimetableQuery, form: schemas.AgainForm
) -> Response:
    """Read a timetable again: its address, or a newer file.

    What was changed by hand stays, and so do lessons that were held. What is gone from it is
    cancelled where it lies ahead. With `dry_run=true` nothing is stored.
    """
    if form.file is not None:
        source = Source(uploads.file(form.file))
    else:
        source = refreshing.source_of(services(), caller(), path.timetable_id)
    return _done(source, Wanted(_choices(form)), path.timetable_id, query)


@bp.delete("/<int:timetable_id>", security=SECURITY, responses={204: None})
@requires(TEACHER)
def forget(path: schemas.TimetablePath) -> tuple[str, int]:
    """Forget a timetable. Its lessons ahead are cancelled, but for what was changed by hand."""
    keeping.forget(services(), caller(), path.timetable_id, acting())
    return "", 204


def _done(
    source: Source, wanted: Wanted, timetable: int | None, query: schemas.TimetableQuery
) -> Response:
    parts, account = services(), caller()
    if query.dry_run:
        done = looking.look(parts, account, source, wanted, timetable)
    else:
        done = keeping.take_over(parts, account, source, wanted, timetable, acting())
    return jsonify(presenting.done(done, dry_run=query.dry_run))


def _choices(form: schemas.AgainForm) -> dict[str, int]:
    sent = json.loads(form.assigned) if form.assigned else {}
    return {label: NONE if course is None else course for label, course in sent.items()}
