"""Who hears of what happens to a face."""

from __future__ import annotations

from attendance.web.events import emit


def face_removed(student: int) -> None:
    """Tell the student that the school has taken the face out."""
    emit("face_removed", {}, [f"student:{student}"])
