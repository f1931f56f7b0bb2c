"""User names, and that somebody took back the consent to have the face stored.

Whoever deleted the own face before this has withdrawn consent as well: the audit log tells when.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

from database.migrations.columns import Time

revision = "0014"
down_revision = "0013"

_STUDENTS = sa.table(
    "students",
    sa.column("id", sa.BigInteger),
    sa.column("consent_at", Time),
    sa.column("face_withdrawn_at", Time),
)
_AUDIT = sa.table(
    "audit",
    sa.column("occurred_at", Time),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
)
_SETTINGS = sa.table("stored_settings", sa.column("name", sa.String), sa.column("value", sa.Text))


def upgrade() -> None:
    for table in ("students", "teachers"):
        op.add_column(table, sa.Column("username", sa.String(64), nullable=True))
        op.create_index(f"uq_{table}_username", table, ["username"], unique=True)
    op.add_column("students", sa.Column("face_withdrawn_at", Time, nullable=True))
    bind = op.get_bind()
    deleted = bind.execute(
        sa.select(_AUDIT.c.subject, sa.func.max(_AUDIT.c.occurred_at))
        .where(_AUDIT.c.action == "face.delete")
        .group_by(_AUDIT.c.subject)
    ).all()
    for subject, moment in deleted:
        bind.execute(
            _STUDENTS.update()
            .where(_STUDENTS.c.id == int(subject.partition(":")[2]))
            .where(_STUDENTS.c.consent_at.is_(None))
            .values(face_withdrawn_at=moment)
        )
    _rename_setting('"closed"', '"invited"')


def downgrade() -> None:
    _rename_setting('"invited"', '"closed"')
    op.drop_column("students", "face_withdrawn_at")
    for table in ("teachers", "students"):
        op.drop_index(f"uq_{table}_username", table)
        op.drop_column(table, "username")


def _rename_setting(old: str, new: str) -> None:
    """What was called closed let those in who were invited."""
    op.get_bind().execute(
        _SETTINGS.update()
        .where(_SETTINGS.c.name == "student_sign_up", _SETTINGS.c.value == old)
        .values(value=new)
    )
