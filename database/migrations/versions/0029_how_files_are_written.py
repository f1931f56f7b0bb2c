"""How each teacher's spreadsheet wants its CSV files.

Revision: 0029, after 0028.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Flag, Ref

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "export_choices",
        sa.Column(
            "teacher",
            Ref,
            sa.ForeignKey("teachers.id", ondelete="CASCADE", name="fk_export_choices_teacher"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("separator_name", sa.String(10), nullable=False),
        sa.Column("times", sa.String(10), nullable=False),
        sa.Column("bom", Flag, nullable=False),
        **TABLE,
    )


def downgrade() -> None:
    op.drop_table("export_choices")
