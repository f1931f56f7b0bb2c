"""A school to press on: MariaDB, Redis and the server as processes of this program, and students
with faces.

There are few public photographs, so each student has a variation of one of them: cut, turned,
mirrored and lit at random. The template is of the variation, and the picture to mark with is the
same variation, encoded again and a little darker or brighter. That own faces are nearer than all
others is checked before anything starts.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask
from flask_jwt_extended import create_access_token
from PIL import Image, ImageEnhance, ImageOps

from attendance import create_app
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.web.current import services_of
from database import (
    Database,
    Transaction,
    faces,
    migrate,
    student_changes,
    students,
    teachers,
)
from facerecog import FaceRecogError, FaceResult
from facerecog.samples import photo
from tests.servers import School, free_port, running

PHOTOGRAPHS = ("obama", "obama2", "obama3", "biden", "grace_hopper", "astronaut")
LONGEST_SIDE = 640
START_SECONDS, STOP_SECONDS = 60, 30


class Process:
    """A server that can be stopped, killed and started again."""

    def __init__(self, name: str, port: int, command: list[str]) -> None:
        self.name, self.port, self._command = name, port, command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(self._command, stdin=quiet, stdout=quiet, stderr=quiet)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{self.name} did not start: {' '.join(self._command)}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_SECONDS)
            self._process = None

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@dataclass
class Student:
    """A student of the school: how to sign in, and what the camera sees."""

    id: int
    token: str
    picture: bytes


@dataclass(kw_only=True)
class Place:
    """A school that can be pressed on."""

    school: School
    database: Database
    parts: Services
    folder: Path
    teacher: str
    students: list[Student] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    def start_session(self, subject: str = "Load") -> dict[str, Any]:
        answer = self.school.call("POST", "/session/start", self.teacher, json={"subject": subject})
        answer.raise_for_status()
        started: dict[str, Any] = answer.json()["session"]
        return started

    def marked(self, session: int) -> list[int]:
        """Table ids of the students with a mark, as the database has them."""
        with self.database.read() as tx:
            rows = tx.all("SELECT student FROM attendance WHERE session = :s", s=session)
        return [int(row["student"]) for row in rows]


@dataclass(kw_only=True)
class Pressed(Place):
    """The school, running, with its parts of this machine."""

    mariadb: Process
    redis: Process


@contextlib.contextmanager
def pressed(count: int, seed: int = 1, **settings: str) -> Iterator[Pressed]:
    """Start everything with so many students, and end all of it."""
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"attendance-load-{os.getpid()}"  # noqa: S108  # named by pid
    folder.mkdir()
    mariadb, redis = _mariadb(folder / "mariadb"), _redis(folder)
    try:
        mariadb.start()
        redis.start()
        url = f"mysql+mysqlconnector://root@127.0.0.1:{mariadb.port}/attendance"
        _create_database(mariadb.port)
        instance = folder / "instance"
        environment = {
            "DATABASE_URL": url,
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            "MARK_TRIES_PER_MINUTE": "10000",
            "JOIN_TRIES_PER_MINUTE": "10000",
            "ACCESS_TOKEN_MINUTES": "600",
            **settings,
        }
        parts, teacher, people = peopled(instance, environment, count, seed)
        # with the same keys, made in this folder
        with running(instance, **environment) as school:
            yield Pressed(
                school=school,
                mariadb=mariadb,
                redis=redis,
                database=parts.database,
                parts=parts,
                folder=folder,
                teacher=teacher,
                students=people,
                environment=environment,
            )
    finally:
        redis.stop()
        mariadb.stop()
        shutil.rmtree(folder, ignore_errors=True)


def peopled(
    instance: Path, environment: dict[str, str], count: int, seed: int = 1
) -> tuple[Services, str, list[Student]]:
    """Make the tables, a teacher (whose token it is) and so many students with faces."""
    names = {key.lower(): value for key, value in environment.items()}
    app = create_app(Settings.load(instance_dir=instance, **{"log_level": "ERROR", **names}))
    parts = services_of(app)
    migrate(parts.database)
    people = _students(app, parts, count, random.Random(seed))
    with app.app_context():
        return parts, _teacher(parts), people


def _mariadb(folder: Path) -> Process:
    for program in ("mariadbd", "mariadb-install-db"):
        if not shutil.which(program):
            sys.exit(f"{program} is needed (Debian: apt-get install mariadb-server)")
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={folder}", "--user=root",
         "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    return Process(
        "MariaDB",
        port,
        ["mariadbd", "--no-defaults", f"--datadir={folder}", "--user=root", f"--port={port}",
         "--bind-address=127.0.0.1", f"--socket={folder}/socket", f"--pid-file={folder}/pid",
         "--max-connections=200"],
    )  # fmt: skip


def _redis(folder: Path) -> Process:
    if not shutil.which("redis-server"):
        sys.exit("redis-server is needed (Debian: apt-get install redis-server)")
    port = free_port()
    return Process(
        "Redis",
        port,
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir",
         str(folder)],
    )  # fmt: skip


def _create_database(port: int) -> None:
    import mysql.connector

    with mysql.connector.connect(host="127.0.0.1", port=port, user="root") as connection:
        connection.cursor().execute("CREATE DATABASE attendance")


def _teacher(parts: Services) -> str:
    with parts.database.write() as tx:
        row = teachers.create(
            tx,
            name="Teacher",
            email="teacher@load.example",
            password_hash="",
            department=None,
            open_sign_up=True,
            now=parts.clock.now(),
        )
    return _token("teacher", row)


def _token(kind: str, row: dict[str, Any]) -> str:
    return str(
        create_access_token(
            f"{kind}:{row['id']}",
            additional_claims={"ver": row["token_version"]},
            expires_delta=timedelta(hours=10),
        )
    )


def _students(app: Flask, parts: Services, count: int, dice: random.Random) -> list[Student]:
    """Make students with templates, and the picture that each of them marks with."""
    originals = [_opened(name) for name in PHOTOGRAPHS]
    people: list[Student] = []
    own: list[np.ndarray] = []
    probes: list[np.ndarray] = []
    # some more than wanted: those whose probe is nearer to another's face do not take part
    enrolled = count + count // 12
    while len(people) < enrolled:
        varied = _varied(originals[len(people) % len(originals)], dice)
        shown = ImageEnhance.Brightness(varied).enhance(dice.uniform(0.95, 1.05))
        picture = _jpeg(shown, quality=dice.randint(80, 92))
        try:
            template = parts.faces.analyse(_jpeg(varied, quality=95))
            probe = parts.faces.analyse(picture).embedding
        except FaceRecogError:
            continue
        if own and float(np.linalg.norm(np.stack(own) - template.embedding, axis=1).min()) < 0.15:
            continue
        number = len(people) + 1
        with app.app_context(), parts.database.write() as tx:
            student = _enrolled(parts, tx, number, template)
            people.append(Student(int(student["id"]), _token("student", student), picture))
        own.append(template.embedding)
        probes.append(probe)
    probed = np.stack(probes)[:, None]
    distances = np.linalg.norm(probed - np.stack(own), axis=2)
    to_probes = np.linalg.norm(probed - np.stack(probes), axis=2)  # a fault enrols them too
    others = (np.minimum(distances, to_probes) + np.eye(enrolled) * 9).min(axis=1)
    clear = np.flatnonzero(distances.diagonal() < others)[:count]
    print(
        f"{enrolled} students enrolled from {len(PHOTOGRAPHS)} photographs, {len(clear)} of them "
        f"take part: distance to their template at most {distances.diagonal()[clear].max():.2f}, "
        f"to the nearest other at least {others[clear].min():.2f}"
    )
    return [people[number] for number in clear]


def _enrolled(parts: Services, tx: Transaction, number: int, result: FaceResult) -> dict[str, Any]:
    now = parts.clock.now()
    row = students.create(
        tx,
        student_id=f"L{number:04}",
        name=f"Student {number}",
        email=f"student{number}@load.example",
        password_hash=None,
        course=None,
        now=now,
    )
    student = int(row["id"])
    faces.replace(
        tx,
        student,
        [parts.faces.encrypted(student, result, None)],
        version=faces.lock(tx),
        now=now,
    )
    student_changes.record_consent(tx, student, now)
    return row


def _opened(name: str) -> Image.Image:
    image = ImageOps.exif_transpose(Image.open(photo(name))).convert("RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image


def _varied(image: Image.Image, dice: random.Random) -> Image.Image:
    if dice.random() < 0.5:
        image = ImageOps.mirror(image)
    image = image.rotate(dice.uniform(-18, 18), Image.Resampling.BICUBIC)
    width, height = image.size
    left, top = dice.uniform(0, 0.12) * width, dice.uniform(0, 0.12) * height
    right, bottom = width - dice.uniform(0, 0.12) * width, height - dice.uniform(0, 0.12) * height
    image = image.resize(
        (int((right - left) * dice.uniform(0.85, 1.15)), int(bottom - top)),
        box=(left, top, right, bottom),
    )
    image = ImageEnhance.Contrast(image).enhance(dice.uniform(0.6, 1.4))
    image = ImageEnhance.Color(image).enhance(dice.uniform(0.2, 1.6))
    return ImageEnhance.Brightness(image).enhance(dice.uniform(0.7, 1.3))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, format="JPEG", quality=quality)
    return out.getvalue()
