"""Pairs of students with like faces, twins above all, whom a teacher has allowed.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Ref, Time

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "face_pairs",
        # the smaller id of the two stands first, so that a pair is one row
        _student("student"),
        _student("other"),
        sa.Column("allowed_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_face_pairs_other", "face_pairs", ["other"])


def downgrade() -> None:
    op.drop_table("face_pairs")


def _student(name: str) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey("students.id", ondelete="CASCADE", name=f"fk_face_pairs_{name}"),
        nullable=False,
        primary_key=True,
        autoincrement=False,
    )
