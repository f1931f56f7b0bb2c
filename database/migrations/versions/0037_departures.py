"""When students left a session before its end.

Revision: 0037, after 0036.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Ref, Time

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "departures",
        _reference("session", "sessions"),
        _reference("student", "students"),
        sa.Column("left_at", Time, nullable=False),
        # scan, code, kiosk, manual
        sa.Column("left_by", sa.String(10), nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_departures_student", "departures", ["student"])


def downgrade() -> None:
    op.drop_table("departures")


def _reference(name: str, table: str) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_departures_{name}"),
        nullable=False,
        primary_key=True,
        autoincrement=False,
    )
