"""School days: terms, holidays, every second week, lessons that are moved, rooms.

Revision: 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Flag, Id, Name

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for table in ("terms", "holidays"):
        op.create_table(
            table,
            sa.Column("id", Id, primary_key=True, autoincrement=True),
            sa.Column("name", Name, nullable=False),
            sa.Column("first_day", sa.String(10), nullable=False),
            sa.Column("last_day", sa.String(10), nullable=False),
            **TABLE,
        )
        op.create_index(f"ix_{table}_first_day", table, ["first_day"])
    op.add_column(
        "plans", sa.Column("every_weeks", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("plans", sa.Column("on_holidays", Flag, nullable=False, server_default="0"))
    # JSON; NULL: none (MySQL lets a text have no default)
    op.add_column("plans", sa.Column("moves", sa.Text(), nullable=True))
    for table in ("plans", "sessions"):
        op.add_column(table, sa.Column("room", sa.String(80), nullable=True))


def downgrade() -> None:
    for table in ("sessions", "plans"):
        op.drop_column(table, "room")
    for column in ("moves", "on_holidays", "every_weeks"):
        op.drop_column("plans", column)
    op.drop_table("holidays")
    op.drop_table("terms")
