"""Who made a student's account, and so may hand out its invitation.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import Ref

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # A teacher's id; no foreign key, which SQLite could not drop again. Ids are never reused.
    op.add_column("students", sa.Column("made_by", Ref, nullable=True))


def downgrade() -> None:
    op.drop_column("students", "made_by")
