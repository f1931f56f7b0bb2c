"""Reasons of the school, each with what it means for percentages.

Revision: 0038, after 0037.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Ref, Time

revision = "0038"
down_revision = "0037"

# A reason's id; no foreign key, which SQLite could not drop again. Reasons are never deleted.
NAMED = {
    "attendance": "reason_id",
    "cleared_marks": "reason_id",
    "corrected_marks": "reason_id",
    "excuses": "reason_id",
    "absence_decisions": "reason_id",
}


def upgrade() -> None:
    op.create_table(
        "reasons",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", sa.String(254), nullable=False),
        # what lists show that have room for a letter
        sa.Column("code", sa.String(4), nullable=False),
        sa.Column("code_key", sa.String(40), nullable=False),
        # present, late, absent, excused; never changed
        sa.Column("status", sa.String(10), nullable=False),
        # counted (as the status), not_counted, as_present
        sa.Column("meaning", sa.String(12), nullable=False),
        sa.Column("retired_at", Time, nullable=True),
        sa.Column("created_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ux_reasons_name", "reasons", ["name_key"], unique=True)
    op.create_index("ux_reasons_code", "reasons", ["code_key"], unique=True)
    for table, column in NAMED.items():
        op.add_column(table, sa.Column(column, Ref, nullable=True))
    op.add_column("corrected_marks", sa.Column("old_reason_id", Ref, nullable=True))


def downgrade() -> None:
    op.drop_column("corrected_marks", "old_reason_id")
    for table, column in NAMED.items():
        op.drop_column(table, column)
    op.drop_table("reasons")
