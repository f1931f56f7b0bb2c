"""Sessions that can be put right: notes, discarding, changes that can be undone; every one ends.

Revision: 0007, after 0006.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Ref, Time

revision = "0007"
down_revision = "0006"

# How long a session ran by default when this came: what is open without an end gets one.
MINUTES = 90


def upgrade() -> None:
    op.add_column("sessions", sa.Column("note", sa.Text(), nullable=True))
    # who was enrolled by then belongs to the session; NULL: by its end
    op.add_column("sessions", sa.Column("listed_at", Time, nullable=True))
    op.add_column("sessions", sa.Column("discarded_at", Time, nullable=True))
    op.create_index("ix_sessions_discarded", "sessions", ["discarded_at"])
    op.create_table(
        "corrections",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("session", "sessions", "corrections"),
        sa.Column("corrected_at", Time, nullable=False),
        sa.Column("undone_at", Time, nullable=True),
        **TABLE,
    )
    op.create_index("ix_corrections_session", "corrections", ["session"])
    op.create_table(
        "corrected_marks",
        _reference("correction", "corrections", "corrected_marks", key=True),
        _reference("student", "students", "corrected_marks", key=True),
        # what was written
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        # what was there before; all NULL where there was no mark
        sa.Column("old_status", sa.String(10), nullable=True),
        sa.Column("old_method", sa.String(10), nullable=True),
        sa.Column("old_distance", sa.Double(), nullable=True),
        sa.Column("old_marked_at", Time, nullable=True),
        sa.Column("old_remark", sa.Text(), nullable=True),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_corrected_marks_student", "corrected_marks", ["student"])
    _end_what_has_no_end()


def downgrade() -> None:
    op.drop_table("corrected_marks")
    op.drop_table("corrections")
    # what was discarded has no place in the tables before
    op.execute("DELETE FROM sessions WHERE discarded_at IS NOT NULL")
    op.drop_index("ix_sessions_discarded", table_name="sessions")
    for column in ("discarded_at", "listed_at", "note"):
        op.drop_column("sessions", column)


def _end_what_has_no_end() -> None:
    """Give each open session an end after its last mark, and at the earliest when it would have
    had one by default."""
    sessions = sa.table(
        "sessions",
        sa.column("id", sa.BigInteger),
        sa.column("started_at", Time),
        sa.column("closes_at", Time),
        sa.column("ended_at", Time),
    )
    attendance = sa.table(
        "attendance", sa.column("session", sa.BigInteger), sa.column("marked_at", Time)
    )
    bind = op.get_bind()
    last = (
        sa.select(sa.func.max(attendance.c.marked_at))
        .where(attendance.c.session == sessions.c.id)
        .scalar_subquery()
    )
    endless = bind.execute(
        sa.select(sessions.c.id, sessions.c.started_at, last.label("last")).where(
            sessions.c.ended_at.is_(None), sessions.c.closes_at.is_(None)
        )
    ).all()
    for row in endless:
        closes_at = row.started_at + timedelta(minutes=MINUTES)
        if row.last is not None and row.last > closes_at:
            closes_at = row.last
        bind.execute(sessions.update().where(sessions.c.id == row.id).values(closes_at=closes_at))


def _reference(name: str, table: str, of: str, *, key: bool = False) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_{of}_{name}"),
        nullable=False,
        primary_key=key,
    )
