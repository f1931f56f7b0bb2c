"""A small picture of a face that waits, for whoever decides.

Revision: 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    # encrypted with the row's key; NULL: there is none, or none any more
    op.add_column("proposed_templates", sa.Column("picture", sa.LargeBinary(65_535), nullable=True))


def downgrade() -> None:
    op.drop_column("proposed_templates", "picture")
