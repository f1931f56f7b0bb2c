"""A student's agreement to being recognised by cameras, apart from that to a selfie's.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import Time

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("students", sa.Column("camera_consent_at", Time, nullable=True))


def downgrade() -> None:
    op.drop_column("students", "camera_consent_at")
