"""Firefox and WebKit, which Playwright does not drive as Debian has them: by their own protocols.

Firefox speaks Marionette on a port of this machine, WebKit's MiniBrowser is led by WebKitWebDriver.
Both are asked for two things only: go to an address, and run a script in the page.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

PATIENCE_SECONDS = 90
MINI_BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
PREFERENCES = {
    "marionette.port": 0,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "intl.accept_languages": "en",
}


class Missing(Exception):
    """A program is not on this machine; the message says how to get it."""


class Engine(Protocol):
    """A running browser with one page."""

    def go(self, url: str) -> None:
        """Open an address and wait until it has loaded."""

    def js(self, script: str, *values: Any) -> Any:
        """Run a script, whose `arguments` are `values`, and give what it returns."""

    def forget(self) -> None:
        """Delete every cookie of the page's host."""


class Firefox:
    """Firefox, over Marionette: messages of JSON, each after its length and a colon."""

    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self._number = 0
        self._read()
        self.command("WebDriver:NewSession", {})

    def go(self, url: str) -> None:
        self.command("WebDriver:Navigate", {"url": url})

    def js(self, script: str, *values: Any) -> Any:
        answer = self.command("WebDriver:ExecuteScript", {"script": script, "args": list(values)})
        return answer["value"]

    def forget(self) -> None:
        self.command("WebDriver:DeleteAllCookies", {})

    def close(self) -> None:
        """Leave the line; the process is ended by whoever started it."""
        self._line.close()

    def command(self, name: str, values: dict[str, Any]) -> Any:
        """Send a command and wait for its answer."""
        self._number += 1
        sent = json.dumps([0, self._number, name, values]).encode()
        self._line.sendall(b"%d:%s" % (len(sent), sent))
        _, _, error, answer = self._read()
        assert error is None, error
        return answer

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._some(1)
        return json.loads(self._some(int(length[:-1])))

    def _some(self, count: int) -> bytes:
        read = b""
        while len(read) < count:
            part = self._line.recv(count - len(read))
            assert part, "Firefox has gone"
            read += part
        return read


class WebKit:
    """WebKit's MiniBrowser, over WebDriver."""

    def __init__(self, port: int, program: str) -> None:
        options = {"binary": program, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._port, self._path = port, "/session"
        made = self._call("POST", "", {"capabilities": wanted})
        self._path += f"/{made['sessionId']}"

    def go(self, url: str) -> None:
        self._call("POST", "/url", {"url": url})

    def js(self, script: str, *values: Any) -> Any:
        return self._call("POST", "/execute/sync", {"script": script, "args": list(values)})

    def forget(self) -> None:
        self._call("DELETE", "/cookie")

    def close(self) -> None:
        """End the browser."""
        self._call("DELETE", "")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
        with closing(line):
            line.request(method, self._path + path, None if body is None else json.dumps(body))
            answer = line.getresponse()
            value = json.load(answer)["value"]
        assert answer.status == 200, value
        return value


@contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    """A Firefox with an empty profile in the folder. Raises `Missing`."""
    program = _found("firefox-esr", "firefox")
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items())
    (folder / "user.js").write_text("\n".join(lines))
    command = [program, "--headless", "--no-remote", "--marionette", "--profile", str(folder)]
    with subprocess.Popen(
        command,
        env={**os.environ, "HOME": str(folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            written = folder / "MarionetteActivePort"
            _until(lambda: written.is_file() and written.read_text().strip(), process)
            engine = Firefox(int(written.read_text()))
            try:
                yield engine
            finally:
                engine.close()
        finally:
            process.terminate()


@contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    """WebKit's MiniBrowser on a screen of its own. Raises `Missing`."""
    driver, screen = _found("WebKitWebDriver"), _found("Xvfb")
    programs = sorted(Path("/").glob(MINI_BROWSERS.lstrip("/")))
    if not programs:
        raise Missing("There is no MiniBrowser (apt-get install webkit2gtk-driver).")
    read, write = os.pipe()
    port = _free_port()
    shown = [screen, "-displayfd", str(write), "-screen", "0", "1366x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(shown, pass_fds=[write], stderr=subprocess.DEVNULL) as display:
        os.close(write)
        with os.fdopen(read) as number:
            name = f":{number.readline().strip()}"
        environment = {
            **os.environ,
            "DISPLAY": name,
            "HOME": str(folder),
            "LANG": "en_US.UTF-8",
            "LANGUAGE": "en",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
            "GSETTINGS_BACKEND": "memory",
        }
        command = [driver, f"--port={port}", "--host=127.0.0.1"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            engine = None
            try:
                _until(lambda: _listens(port), process)
                engine = WebKit(port, str(programs[-1]))
                yield engine
            finally:
                if engine is not None:
                    with suppress(AssertionError, OSError):
                        engine.close()
                process.terminate()
                display.terminate()


ENGINES = {"firefox": firefox, "webkit": webkit}


def _found(*names: str) -> str:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise Missing(
            f"There is no {names[0]} (apt-get install firefox-esr webkit2gtk-driver xvfb)."
        )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _until(ready: Any, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        assert process.poll() is None, "the browser has ended"
        assert time.monotonic() < deadline, "the browser does not answer"
        time.sleep(0.1)
