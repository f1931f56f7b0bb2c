"""What a version is given out as: from a small project of its own, without a network."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from attendance import __version__
from attendance.core.settings import PROJECT
from tools import licences
from tools.steps import basics, offline, release

SETUP = """\
import os, pathlib
pathlib.Path("told").write_text(os.environ["PIP_NO_INDEX"] + os.environ["PIP_FIND_LINKS"])
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed project of version 2.3.4 with a file that is not committed."""
    folder = tmp_path / "project"
    for name, text in {
        "attendance/__init__.py": '__version__ = "2.3.4"\n',
        "CHANGELOG.md": "# Changes\n\n## 2.3.4\n\n- One.\n",
        "tools/setup.py": SETUP,
        "attendance/static/vendor/.installed": "stamp",
        "models/source/net.onnx": "weights",
        "models/ir/net.xml": "converted",
        "models/cache/processor.blob": "of this machine only",
        ".gitignore": "/models/\n/secret\n/attendance/static/vendor/\n",
        "secret": "never given out",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        named = ["-c", "user.name=x", "-c", "user.email=x@x.example"]
        subprocess.run(["git", *named, *command], cwd=folder, check=True)
    for module in (basics, release):
        monkeypatch.setattr(module, "ROOT", folder)
    monkeypatch.setattr(release, "DIST", folder / "dist")
    monkeypatch.setattr(release, "VENDOR", folder / "attendance/static/vendor")
    return folder


@pytest.fixture
def carried(project: Path) -> Path:
    """The folder for a machine without a network, but for the packages."""
    folder = release.fresh_folder("offline")
    release.archive(folder)
    release.networks(folder / "models", project / "models")
    release.libraries(folder / "vendor")
    (folder / "wheels").mkdir()
    (folder / "wheels" / "one.whl").write_bytes(b"wheel")
    (folder / "install.py").write_bytes((PROJECT / "tools/steps/offline.py").read_bytes())
    release.write_sums(folder)
    return folder


def install(folder: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "install.py"), str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_version_stands_once_and_the_changes_tell_of_it() -> None:
    assert release.version() == __version__
    release.require_changelog()
    assert 'dynamic = ["version"]' in (PROJECT / "pyproject.toml").read_text("utf-8")
    assert "version" not in json.loads((PROJECT / "package.json").read_text("utf-8"))


def test_a_version_of_which_nothing_is_told_is_not_given_out(project: Path) -> None:
    (project / "attendance/__init__.py").write_text('__version__ = "2.3.5"\n')
    with pytest.raises(basics.SetupError, match=r"CHANGELOG.md says nothing of version 2\.3\.5"):
        release.require_changelog()


def test_the_archive_holds_what_is_committed_and_nothing_else(project: Path) -> None:
    (project / "CHANGELOG.md").write_text("changed and not committed")
    with tarfile.open(release.archive(release.fresh_folder("x"))) as packed:
        names = set(packed.getnames())
        changes = packed.extractfile("attendance-2.3.4/CHANGELOG.md")
        assert changes is not None
        assert b"One." in changes.read()
    assert "attendance-2.3.4/tools/setup.py" in names
    assert not [name for name in names if "secret" in name or "models" in name]


def test_the_hashes_are_those_that_sha256sum_reads(carried: Path) -> None:
    lines = (carried / "SHA256SUMS").read_text().splitlines()
    named = dict(line.split("  ")[::-1] for line in lines)
    assert named["wheels/one.whl"] == hashlib.sha256(b"wheel").hexdigest()
    assert "models/source/net.onnx" in named
    assert not [name for name in named if "cache" in name]


def test_it_is_installed_without_an_index(carried: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    done = install(carried, target)
    assert done.returncode == 0, done.stderr
    assert (target / "told").read_text() == f"1{carried / 'wheels'}"
    assert (target / "models/ir/net.xml").read_text() == "converted"
    assert (target / "attendance/static/vendor/.installed").read_text() == "stamp"
    assert (target / "attendance/static/vendor/.offline").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("wheels/one.whl", b"other"), ("wheels/strange.whl", b"new"), ("models/ir/net.xml", None)],
)
def test_a_file_that_is_changed_strange_or_missing_stops_it(
    carried: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is None:
        (carried / name).unlink()
    else:
        (carried / name).write_bytes(content)
    done = install(carried, tmp_path / "target")
    assert done.returncode == 1
    assert f"missing, changed or strange: {name}" in done.stderr
    assert not (tmp_path / "target").exists()


def test_an_archive_cannot_write_elsewhere(carried: Path, tmp_path: Path) -> None:
    path = carried / "attendance-2.3.4.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        for name in ("attendance-2.3.4/../../outside", "attendance-2.3.4/inside"):
            member = tarfile.TarInfo(name)
            member.size = 1
            packed.addfile(member, io.BytesIO(b"x"))
    (tmp_path / "a" / "b").mkdir(parents=True)
    offline.unpack(carried, tmp_path / "a" / "b")
    assert (tmp_path / "a/b/inside").exists()
    assert not (tmp_path / "a/outside").exists()
    assert not (tmp_path / "outside").exists()


def test_every_package_and_library_has_its_licence() -> None:
    wanted = re.findall(r"^([\w.-]+)==", (PROJECT / "requirements.txt").read_text("utf-8"), re.M)
    found = {name: licence for name, _, licence in licences.packages()}
    assert set(wanted) <= set(found)
    assert found["flask"] == "BSD-3-Clause"
    assert [name for name, licence in found.items() if licence == licences.UNSAID] == []
    shown = {name: licence for name, _, licence in licences.libraries()}
    assert shown["chart.js"] == "MIT"
    assert "axe-core" not in shown
    assert licences.UNSAID not in shown.values()
