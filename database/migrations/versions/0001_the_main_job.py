"""The tables of the main job: people, faces, courses, sessions, marks, tokens, audit.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Flag, Id, Key, Name, Ref, Time

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('teachers', 0), ('faces', 0)")

    op.create_table(
        "teachers",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("name", Name, nullable=False),
        sa.Column("email", Key, nullable=False),
        sa.Column("password_hash", sa.String(100), nullable=True),
        sa.Column("department", Name, nullable=True),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("token_version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", Time, nullable=False),
        sa.UniqueConstraint("email", name="uq_teachers_email"),
        **TABLE,
    )
    op.create_table(
        "students",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("student_id", sa.String(64), nullable=False),
        sa.Column("name", Name, nullable=False),
        sa.Column("email", Key, nullable=True),
        sa.Column("password_hash", sa.String(100), nullable=True),
        sa.Column("course", Name, nullable=True),
        sa.Column("state", sa.String(10), nullable=False, server_default="active"),
        sa.Column("token_version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("consent_at", Time, nullable=True),
        sa.Column("created_at", Time, nullable=False),
        sa.UniqueConstraint("student_id", name="uq_students_student_id"),
        sa.UniqueConstraint("email", name="uq_students_email"),
        **TABLE,
    )
    op.create_table(
        "face_templates",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column(
            "student",
            Ref,
            sa.ForeignKey("students.id", ondelete="CASCADE", name="fk_face_templates_student"),
            nullable=False,
        ),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("quality", sa.Float(), nullable=False),
        sa.Column("photo", sa.String(80), nullable=True),
        sa.Column("created_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ix_face_templates_student", "face_templates", ["student"])
    op.create_table(
        "face_changes",
        sa.Column("version", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("student", Ref, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )

    op.create_table(
        "courses",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column(
            "teacher",
            Ref,
            sa.ForeignKey("teachers.id", name="fk_courses_teacher"),
            nullable=False,
        ),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", Name, nullable=False),
        sa.Column("section", sa.String(80), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("timezone", sa.String(64), nullable=False, server_default="UTC"),
        sa.Column("join_code", sa.String(16), nullable=False),
        sa.Column("archived_at", Time, nullable=True),
        sa.Column("created_at", Time, nullable=False),
        sa.UniqueConstraint("join_code", name="uq_courses_join_code"),
        **TABLE,
    )
    op.create_index("ix_courses_teacher", "courses", ["teacher"])
    op.create_table(
        "enrolments",
        sa.Column(
            "course",
            Ref,
            sa.ForeignKey("courses.id", ondelete="CASCADE", name="fk_enrolments_course"),
            primary_key=True,
        ),
        sa.Column(
            "student",
            Ref,
            sa.ForeignKey("students.id", ondelete="CASCADE", name="fk_enrolments_student"),
            primary_key=True,
        ),
        sa.Column("enrolled_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_enrolments_student", "enrolments", ["student"])

    op.create_table(
        "sessions",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column(
            "teacher",
            Ref,
            sa.ForeignKey("teachers.id", name="fk_sessions_teacher"),
            nullable=False,
        ),
        sa.Column(
            "course", Ref, sa.ForeignKey("courses.id", name="fk_sessions_course"), nullable=True
        ),
        sa.Column("subject", Name, nullable=False),
        sa.Column("section", sa.String(80), nullable=True),
        sa.Column("code", sa.String(16), nullable=False),
        # the code while the session lives, NULL afterwards: unique among live sessions
        sa.Column("live_code", sa.String(16), nullable=True),
        sa.Column("locked", Flag, nullable=False, server_default="0"),
        sa.Column("late_after_minutes", sa.Integer(), nullable=True),
        sa.Column("started_at", Time, nullable=False),
        sa.Column("closes_at", Time, nullable=True),
        sa.Column("ended_at", Time, nullable=True),
        sa.UniqueConstraint("live_code", name="uq_sessions_live_code"),
        **TABLE,
    )
    op.create_index("ix_sessions_teacher", "sessions", ["teacher", "started_at"])
    op.create_index("ix_sessions_course", "sessions", ["course", "started_at"])
    op.create_index("ix_sessions_code", "sessions", ["code", "started_at"])
    op.create_index("ix_sessions_open", "sessions", ["ended_at", "closes_at"])
    op.create_table(
        "attendance",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column(
            "session",
            Ref,
            sa.ForeignKey("sessions.id", ondelete="CASCADE", name="fk_attendance_session"),
            nullable=False,
        ),
        sa.Column(
            "student",
            Ref,
            sa.ForeignKey("students.id", ondelete="CASCADE", name="fk_attendance_student"),
            nullable=False,
        ),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("distance", sa.Double(), nullable=True),
        sa.Column("marked_at", Time, nullable=False),
        sa.UniqueConstraint("session", "student", name="uq_attendance_session_student"),
        **TABLE,
    )
    op.create_index("ix_attendance_student", "attendance", ["student", "marked_at"])
    op.create_table(
        "reservation_uses",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("student", Ref, nullable=False),
        sa.Column("expires_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_reservation_uses_expires", "reservation_uses", ["expires_at"])

    op.create_table(
        "revoked_tokens",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("expires_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )
    op.create_index("ix_revoked_tokens_expires", "revoked_tokens", ["expires_at"])
    op.create_table(
        "audit",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("occurred_at", Time, nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("old_value", sa.Text(), nullable=True),
        sa.Column("new_value", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("request_id", sa.String(64), nullable=True),
        **TABLE,
    )
    op.create_index("ix_audit_occurred", "audit", ["occurred_at"])
    op.create_index("ix_audit_subject", "audit", ["subject", "occurred_at"])


def downgrade() -> None:
    for table in (
        "audit",
        "revoked_tokens",
        "reservation_uses",
        "attendance",
        "sessions",
        "enrolments",
        "courses",
        "face_changes",
        "face_templates",
        "students",
        "teachers",
        "counters",
    ):
        op.drop_table(table)
