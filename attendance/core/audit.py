"""Who changes something, as the audit log names it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from database import Transaction, audit


@dataclass(frozen=True)
class By:
    """Who changes something: an account's name or `cli`, and the request it came with."""

    actor: str
    request_id: str | None = None

    def note(
        self,
        tx: Transaction,
        now: datetime,
        action: str,
        subject: str,
        *,
        old: Any = None,
        new: Any = None,
        reason: str | None = None,
    ) -> None:
        """Write the line of the audit log."""
        audit.add(
            tx,
            now=now,
            actor=self.actor,
            action=action,
            subject=subject,
            old=old,
            new=new,
            reason=reason,
            request_id=self.request_id,
        )


CLI = By("cli")
