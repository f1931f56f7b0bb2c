"""GET /admin/system."""

from __future__ import annotations

from pathlib import Path

from attendance import __version__
from attendance.core.audit import CLI
from attendance.core.clock import iso
from attendance.core.services import Services
from attendance.operation import backup
from tests.conftest import Api, code_of


def test_the_storage_in_use_is_told(api: Api, parts: Services) -> None:
    admin = api.teacher()
    before = api.get("/admin/system", admin).json
    api.student()
    parts.settings.uploads_dir.mkdir(parents=True)
    (parts.settings.uploads_dir / "kept.enc").write_bytes(b"x" * 1234)
    after = api.get("/admin/system", admin).json
    assert after["rows"]["students"] == before["rows"]["students"] + 1
    assert (before["storage"]["photo_bytes"], after["storage"]["photo_bytes"]) == (0, 1234)
    assert after["storage"]["database_bytes"] > 10_000
    assert 0 < after["storage"]["disk_free_bytes"] <= after["storage"]["disk_bytes"]


def test_the_version_and_what_keeps_it_safe_are_told(
    api: Api, parts: Services, tmp_path: Path
) -> None:
    admin = api.teacher()
    about = api.get("/admin/system", admin).json["about"]
    assert about["version"] == __version__
    assert (about["https"], about["mail"], about["backup_at"]) == (False, False, None)
    backup.save(parts, tmp_path / "backup.zip", CLI, with_keys=False, progress=bool)
    assert api.get("/admin/system", admin).json["about"]["backup_at"] == iso(parts.clock.now())


def test_only_an_administrator_sees_the_system(api: Api) -> None:
    api.teacher()
    teacher = api.teacher()
    assert code_of(api.get("/admin/system", teacher)) == (403, "forbidden")
    assert code_of(api.get("/admin/system")) == (401, "token_missing")
