"""Students' numbers in one form: composed letters, single spaces, nothing that is not seen.

A number that would then be another student's stays as it is, and so does one that could not be
given today: their owners sign in and mark as before, and administrators find them
(``GET /admin/students?irregular=true``).

Revision: 0010, after 0009.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_STUDENTS = sa.table("students", sa.column("id", sa.BigInteger), sa.column("student_id", sa.String))
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
LONGEST = 64


def upgrade() -> None:
    bind = op.get_bind()
    kept = bind.execute(sa.select(_STUDENTS).order_by(_STUDENTS.c.id)).all()
    taken = {row.student_id for row in kept}
    for row in kept:
        form = _normal(row.student_id)
        if form in taken or not _fits(form):
            continue
        taken.discard(row.student_id)
        taken.add(form)
        bind.execute(_STUDENTS.update().where(_STUDENTS.c.id == row.id).values(student_id=form))


def downgrade() -> None:
    # 0009 takes these numbers as well.
    pass


def _normal(number: str) -> str:
    seen = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in number.translate(_WIDE)
        if unicodedata.category(character) != "Cf"
    )
    return " ".join(unicodedata.normalize("NFC", seen).split())


def _fits(number: str) -> bool:
    return (
        0 < len(number) <= LONGEST
        and (number[0].isalpha() or unicodedata.category(number[0]) == "Nd")
        and all(
            character in " .-_"
            or character.isalpha()
            or unicodedata.category(character) in ("Nd", "Mn", "Mc")
            for character in number
        )
    )
