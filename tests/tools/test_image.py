"""The image without a daemon, as far as it can be tested without building one."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from attendance.core.settings import PROJECT
from tools.fresh.words import FreshError
from tools.image import __main__ as image
from tools.image import building, trying

TELLS = """#!/bin/sh
echo "$*" >> "$TOLD"
config='{"Cmd": ["python", "app.py"], "User": "10001"}'
case "$*" in *inspect*) echo '{"OCIv1": {"config": '"$config"'}}';;
*mount*) echo "$MACHINE";; *) echo container;; esac
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a buildah is told that does nothing."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "buildah").write_text(TELLS)
    (programs / "buildah").chmod(stat.S_IRWXU)
    machine = tmp_path / "machine"
    for name in ("etc/apt/apt.conf.d", "usr/share/keyrings", "usr/share/doc/one", "usr/share/man"):
        (machine / name).mkdir(parents=True)
    for name in ("usr/share/doc/one/copyright", "usr/share/doc/one/news", "usr/share/man/page"):
        (machine / name).write_text("x")
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("TOLD", str(tmp_path / "told"))
    monkeypatch.setenv("MACHINE", str(machine))
    monkeypatch.setattr(building, "bare", lambda *_: None)
    monkeypatch.setattr(building, "take_over", lambda _machine: [Path("/srv/wheels")])
    monkeypatch.setattr(building, "environment", lambda: {"PIP_NO_INDEX": "1"})
    return tmp_path / "told"


def test_the_file_of_the_image_is_built_as_it_is_on_bases_of_debian(
    told: Path, tmp_path: Path
) -> None:
    assert building.build(building.Buildah(tmp_path)) == building.IMAGE
    lines = told.read_text("utf-8").splitlines()
    assert all(line.startswith(f"--root {tmp_path}/store ") for line in lines)
    (build,) = [line for line in lines if " build " in line]
    text = (PROJECT / "deploy" / "Dockerfile").read_text("utf-8")
    bases = re.findall(r"^ARG (\w+)=\S+$", text, re.M)
    assert re.findall(r"^FROM \$\{(\w+)\}", text, re.M) == bases
    assert set(re.findall(r"--build-arg=(\w+)=localhost/", build)) == set(bases)
    assert "--volume=/srv/wheels:/srv/wheels:ro" in build
    # what stays in the image has nothing of this machine's ways to packages
    assert f"--build-arg=PYTHON={building.BASE} " in build
    configured = lines.index(next(line for line in lines if "--env=PIP_NO_INDEX=1" in line))
    assert configured > next(n for n, line in enumerate(lines) if line.endswith(building.BASE))


def test_licences_stay_in_the_base_and_manuals_do_not(told: Path, tmp_path: Path) -> None:
    machine = tmp_path / "machine"
    building.slim(machine)
    found = {path.relative_to(machine).as_posix() for path in machine.rglob("*") if path.is_file()}
    assert found == {"usr/share/doc/one/copyright"}
    assert not told.exists()


def test_an_image_that_ends_at_once_fails(told: Path, tmp_path: Path) -> None:
    with pytest.raises(FreshError, match="The image failed"):
        trying.try_image(building.Buildah(tmp_path), building.IMAGE)
    started = told.read_text("utf-8").splitlines()[-1]
    assert " run --isolation=chroot --env=HOST=127.0.0.1 " in started
    assert started.endswith("container -- python app.py")


def test_what_buildah_cannot_do_ends_it(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "programs" / "buildah").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(FreshError, match=r"^buildah from failed"):
        building.Buildah(tmp_path).call("from", "scratch")
    (tmp_path / "programs" / "buildah").write_text("#!/bin/sh\nexec sleep 20\n")
    with pytest.raises(FreshError, match=r"^buildah from took longer than 1 s"):
        building.Buildah(tmp_path).call("from", "scratch", seconds=1)
    assert not told.exists()


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ("root", "This needs root"),
        ("program", "There is no debootstrap: `apt-get install debootstrap`"),
        ("room", "GB free, and this takes up to "),
        ("folder", "There is no folder /nowhere"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence_before_anything_is_made(
    missing: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: "debian_version" in str(path) or exists(path))
    monkeypatch.setattr(image.os, "geteuid", lambda: 1 if missing == "root" else 0)
    monkeypatch.setattr(
        image.shutil, "which", lambda name: None if missing == "program" else f"/usr/bin/{name}"
    )
    if missing == "room":
        monkeypatch.setattr(image, "FREE_BYTES", 10**18)
    with pytest.raises(FreshError, match=re.escape(says)):
        image.require_what_it_needs(Path("/nowhere") if missing == "folder" else tmp_path)
