"""What the tests of the pages need beside Python packages: a browser, and a driver that starts.

Playwright brings its driver along; where a minimal Debian lacks a library that the driver wants,
every one of these tests would end in an error.
"""

import os
import shutil
import subprocess

from tools.steps.basics import PYTHON, ROOT, SetupError, call, say

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The driver is a Node.js, which is linked with libatomic; apt knows no package that asks for it.
DRIVER_NEEDS = "libatomic1"


def has_browser():
    """Whether there is a browser that the tests find by themselves."""
    return bool(os.environ.get("CHROMIUM")) or any(map(shutil.which, BROWSERS))


def driver_starts():
    """Whether Playwright's driver runs on this machine."""
    command = [PYTHON, "-m", "playwright", "--version"]
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def install_browser():
    """Install a Chromium and what the driver needs, where that can be done in a word.

    That is on Debian, as root. Elsewhere say what is missing, what follows from it, and how to
    put it right; the other tests run.
    """
    if not (ROOT / "tests" / "browser").is_dir():
        return
    missing = [] if has_browser() else ["chromium"]
    missing += [] if driver_starts() else [DRIVER_NEEDS]
    if not missing:
        return
    apt = shutil.which("apt-get")
    names = " and ".join(missing) + (" are" if missing[1:] else " is")
    if not apt:
        remedy = "install a Chromium, and look what `.venv/bin/playwright --version` says"
        say(without("{} missing".format(names), remedy))
        return
    by_hand = "apt-get install " + " ".join(missing)
    if os.geteuid() != 0:
        say(
            without("{} missing, and only root can install".format(names), "`sudo " + by_hand + "`")
        )
        return
    say("Installing {} for the tests of the pages".format(" and ".join(missing)))
    install = [apt, "install", "-y", "-qq", "--no-install-recommends"] + missing
    try:
        call([apt, "update", "-qq"], "apt-get says why above")
        call(install, "apt-get says why above")
    except SetupError as problem:
        say(without("{} missing ({})".format(names, problem), "`" + by_hand + "`"))
        return
    if not driver_starts():
        say(
            without(
                "Playwright's driver does not start", "`.venv/bin/playwright --version` says why"
            )
        )


def without(reason, remedy):
    """One sentence on what is missing, what follows, and what to do."""
    return "The tests of the pages will be skipped: {}. To have them: {}.".format(reason, remedy)
