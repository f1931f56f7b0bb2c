"""The school's logo, as it is shown on pages and in print.

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Time

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "school_files",
        sa.Column("name", sa.String(40), primary_key=True),
        # with a length, so that MySQL takes more than 64 kB
        sa.Column("data", sa.LargeBinary(1 << 20), nullable=False),
        sa.Column("changed_at", Time, nullable=False),
        **{**TABLE, "sqlite_autoincrement": False},
    )


def downgrade() -> None:
    op.drop_table("school_files")
