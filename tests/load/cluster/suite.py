"""The project's own tests, on a cluster: through HAProxy, as an installation reaches it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from attendance.core.settings import PROJECT
from tests.load.cluster import nodes
from tests.load.cluster.balancer import USER, Balancer
from tests.load.cluster.place import KINDS
from tests.load.cluster.processes import HERE

# Every test has a database of its own there.
DISK = "4G"


def run_tests(kind: str, words: list[str]) -> int:
    """Start the nodes and HAProxy, run pytest with these words, and return its status."""
    folder = Path(tempfile.mkdtemp(prefix="attendance-cluster-"))
    folder.chmod(0o755)
    nodes.DISK = DISK
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        databases = KINDS[kind](folder)
        stack.callback(databases.stop)
        databases.start()
        databases.nodes[0].ask(USER)
        balancer = Balancer(folder / "haproxy", databases, [])
        stack.callback(balancer.stop)
        balancer.start()
        url = f"mysql+mysqlconnector://root@{HERE}:{balancer.database}/mysql"
        # SQLite always runs: what is asked here is what this server says
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-k", databases.server, *words]
        words_of = {**os.environ, "TEST_DATABASE_URLS": url}
        return subprocess.run(command, cwd=PROJECT, env=words_of, check=False).returncode
