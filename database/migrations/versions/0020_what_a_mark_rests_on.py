"""What a mark rests on; how a course checks in; codes that turn.

Revision: 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import Time

revision = "0020"
down_revision = "0019"

# words separated by commas; NULL: what the method says
EVIDENCE = {
    "attendance": "evidence",
    "cleared_marks": "evidence",
    "corrected_marks": "old_evidence",
}


def upgrade() -> None:
    for table, column in EVIDENCE.items():
        op.add_column(table, sa.Column(column, sa.String(120), nullable=True))
    # the browser that marked, where a course wants one student a device
    op.add_column("attendance", sa.Column("device", sa.String(32), nullable=True))
    op.create_index("ux_attendance_device", "attendance", ["session", "device"], unique=True)
    # JSON; NULL: as every course checked in before
    op.add_column("courses", sa.Column("check_in", sa.Text(), nullable=True))
    # of sessions whose code turns: what the codes are made of, how long each is shown, and from
    # when on the first one was
    op.add_column("sessions", sa.Column("code_seed", sa.String(32), nullable=True))
    op.add_column("sessions", sa.Column("code_seconds", sa.Integer(), nullable=True))
    op.add_column("sessions", sa.Column("code_shown_at", Time, nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "code_shown_at")
    op.drop_column("sessions", "code_seconds")
    op.drop_column("sessions", "code_seed")
    op.drop_column("courses", "check_in")
    op.drop_index("ux_attendance_device", table_name="attendance")
    op.drop_column("attendance", "device")
    for table, column in EVIDENCE.items():
        op.drop_column(table, column)
