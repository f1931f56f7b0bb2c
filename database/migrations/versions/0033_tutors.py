"""The teacher who looks after a student in all of his or her courses.

Revision: 0033, after 0032.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Ref, Time

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "tutors",
        _reference("student", "students", key=True),
        _reference("teacher", "teachers"),
        sa.Column("assigned_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_tutors_teacher", "tutors", ["teacher"])


def downgrade() -> None:
    op.drop_table("tutors")


def _reference(name: str, table: str, *, key: bool = False) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_tutors_{name}"),
        nullable=False,
        primary_key=key,
        autoincrement=False,
    )
