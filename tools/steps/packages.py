"""An interpreter that the packages support, .venv made with it, and the packages in .venv."""

import os
import subprocess
import sys
from pathlib import Path

from tools.steps.basics import (
    PYTHON,
    ROOT,
    VENV,
    WINDOWS,
    SetupError,
    call,
    digest,
    is_stamped,
    say,
)

OLDEST, NEWEST = (3, 10), (3, 13)


def version_of(python):
    """(major, minor) of an interpreter, or (0, 0) if it does not run."""
    code = "import sys; print(sys.version_info[0], sys.version_info[1])"
    try:
        words = subprocess.check_output(python + ["-c", code], stderr=subprocess.DEVNULL).split()
        return int(words[0]), int(words[1])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return 0, 0


def suitable_python():
    """The command of an interpreter that the packages support: this one, or one that is found."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return [sys.executable]
    candidates = []
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        name = "3.{}".format(minor)
        if WINDOWS:
            candidates.append(["py", "-" + name])
        candidates.append(["python" + name])
        pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
        candidates += [[str(path)] for path in sorted(pyenv.glob(name + ".*/bin/python"))]
    for candidate in candidates:
        if OLDEST <= version_of(candidate) <= NEWEST:
            return candidate
    raise SetupError(
        "This needs Python 3.{} to 3.{}, and only Python {}.{} was found: install one from "
        "python.org or your system's packages.".format(OLDEST[1], NEWEST[1], *sys.version_info[:2])
    )


def make_venv():
    """Create .venv, also in place of one that is broken or of a Python that is too old."""
    pip = [PYTHON, "-m", "pip", "--version"]
    usable = OLDEST <= version_of([PYTHON]) <= NEWEST
    if usable and subprocess.call(pip, stdout=subprocess.DEVNULL) == 0:
        return
    python = suitable_python()
    say("Creating .venv with Python {}.{}".format(*version_of(python)))
    call(
        python + ["-m", "venv", "--clear", str(VENV)],
        "Python could not create .venv: on Debian and Ubuntu, `apt-get install python3-venv` "
        "adds what it lacks.",
    )


def install_packages(*names):
    """Install requirement files into .venv, unless exactly these are there already."""
    stamps = {name: VENV / (".installed-" + name) for name in names}
    hashes = {name: digest(ROOT / name) for name in names}
    if Path(PYTHON).exists() and all(is_stamped(stamps[name], hashes[name]) for name in names):
        return
    make_venv()
    say("Installing Python packages from {}".format(" and ".join(names)))
    # No compiler is needed, and nothing that the files do not name.
    command = [PYTHON, "-m", "pip", "install", "--only-binary=:all:", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--require-virtualenv"]
    for name in names:
        command += ["-r", name]
    call(
        command,
        "The Python packages of {} could not be installed (pip says why above). Without a network, "
        "put their wheels into a folder and set PIP_NO_INDEX=1 and PIP_FIND_LINKS=that/folder."
        "".format(" and ".join(names)),
    )
    for name in names:
        stamps[name].write_text(hashes[name])
