"""Students who stood before a session of a course that they are not in, and asked to be let in.

Revision: 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Ref, Time

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "join_requests",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("course", "courses"),
        _reference("student", "students"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("decided_at", Time, nullable=True),
        sa.UniqueConstraint("course", "student", name="uq_join_requests_course_student"),
        **TABLE,
    )
    op.create_index("ix_join_requests_student", "join_requests", ["student"])


def downgrade() -> None:
    op.drop_table("join_requests")


def _reference(name: str, table: str) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_join_requests_{name}"),
        nullable=False,
    )
