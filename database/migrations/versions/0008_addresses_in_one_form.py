"""E-mail addresses in one form: composed, the domain as people read it.

Where another account has that form already, an address stays as it is: its owner goes on signing
in with it, and a line of the audit log says so (`student.address_kept`, `teacher.address_kept`).

Revision: 0008, after 0007.
"""

import contextlib
import unicodedata
from datetime import datetime, timezone

import idna
import sqlalchemy as sa
from alembic import op

from database.migrations.columns import Time

revision = "0008"
down_revision = "0007"

_AUDIT = sa.table(
    "audit",
    sa.column("occurred_at", Time),
    *(sa.column(name) for name in ("actor", "action", "subject", "reason")),
)


def upgrade() -> None:
    bind = op.get_bind()
    for table, kind in (("teachers", "teacher"), ("students", "student")):
        accounts = sa.table(table, sa.column("id", sa.BigInteger), sa.column("email", sa.Text))
        kept = bind.execute(sa.select(accounts).order_by(accounts.c.id)).all()
        taken = {row.email for row in kept}
        for row in kept:
            form = row.email and _normal(row.email)
            if form == row.email:
                continue
            if form in taken:
                _report(bind, kind, row.id)
                continue
            taken.discard(row.email)
            taken.add(form)
            bind.execute(accounts.update().where(accounts.c.id == row.id).values(email=form))


def downgrade() -> None:
    # 0007 looks addresses up as they are kept, and has always kept most of them in this form.
    pass


def _report(bind: sa.Connection, kind: str, account: int) -> None:
    bind.execute(
        _AUDIT.insert().values(
            occurred_at=datetime.now(timezone.utc).replace(tzinfo=None),
            actor="migration",
            action=f"{kind}.address_kept",
            subject=f"{kind}:{account}",
            reason="Another account has this address in the form that addresses have now.",
        )
    )


def _normal(address: str) -> str:
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", address.strip()).lower())
    local, at, domain = text.rpartition("@")
    if not at or len(domain) > 253 or (domain.isascii() and "xn--" not in domain):
        return text
    with contextlib.suppress(idna.IDNAError, UnicodeError):
        domain = idna.decode(idna.encode(idna.uts46_remap(domain, std3_rules=False)))
    return f"{local}@{domain}"
