"""Rosters and invitations: students who have no account yet."""

from __future__ import annotations

import json
from functools import partial

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint

from attendance.accounts.guard import SECURITY, acting, caller, requires
from attendance.accounts.invitations import Invitation
from attendance.admission.shares import FILE
from attendance.core.roles import STUDENT, TEACHER
from attendance.courses import (
    enrolling,
    events,
    inviting,
    presenting,
    roster,
    roster_lines,
    schemas,
    strangers,
)
from attendance.courses.access import Right, course_in_use
from attendance.courses.views import TAGS, invitation_words
from attendance.web import uploads
from attendance.web.current import services
from attendance.web.links import base_url
from attendance.web.schemas import refuses
from database import Row
from database.rows import StudentRow

bp = APIBlueprint("enrolment", __name__, url_prefix="/course", abp_tags=TAGS)


@bp.post(
    "/<int:course_id>/roster", security=SECURITY, responses={200: schemas.RosterOut, **refuses(409)}
)
@requires(TEACHER, file=True, turn=FILE)
def import_roster(
    path: schemas.CoursePath,
    query: schemas.RosterQuery,
    form: schemas.RosterForm,
) -> Response:
    """Create and enrol the students of a CSV or XLSX file with student_id, name and email.

    How the file was read, and which column is what, is found out, told, and may be said. With
    `dry_run=true` nothing is stored, and the response says what would happen. New students get an
    invitation link, shown here and sent by e-mail where a mail server is configured.
    """
    parts, account = services(), caller()
    with parts.database.read() as tx:
        row = course_in_use(tx, account, path.course_id, Right.ORGANISE, parts.clock.now())
    read = roster_lines.read(
        uploads.file(form.file),
        encoding=form.encoding,
        delimiter=form.delimiter,
        given=json.loads(form.columns) if form.columns else None,
    )
    wanted = roster.Wanted(
        update=form.update,
        unenrol=form.unenrol,
        unenrol_many=form.unenrol_many,
        knows_all=account.is_admin,
        meets=None if query.dry_run else partial(strangers.count, parts, account.name),
    )
    done = roster.import_lines(
        parts, path.course_id, read.lines, acting(), wanted, dry_run=query.dry_run
    )
    if not query.dry_run and done.changed_anything:
        events.course_changed(parts, row)
    shown, emails, words = [], [], invitation_words()
    invites = not query.dry_run and parts.settings.student_sign_up != "closed"
    for line in done.lines:
        link = None
        if line.result == roster.CREATED and line.student and line.email and invites:
            link = _invitation(line.student)
            emails.append(enrolling.email(words, row, line.student["name"], line.email, link))
        shown.append(_shown(line, link))
    parts.mailer.send(emails)
    return jsonify(
        {
            "dry_run": query.dry_run,
            "rows": shown,
            "counts": done.counts,
            "mailed": len(emails) if parts.mailer.configured else 0,
            "encoding": read.table.encoding,
            "confidence": read.table.confidence,
            "delimiter": read.table.delimiter,
            "quote": read.table.quote,
            "columns": read.columns.named,
            "unused": read.columns.unused,
            "left": [schemas.RosterLeft.shown(student) for student in done.left],
            "left_held": done.held,
            "unenrolled": done.unenrolled,
        }
    )


@bp.post(
    "/<int:course_id>/students/<number:student_id>/invitation",
    security=SECURITY,
    responses={201: schemas.InvitationOut, **refuses(403, 409, 429)},
)
@requires(TEACHER)
def invite(path: schemas.EnrolledPath) -> tuple[Response, int]:
    """A new invitation link for a student who has set no password yet.

    Whoever has it can take the account: it is shown to the teacher in whose course's roster the
    account was made, and to administrators. Others have it sent by e-mail, to the student.
    """
    parts = services()
    words = invitation_words()
    made = enrolling.invite(
        parts, caller(), path.course_id, path.student_id, acting(), base_url(), words
    )
    return jsonify(presenting.invited(made, mailed=parts.mailer.configured)), 201


@bp.post(
    "/<int:course_id>/invitations",
    security=SECURITY,
    responses={201: schemas.InvitedAllOut, **refuses(429)},
)
@requires(TEACHER)
def invite_all(path: schemas.CoursePath, body: schemas.InviteAllIn) -> tuple[Response, int]:
    """A link for everybody in the course who has never signed in, to be sent or handed out.

    Links of before stay good. Who may see which: see the invitation of one student.
    """
    parts = services()
    done = inviting.invite_all(
        parts,
        caller(),
        path.course_id,
        acting(),
        base_url(),
        invitation_words(),
        mail=body.mail,
        pins=body.pins,
    )
    shown = [presenting.slip(slip) for slip in done.slips]
    return jsonify({"invitations": shown, "mailed": sum(slip.mailed for slip in done.slips)}), 201


def _invitation(student: StudentRow) -> Invitation:
    parts = services()
    return parts.invitations.make(STUDENT, student, base_url(), parts.clock.now())


def _shown(line: roster_lines.Line, invitation: Invitation | None) -> Row:
    return schemas.RosterRow.shown(
        line,
        code=line.remark.code if line.remark else None,
        values=line.remark.values if line.remark else {},
        changes={name: list(values) for name, values in {**line.changes, **line.people}.items()},
        invitation=invitation and presenting.invitation(invitation),
    )
