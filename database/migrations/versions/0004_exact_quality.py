"""The quality of a template in double precision, so that a copy has the same digits everywhere.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _quality(sa.Float(), sa.Double())


def downgrade() -> None:
    _quality(sa.Double(), sa.Float())


def _quality(before: sa.types.TypeEngine, after: sa.types.TypeEngine) -> None:
    # SQLite has one kind of real number, of double precision.
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(
            "face_templates",
            "quality",
            existing_type=before,
            type_=after,
            existing_nullable=False,
        )
