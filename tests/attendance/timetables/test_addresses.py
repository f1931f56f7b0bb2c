"""Timetables behind addresses: asked over TLS, through the guard, again by themselves."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.core.audit import CLI
from attendance.core.clock import Clock
from attendance.core.services import Services
from attendance.operation import rotation
from attendance.operation.certificate import self_signed
from attendance.timetables import refreshing
from tests.attendance.school import course_of
from tests.attendance.timetables.calendars import berlin, calendar, send, taken
from tests.conftest import Api, FakeClock, Person, code_of

WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=8"


@dataclass
class School:
    """A server with a calendar: what it answers, and what it was asked."""

    url: str = ""
    body: bytes = b""
    status: int = 200
    etag: str | None = None
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving_calendar(certificate: Path, key: Path) -> Iterator[School]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            school.asked.append({**self.headers, "path": self.path})
            is_known = school.etag is not None and self.headers["If-None-Match"] == school.etag
            self.send_response(304 if is_known else school.status)
            if school.etag is not None:
                self.send_header("ETag", school.etag)
            if school.status == 302:
                self.send_header("Location", "http://169.254.169.254/latest")
            body = b"" if is_known else school.body
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    school = School(f"https://localhost:{server.server_port}/lessons.ics?token=s3cret")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield school
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    certificate, key = self_signed(tmp_path / "tls", ["127.0.0.1"], Clock().now())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving_calendar(certificate, key) as made:
        made.body = calendar(berlin("a", "20260316", 9, WEEKLY))
        yield made


@pytest.fixture
def teacher(api: Api) -> Person:
    api.teacher()
    made = api.teacher()
    course_of(api, made, timezone="Europe/Berlin")
    return made


def listed(api: Api, by: Person) -> dict[str, Any]:
    (row,) = api.get("/timetable", by).json["timetables"]
    shown: dict[str, Any] = row
    return shown


def test_an_address_is_read_kept_encrypted_and_read_again_by_itself(
    api: Api, teacher: Person, parts: Services, school: School, clock: FakeClock
) -> None:
    school.etag = '"one"'
    url = school.url.replace("https:", "webcal:")
    assert taken(send(api, teacher, None, url=url)) == {"new": 8}
    assert school.asked[0]["path"] == "/lessons.ics?token=s3cret"
    with parts.database.read() as tx:
        kept = str(tx.all("SELECT * FROM timetables")) + str(tx.all("SELECT * FROM audit"))
    assert "s3cret" not in kept
    assert listed(api, teacher)["host"] == "localhost"
    assert "s3cret" not in api.get("/timetable", teacher).text

    assert refreshing.run_due(parts) == 0
    clock.advance(hours=6)
    assert refreshing.run_due(parts) == 1
    assert refreshing.run_due(parts) == 0
    assert school.asked[-1]["If-None-Match"] == '"one"'
    assert listed(api, teacher)["checked_at"] > listed(api, teacher)["read_at"]

    school.etag, school.body = '"two"', calendar(berlin("a", "20260316", 10, WEEKLY))
    clock.advance(hours=6)
    assert refreshing.run_due(parts) == 1
    first = api.get("/session/planned?from=2026-03-16&to=2026-03-16", teacher).json["planned"][0]
    assert first["starts_at"].startswith("2026-03-16T09:00")
    with parts.database.read() as tx:
        actor = tx.scalar("SELECT actor FROM audit ORDER BY id DESC LIMIT 1")
    assert actor == f"teacher:{teacher.row['id']}"
    # after a week it is read whole, since the end of what is looked at moves on
    clock.advance(days=8)
    assert refreshing.run_due(parts) == 1
    assert "If-None-Match" not in school.asked[-1]


def test_what_fails_is_said_and_tried_again_and_changes_nothing(
    api: Api, teacher: Person, parts: Services, school: School, clock: FakeClock
) -> None:
    number = send(api, teacher, None, url=school.url).json["timetable"]["id"]
    good = school.body
    for status, body, code in (
        (500, b"", "timetable_unreachable"),
        (302, b"", "timetable_unreachable"),
        (200, b"<html>Sign in</html>", "timetable_unreadable"),
        (200, b"x" * 1_000_001, "timetable_too_large"),
        (200, calendar(berlin("a", "20260316", 9, "RRULE:FREQ=SECONDLY")), "recurrence_too_dense"),
        (200, calendar(), "held_back"),
    ):
        school.status, school.body = status, body
        clock.advance(hours=6)
        assert refreshing.run_due(parts) == 1
        shown = listed(api, teacher)
        assert (shown["error"], shown["lessons"]) == (code, 8)
    # a person may let them fall out
    assert taken(send(api, teacher, None, number, dry_run=True)) == {"cancelled": 8}
    school.body = good
    clock.advance(hours=1)
    assert refreshing.run_due(parts) == 1
    assert listed(api, teacher)["error"] is None
    school.status = 404
    assert code_of(send(api, teacher, None, number)) == (422, "timetable_unreachable")


def test_who_may_no_longer_plan_or_sign_in_is_not_asked_for(
    api: Api, parts: Services, school: School, clock: FakeClock
) -> None:
    admin, teacher = api.teacher(), api.teacher()
    course = course_of(api, admin, timezone="Europe/Berlin")
    helping = {"email": teacher.row["email"], "role": "co_teacher"}
    api.post(f"/course/{course['id']}/staff", admin, json=helping)
    assert taken(send(api, teacher, None, url=school.url)) == {"new": 8}
    api.post(f"/admin/teachers/{teacher.row['id']}/suspend", admin)
    clock.advance(hours=6)
    assert refreshing.run_due(parts) == 1
    assert len(school.asked) == 1
    api.post(f"/admin/teachers/{teacher.row['id']}/approve", admin)
    api.call("DELETE", f"/course/{course['id']}/staff/{teacher.row['id']}", admin)
    clock.advance(hours=6)
    # the course is another's now: its lessons do not fall out by themselves
    assert refreshing.run_due(parts) == 1
    plans = api.get(f"/course/{course['id']}/plans", admin).json["plans"]
    assert len(plans) == 8


def test_two_processes_read_an_address_once(
    make_app: Callable[..., OpenAPI], api: Api, teacher: Person, school: School, clock: FakeClock
) -> None:
    from attendance.web.current import services_of

    assert taken(send(api, teacher, None, url=school.url)) == {"new": 8}
    clock.advance(hours=6)
    both = [services_of(make_app()) for _ in range(2)]
    done: list[int] = []
    threads = [
        threading.Thread(target=lambda parts=parts: done.append(refreshing.run_due(parts)))  # type: ignore[misc]
        for parts in both
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sorted(done), len(school.asked)) == ([0, 1], 2)


def test_the_key_of_addresses_is_changed_with_the_others(
    api: Api, teacher: Person, parts: Services, school: School, clock: FakeClock
) -> None:
    assert taken(send(api, teacher, None, url=school.url)) == {"new": 8}
    assert rotation.count(parts) == 1
    done = rotation.rotate(parts, CLI, keep_old=False, progress=lambda _: None)
    assert (done.changed, len(done.removed)) == (1, 1)
    clock.advance(hours=6)
    assert refreshing.run_due(parts) == 1
    assert listed(api, teacher)["error"] is None


@pytest.mark.any_database
@pytest.mark.parametrize(
    "url",
    [
        "http://school.example/lessons.ics",
        "ftp://school.example/lessons.ics",
        "file:///etc/passwd",
        "https://user:password@school.example/",
        "https://school.example/ a",
        "https://",
        "lessons",
        "https://school.example/" + "x" * 3000,
    ],
)
def test_only_https_addresses_without_passwords_are_asked(
    api: Api, teacher: Person, url: str
) -> None:
    assert code_of(send(api, teacher, None, url=url)) == (400, "invalid_request")


@pytest.mark.any_database
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "[fd00:ec2::254]", "[::]"]
)
def test_an_address_is_no_way_into_the_network(make_app: Callable[..., OpenAPI], host: str) -> None:
    api = Api(make_app(webhook_private_network=False))
    answer = send(api, api.teacher(), None, url=f"https://{host}/lessons.ics", dry_run=True)
    assert code_of(answer) == (422, "timetable_unreachable")
    assert "not allowed" in answer.json["detail"]
