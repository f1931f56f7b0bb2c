"""Timetables of other programs, and which planned lesson is which of theirs.

Revision: 0036, after 0035.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Flag, Id, Name, Ref, Time

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "timetables",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("teacher", "teachers", "timetables"),
        sa.Column("name", Name, nullable=False),
        # Whoever has the address can often read the calendar: it is encrypted, its host is shown.
        sa.Column("host", sa.String(254), nullable=True),
        sa.Column("key_id", sa.String(16), nullable=True),
        sa.Column("url", sa.LargeBinary(), nullable=True),
        sa.Column("etag", sa.String(200), nullable=True),
        sa.Column("modified", sa.String(100), nullable=True),
        # JSON: what an entry of the calendar is called, and the id of its course, 0 for none
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("automatic", Flag, nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("read_at", Time, nullable=False),
        sa.Column("checked_at", Time, nullable=False),
        sa.Column("next_at", Time, nullable=True),
        sa.Column("error", sa.String(40), nullable=True),
        **TABLE,
    )
    op.create_index("ix_timetables_teacher", "timetables", ["teacher"])
    op.create_index("ix_timetables_next_at", "timetables", ["next_at"])
    op.create_table(
        "timetable_lessons",
        _reference("plan", "plans", "timetable_lessons", key=True),
        _reference("timetable", "timetables", "timetable_lessons"),
        # of the event's UID and the course (SHA-256, cut), and which of its occurrences
        sa.Column("lesson_key", sa.String(64), nullable=False),
        sa.Column("starts_at", Time, nullable=False),
        sa.Column("ends_at", Time, nullable=False),
        sa.Column("room", sa.String(80), nullable=True),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index(
        "ux_timetable_lessons_key", "timetable_lessons", ["timetable", "lesson_key"], unique=True
    )


def downgrade() -> None:
    op.drop_table("timetable_lessons")
    op.drop_table("timetables")


def _reference(name: str, table: str, of: str, *, key: bool = False) -> sa.Column:
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_{of}_{name}"),
        nullable=False,
        primary_key=key,
        autoincrement=False,
    )
