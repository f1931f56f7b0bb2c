"""Enrolments of a face that wait for a person's decision.

Revision: 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import TABLE, Id, Ref, Time

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "proposed_templates",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column(
            "student",
            Ref,
            sa.ForeignKey("students.id", ondelete="CASCADE", name="fk_proposed_templates_student"),
            nullable=False,
        ),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("quality", sa.Double(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=True),
        # from the nearest of the templates that are there; NULL: there are none
        sa.Column("distance", sa.Double(), nullable=True),
        sa.Column("proposed_at", Time, nullable=False),
        **TABLE,
    )
    op.create_index("ix_proposed_templates_student", "proposed_templates", ["student"])
    op.create_index("ix_proposed_templates_proposed", "proposed_templates", ["proposed_at"])


def downgrade() -> None:
    op.drop_table("proposed_templates")
