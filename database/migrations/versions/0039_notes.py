"""The picture of a note that goes with a request to be excused.

Revision: 0039, after 0038.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Ref, Time

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "absence_notes",
        sa.Column(
            "absence",
            Ref,
            sa.ForeignKey("absences.id", ondelete="CASCADE", name="fk_absence_notes_absence"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("key_id", sa.String(16), nullable=False),
        # a JPEG, encrypted; with a length, so that MySQL takes more than 64 kB
        sa.Column("data", sa.LargeBinary(1 << 22), nullable=False),
        sa.Column("added_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )


def downgrade() -> None:
    op.drop_table("absence_notes")
