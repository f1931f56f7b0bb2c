"""Rooms: from which networks the sessions that are held there check in.

Revision: 0035, after 0034.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Key

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(80), nullable=False),
        # the name as it is compared: without case and further spaces
        sa.Column("name_key", Key, nullable=False),
        # JSON: a list of CIDR networks
        sa.Column("networks", sa.Text(), nullable=False),
        **TABLE,
    )
    op.create_index("ux_rooms_name_key", "rooms", ["name_key"], unique=True)


def downgrade() -> None:
    op.drop_table("rooms")
