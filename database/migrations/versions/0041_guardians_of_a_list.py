"""Whether a guardian came with a school's list, so that a later list may say who took the place.

Those of before are told apart by the audit log; of whom it says nothing was entered by hand.

Revision: 0041, after 0040.
"""

import json
import re
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import Flag

revision = "0041"
down_revision = "0040"

_ADDRESS = re.compile(r"[^\s<>;]+@[^\s<>;]+")
_GUARDIANS = sa.table("guardians", *(sa.column(name) for name in ("id", "student", "email")))
_FLAGS = sa.table("guardians", sa.column("id"), sa.column("from_list"))
_AUDIT = sa.table(
    "audit", *(sa.column(name) for name in ("id", "action", "subject", "old_value", "new_value"))
)


def upgrade() -> None:
    op.add_column("guardians", sa.Column("from_list", Flag, nullable=False, server_default="0"))
    bind = op.get_bind()
    found = _of_lists(bind)
    for row in bind.execute(sa.select(_GUARDIANS)).all():
        if row.email in found.get(f"student:{row.student}", ()):
            bind.execute(_FLAGS.update().where(_FLAGS.c.id == row.id).values(from_list=1))


def _of_lists(bind: sa.Connection) -> dict[str, set[str]]:
    """The addresses that a list has brought and nobody entered by hand since, by student."""
    found: dict[str, set[str]] = defaultdict(set)
    lines = bind.execute(
        sa.select(_AUDIT)
        .where(_AUDIT.c.action.in_(("guardian.import", "guardian.add")))
        .order_by(_AUDIT.c.id)
    )
    for line in lines:
        if line.action == "guardian.add":
            entered = json.loads(line.new_value or "null") or {}
            found[line.subject].discard(entered.get("email"))
        else:
            found[line.subject] |= _addresses(line.new_value) - _addresses(line.old_value)
    return found


def _addresses(value: str | None) -> set[str]:
    return set(_ADDRESS.findall(str(json.loads(value or "null") or "")))


def downgrade() -> None:
    op.drop_column("guardians", "from_list")
