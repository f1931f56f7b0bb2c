"""deploy/cluster/compose.yaml without containers: its commands and words, on 127.28.0.0/24.

    python -m tests.load.composed

Each service is a process of its own user, with its volumes below a folder that ends with the
program; of the file only the network's address (10.28.0.0/24) and the containers' paths are read
differently. The database is made, all of it is started and answers, a student signs up, enrols a
face and marks through HAProxy and HTTPS; then one database node after the other is killed and comes
back, and all end and begin again; and the Redis master is killed, and another takes its place. The
services have the usual ports, which other servers of this machine have as well: all of it runs in a
network namespace of its own, from which none of those is reached. Needs root and Debian's
mariadb-server, galera-4, rsync, redis-server, redis-sentinel, haproxy and iproute2.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
import requests
import yaml

from attendance.core.clock import Clock
from attendance.core.settings import Settings
from attendance.operation.certificate import self_signed
from tests.load.alone import go_alone
from tests.load.cluster.owned import require_own
from tests.load.cluster.processes import TEMPLATES, Program, listens_at, require, until
from tests.servers import School

OUTER, INNER = "10.28.0.", "127.28.0."
FILE = TEMPLATES / "compose.yaml"
ORDER = ("db", "redis", "sentinel", "faces", "haproxy", "migrate", "server")
REDISES = ("redis1", "redis2", "redis3")
# What stands in the image of the application (deploy/Dockerfile).
APP = ["python", "app.py"]
IMAGE = {"PORT": "5001", "LOG_LEVEL": "WARNING", "BCRYPT_ROUNDS": "4", "FACE_THREADS": "1"}


@dataclass
class Composed:
    """The services of the file, as processes."""

    folder: Path
    words: dict[str, str]
    programs: dict[str, Program] = field(default_factory=dict)
    services: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.services = yaml.safe_load(FILE.read_text("utf-8"))["services"]

    def start(self, name: str) -> None:
        """Start one, as `docker compose up -d NAME` does; `migrate` runs to its end."""
        program = self.programs.get(name) or self._made(name)
        self.programs[name] = program
        program.start()
        if name == "migrate":
            assert program.process is not None
            if program.process.wait(120):
                sys.exit(program.last_words())
            return
        address = self._address(name)
        until(lambda: self._has_come(name, address), f"{name} answers at {address}")

    def stop(self) -> None:
        """End all of them, the newest first."""
        for program in reversed(self.programs.values()):
            program.stop()

    def ip(self, name: str) -> str:
        """Where the service is."""
        return self._read(str(self.services[name]["networks"]["inner"]["ipv4_address"]))

    def environment(self, name: str) -> dict[str, str]:
        """What the file says of it, and what the image and .env bring."""
        service = self.services[name]
        found = {key: self._read(str(value), name) for key, value in service["environment"].items()}
        if service["image"] == "attendance":
            own = {**IMAGE, "MODELS_DIR": str(Settings.load().models_dir)}
            own["INSTANCE_DIR"] = own["UPLOADS_DIR"] = str(self.folder / "data")
            if "env_file" in service:
                own.update(self.words)
            if name != "migrate":
                own["HOST"] = found["METRICS_HOST"] = self.ip(name)
            found = {**own, **found}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), **found}

    def _made(self, name: str) -> Program:
        service = self.services[name]
        own = self.folder / name
        own.mkdir()
        command = [self._read(word, name) for word in service.get("command", APP)]
        if command[0] == "python":
            command[0] = sys.executable
        if "user" in service:
            for path in [own, *own.parent.glob(f"{name}-*")]:
                shutil.chown(path, service["user"], service["user"])
            command = [*_as(service["user"]), *command]
        return Program(name, command, own, self.environment(name))

    def _read(self, text: str, name: str = "") -> str:
        """A value of the file, with .env's words, this machine's addresses and folders in it."""
        text = re.sub(
            r"\$\{(\w+)(?::[?-][^}]*)?\}", lambda word: self.words.get(word[1], ""), text
        ).replace(OUTER, INNER)
        if name == "haproxy":
            text = text.replace(":8080", f"{self.ip(name)}:8443")
        text = text.replace("/cluster/", f"{TEMPLATES}/")
        for volume in self.services.get(name, {}).get("volumes", []):
            if (parts := volume.split(":"))[0] != "./":
                place = self.folder / f"{name}-{parts[0]}"
                if parts[0] in ("data", "faces"):  # several have it
                    place = self.folder / parts[0]
                place.mkdir(exist_ok=True)
                text = re.sub(rf"{parts[1]}(?=/|$)", str(place), text)
        return re.sub(r"/run/\w+", str(self.folder / name), text)

    def _address(self, name: str) -> tuple[str, int]:
        ports = {"db": 3306, "redis": 6379, "sentinel": 26379, "faces": 7443, "haproxy": 8443}
        return self.ip(name), ports.get(name.rstrip("1234"), 5001)

    def _has_come(self, name: str, address: tuple[str, int]) -> bool:
        if not self.programs[name].runs():
            sys.exit(f"{name} has ended:\n{self.programs[name].last_words()}")
        if name.startswith("db"):
            return self.is_healthy(name)
        return listens_at(*address)

    def is_healthy(self, name: str) -> bool:
        """Its own check, as the file has it."""
        test = self.services[name]["healthcheck"]["test"][1].replace("$$", "$")
        user = self.services[name]["user"]
        command = [*_as(user), "sh", "-c", test]
        done = subprocess.run(command, env=self.environment(name), capture_output=True, check=False)
        return done.returncode == 0


def whole_school(composed: Composed, certificate: Path) -> School:
    """A teacher, a student, a face and a mark, through HAProxy."""
    process = composed.programs["haproxy"].process
    assert process is not None
    host = f"{composed.ip('haproxy')}:8443"
    school = School(f"https://{host}", process, certificate)
    until(lambda: _answers(school), "HAProxy finds a server")
    teacher, student = school.sign_up("teacher", 1), school.sign_up("student", 1)
    token = student["access_token"]
    answer = school.upload("/student/upload-face", token, "obama")
    assert answer.ok, answer.text
    started = school.call("POST", "/session/start", teacher["access_token"], json={"subject": "x"})
    code = started.json()["session"]["code"]
    refused = school.upload("/session/mark", token, "biden", code=code)
    assert refused.json()["code"] == "face_mismatch", refused.text
    marked = school.upload("/session/mark", token, "obama2", code=code)
    assert marked.status_code == 200, marked.text
    print("a student marked through HAProxy and HTTPS, and another's face was refused")
    return school


def _as(user: str) -> list[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def _answers(school: School) -> bool:
    with contextlib.suppress(requests.RequestException):
        return bool(school.call("GET", "/health/ready").ok)
    return False


def main() -> None:
    """Start everything, use it, end and begin again, and end all of it."""
    require("haproxy", "redis-server", "redis-sentinel", "mariadbd", "setpriv")
    go_alone("tests.load.composed", "obama", "obama2", "biden")
    folder = Path(tempfile.mkdtemp(prefix="attendance-composed-"))
    folder.chmod(0o755)
    words = {name: secrets.token_hex(24) for name in ("MYSQL_PASSWORD", "FACE_SECRET")}
    words |= {"FIRST": "db1", "JWT_SECRET_KEY": secrets.token_hex(32)}
    composed = Composed(folder, words)
    try:
        run(composed)
    finally:
        composed.stop()
        if "COMPOSED_KEEP" not in os.environ:
            shutil.rmtree(folder)


def redis_survives(composed: Composed) -> None:
    """The master is killed, and both Sentinels that are asked name the same other one."""
    before = _masters(composed)
    killed = next(name for name in REDISES if before == {composed.ip(name)})
    composed.programs[killed].kill()
    others = {composed.ip(name) for name in REDISES} - before
    until(lambda: len(now := _masters(composed)) == 1 and now <= others, "another Redis is master")
    composed.start(killed)


def _masters(composed: Composed) -> set[str]:
    """Whom the Sentinels call the master."""
    found = set()
    for number in (1, 2, 3):
        with redis.Redis(composed.ip(f"sentinel{number}"), 26379, socket_timeout=2) as client:
            ask = "SENTINEL GET-MASTER-ADDR-BY-NAME attendance"
            found.add(client.execute_command(ask)[0].decode())
    return found


def run(composed: Composed) -> None:
    """The whole way."""
    began = time.monotonic()
    files = self_signed(composed.folder, [composed.ip("haproxy")], Clock().now())
    pem = composed.folder / "school.pem"
    pem.write_bytes(b"".join(file.read_bytes() for file in files))
    pem.chmod(0o644)
    composed.services["haproxy"]["environment"]["PEM"] = str(pem)
    for kind in ORDER:
        if kind == "sentinel":
            own = {(composed.ip(name), 6379): composed.programs[name] for name in REDISES}
            require_own(own)
        for name in [name for name in composed.services if name.rstrip("1234") == kind]:
            if kind == "server":
                log = (composed.folder / "faces1" / "log").read_text("utf-8")
                composed.words["FACE_FINGERPRINT"] = re.findall(r"FACE_FINGERPRINT=(\w+)", log)[0]
            composed.start(name)
            print(f"{time.monotonic() - began:5.1f} s: {name}", flush=True)
    school = whole_school(composed, files[0])
    del composed.words["FIRST"]
    redis_survives(composed)
    print(f"{time.monotonic() - began:5.1f} s: the Redis master was killed", flush=True)
    names = ("db1", "db2", "db3")
    for name in names:
        composed.programs[name].kill()
        composed.start(name)
        print(f"{time.monotonic() - began:5.1f} s: {name} was killed and is back", flush=True)
    for name in names:
        composed.programs[name].stop()
    for name in reversed(names):
        composed.start(name)
    print(f"{time.monotonic() - began:5.1f} s: all ended, and the last began again", flush=True)
    until(lambda: _answers(school), "the servers have their database again")


if __name__ == "__main__":
    main()
