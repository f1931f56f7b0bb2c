"""Everything that the installation keeps about one student (right of access, GDPR article 15)."""

from __future__ import annotations

import base64
from datetime import datetime

from attendance.accounts import audit_log, presenting
from attendance.accounts.schemas import ExportedTemplate
from attendance.core.clock import iso
from attendance.core.services import Services
from attendance.crypto.vault import of_notes, of_proposals, of_templates
from database import Row, Transaction, audit, personal
from database.rows import StudentRow


def of_student(parts: Services, student: StudentRow) -> Row:
    """The account, the templates and photographs themselves, and every row that names the student.

    Binary data is base64; a template is little-endian 32-bit floats.
    """
    number = int(student["id"])
    with parts.database.read() as tx:
        templates = personal.templates(tx, number)
        tables = {name: personal.rows(tx, name, number) for name in personal.TABLES}
        lines = _audit_lines(tx, f"student:{number}")
    return {
        "exported_at": iso(parts.clock.now()),
        "student": presenting.own_student(student),
        "templates": [_template(parts, number, row) for row in templates],
        **{name: [_shown(row) for row in rows] for name, rows in tables.items()},
        "proposed_faces": [_proposed(parts, number, row) for row in tables["proposed_faces"]],
        "absences": [_absence(parts, row) for row in tables["absences"]],
        "audit": lines,
    }


def _template(parts: Services, student: int, row: Row) -> Row:
    plain = parts.vault.decrypt(row["key_id"], row["data"], owner=of_templates(student))
    return ExportedTemplate.shown(
        row,
        embedding=base64.b64encode(plain).decode(),
        photograph=_photograph(parts, student, row["photo"]),
    )


def _photograph(parts: Services, student: int, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return base64.b64encode(parts.faces.photos.read(student, name)).decode()
    except FileNotFoundError:
        return None


def _proposed(parts: Services, student: int, row: Row) -> Row:
    key_id, data = row.pop("key_id"), row.pop("picture")
    plain = data and parts.vault.decrypt(key_id, data, owner=of_proposals(student))
    return {**_shown(row), "picture": plain and base64.b64encode(plain).decode()}


def _absence(parts: Services, row: Row) -> Row:
    key_id, data = row.pop("key_id"), row.pop("note")
    plain = data and parts.vault.decrypt(key_id, bytes(data), owner=of_notes(row["id"]))
    return {**_shown(row), "note": plain and base64.b64encode(plain).decode()}


def _audit_lines(tx: Transaction, name: str) -> list[Row]:
    """What was done to the student, and what he or she did; oldest first."""
    found: dict[int, Row] = {}
    for wanted in (audit.Filter(subjects=[name]), audit.Filter(actors=[name])):
        for row in audit.every(tx, wanted):
            found[int(row["id"])] = row
    return audit_log.shown(tx, [found[key] for key in sorted(found)])


def _shown(row: Row) -> Row:
    return {key: iso(value) if isinstance(value, datetime) else value for key, value in row.items()}
