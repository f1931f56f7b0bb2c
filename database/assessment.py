"""Figures for a data-protection impact assessment: how many people, and how they check in."""

from __future__ import annotations

from database.core import Row, Transaction


def counts(tx: Transaction) -> dict[str, int]:
    """How many students there are, how many with a face, a PIN or a passkey, and what is kept."""
    row = tx.one(
        """
        SELECT (SELECT COUNT(*) FROM students) AS students,
               (SELECT COUNT(DISTINCT student) FROM face_templates) AS faces,
               (SELECT COUNT(photo) FROM face_templates) AS photographs,
               (SELECT COUNT(DISTINCT student) FROM proposed_templates) AS waiting,
               (SELECT COUNT(*) FROM students WHERE camera_consent_at IS NOT NULL) AS cameras,
               (SELECT COUNT(*) FROM used_pictures) AS fingerprints,
               (SELECT COUNT(*) FROM student_pins) AS pins,
               (SELECT COUNT(DISTINCT student) FROM passkeys) AS passkeys,
               (SELECT COUNT(*) FROM attendance) AS marks,
               (SELECT COUNT(*) FROM absence_notes) AS notes,
               (SELECT COUNT(*) FROM guardians) AS guardians
        """
    )
    assert row is not None
    return {name: int(value) for name, value in row.items()}


def courses(tx: Transaction) -> list[Row]:
    """The courses in use by code, with how their students check in."""
    return tx.all(
        "SELECT code, name, check_in FROM courses WHERE archived_at IS NULL ORDER BY code, id"
    )
