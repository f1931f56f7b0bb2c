"""Browsers in which a teacher is told by push, beside those of students.

What waits to be sent, which is worth a day at most, is dropped: both tables are made anew, since
SQLite cannot let a column be empty that was not.

Revision: 0034, after 0033.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Ref, Time

revision = "0034"
down_revision = "0033"

KEPT = "student, endpoint, endpoint_hash, p256dh, auth, server_key, name, created_at, used_at"


def upgrade() -> None:
    _make_anew(
        [_owner("student", "students", nullable=True), _owner("teacher", "teachers", nullable=True)]
    )
    op.create_index("ix_push_devices_teacher", "push_devices", ["teacher"])


def downgrade() -> None:
    _make_anew([_owner("student", "students", nullable=False)])


def _make_anew(owners: list[sa.Column[Any]]) -> None:
    connection = op.get_bind()
    found = connection.execute(
        sa.text(f"SELECT {KEPT} FROM push_devices WHERE student IS NOT NULL ORDER BY id")
    )
    devices = [dict(row) for row in found.mappings()]
    op.drop_table("push_messages")
    op.drop_table("push_devices")
    op.create_table(
        "push_devices",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        *owners,
        sa.Column("endpoint", sa.Text(), nullable=False),
        # SHA-256 of the endpoint, which may be long
        sa.Column("endpoint_hash", sa.String(64), nullable=False),
        sa.Column("p256dh", sa.String(88), nullable=False),
        sa.Column("auth", sa.String(24), nullable=False),
        # the installation's public key that it was subscribed with
        sa.Column("server_key", sa.String(88), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("used_at", Time, nullable=True),
        **TABLE,
    )
    op.create_index("ux_push_devices_endpoint", "push_devices", ["endpoint_hash"], unique=True)
    op.create_index("ix_push_devices_student", "push_devices", ["student"])
    op.create_table(
        "push_messages",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column(
            "device",
            Ref,
            sa.ForeignKey("push_devices.id", ondelete="CASCADE", name="fk_push_messages_device"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Time, nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ix_push_messages_device", "push_messages", ["device"])
    op.create_index("ix_push_messages_next", "push_messages", ["next_at"])
    if devices:
        values = ", ".join(f":{name.strip()}" for name in KEPT.split(","))
        connection.execute(sa.text(f"INSERT INTO push_devices ({KEPT}) VALUES ({values})"), devices)


def _owner(name: str, table: str, *, nullable: bool) -> sa.Column[Any]:
    reference = sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_push_devices_{name}")
    return sa.Column(name, Ref, reference, nullable=nullable)
