"""Where things are, and what every step uses: saying, calling, remembering, asking settings."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
PYTHON = str(VENV / ("Scripts/python.exe" if WINDOWS else "bin/python"))


class SetupError(Exception):
    """Something a person has to put right; the message is one clear sentence."""


def say(text: str, mark: str = "==>") -> None:
    """Tell what is done now, in a line of its own."""
    print(mark + " " + text, flush=True)


def call(command, error="", env=None):
    """Run a command to its end. If it fails: SetupError, or exit where it has said why itself."""
    try:
        code = subprocess.call(command, cwd=str(ROOT), env=dict(os.environ, **(env or {})))
    except OSError as problem:
        raise SetupError("{} could not be started: {}.".format(command[0], problem)) from None
    if code and error:
        raise SetupError(error)
    if code:
        sys.exit(code)


def become(command, env=None):
    """End this program by being another one, so that Ctrl-C and exit codes are its own."""
    os.environ.update(env or {})
    os.chdir(str(ROOT))
    sys.stdout.flush()
    if WINDOWS:
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


def digest(*paths):
    """One hash over the contents of some files."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def is_stamped(stamp, value):
    return stamp.is_file() and stamp.read_text() == value


def setting(name):
    """A setting's value from the environment, else from .env, else an empty string."""
    if name in os.environ:
        return os.environ[name]
    dotenv = ROOT / ".env"
    lines = dotenv.read_text(encoding="utf-8").splitlines() if dotenv.is_file() else []
    for line in lines:
        key, _, value = line.partition("=")
        if key.replace("export ", "").strip() == name:
            return value.split(" #")[0].strip().strip("'\"")
    return ""
