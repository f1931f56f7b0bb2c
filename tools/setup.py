"""Set-up and everyday commands, the same on Linux, macOS and Windows.

    python tools/setup.py install      everything that the server needs
    python tools/setup.py run          install, then start the server
    python tools/setup.py help         the other commands

The steps are in tools/steps. Both are standard library only, since they run before anything is
installed, and in the syntax of Python 3.6, so that an old interpreter gets a sentence and not a
syntax error. What is done already is remembered by hashes in stamp files: the second call starts
at once.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

if not __package__:  # started as a file, with this folder in place of the project's in the path
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from tools.steps import release as given_out
from tools.steps.basics import PYTHON, ROOT, VENV, SetupError, become, call, say, setting
from tools.steps.browser import install_browser
from tools.steps.data import VENDOR, fetch_weights, install_browser_libraries, migrate
from tools.steps.packages import install_packages


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
    named = os.environ.get("INSTANCE_DIR")
    folder = Path(named).resolve() if named else ROOT / "instance" / "demo"
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
    become([PYTHON, "benchmarks/over_http.py"] + args)


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


def release(_args):
    """A version to give out, in dist/: sources, bill of materials, licences, hashes"""
    given_out.require_changelog()
    install_packages("requirements.txt")
    folder = given_out.fresh_folder("attendance-" + given_out.version())
    given_out.archive(folder)
    given_out.licences(folder / "licences.md")
    given_out.sbom(folder / "sbom.cdx.json")
    given_out.write_sums(folder)
    say("{} is in {}".format(given_out.version(), folder))


def offline(_args):
    """Everything for a machine without a network, in one folder of dist/"""
    given_out.require_changelog()
    prepare()
    folder = given_out.fresh_folder("attendance-{}-offline".format(given_out.version()))
    given_out.archive(folder)
    given_out.licences(folder / "licences.md")
    say("Fetching the packages for this kind of machine")
    given_out.wheels(folder / "wheels")
    models = setting("MODELS_DIR")
    given_out.networks(folder / "models", Path(models) if models else ROOT / "models")
    given_out.libraries(folder / "vendor")
    shutil.copyfile(str(ROOT / "tools" / "steps" / "offline.py"), str(folder / "install.py"))
    given_out.write_sums(folder)
    say("Carry {} there, then: python3 install.py /opt/attendance".format(folder))


def clean(_args):
    """Remove what the set-up and the tests made; the data in instance/ and models/ stay"""
    folders = [VENV, ROOT / "node_modules", VENDOR, ROOT / ".cache", ROOT / "htmlcov"]
    folders += [ROOT / name for name in (".pytest_cache", ".mypy_cache", ".ruff_cache")]
    folders += [ROOT / ".import_linter_cache", ROOT / ".hypothesis", ROOT / "benchmarks" / "out"]
    folders += [given_out.DIST, given_out.SBOM_VENV]
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
    "release": release,
    "offline": offline,
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
