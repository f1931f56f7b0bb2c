"""Administration: settings changed at run time, API keys, webhooks, calendar feeds.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Flag, Id, Name, Ref, Time

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("INSERT INTO counters (name, value) VALUES ('settings', 0)")
    op.create_table(
        "stored_settings",
        sa.Column("name", sa.String(60), primary_key=True),
        # JSON, so that one column holds numbers, words and switches
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_table(
        "api_keys",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("name", Name, nullable=False),
        # SHA-256 of the key, which has 256 random bits: nothing to salt
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("hint", sa.String(12), nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("expires_at", Time, nullable=True),
        sa.Column("last_used_at", Time, nullable=True),
        sa.UniqueConstraint("key_hash", name="uq_api_keys_key_hash"),
        **TABLE,
    )
    op.create_table(
        "webhooks",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("events", sa.String(200), nullable=False),
        # the signing secret, encrypted as templates are
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", Flag, nullable=False, server_default="1"),
        sa.Column("created_at", Time, nullable=False),
        **TABLE,
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column(
            "webhook",
            Ref,
            sa.ForeignKey("webhooks.id", ondelete="CASCADE", name="fk_webhook_deliveries_webhook"),
            nullable=False,
        ),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(300), nullable=True),
        sa.Column("created_at", Time, nullable=False),
        # when to try (again); while one process sends it, when another may
        sa.Column("next_at", Time, nullable=True),
        sa.Column("delivered_at", Time, nullable=True),
        **TABLE,
    )
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["state", "next_at"])
    op.create_index("ix_webhook_deliveries_webhook", "webhook_deliveries", ["webhook", "id"])
    op.create_table(
        "calendar_feeds",
        # `teacher:7` or `student:12`
        sa.Column("account", sa.String(40), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.UniqueConstraint("token_hash", name="uq_calendar_feeds_token_hash"),
        **{**TABLE, "sqlite_autoincrement": False},
    )


def downgrade() -> None:
    for table in (
        "calendar_feeds",
        "webhook_deliveries",
        "webhooks",
        "api_keys",
        "stored_settings",
    ):
        op.drop_table(table)
    op.execute("DELETE FROM counters WHERE name = 'settings'")
