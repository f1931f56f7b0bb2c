"""Who else teaches in a course: co-teachers, assistants, substitutes for a time.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Ref, Time

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "course_staff",
        _reference("course", "courses"),
        _reference("teacher", "teachers"),
        sa.Column("role", sa.String(20), nullable=False),
        # NULL: for good
        sa.Column("ends_at", Time, nullable=True),
        sa.Column("added_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_course_staff_teacher", "course_staff", ["teacher"])


def downgrade() -> None:
    op.drop_table("course_staff")


def _reference(name: str, table: str) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_course_staff_{name}"),
        nullable=False,
        primary_key=True,
        autoincrement=False,
    )
