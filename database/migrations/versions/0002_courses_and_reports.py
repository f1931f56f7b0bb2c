"""Courses in use: definitions of the reports, remarks, refusals, appeals, excuses, plans.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Flag, Id, Name, Ref, Time

revision = "0002"
down_revision = "0001"

LINK = {**TABLE, "sqlite_autoincrement": False}


def upgrade() -> None:
    for column in (
        sa.Column("late_counts", Flag, nullable=False, server_default="1"),
        sa.Column("excused_counts_as", sa.String(10), nullable=False, server_default="nothing"),
        sa.Column("min_percentage", sa.Double(), nullable=False, server_default="75"),
        sa.Column("max_absences", sa.Integer(), nullable=True),
        sa.Column("absences_in_row", sa.Integer(), nullable=False, server_default="3"),
    ):
        op.add_column("courses", column)
    op.add_column("attendance", sa.Column("remark", sa.Text(), nullable=True))
    # every try that was refused: the code of the problem, no picture and no distance
    op.create_table(
        "refusals",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("session", "sessions", "refusals"),
        _reference("student", "students", "refusals"),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("refused_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ix_refusals_session_student", "refusals", ["session", "student"])
    op.create_index("ix_refusals_student", "refusals", ["student"])
    op.create_table(
        "appeals",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("session", "sessions", "appeals"),
        _reference("student", "students", "appeals"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("decided_at", Time, nullable=True),
        sa.UniqueConstraint("session", "student", name="uq_appeals_session_student"),
        **TABLE,
    )
    op.create_index("ix_appeals_student", "appeals", ["student"])
    # a clearing of a session's marks, and the marks, so that it can be undone
    op.create_table(
        "clearings",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("session", "sessions", "clearings"),
        sa.Column("cleared_at", Time, nullable=False),
        sa.Column("undone_at", Time, nullable=True),
        **TABLE,
    )
    op.create_index("ix_clearings_session", "clearings", ["session"])
    op.create_table(
        "cleared_marks",
        _reference("clearing", "clearings", "cleared_marks", key=True),
        _reference("student", "students", "cleared_marks", key=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("distance", sa.Double(), nullable=True),
        sa.Column("marked_at", Time, nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        **LINK,
    )
    op.create_index("ix_cleared_marks_student", "cleared_marks", ["student"])
    # apologies: whole days in the course's zone, and the same as moments
    op.create_table(
        "excuses",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("course", "courses", "excuses"),
        _reference("student", "students", "excuses"),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
        sa.Column("begins_at", Time, nullable=False),
        sa.Column("ends_at", Time, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ix_excuses_course_student", "excuses", ["course", "student", "begins_at"])
    op.create_index("ix_excuses_student", "excuses", ["student"])
    # weekly patterns, kept as wall-clock times of the course's zone
    op.create_table(
        "plans",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        _reference("course", "courses", "plans"),
        sa.Column("subject", Name, nullable=False),
        sa.Column("section", sa.String(80), nullable=True),
        sa.Column("days", sa.String(40), nullable=False),
        sa.Column("start_time", sa.String(5), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.String(10), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
        sa.Column("exceptions", sa.Text(), nullable=False),
        sa.Column("late_after_minutes", sa.Integer(), nullable=True),
        sa.Column("automatic", Flag, nullable=False, server_default="0"),
        sa.Column("created_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ix_plans_course", "plans", ["course"])
    op.create_index("ix_plans_automatic", "plans", ["automatic", "last_day"])
    # which day of a plan became which session: the key lets each day become one only
    op.create_table(
        "planned_sessions",
        _reference("plan", "plans", "planned_sessions", key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        _reference("session", "sessions", "planned_sessions"),
        **LINK,
    )
    op.create_index("ix_planned_sessions_session", "planned_sessions", ["session"])


def downgrade() -> None:
    for table in (
        "planned_sessions",
        "plans",
        "excuses",
        "cleared_marks",
        "clearings",
        "appeals",
        "refusals",
    ):
        op.drop_table(table)
    op.drop_column("attendance", "remark")
    for column in (
        "late_counts",
        "excused_counts_as",
        "min_percentage",
        "max_absences",
        "absences_in_row",
    ):
        op.drop_column("courses", column)


def _reference(name: str, table: str, owner: str, *, key: bool = False) -> sa.Column:
    """A column that points to a row and goes when the row goes."""
    return sa.Column(
        name,
        Ref,
        sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=f"fk_{owner}_{name}"),
        primary_key=key,
        nullable=False,
    )
