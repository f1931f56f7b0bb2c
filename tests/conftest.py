"""What every test may ask for: an application with real networks and a real database.

Only the clock is replaced. The networks are loaded once. Each test has a database of its own, and
runs once on each database server that `TEST_DATABASE_URLS` names.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import shutil
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from attendance import create_app
from attendance.core.clock import Clock
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.web.current import services_of
from facerecog import Recognizer, RecognizerConfig
from facerecog.samples import photo
from tests import databases, declared, routes
from tests.databases import ALL, PREFIX, Server, Sqlite

PASSWORD = "correct horse"
_numbers = itertools.count(1)


class FakeClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)

    def now(self) -> datetime:
        return self.moment

    def advance(self, **delta: float) -> None:
        """Move on, e.g. ``advance(minutes=5)``."""
        self.moment += timedelta(**delta)


@dataclass
class Person:
    """A signed-up account: what the API said of it, and its tokens."""

    row: dict[str, Any]
    token: str
    refresh_token: str
    password: str = PASSWORD


@dataclass
class Api:
    """Calls the application as a client would."""

    app: OpenAPI
    cookies: bool = False
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client(use_cookies=self.cookies)

    def call(
        self, method: str, path: str, by: Person | str | None = None, **options: Any
    ) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if by is not None:
            token = by if isinstance(by, str) else by.token
            headers["Authorization"] = f"Bearer {token}"
        response: TestResponse = self.client.open(path, method=method, headers=headers, **options)
        # the test client leaves the temporary file of a large form open
        response.request.environ["wsgi.input"].close()
        declared.check(self.app, response)
        return response

    def get(self, path: str, by: Person | str | None = None, **options: Any) -> TestResponse:
        return self.call("GET", path, by, **options)

    def post(self, path: str, by: Person | str | None = None, **options: Any) -> TestResponse:
        return self.call("POST", path, by, **options)

    def upload(
        self, path: str, by: Person | str | None, *pictures: bytes, **fields: str
    ) -> TestResponse:
        """A multipart form with pictures, as a phone sends it."""
        data: dict[str, Any] = dict(fields)
        if pictures:
            data["image"] = [(io.BytesIO(data_), "frame.jpg") for data_ in pictures]
        return self.call("POST", path, by, data=data, content_type="multipart/form-data")

    # -- the usual steps

    def teacher(self, **fields: str) -> Person:
        """A new teacher; the first one is the administrator."""
        number = next(_numbers)
        body = {
            "name": f"Teacher {number}",
            "email": f"teacher{number}@school.example",
            "password": PASSWORD,
            **fields,
        }
        answer = self.post("/teacher/signup", json=body)
        assert answer.status_code == 201, answer.text
        return _person(answer.json["teacher"], answer)

    def student(self, face: str | bytes | None = None, **fields: str) -> Person:
        """A new student, with the face of a public photograph (by name) or of a picture."""
        number = next(_numbers)
        body = {
            "name": f"Student {number}",
            "email": f"student{number}@school.example",
            "password": PASSWORD,
            "student_id": f"S{number:03}",
            **fields,
        }
        answer = self.post("/student/signup", json=body)
        assert answer.status_code == 201, answer.text
        person = _person(answer.json["student"], answer)
        if face is not None:
            self.enrol(person, face)
        return person

    def enrol(self, student: Person, *faces: str | bytes) -> None:
        """Upload faces for the student."""
        pictures = [picture(face) if isinstance(face, str) else face for face in faces]
        answer = self.upload("/student/upload-face", student, *pictures)
        assert answer.status_code == 200, answer.text

    def session(self, teacher: Person, **fields: Any) -> dict[str, Any]:
        """A new session of the teacher."""
        answer = self.post("/session/start", teacher, json={"subject": "Algebra", **fields})
        assert answer.status_code == 201, answer.text
        started: dict[str, Any] = answer.json["session"]
        return started

    def mark(self, student: Person, face: str | bytes, **fields: str) -> TestResponse:
        """A try to mark."""
        data = picture(face) if isinstance(face, str) else face
        return self.upload("/session/mark", student, data, **fields)


def _person(row: dict[str, Any], answer: TestResponse) -> Person:
    return Person(row, answer.json["access_token"], answer.json["refresh_token"])


def picture(name: str) -> bytes:
    """The bytes of a public photograph: obama, obama2, obama3, biden, grace_hopper, astronaut."""
    return photo(name).read_bytes()


def code_of(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a problem document, which is checked for its form."""
    assert answer.content_type == "application/problem+json", answer.text
    body = answer.json
    assert {"type", "title", "status", "detail", "code"} <= set(body)
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


TESTS = Path(__file__).parent
_servers: list[Sqlite | Server] = []
_ran: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-database",
        action="store_true",
        help=f"fail unless the tests ran on {', '.join(ALL)}",
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    routes.compile_once()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    session.config.add_cleanup(lambda: shutil.rmtree(folder))
    try:
        _servers.extend(databases.from_environment(folder))
    except sa.exc.SQLAlchemyError as error:
        raise pytest.UsageError(f"TEST_DATABASE_URLS: {error}") from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_server" in metafunc.fixturenames:
        servers: list[Sqlite | Server] = _servers
        if metafunc.definition.get_closest_marker("needs_server"):
            servers = [server for server in _servers if isinstance(server, Server)]
        elif metafunc.definition.get_closest_marker("any_database"):
            servers = _servers[:1]
        elif metafunc.definition.get_closest_marker("one_database") or _is_of_a_page(metafunc):
            servers = _servers[1:2] or _servers
        elif not metafunc.definition.path.is_relative_to(TESTS / "database"):
            servers = _in_turns(servers, metafunc.definition.nodeid)
        metafunc.parametrize(
            "database_server", servers, indirect=True, ids=[server.kind for server in servers]
        )


