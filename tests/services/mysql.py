"""A real MySQL server for the tests, on a Debian machine that has none and no Docker.

    python tests/services/mysql.py start     prepare (once), start, wait; prints the URL
    python tests/services/mysql.py stop      stop the server that start started
    python tests/services/mysql.py url       print the URL

Debian's unstable release packages MySQL; a small tree of it is unpacked once with debootstrap
into a cache folder outside the project (ATTENDANCE_MYSQL_DIR, else ~/.cache/attendance-tests/mysql)
and the server runs inside it by chroot. Both need root. Standard library only.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HOST, PORT = "127.0.0.1", 3316
URL = f"mysql+mysqlconnector://root@{HOST}:{PORT}/mysql"
CACHE = Path(
    os.environ.get("ATTENDANCE_MYSQL_DIR") or Path.home() / ".cache/attendance-tests/mysql"
)
TREE = CACHE / "tree"
# Paths as the server sees them, inside the tree.
DATA, PID_FILE, SOCKET, LOG = "/data", "/run/mysqld.pid", "/run/mysqld.sock", "/run/mysqld.log"
START_SECONDS, STOP_SECONDS = 60, 30


def outside(path: str) -> Path:
    """The same file as seen from outside the tree."""
    return TREE / path.lstrip("/")


def chroot(*arguments: str) -> list[str]:
    return ["chroot", str(TREE), "mysqld", "--no-defaults", "--user=root", *arguments]


def run(command: list[str]) -> None:
    """Run a step that may take half a minute; show its output only if it fails."""
    print("mysql:", *command[:2], "…", flush=True)
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        sys.exit(f"{result.stdout[-3000:]}\nmysql: {command[0]} failed")


def unpack() -> None:
    """Unpack Debian with a MySQL server, once; a broken attempt leaves nothing behind."""
    if outside("/usr/sbin/mysqld").exists():
        return
    if os.geteuid() != 0:
        sys.exit("mysql: preparing a MySQL server for the tests needs root")
    if not shutil.which("debootstrap"):
        run(["apt-get", "update"])
        run(["apt-get", "install", "-y", "--no-install-recommends", "debootstrap"])
    partial = CACHE / "tree.partial"
    for leftover in (partial, TREE):
        shutil.rmtree(leftover, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    run(
        ["debootstrap", "--variant=minbase", "--include=mysql-server-core", "sid", str(partial)],
    )
    shutil.rmtree(partial / "var/cache/apt", ignore_errors=True)
    partial.rename(TREE)


def initialise() -> None:
    """Make the data folder, once; root's password is empty, and only this machine gets in."""
    if outside(DATA).exists():
        return
    partial = DATA + ".partial"
    shutil.rmtree(outside(partial), ignore_errors=True)
    run(chroot("--initialize-insecure", f"--datadir={partial}"))
    outside(partial).rename(outside(DATA))


def answers() -> bool:
    """Whether a MySQL server greets on the port (protocol 10 begins with length, number, 0x0a)."""
    try:
        with socket.create_connection((HOST, PORT), timeout=2) as connection:
            return connection.recv(5)[4:] == b"\x0a"
    except OSError:
        return False


def own_pid() -> int:
    """The process that start started, or 0. A stale pid file never names a stranger."""
    try:
        pid = int(outside(PID_FILE).read_text())
        return pid if Path(f"/proc/{pid}/root").readlink() == TREE.resolve() else 0
    except (OSError, ValueError):
        return 0


def start() -> None:
    if own_pid() and answers():
        print(URL)
        return
    if answers():
        sys.exit(f"mysql: port {PORT} belongs to another server")
    unpack()
    initialise()
    options = [
        f"--datadir={DATA}",
        f"--port={PORT}",
        f"--bind-address={HOST}",
        f"--socket={SOCKET}",
        f"--pid-file={PID_FILE}",
        f"--log-error={LOG}",
        "--mysqlx=OFF",
        "--secure-file-priv=",
        # Tests throw their databases away: no need to survive a power cut, or to be copied.
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-flush-method=nosync",
        # One file for all tables: they are made and dropped four times as fast.
        "--innodb-file-per-table=OFF",
        "--skip-log-bin",
        "--performance-schema=OFF",
    ]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        chroot(*options), stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            sys.exit(f"{outside(LOG).read_text()[-3000:]}\nmysql: the server did not start")
        time.sleep(0.2)
    print(URL)


def stop() -> None:
    pid = own_pid()
    if not pid:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while own_pid() == pid:
        if time.monotonic() > deadline:
            sys.exit(f"mysql: process {pid} did not stop")
        time.sleep(0.2)


def url() -> None:
    print(URL)


if __name__ == "__main__":
    commands = {"start": start, "stop": stop, "url": url}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]]()
