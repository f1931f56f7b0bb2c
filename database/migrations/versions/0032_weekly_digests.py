"""Teachers who are written to each week about their courses.

Revision: 0032, after 0031.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Ref, Time

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column(
            "teacher",
            Ref,
            sa.ForeignKey("teachers.id", ondelete="CASCADE", name="fk_digests_teacher"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("language", sa.String(10), nullable=True),
        # up to when everything was told
        sa.Column("told_until", Time, nullable=False),
        # nobody tries before
        sa.Column("next_at", Time, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_digests_told", "digests", ["told_until"])


def downgrade() -> None:
    op.drop_table("digests")
