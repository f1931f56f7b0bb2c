"""Passkeys and PINs of students who mark without their face.

Revision: 0023, after 0022.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Ref, Time

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "student_pins",
        sa.Column("student", Ref, _student("student_pins"), primary_key=True, autoincrement=False),
        sa.Column("pin_hash", sa.String(72), nullable=False),
        sa.Column("set_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_table(
        "passkeys",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("student", Ref, _student("passkeys"), nullable=False),
        # SHA-256 of the credential's id, which may be long
        sa.Column("credential_hash", sa.String(64), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("used_at", Time, nullable=True),
        **TABLE,
    )
    op.create_index("ux_passkeys_credential", "passkeys", ["credential_hash"], unique=True)
    op.create_index("ix_passkeys_student", "passkeys", ["student"])


def downgrade() -> None:
    op.drop_table("passkeys")
    op.drop_table("student_pins")


def _student(of: str) -> sa.ForeignKey:
    return sa.ForeignKey("students.id", ondelete="CASCADE", name=f"fk_{of}_student")
