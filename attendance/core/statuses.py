"""A session's states, a student's statuses and a mark's methods: as stored, and as said."""

from __future__ import annotations

from typing import Literal, get_args

State = Literal["open", "locked", "ended"]
OPEN: State = "open"
LOCKED: State = "locked"
ENDED: State = "ended"

Status = Literal["present", "late", "absent", "excused"]
PRESENT: Status = "present"
LATE: Status = "late"
ABSENT: Status = "absent"
EXCUSED: Status = "excused"
STATUSES: tuple[str, ...] = get_args(Status)

Method = Literal["face", "qr_face", "camera", "manual", "qr"]
FACE: Method = "face"
QR_FACE: Method = "qr_face"
CAMERA: Method = "camera"
MANUAL: Method = "manual"
QR: Method = "qr"
"""A scan with a passkey or PIN, in courses where the face is not needed."""
