"""The set-up, as far as it can be tested without installing anything."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import setup
from tools.steps import basics, browser, packages


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (basics, browser, packages):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


class Machine:
    """A machine without a browser: what it is asked to run is written down and changes it."""

    def __init__(self, root: bool, apt: bool = True) -> None:
        self.root, self.apt = root, apt
        self.programs: set[str] = {"apt-get"} if apt else set()
        self.installed: list[str] = []

    def which(self, name: str) -> str | None:
        return f"/usr/bin/{name}" if name in self.programs else None

    def call(self, command: list[str], error: str = "") -> None:
        if "install" in command:
            assert self.root
            self.installed += [word for word in command[2:] if not word.startswith("-")]
            self.programs.update(self.installed)

    def driver_starts(self) -> bool:
        return "libatomic1" in self.installed


@pytest.fixture
def bare(project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Machine]:
    """Makes the set-up find itself on such a machine."""

    def make(**has: bool) -> Machine:
        machine = Machine(**has)
        (project / "tests" / "browser").mkdir(parents=True)
        monkeypatch.delenv("CHROMIUM", raising=False)
        monkeypatch.setattr(browser.shutil, "which", machine.which)
        monkeypatch.setattr(browser.os, "geteuid", lambda: 0 if machine.root else 1000)
        monkeypatch.setattr(browser, "call", machine.call)
        monkeypatch.setattr(browser, "driver_starts", machine.driver_starts)
        return machine

    return make


def test_root_on_a_bare_debian_gets_a_browser_and_what_its_driver_needs(
    bare: Callable[..., Machine], capsys: pytest.CaptureFixture[str]
) -> None:
    machine = bare(root=True)
    browser.install_browser()
    assert machine.installed == ["chromium", "libatomic1"]
    assert "skipped" not in capsys.readouterr().out
    browser.install_browser()
    assert machine.installed == ["chromium", "libatomic1"]


def test_a_machine_that_has_a_browser_still_gets_what_the_driver_needs(
    bare: Callable[..., Machine],
) -> None:
    machine = bare(root=True)
    machine.programs.add("chromium")
    browser.install_browser()
    assert machine.installed == ["libatomic1"]


@pytest.mark.parametrize(
    ("apt", "words"),
    [(True, "`sudo apt-get install chromium libatomic1`"), (False, "install a Chromium")],
)
def test_who_may_not_install_is_told_what_is_missing_and_how_to_get_it(
    bare: Callable[..., Machine], apt: bool, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = bare(root=False, apt=apt)
    browser.install_browser()
    said = capsys.readouterr().out
    assert "chromium and libatomic1 are missing" in said
    assert words in said
    assert machine.installed == []


@pytest.mark.parametrize(
    "line",
    [
        "MODELS_DIR=/srv/models",
        'export MODELS_DIR="/srv/models"',
        "MODELS_DIR = /srv/models # disk",
    ],
)
def test_a_setting_is_read_from_dotenv(
    project: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODELS_DIR", raising=False)
    (project / ".env").write_text(f"# MODELS_DIR=/no\nPORT=5001\n{line}\n")
    assert basics.setting("MODELS_DIR") == "/srv/models"


def test_the_environment_wins_over_dotenv(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".env").write_text("MODELS_DIR=/one\n")
    monkeypatch.setenv("MODELS_DIR", "/two")
    assert basics.setting("MODELS_DIR") == "/two"


def test_a_setting_that_is_nowhere_is_empty(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELS_DIR", raising=False)
    assert basics.setting("MODELS_DIR") == ""


def test_an_old_python_without_a_newer_one_is_told_so(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    monkeypatch.setenv("PATH", str(project))
    monkeypatch.setenv("PYENV_ROOT", str(project))
    with pytest.raises(basics.SetupError, match=r"Python 3\.10 to 3\.13, and only Python 3\.8"):
        packages.suitable_python()


def test_packages_that_are_installed_are_not_installed_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(packages, "VENV", project / ".venv")
    monkeypatch.setattr(packages, "PYTHON", sys.executable)
    monkeypatch.setattr(packages, "make_venv", lambda: (project / ".venv").mkdir(exist_ok=True))
    monkeypatch.setattr(packages, "call", lambda command, error="", env=None: calls.append(command))
    (project / "requirements.txt").write_text("flask==3.1.3\n")
    packages.install_packages("requirements.txt")
    packages.install_packages("requirements.txt")
    assert len(calls) == 1
    (project / "requirements.txt").write_text("flask==3.1.4\n")
    packages.install_packages("requirements.txt")
    assert len(calls) == 2


def test_an_unknown_command_fails_with_one_sentence() -> None:
    result = subprocess.run(
        [sys.executable, setup.__file__, "fly"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == "error: There is no command fly.\n"


@pytest.mark.parametrize("is_named", [True, False])
def test_the_demonstration_is_kept_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_named: bool
) -> None:
    for name in ("INSTANCE_DIR", "DATABASE_URL"):
        monkeypatch.setenv(name, "sqlite:///elsewhere.db")
        monkeypatch.delenv(name)
    if is_named:
        monkeypatch.setenv("INSTANCE_DIR", str(tmp_path / "mine"))
    for name in ("prepare", "migrate", "call", "become"):
        monkeypatch.setattr(setup, name, lambda *_: None)
    setup.demo([])
    kept = tmp_path / "mine" if is_named else setup.ROOT / "instance" / "demo"
    assert os.environ["INSTANCE_DIR"] == str(kept)
    assert os.environ["DATABASE_URL"] == f"sqlite:///{(kept / 'attendance.db').as_posix()}"
