"""How much space is used, and how much is left."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attendance.core.services import Services
from attendance.faces import moving
from database import storage


def in_use(parts: Services) -> dict[str, Any]:
    """Rows by table, bytes of the database, the photographs and the networks, and the disk."""
    settings = parts.settings
    with parts.database.read() as tx:
        rows, database_bytes = storage.rows(tx), storage.size(tx)
    disk = shutil.disk_usage(_nearest(settings.instance_dir))
    return {
        "rows": rows,
        "faces": asdict(moving.status(parts)),
        "cameras": parts.cameras.figures(),
        "storage": {
            "database_bytes": database_bytes,
            "photo_bytes": _bytes_in(settings.uploads_dir, "*.enc"),
            "model_bytes": _bytes_in(settings.models_dir),
            "disk_bytes": disk.total,
            "disk_free_bytes": disk.free,
        },
    }


def _bytes_in(folder: Path, pattern: str = "*") -> int:
    return sum(_size(path) for path in folder.rglob(pattern))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0  # deleted meanwhile


def _nearest(folder: Path) -> Path:
    """The folder, or the first above it that exists (its own is made when it is needed)."""
    folder = folder.resolve()
    return next(path for path in (folder, *folder.parents) if path.exists())
