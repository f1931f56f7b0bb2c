"""GET /admin/audit and /admin/audit.csv: who changed what, when and why."""

from __future__ import annotations

from flask import Response, jsonify

from attendance.accounts import audit_log
from attendance.accounts.guard import SECURITY, requires
from attendance.admin.blueprint import bp
from attendance.admin.schemas import AuditFilter, AuditOut, AuditQuery
from attendance.core.roles import ADMIN
from attendance.spreadsheets.csv_lines import CSV_TYPE, csv_lines
from attendance.web import downloads
from attendance.web.current import services
from database import Transaction, audit


@bp.get("/audit", security=SECURITY, responses={200: AuditOut})
@requires(ADMIN)
def list_audit(query: AuditQuery) -> Response:
    """The audit log, newest first, a page at a time. Its entries are never changed."""
    with services().database.read() as tx:
        rows = audit.page(tx, _wanted(tx, query), before=query.before, limit=query.limit + 1)
        shown = audit_log.shown(tx, rows[: query.limit])
    more = len(rows) > query.limit
    return jsonify({"audit": shown, "next": shown[-1]["id"] if more else None})


@bp.get("/audit.csv", security=SECURITY, responses={200: {"content": {"text/csv": {}}}})
@requires(ADMIN)
def audit_csv(query: AuditFilter) -> Response:
    """The audit log as CSV, with the same filters."""
    parts = services()
    with parts.database.read() as tx:
        wanted = _wanted(tx, query)
    name = f"audit-{parts.clock.now():%Y-%m-%d}.csv"
    lines = csv_lines(audit_log.table(parts, wanted))
    return downloads.sent(downloads.spooled(lines), CSV_TYPE, name)


def _wanted(tx: Transaction, query: AuditFilter) -> audit.Filter:
    return audit.Filter(
        actors=audit_log.meant(tx, query.actor),
        action=query.action,
        subjects=audit_log.meant(tx, query.subject),
        since=query.since,
        until=query.until,
    )
