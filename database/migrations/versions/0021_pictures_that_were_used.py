"""Fingerprints of the pictures that marked, so that none marks twice.

Revision: 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Ref, Time

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "used_pictures",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column(
            "student",
            Ref,
            sa.ForeignKey("students.id", ondelete="CASCADE", name="fk_used_pictures_student"),
            nullable=False,
        ),
        # 256 bits as hexadecimal digits; no picture can be made of them
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("used_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index(
        "ux_used_pictures_student", "used_pictures", ["student", "fingerprint"], unique=True
    )
    op.create_index("ix_used_pictures_used", "used_pictures", ["used_at"])


def downgrade() -> None:
    op.drop_table("used_pictures")
