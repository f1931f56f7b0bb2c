"""When the line to the database breaks in the middle: once, whole, or 503, never a half."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from tests.conftest import Api, Person, code_of
from tests.relay import Relay

pytestmark = pytest.mark.needs_server


@pytest.fixture
def relay(database_url: str) -> Iterator[Relay]:
    url = sa.make_url(database_url)
    assert url.host
    assert url.port
    with Relay(url.host, url.port) as relay:
        yield relay


@pytest.fixture
def app(
    make_app: Callable[..., OpenAPI], database_url: str, relay: Relay, tmp_path: Path
) -> OpenAPI:
    """The application over a line that can be cut."""
    url = sa.make_url(database_url).set(port=relay.port)
    if url.get_backend_name() != "postgresql":
        # the relay looks for words in what passes
        url = url.update_query_dict({"ssl_disabled": "true"})
    return make_app(
        database_url=url.render_as_string(hide_password=False),
        keep_photos=True,
        uploads_dir=tmp_path / "up",
    )


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


def marks_of(api: Api, teacher: Person, session: dict[str, Any]) -> list[dict[str, Any]]:
    answer = api.get(f"/session/attendance?session_id={session['id']}", teacher)
    listed: list[dict[str, Any]] = answer.json["attendance"]
    return listed


def test_a_mark_whose_commit_had_no_answer_is_there_once_and_was_the_first(
    api: Api, teacher: Person, relay: Relay
) -> None:
    student = api.student("obama")
    session = api.session(teacher)
    relay.swallow_answer_to(b"INSERT INTO attendance", b"COMMIT")
    answer = api.mark(student, "obama2", code=session["code"])
    assert not relay.is_waiting
    assert answer.status_code == 200
    assert answer.json["already"] is False, "it is this request's own mark"
    assert len(marks_of(api, teacher, session)) == 1


def test_a_mark_whose_line_breaks_before_the_commit_is_written_by_the_second_try(
    api: Api, teacher: Person, relay: Relay
) -> None:
    student = api.student("obama")
    session = api.session(teacher)
    relay.swallow_answer_to(b"INSERT INTO attendance")
    answer = api.mark(student, "obama2", code=session["code"])
    assert not relay.is_waiting
    assert (answer.status_code, answer.json["already"]) == (200, False)
    assert len(marks_of(api, teacher, session)) == 1


def test_a_stop_whose_commit_had_no_answer_is_a_stop(
    api: Api, teacher: Person, relay: Relay
) -> None:
    session = api.session(teacher)
    relay.swallow_answer_to(b"UPDATE sessions SET ended_at", b"COMMIT")
    stopped = api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert not relay.is_waiting
    assert stopped.status_code == 200
    assert stopped.json["session"]["state"] == "ended"
    again = api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert code_of(again) == (410, "session_ended")


def test_a_lock_whose_commit_had_no_answer_is_a_lock(
    api: Api, teacher: Person, relay: Relay
) -> None:
    session = api.session(teacher)
    relay.swallow_answer_to(b"UPDATE sessions SET locked", b"COMMIT")
    locked = api.post("/session/lock", teacher, json={"session_id": session["id"]})
    assert not relay.is_waiting
    assert locked.json["session"]["state"] == "locked"


@pytest.mark.parametrize("words", [(b"INSERT INTO face_templates",), (b"INSERT INTO", b"COMMIT")])
def test_an_enrolment_whose_line_breaks_is_whole_and_leaves_no_photograph_behind(
    api: Api, parts: Services, relay: Relay, words: tuple[bytes, ...], tmp_path: Path
) -> None:
    student = api.student()
    relay.swallow_answer_to(*words)
    api.enrol(student, "obama", "obama2")
    assert not relay.is_waiting
    with parts.database.read() as tx:
        kept = tx.all("SELECT photo FROM face_templates ORDER BY id")
    assert {row["photo"] for row in kept} == {path.name for path in (tmp_path / "up").iterdir()}
    assert len(kept) == 2


def test_without_the_database_every_call_is_503_and_nothing_is_half(
    api: Api, teacher: Person, relay: Relay, parts: Services, tmp_path: Path
) -> None:
    student = api.student()
    session = api.session(teacher)
    relay.refuse()
    for answer in (
        api.get("/health/ready"),
        api.get("/student/me", student),
        api.mark(student, "obama2", code=session["code"]),
        api.post("/session/stop", teacher, json={"session_id": session["id"]}),
        api.post("/student/login", json={"email": "a@school.example", "password": "12345678"}),
    ):
        assert code_of(answer) == (503, "unavailable")
        assert answer.headers["Retry-After"]
    assert api.get("/health").status_code == 200
    relay.refusing = False
    assert api.get("/student/me", student).status_code == 200, "service is back by itself"
