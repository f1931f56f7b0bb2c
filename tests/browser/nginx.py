"""A real nginx in front of what a test serves."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def free_port() -> int:
    """A port of this machine that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(locations: str, port: int, folder: Path) -> Iterator[str]:
    """An nginx with these locations on a port, and its origin; the test is skipped where there is
    none (on CI: fails)."""
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop("There is no nginx (apt-get install nginx).")
    (folder / "locations.conf").write_text(locations)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder / kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"""
        daemon off;
        master_process off;
        pid {folder / "nginx.pid"};
        error_log {folder / "error.log"};
        events {{ worker_connections 256; }}
        http {{
            access_log off;
            {folders}
            server {{
                listen 127.0.0.1:{port};
                include {folder / "locations.conf"};
            }}
        }}
        """
    )
    command = [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with subprocess.Popen(command, cwd=folder) as nginx:
        try:
            _wait(nginx, port)
            assert nginx.poll() is None, (folder / "error.log").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            nginx.terminate()


def _wait(nginx: subprocess.Popen[bytes], port: int) -> None:
    while nginx.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
