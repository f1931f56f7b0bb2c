"""Students ask to be excused, and each of their courses decides.

Revision: 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Flag, Id, Ref, Time

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("student", "students", "absences"),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ix_absences_student", "absences", ["student"])
    op.create_index("ix_absences_created_at", "absences", ["created_at"])
    op.create_table(
        "absence_decisions",
        _reference("absence", "absences", "absence_decisions", key=True),
        _reference("course", "courses", "absence_decisions", key=True),
        sa.Column("accepted", Flag, nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("decided_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_absence_decisions_course", "absence_decisions", ["course"])


def downgrade() -> None:
    op.drop_table("absence_decisions")
    op.drop_table("absences")


def _reference(name: str, table: str, of: str, *, key: bool = False) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_{of}_{name}"),
        nullable=False,
        primary_key=key,
        autoincrement=False,
    )
