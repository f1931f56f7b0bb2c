"""PINs on printed slips, with which students who have no mailbox set their first password.

Revision: 0028, after 0027.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Ref, Time

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "first_pins",
        sa.Column(
            "student",
            Ref,
            sa.ForeignKey("students.id", ondelete="CASCADE", name="fk_first_pins_student"),
            primary_key=True,
            autoincrement=False,
        ),
        # HMAC-SHA256 with a key of the installation's
        sa.Column("pin_hash", sa.String(64), nullable=False),
        # the student's when it was made: another password or address ends it
        sa.Column("token_version", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("made_at", Time, nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        **TABLE,
    )


def downgrade() -> None:
    op.drop_table("first_pins")
