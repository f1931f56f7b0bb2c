"""Rules about absences, the people who are told by them, and guardians.

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Flag, Id, Key, Name, Ref, Time

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "guardians",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("student", "students", "guardians"),
        sa.Column("name", Name, nullable=True),
        sa.Column("email", Key, nullable=False),
        sa.Column("language", sa.String(10), nullable=True),
        sa.Column("created_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ux_guardians_email", "guardians", ["student", "email"], unique=True)
    op.create_table(
        "notice_rules",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("name", Name, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("most_people", sa.Integer(), nullable=False),
        sa.Column("enabled", Flag, nullable=False),
        sa.Column("created_at", Time, nullable=False),
        **TABLE,
    )
    op.create_table(
        "notice_checks",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("course", "courses", "notice_checks"),
        sa.Column("noted_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ix_notice_checks_course", "notice_checks", ["course"])
    op.create_table(
        "incidents",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("rule", "notice_rules", "incidents"),
        _reference("student", "students", "incidents"),
        _reference("course", "courses", "incidents"),
        # the day that it is about; empty: none
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("found", sa.String(20), nullable=False),
        sa.Column("began_at", Time, nullable=False),
        sa.Column("ended_at", Time, nullable=True),
        # 1 while it goes on, NULL afterwards: one of a kind at a time
        sa.Column("live", Flag, nullable=True),
        **TABLE,
    )
    one = ["rule", "student", "course", "day", "live"]
    op.create_index("ux_incidents_live", "incidents", one, unique=True)
    op.create_index("ix_incidents_student", "incidents", ["student"])
    op.create_index("ix_incidents_course", "incidents", ["course", "live"])
    op.create_table(
        "notices",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("incident", "incidents", "notices"),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("whom", sa.String(10), nullable=False),
        _reference("guardian", "guardians", "notices", nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due_at", Time, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("confirmed", Flag, nullable=False, server_default="0"),
        sa.Column("error", sa.String(60), nullable=True),
        sa.Column("sent_at", Time, nullable=True),
        **TABLE,
    )
    op.create_index("ix_notices_incident", "notices", ["incident"])
    op.create_index("ix_notices_guardian", "notices", ["guardian"])
    op.create_index("ix_notices_due", "notices", ["state", "due_at"])
    op.create_index("ix_notices_sent", "notices", ["sent_at"])


def downgrade() -> None:
    for table in ("notices", "incidents", "notice_checks", "notice_rules", "guardians"):
        op.drop_table(table)


def _reference(name: str, table: str, of: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_{of}_{name}"),
        nullable=nullable,
    )
