"""Marks by a face that nobody has confirmed yet: they count when it is.

Revision: 0040, after 0039.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Ref, Time

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.create_table(
        "first_marks",
        sa.Column(
            "session",
            Ref,
            sa.ForeignKey("sessions.id", ondelete="CASCADE", name="fk_first_marks_session"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column(
            "student",
            Ref,
            sa.ForeignKey("students.id", ondelete="CASCADE", name="fk_first_marks_student"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        # from the nearest of the templates that wait
        sa.Column("distance", sa.Double(), nullable=False),
        sa.Column("evidence", sa.String(120), nullable=False),
        sa.Column("device", sa.String(32), nullable=True),
        sa.Column("marked_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_first_marks_student", "first_marks", ["student"])
    op.create_index("ix_first_marks_marked", "first_marks", ["marked_at"])


def downgrade() -> None:
    op.drop_table("first_marks")
