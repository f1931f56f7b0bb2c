"""A plan that was deleted is known, so that calendars cancel what it had ahead.

Revision: 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import Time

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("plans", sa.Column("deleted_at", Time, nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM plans WHERE deleted_at IS NOT NULL")
    op.drop_column("plans", "deleted_at")
