"""Browsers that students want to be told in while no page is open, and what waits to be sent.

Revision: 0024, after 0023.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Ref, Time

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "push_devices",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column(
            "student",
            Ref,
            sa.ForeignKey("students.id", ondelete="CASCADE", name="fk_push_devices_student"),
            nullable=False,
        ),
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


def downgrade() -> None:
    op.drop_table("push_messages")
    op.drop_table("push_devices")
