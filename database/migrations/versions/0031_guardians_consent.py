"""Minors, the consent of their guardians, and the links that guardians get.

Revision: 0031, after 0030.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Key, Name, Ref, Time

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "minors",
        _reference("student", "students", "minors", key=True),
        sa.Column("noted_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_table(
        "guardian_consents",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("student", "students", "guardian_consents"),
        sa.Column("signed_by", Name, nullable=False),
        sa.Column("email", Key, nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("agreed_at", Time, nullable=False),
        sa.Column("withdrawn_at", Time, nullable=True),
        **TABLE,
    )
    op.create_index("ix_guardian_consents_student", "guardian_consents", ["student"])
    op.create_table(
        "guardian_links",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("guardian", "guardians", "guardian_links"),
        # SHA-256 of what stands in the link
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        sa.Column("used_at", Time, nullable=True),
        **TABLE,
    )
    op.create_index("ux_guardian_links_token", "guardian_links", ["token_hash"], unique=True)
    op.create_index("ix_guardian_links_guardian", "guardian_links", ["guardian"])
    op.create_index("ix_guardian_links_expires", "guardian_links", ["expires_at"])


def downgrade() -> None:
    for table in ("guardian_links", "guardian_consents", "minors"):
        op.drop_table(table)


def _reference(name: str, table: str, of: str, *, key: bool = False) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_{of}_{name}"),
        nullable=False,
        primary_key=key,
        autoincrement=False,
    )
