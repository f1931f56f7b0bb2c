"""What a session's cameras may do."""

from __future__ import annotations

from typing import Literal

Mode = Literal["off", "suggest", "mark"]
OFF: Mode = "off"
SUGGEST: Mode = "suggest"
MARK: Mode = "mark"
