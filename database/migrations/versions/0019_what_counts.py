"""How often an entry of a calendar has changed, since when somebody who left a course
was in it, and when a face was last changed for another.

Revision: 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Ref, Time

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for table in ("plans", "sessions"):
        op.add_column(
            table, sa.Column("sequence", sa.Integer(), nullable=False, server_default="0")
        )
    op.add_column("students", sa.Column("face_changed_at", Time, nullable=True))
    op.create_table(
        "former_enrolments",
        _reference("course", "courses"),
        _reference("student", "students"),
        sa.Column("enrolled_at", Time, nullable=False),
        sa.Column("left_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_former_enrolments_student", "former_enrolments", ["student"])


def downgrade() -> None:
    op.drop_table("former_enrolments")
    op.drop_column("students", "face_changed_at")
    for table in ("sessions", "plans"):
        op.drop_column(table, "sequence")


def _reference(name: str, table: str) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_former_enrolments_{name}"),
        nullable=False,
        primary_key=True,
        autoincrement=False,
    )
