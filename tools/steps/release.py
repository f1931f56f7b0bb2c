"""What a version is given out as: an archive of the sources, what is in it, and a whole folder for
machines without a network.

The version stands in `attendance/__init__.py` and nowhere else.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.steps.basics import PYTHON, ROOT, WINDOWS, SetupError, call, say
from tools.steps.data import VENDOR

DIST = ROOT / "dist"
SUMS = "SHA256SUMS"
# Only `make release` needs it, in an environment of its own: .venv stays what the lists say.
SBOM_PACKAGE = "cyclonedx-bom==7.5.0"
SBOM_VENV = ROOT / ".venv-release"


def version():
    """The version, read without importing anything."""
    text = (ROOT / "attendance" / "__init__.py").read_text(encoding="utf-8")
    return re.findall(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)[0]


def require_changelog():
    """What is given out has a heading in CHANGELOG.md."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(r"^## {}\b".format(re.escape(version())), text, re.MULTILINE):
        raise SetupError("CHANGELOG.md says nothing of version {}.".format(version()))


def fresh_folder(name):
    """An empty folder in dist/."""
    folder = DIST / name
    shutil.rmtree(str(folder), ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def archive(folder):
    """The sources of the last commit, and nothing that is not committed."""
    name = "attendance-{}".format(version())
    target = folder / (name + ".tar.gz")
    command = ["git", "archive", "--format=tar.gz", "--prefix={}/".format(name)]
    call(command + ["-o", str(target), "HEAD"], "git has no commit to make an archive of.")
    changed = ["git", "status", "--porcelain", "--untracked-files=no"]
    if subprocess.check_output(changed, cwd=str(ROOT)).strip():
        say("What is changed and not committed is not in it", mark="note:")
    return target


def licences(target):
    """A list of every package and library that comes along, and its licence."""
    with target.open("wb") as file:
        if subprocess.call([PYTHON, "-m", "tools.licences"], cwd=str(ROOT), stdout=file):
            raise SetupError("The licences could not be listed.")


def sbom(target):
    """The packages as CycloneDX says them (JSON)."""
    python = SBOM_VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
    if not python.exists():
        call([sys.executable, "-m", "venv", str(SBOM_VENV)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    call(pip + [SBOM_PACKAGE], "{} could not be installed.".format(SBOM_PACKAGE))
    command = [str(python), "-m", "cyclonedx_py", "requirements", "requirements.txt"]
    command += ["--pyproject", "pyproject.toml", "--output-reproducible"]
    command += ["--of", "JSON", "-o", str(target)]
    call(command, "The bill of materials could not be made.")
    said = json.loads(target.read_text(encoding="utf-8"))
    said["metadata"]["component"]["version"] = version()
    target.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def wheels(folder):
    """The packages for this kind of machine and this Python."""
    command = [PYTHON, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--no-deps"]
    command += ["--disable-pip-version-check", "-r", "requirements.txt", "-d", str(folder)]
    call(command, "The packages could not be fetched (pip says why above).")


def networks(folder, models):
    """The weights as they are fetched and converted, without what a processor makes of them."""
    for part in ("source", "ir"):
        if not (models / part).is_dir():
            raise SetupError("There are no weights in {}: `make install`.".format(models))
        shutil.copytree(str(models / part), str(folder / part))


def libraries(folder):
    """The libraries of the pages."""
    if not (VENDOR / ".installed").is_file():
        raise SetupError("The libraries of the pages are missing: `make install`.")
    shutil.copytree(str(VENDOR), str(folder))


def write_sums(folder):
    """The SHA-256 of every file, as `sha256sum --check` reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [
        "{}  {}\n".format(digest_of(path), path.relative_to(folder).as_posix()) for path in files
    ]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def digest_of(path):
    """SHA-256 of a file, however large it is."""
    total = hashlib.sha256()
    with Path(path).open("rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            total.update(piece)
    return total.hexdigest()