def _is_of_a_page(metafunc: pytest.Metafunc) -> bool:
    # Pages speak to the API, whose tests run on every database.
    return metafunc.definition.path.is_relative_to(TESTS / "browser")


def _in_turns(servers: list[Sqlite | Server], test: str) -> list[Sqlite | Server]:
    # What differs between servers is in `database`, whose own tests run on each. Above it each
    # statement is met by many tests, and the servers take turns, by a test's name, where all are
    # there.
    in_turn = [server for server in servers if isinstance(server, Server)]
    if len(in_turn) < len(ALL) - 1:
        return servers
    chosen = in_turn[zlib.crc32(test.encode()) % len(in_turn)]
    return [server for server in servers if server is chosen or server not in in_turn]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if _is_anothers_turn(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    # Counting lines takes a quarter of the time. What a test runs through is the same on every
    # database, but for the layer below.
    for item in items:
        server = getattr(item, "callspec", None) and item.callspec.params.get("database_server")
        also_on_sqlite = not any(
            map(item.get_closest_marker, ("needs_server", "one_database", "browser"))
        )
        below = "tests/database/" in item.nodeid
        if isinstance(server, Server) and also_on_sqlite and not below:
            item.add_marker(pytest.mark.no_cover)


def _is_anothers_turn(item: pytest.Item) -> bool:
    # Many cases of one test, each on SQLite and on one of the servers.
    if not item.get_closest_marker("in_turns"):
        return False
    cases = dict(item.callspec.params)  # type: ignore[attr-defined]
    server = cases.pop("database_server")
    in_turn = [one for one in _servers if isinstance(one, Server)]
    if len(in_turn) < len(ALL) - 1 or server not in in_turn:
        return False
    return server is not in_turn[zlib.crc32(repr(cases).encode()) % len(in_turn)]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and not report.skipped:
        _ran.update(value for name, value in report.user_properties if name == "database")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    for server in _servers:
        if isinstance(server, Server):
            # one that went away in the middle has failed its tests already
            with contextlib.suppress(sa.exc.SQLAlchemyError):
                server.drop_all(template=True)
    if hasattr(session.config, "workerinput"):
        return  # one of several processes: the one that collects the results judges
    if session.config.option.every_database and set(ALL) - set(_ran):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    versions = {server.kind: server.version for server in _servers}
    ran = [f"{kind} {versions[kind]} ({_ran[kind]} tests)" for kind in ALL if _ran[kind]]
    left_out = [kind for kind in ALL if not _ran[kind]]
    if ran:
        terminalreporter.section("databases")
        terminalreporter.line(f"ran on {', '.join(ran)}")
        if left_out:
            missing = [kind for kind in left_out if kind not in versions]
            why = " (TEST_DATABASE_URLS does not name them)" if missing == left_out else ""
            terminalreporter.line(f"left out: {', '.join(left_out)}{why}")


@pytest.fixture(scope="session")
def recognizer() -> Iterator[Recognizer]:
    """The networks, loaded once for all tests."""
    with Recognizer(RecognizerConfig(models_dir=Settings.load().models_dir)) as loaded:
        yield loaded


@pytest.fixture
def database_server(request: pytest.FixtureRequest) -> Iterator[Sqlite | Server]:
    """One of the servers of TEST_DATABASE_URLS, or SQLite: the test runs once on each."""
    server: Sqlite | Server = request.param
    request.node.user_properties.append(("database", server.kind))
    yield server
    server.drop_all()


@pytest.fixture
def database_url(tmp_path: Path, database_server: Sqlite | Server) -> str:
    """The URL of a migrated, empty database of this test's own."""
    return database_server.create(tmp_path)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make_app(
    tmp_path: Path, database_url: str, clock: FakeClock, recognizer: Recognizer
) -> Iterator[Callable[..., OpenAPI]]:
    """Builds applications (one per process of a school) over the test's database."""
    made: list[OpenAPI] = []

    def make(networks: Recognizer | None = None, **values: Any) -> OpenAPI:
        settings = Settings.load(
            **{
                "instance_dir": tmp_path / "instance",
                "uploads_dir": tmp_path / "uploads",
                "database_url": database_url,
                "bcrypt_rounds": 4,
                "teacher_sign_up": "open",
                "login_tries_per_minute": 10_000,
                "sign_ups_per_minute": 10_000,
                "hash_queue": 1000,
                "mark_tries_per_minute": 10_000,
                "enrol_tries_per_minute": 10_000,
                "identify_tries_per_minute": 10_000,
                "join_tries_per_minute": 10_000,
                "webhook_private_network": True,
                "log_level": "ERROR",
                **values,
            }
        )
        app = create_app(settings, clock=clock, recognizer=networks or recognizer)
        app.testing = True
        made.append(app)
        return app

    yield make
    for app in made:
        services_of(app).database.close()


@pytest.fixture
def app(make_app: Callable[..., OpenAPI]) -> OpenAPI:
    return make_app()


@pytest.fixture
def api(app: OpenAPI) -> Api:
    return Api(app)


@pytest.fixture
def parts(app: OpenAPI) -> Services:
    """The application's inner parts, for looking behind the calls."""
    return services_of(app)
