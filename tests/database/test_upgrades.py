"""A school of each earlier revision, with people in it, is brought up to date and goes on."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import sqlalchemy as sa
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from attendance.web.current import services_of
from database import Database, faces, migrate
from facerecog import Recognizer
from facerecog.models import as_model
from tests.attendance.commands.conftest import Run, run
from tests.conftest import Api, FakeClock, code_of, picture
from tests.database.test_migrations import revisions
from tests.databases import Server, Sqlite

__all__ = ["run"]  # a fixture of the commands

PASSWORD = "correct horse"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
OLD = revisions()[:-1]
EVERY_SESSION_ENDS = "0007"
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
ONE_NETWORK = "0008"  # the last revision of the time when FaceNet was alone
# Rows as the first revision had them; what came later has its defaults, or is added below.
ROWS: dict[str, list[dict[str, Any]]] = {
    "teachers": [
        {"name": "Ada", "email": "ada@school.example", "password_hash": HASH, "role": "admin"}
    ],
    "students": [
        {"student_id": "S1", "name": "Ann", "email": "ann@school.example", "password_hash": HASH},
        {"student_id": "S/2", "name": "Ben", "email": "ben@school.example", "password_hash": HASH},
    ],
    "courses": [{"teacher": 1, "code": "MA1", "name": "Algebra", "join_code": "JOIN77"}],
    "enrolments": [{"course": 1, "student": 1}, {"course": 1, "student": 2}],
    "sessions": [
        {"code": "OLD234", "ended_at": "2026-02-01 10:00:00.000000"},
        {"code": "LIVE34", "live_code": "LIVE34", "started_at": "2026-03-02 07:30:00.000000"},
    ],
    "attendance": [
        {"session": 1, "student": 1, "status": "late", "method": "face", "distance": 0.5},
        {"session": 2, "student": 2, "status": "present", "method": "manual"},
    ],
}
USUAL: dict[str, Any] = {
    "state": "active",
    "created_at": "2026-01-01 00:00:00.000000",
    "enrolled_at": "2026-01-01 00:00:00.000000",
    "started_at": "2026-02-01 09:00:00.000000",
    "marked_at": "2026-02-01 09:05:00.000000",
    "teacher": 1,
    "course": 1,
    "subject": "Algebra",
}


def school_of(revision: str, url: str) -> None:
    """Make a database of an earlier revision, with a class in it."""
    database = Database(url)
    migrate(database, revision)
    inspector = sa.inspect(database.engine)
    needed = {
        table: {
            column["name"]
            for column in inspector.get_columns(table)
            if not column["nullable"] and column.get("default") is None
        }
        for table in ROWS
    }
    needed["sessions"].add("course")
    # a cluster's identifiers are not 1, 2, 3: what stands above are places in these lists
    given: dict[str, list[int]] = {}
    with database.write() as tx:
        for table, rows in ROWS.items():
            usual = {name: value for name, value in USUAL.items() if name in needed[table]}
            for row in rows:
                whole = {**usual, **row}
                for name in whole.keys() & {"teacher", "student", "course", "session"}:
                    whole[name] = given[f"{name}s"][whole[name] - 1]
                if "live_code" in row and revision >= EVERY_SESSION_ENDS:
                    whole["closes_at"] = "2026-03-02 09:00:00.000000"
                names, places = ", ".join(whole), ", ".join(f":{name}" for name in whole)
                statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608
                if table == "enrolments":
                    tx.execute(statement, **whole)
                else:
                    given.setdefault(table, []).append(tx.insert(statement, **whole))
    database.close()


def require_that_school_goes_on(app: OpenAPI) -> None:
    api = Api(app)
    for kind, email in (("teacher", "ada@school.example"), ("student", "ann@school.example")):
        body = {"email": email, "password": PASSWORD}
        answer = api.post(f"/{kind}/login", json=body)
        assert answer.status_code == 200, answer.text
        if kind == "teacher":
            ada = answer.json["access_token"]
        else:
            ann = answer.json["access_token"]
    ended, live = sorted(
        api.get("/session/mine", ada).json["sessions"], key=lambda session: session["id"]
    )
    assert (ended["state"], ended["closes_at"]) == ("ended", None)
    assert (live["state"], live["closes_at"]) == ("open", "2026-03-02T09:00:00.000000Z")
    rows = api.get(f"/session/attendance?session_id={ended['id']}", ada).json["attendance"]
    assert [(row["name"], row["status"]) for row in rows] == [("Ann", "late"), ("Ben", "absent")]
    own = api.get("/student/attendance/summary", ann).json["overall"]
    assert (own["present"], own["total"]) == (1, 1)
    course = api.get("/course/mine", ada).json["courses"][0]["id"]
    report = api.get(f"/course/{course}/report", ada).json["students"]
    assert {row["name"]: row["total"] for row in report} == {"Ann": 1, "Ben": 1}
    marked = api.call(
        "PUT", f"/session/{live['id']}/attendance", ada, json={"rest": "present"}
    ).json
    assert marked["changed"] == 1
    assert api.call("DELETE", f"/session/{ended['id']}", ada).status_code == 204
    assert api.get("/student/attendance/summary", ann).json["overall"]["total"] == 1


@pytest.mark.in_turns
@pytest.mark.parametrize("revision", OLD)
def test_a_database_of_each_revision_goes_on(
    make_app: Callable[..., OpenAPI],
    database_server: Sqlite | Server,
    tmp_path: Path,
    revision: str,
    clock: FakeClock,
) -> None:
    url = database_server.create_empty(tmp_path)
    school_of(revision, url)
    database = Database(url)
    assert not migrate(database), "the database had something in it"
    database.close()
    require_that_school_goes_on(make_app(database_url=url))


@pytest.mark.one_database
@pytest.mark.parametrize("revision", OLD)
def test_a_backup_of_each_revision_is_restored(
    make_app: Callable[..., OpenAPI], run: Run, tmp_path: Path, revision: str
) -> None:
    school_of(revision, f"sqlite:///{tmp_path / 'old.db'}")
    file = tmp_path / "old.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(tmp_path / "old.db", "attendance.db")
        manifest = {"format": 1, "made_at": "2026-03-02T00:00:00Z", "revision": revision}
        archive.writestr("manifest.json", json.dumps(manifest))
    app = make_app()
    run("restore", file, "--yes", app=app)
    assert isinstance(services_of(app), Services)
    require_that_school_goes_on(app)


@pytest.mark.one_database
def test_whoever_enrolled_with_the_one_network_of_old_still_marks_and_moves_over(
    make_app: Callable[..., OpenAPI], recognizer: Recognizer, run: Run, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    school_of(ONE_NETWORK, url)
    vault = services_of(make_app(database_url=f"sqlite:///{tmp_path / 'keys.db'}")).faces
    database = Database(url)
    for number, name in ((1, "obama"), (2, "biden")):
        found = recognizer.analyse(picture(name))
        facenet = replace(found, embedding=as_model(found.embedding, "both", "vggface2"))
        template = vault.encrypted(number, facenet, None)
        with database.write() as tx:
            version = faces.lock(tx)
            faces.replace(
                tx, number, [replace(template, model="vggface2")], version=version, now=NOW
            )
    database.close()

    def models(app: OpenAPI) -> list[str]:
        with services_of(app).database.read() as tx:
            rows = tx.all("SELECT model FROM face_templates ORDER BY student")
        return [str(row["model"]) for row in rows]

    database = Database(url)
    migrate(database)
    with database.write() as tx:  # consent stood beside the account then too
        tx.execute("UPDATE students SET consent_at = created_at")
    database.close()
    app = make_app(database_url=url)
    run("backup", tmp_path / "old.zip", app=app)
    # A mark that the earlier network accepts moves its student over, on a restored backup too.
    for again in (False, True):
        if again:
            run("restore", tmp_path / "old.zip", "--yes", app=app)
        assert models(app) == ["vggface2", "vggface2"]
        api = Api(app)
        body = {"email": "ann@school.example", "password": PASSWORD}
        ann = api.post("/student/login", json=body).json["access_token"]
        refused = api.upload("/session/mark", ann, picture("biden"), code="LIVE34")
        assert code_of(refused) == (422, "face_mismatch")
        marked = api.upload("/session/mark", ann, picture("obama2"), code="LIVE34")
        assert marked.status_code == 200, marked.text
        assert models(app) == ["both", "vggface2"]
