"""Names in the order of the alphabet, and found without accents: keys that Python makes.

Revision: 0027, after 0026.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from database import naming
from database.migrations.columns import Name

revision = "0027"
down_revision = "0026"

BATCH = 1000
# compared by code point everywhere; elsewhere the tables are
SORT = sa.String(500).with_variant(sa.String(500, collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("students", sa.Column("family_name", Name, nullable=True))
    op.add_column("students", sa.Column("sort_key", SORT, nullable=False, server_default=""))
    op.add_column(
        "students", sa.Column("search_key", sa.String(1000), nullable=False, server_default="")
    )
    connection, last = op.get_bind(), 0
    while rows := _after(connection, last):
        connection.execute(
            sa.text(
                "UPDATE students SET sort_key = :sort_key, search_key = :search_key WHERE id = :id"
            ),
            [
                {"id": row["id"], **{key: made[key] for key in ("sort_key", "search_key")}}
                for row in rows
                for made in (naming.keys({**row}),)
            ],
        )
        last = int(rows[-1]["id"])
    op.create_index("ix_students_sort_key", "students", ["sort_key"])


def _after(connection: sa.Connection, last: int) -> Sequence[sa.RowMapping]:
    found = connection.execute(
        sa.text(
            "SELECT id, student_id, name, email, username FROM students"
            f" WHERE id > :last ORDER BY id LIMIT {BATCH}"
        ),
        {"last": last},
    )
    return found.mappings().all()


def downgrade() -> None:
    op.drop_index("ix_students_sort_key", table_name="students")
    for column in ("search_key", "sort_key", "family_name"):
        op.drop_column("students", column)
