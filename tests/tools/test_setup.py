"""The set-up, as far as it can be tested without installing anything."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    return tmp_path


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
    assert setup.setting("MODELS_DIR") == "/srv/models"


def test_the_environment_wins_over_dotenv(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".env").write_text("MODELS_DIR=/one\n")
    monkeypatch.setenv("MODELS_DIR", "/two")
    assert setup.setting("MODELS_DIR") == "/two"


def test_a_setting_that_is_nowhere_is_empty(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELS_DIR", raising=False)
    assert setup.setting("MODELS_DIR") == ""


def test_an_old_python_without_a_newer_one_is_told_so(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    monkeypatch.setenv("PATH", str(project))
    monkeypatch.setenv("PYENV_ROOT", str(project))
    with pytest.raises(setup.SetupError, match=r"Python 3\.10 to 3\.13, and only Python 3\.8"):
        setup.suitable_python()


def test_packages_that_are_installed_are_not_installed_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(setup, "VENV", project / ".venv")
    monkeypatch.setattr(setup, "PYTHON", sys.executable)
    monkeypatch.setattr(setup, "make_venv", lambda: (project / ".venv").mkdir(exist_ok=True))
    monkeypatch.setattr(setup, "call", lambda command, error="", env=None: calls.append(command))
    (project / "requirements.txt").write_text("flask==3.1.3\n")
    setup.install_packages("requirements.txt")
    setup.install_packages("requirements.txt")
    assert len(calls) == 1
    (project / "requirements.txt").write_text("flask==3.1.4\n")
    setup.install_packages("requirements.txt")
    assert len(calls) == 2


def test_an_unknown_command_fails_with_one_sentence() -> None:
    result = subprocess.run(
        [sys.executable, setup.__file__, "fly"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == "error: There is no command fly.\n"
