"""flask backup and flask restore."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from attendance.crypto.keys import encryption_keys, new_encryption_key, signing_key
from attendance.web.current import services_of
from database import Database, migrate, students
from facerecog.containers import without_metadata
from tests.attendance.commands.conftest import Run
from tests.conftest import Api, Person, code_of, picture

MakeApp = Callable[..., OpenAPI]


@pytest.fixture
def school(make_app: MakeApp) -> OpenAPI:
    return make_app(keep_photos=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "school.zip"


@pytest.fixture
def elsewhere(tmp_path: Path, make_app: MakeApp) -> MakeApp:
    """Makes an application on another machine: own SQLite file, own keys, own uploads."""

    def make(**values: Any) -> OpenAPI:
        return make_app(
            **{
                "database_url": f"sqlite:///{tmp_path}/elsewhere/attendance.db",
                "instance_dir": tmp_path / "elsewhere",
                "uploads_dir": tmp_path / "elsewhere" / "uploads",
                **values,
            }
        )

    return make


TABLES = (
    "SELECT * FROM sessions ORDER BY id",
    "SELECT * FROM attendance ORDER BY id",
    "SELECT * FROM face_templates ORDER BY id",
    "SELECT * FROM enrolments ORDER BY course, student",
    "SELECT id, name, email, password_hash, role, state, created_at FROM teachers ORDER BY id",
    "SELECT id, student_id, name, email, state, consent_at FROM students ORDER BY id",
)


def everything(parts: Services) -> list[list[dict[str, Any]]]:
    """Every row but what a restore changes by design."""
    with parts.database.read() as tx:
        return [tx.all(sql) for sql in TABLES]


def login(api: Api, person: Person, kind: str = "teacher") -> str:
    body = {"email": person.row["email"], "password": person.password}
    answer = api.post(f"/{kind}/login", json=body)
    assert answer.status_code == 200, answer.text
    token: str = answer.json["access_token"]
    return token


def test_what_was_saved_comes_back(run: Run, school: OpenAPI, file: Path) -> None:
    api, parts = Api(school), services_of(school)
    admin = api.teacher()
    student = api.student("obama")
    session = api.session(admin)
    assert api.mark(student, "obama2", code=session["code"]).status_code == 200
    before = everything(parts)
    photos = sorted(parts.faces.photos.folder.iterdir())
    told = run("backup", file, app=school).output
    assert "1 photographs, without encryption keys" in told
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    assert api.call("DELETE", f"/admin/students/{student.row['id']}", admin).status_code == 204
    newcomer = api.student("biden")
    api.teacher()
    told = run("restore", file, "--yes", app=school).output
    assert "Restored the state of 2026-03-02T08:00:00.000000Z" in told
    assert everything(parts) == before
    # the photograph is back, the newcomer's is gone
    assert sorted(parts.faces.photos.folder.iterdir()) == photos
    with parts.database.read() as tx:
        row = tx.one("SELECT student, photo FROM face_templates")
    assert row is not None
    assert parts.faces.photos.read(row["student"], row["photo"]) == without_metadata(
        picture("obama")
    )

    # tokens from before and after the backup ended; passwords work; the index follows
    for person, kind in ((admin, "teacher"), (student, "student"), (newcomer, "student")):
        assert code_of(api.get(f"/{kind}/me", person)) == (401, "token_invalid")
    assert api.upload("/verify", login(api, admin), picture("obama3")).status_code == 200
    biden = api.upload("/verify", login(api, admin), picture("biden"))
    assert code_of(biden) == (404, "face_unknown")
    (line,) = api.get("/admin/audit?action=backup.restore", login(api, admin)).json["audit"]
    assert line["actor"] == "cli"


def test_a_running_server_follows_a_restore(
    run: Run, make_app: MakeApp, school: OpenAPI, file: Path
) -> None:
    """Its index has a later version than the backup."""
    running, api = Api(make_app(keep_photos=True)), Api(school)
    admin = api.teacher()
    kept = api.student("obama")
    run("backup", file, app=school)
    for _ in range(3):
        api.enrol(kept, "obama")
    late = api.student("biden")
    assert running.upload("/verify", admin, picture("biden")).status_code == 200
    run("restore", file, "--yes", app=school)
    token = login(running, admin)
    assert code_of(running.upload("/verify", token, picture("biden"))) == (404, "face_unknown")
    assert running.upload("/verify", token, picture("obama2")).status_code == 200
    running.student("biden", email=late.row["email"])
    assert running.upload("/verify", token, picture("biden")).status_code == 200


def test_who_comes_after_a_restore_is_nobody_who_was_there_before(
    run: Run, school: OpenAPI, elsewhere: MakeApp, file: Path
) -> None:
    """A token names its account by the id, so that no id is given out a second time."""
    api = Api(school)
    admin = api.teacher()
    gone = [api.student(), api.student()]
    for each in gone[1:]:
        assert api.call("DELETE", f"/admin/students/{each.row['id']}", admin).status_code == 204
    run("backup", file, app=school)
    after_it = [api.student(), api.student()]
    teacher_after_it = api.teacher()
    run("restore", file, "--yes", app=school)
    newcomers = [api.student(), api.student()]
    for each in (*gone, *after_it):
        assert code_of(api.get("/student/me", each)) == (401, "token_invalid")
    highest = max(each.row["id"] for each in after_it)
    assert [each.row["id"] for each in newcomers] == [highest + 1, highest + 2]

    # Another database does not know of those who came after the backup; a token shows it.
    key = signing_key(services_of(school).settings)
    other = elsewhere(jwt_secret_key=key)
    run("restore", file, "--yes", app=other)
    there = Api(other)
    assert there.student(student_id="new").row["id"] == after_it[0].row["id"]
    assert there.teacher(email="new@b.example").row["id"] == teacher_after_it.row["id"]
    for each in after_it:
        assert code_of(there.get("/student/me", each)) == (401, "token_invalid")
    assert code_of(there.get("/teacher/me", teacher_after_it)) == (401, "token_invalid")


def test_a_backup_is_whole_while_others_write(run: Run, school: OpenAPI, file: Path) -> None:
    """A pair of students is written in one transaction: a backup never has one of a pair."""
    parts = services_of(school)
    stop = threading.Event()
    started = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with parts.database.write() as tx:
                for half in "ab":
                    students.create(
                        tx,
                        student_id=f"{number}{half}",
                        name="Pair",
                        email=None,
                        password_hash=None,
                        course=None,
                        now=parts.clock.now(),
                    )
            number += 1
            started.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert started.wait(10)
        saved = []
        for number in range(5):
            target = file.with_name(f"{number}.zip")
            run("backup", target, app=school)
            saved.append(target)
    finally:
        stop.set()
        writer.join()
    counts = []
    for target in saved:
        with zipfile.ZipFile(target) as archive:
            unpacked = archive.extract("attendance.db", file.parent / "unpacked")
        with closing(sqlite3.connect(unpacked)) as copied:
            counts.append(copied.execute("SELECT COUNT(*) FROM students").fetchone()[0])
            assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert all(number > 0 and number % 2 == 0 for number in counts)
    assert counts[-1] > counts[0]


def test_another_machine_takes_it_over_with_the_keys(
    run: Run, school: OpenAPI, file: Path, elsewhere: Callable[..., OpenAPI]
) -> None:
    api = Api(school)
    admin = api.teacher()
    api.student("obama")
    run("backup", file, "--with-keys", app=school)
    new = elsewhere(keep_photos=True)
    own_key = services_of(new).vault.current
    run("restore", file, "--yes", app=new)
    assert everything(services_of(new)) == everything(services_of(school))
    # its own key stays the one that encrypts
    assert services_of(new).vault.key_ids == [own_key, services_of(school).vault.current]
    there = Api(new)
    assert there.upload("/verify", login(there, admin), picture("obama2")).status_code == 200
    assert len(list(services_of(new).faces.photos.folder.iterdir())) == 1


def test_without_the_keys_the_faces_are_left_behind_only_if_asked_for(
    run: Run, school: OpenAPI, file: Path, elsewhere: Callable[..., OpenAPI]
) -> None:
    api = Api(school)
    admin = api.teacher()
    api.student("obama")
    run("backup", file, app=school)
    new = elsewhere()
    told = run("restore", file, "--yes", app=new, status=1).output
    assert services_of(school).vault.current in told
    assert "--without-faces" in told
    run("restore", file, "--yes", "--without-faces", app=new)
    folder = services_of(new).faces.photos.folder
    assert not folder.exists() or list(folder.iterdir()) == []
    with services_of(new).database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM students") == 1
        assert tx.scalar("SELECT COUNT(*) FROM face_templates") == 0
    login(Api(new), admin)


def test_keys_of_the_environment_are_asked_for(
    run: Run, school: OpenAPI, file: Path, elsewhere: Callable[..., OpenAPI]
) -> None:
    Api(school).student("obama")
    run("backup", file, "--with-keys", app=school)
    own = new_encryption_key()
    new = elsewhere(encryption_keys=own)
    told = run("restore", file, "--yes", app=new, status=1).output
    wanted = told.partition("ENCRYPTION_KEYS first: ")[2].strip()
    assert set(wanted.split(":")[:1]) == set(encryption_keys(services_of(school).settings))
    run("restore", file, "--yes", app=elsewhere(encryption_keys=f"{own},{wanted}"))


def test_an_older_backup_is_brought_up_to_date(
    run: Run, school: OpenAPI, file: Path, tmp_path: Path
) -> None:
    old = Database(f"sqlite:///{tmp_path}/old.db")
    migrate(old, "0001")
    with old.write() as tx:
        tx.insert(
            """
            INSERT INTO teachers (name, email, role, state, created_at)
            VALUES ('Ada', 'ada@school.example', 'admin', 'active', '2026-01-01 00:00:00.000000')
            """
        )
    old.close()
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(tmp_path / "old.db", "attendance.db")
        manifest = {"format": 1, "made_at": "2026-01-01T00:00:00Z", "revision": "0001"}
        archive.writestr("manifest.json", json.dumps(manifest))
    run("restore", file, "--yes", app=school)
    with services_of(school).database.read() as tx:
        assert tx.scalar("SELECT name FROM teachers") == "Ada"


def test_what_cannot_be_restored_changes_nothing(
    run: Run, school: OpenAPI, file: Path, tmp_path: Path
) -> None:
    api, parts = Api(school), services_of(school)
    api.student("obama")
    run("backup", file, app=school)
    before = everything(parts)
    whole = file.read_bytes()

    cases = {
        "not a backup": b"hello",
        "only a part": whole[: len(whole) // 2],
        "damaged": whole[:200] + b"x" * 40 + whole[240:],
    }
    for name, data in cases.items():
        broken = tmp_path / "broken.zip"
        broken.write_bytes(data)
        told = run("restore", broken, "--yes", app=school, status=1).output
        assert told.startswith("Error: "), name
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(newer, "w") as archive:
        archive.writestr("attendance.db", b"")
        archive.writestr("manifest.json", json.dumps({"format": 1, "revision": "9999"}))
    assert "newer version" in run("restore", newer, "--yes", app=school, status=1).output
    with zipfile.ZipFile(newer, "w") as archive:
        archive.writestr("holiday.jpg", b"")
    assert "not a backup of this" in run("restore", newer, "--yes", app=school, status=1).output
    run("restore", file, app=school, status=1, input="n\n")
    assert everything(parts) == before


def test_names_in_a_backup_lead_nowhere_else(
    run: Run, school: OpenAPI, file: Path, tmp_path: Path
) -> None:
    run("backup", file, app=school)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("uploads/../evil.enc", b"x")
        archive.writestr("uploads/evil.sh", b"x")
    run("restore", file, "--yes", app=school)
    assert not list(tmp_path.rglob("evil*"))


def test_a_backup_that_fails_leaves_the_old_file(
    run: Run, school: OpenAPI, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", file, app=school)
    before = file.read_bytes()

    def broken(*_: Any, **__: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "write", broken)
    assert "no space left" in run("backup", file, app=school, status=1).output
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.glob(".*")) == []
