"""Cameras in a room: which session has one, whom it saw, what a teacher is asked, bound API keys.

Revision: 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Flag, Id, Key, Ref, Time

revision = "0017"
down_revision = "0016"

_OF_TWO = {**TABLE, "sqlite_autoincrement": False}


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("room", sa.String(80), nullable=True))
    op.create_table(
        "api_key_courses",
        _reference("api_key_courses", "api_key", "api_keys"),
        _reference("api_key_courses", "course", "courses"),
        **_OF_TWO,
    )
    op.create_index("ix_api_key_courses_course", "api_key_courses", ["course"])
    op.create_table(
        "session_cameras",
        _reference("session_cameras", "session", "sessions"),
        sa.Column("mode", sa.String(10), nullable=False),
        sa.Column("changed_at", Time, nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("seconds", sa.BigInteger(), nullable=False, server_default="0"),
        **_OF_TWO,
    )
    op.create_table(
        "camera_seen",
        _reference("camera_seen", "session", "sessions"),
        _reference("camera_seen", "student", "students"),
        sa.Column("first_at", Time, nullable=False),
        sa.Column("last_at", Time, nullable=False),
        **_OF_TWO,
    )
    op.create_index("ix_camera_seen_student", "camera_seen", ["student"])
    op.create_table(
        "sightings",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("session", Ref, _key("sightings", "session", "sessions"), nullable=False),
        sa.Column("camera", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("seen_at", Time, nullable=False),
        sa.Column("x1", sa.Float(), nullable=False),
        sa.Column("y1", sa.Float(), nullable=False),
        sa.Column("x2", sa.Float(), nullable=False),
        sa.Column("y2", sa.Float(), nullable=False),
        sa.Column("key_id", Key, nullable=True),
        sa.Column("crop", sa.LargeBinary(65_535), nullable=True),
        sa.Column("forgotten_at", Time, nullable=True),
        sa.Column("decided_at", Time, nullable=True),
        sa.Column(
            "decided_student",
            Ref,
            _key("sightings", "decided_student", "students", "SET NULL"),
            nullable=True,
        ),
        sa.Column("marked", Flag, nullable=False, server_default="0"),
        **TABLE,
    )
    op.create_index("ix_sightings_session", "sightings", ["session", "decided_at"])
    op.create_index("ix_sightings_forgotten", "sightings", ["forgotten_at"])
    op.create_index("ix_sightings_student", "sightings", ["decided_student"])
    op.create_table(
        "sighting_candidates",
        _reference("sighting_candidates", "sighting", "sightings"),
        _reference("sighting_candidates", "student", "students"),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("distance", sa.Float(), nullable=False),
        **_OF_TWO,
    )
    op.create_index("ix_sighting_candidates_student", "sighting_candidates", ["student"])


def downgrade() -> None:
    for table in (
        "sighting_candidates",
        "sightings",
        "camera_seen",
        "session_cameras",
        "api_key_courses",
    ):
        op.drop_table(table)
    op.drop_column("api_keys", "room")


def _key(table: str, name: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKey:
    return sa.ForeignKey(f"{other}.id", ondelete=ondelete, name=f"fk_{table}_{name}")


def _reference(table: str, name: str, other: str) -> sa.Column:
    return sa.Column(
        name, Ref, _key(table, name, other), nullable=False, primary_key=True, autoincrement=False
    )
