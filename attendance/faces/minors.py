"""Of a minor, no face is stored without a guardian's consent."""

from __future__ import annotations

from attendance.core.errors import GuardianConsentMissing
from database import Transaction, consents


def require_consent(tx: Transaction, student: int) -> None:
    """Raises `GuardianConsentMissing` where the student is a minor and no guardian agreed."""
    if consents.is_missing(tx, student):
        raise GuardianConsentMissing
