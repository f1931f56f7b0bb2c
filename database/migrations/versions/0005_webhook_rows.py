"""Of a webhook's message only which rows it tells of, not what stood in them.

Revision: 0005, after 0004.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_DELIVERIES = sa.table(
    "webhook_deliveries",
    sa.column("id", sa.BigInteger),
    sa.column("event", sa.Text),
    sa.column("payload", sa.Text),
)


def upgrade() -> None:
    bind = op.get_bind()
    kept = bind.execute(sa.select(_DELIVERIES)).all()
    for row in kept:
        about = _about(bind, row.event, json.loads(row.payload))
        bind.execute(
            _DELIVERIES.update().where(_DELIVERIES.c.id == row.id).values(payload=json.dumps(about))
        )
    _rename("payload", "about")


def downgrade() -> None:
    # 0004 writes a message out when it is first tried: these look as if they never were.
    _rename("about", "payload")


def _about(bind: sa.Connection, event: str, message: dict) -> dict[str, int]:
    """The ids in a message that was written out when it was first tried."""
    if "data" not in message:
        return message
    session = message["data"].get("session")
    if session is None:
        return {}
    marked = message["data"].get("attendance")
    if event != "attendance_marked" or marked is None:
        return {"session": session["id"]}
    student = bind.execute(
        sa.text("SELECT id FROM students WHERE student_id = :number"),
        {"number": marked["student_id"]},
    ).scalar()
    return {} if student is None else {"session": session["id"], "student": int(student)}


def _rename(old: str, new: str) -> None:
    # The same words on every database; Alembic has none for SQLite.
    op.execute(f"ALTER TABLE webhook_deliveries RENAME COLUMN {old} TO {new}")
