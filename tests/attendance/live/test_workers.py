"""Two real processes over one database and Redis, as on a bigger school's server."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attendance.admission.attempts import Attempts, TooManyAttempts
from attendance.core.settings import Settings, SettingsInvalid
from attendance.live.messages import Messages
from attendance.sessions.events import watchers_of
from tests.attendance.serving import Listener
from tests.relay import Relay
from tests.servers import START_SECONDS, School, running

REDIS = os.environ.get("TEST_REDIS_URL")
pytestmark = pytest.mark.one_database
needs_redis = pytest.mark.skipif(REDIS is None, reason="TEST_REDIS_URL is not set")


@pytest.fixture
def relay() -> Iterator[Relay]:
    """The line to Redis, which can be cut."""
    assert REDIS
    where = re.search(r"//([^:/]+):(\d+)", REDIS)
    assert where
    with Relay(where[1], int(where[2])) as relay:
        yield relay


@pytest.fixture
def school(tmp_path: Path, database_url: str, relay: Relay) -> Iterator[School]:
    redis_url = f"redis://127.0.0.1:{relay.port}/15"
    with running(tmp_path / "two", DATABASE_URL=database_url, REDIS_URL=redis_url) as school:
        yield school


@needs_redis
def test_what_one_worker_does_the_sockets_of_the_other_hear_once(school: School) -> None:
    teacher, student = school.sign_up("teacher", 1), school.sign_up("student", 1)
    assert school.upload("/student/upload-face", student["access_token"], "obama").ok
    started = school.call(
        "POST", "/session/start", teacher["access_token"], json={"subject": "Algebra"}
    ).json()["session"]
    with contextlib.ExitStack() as stack:
        # Enough connections that each worker has some: the kernel deals them out.
        listeners = [
            stack.enter_context(Listener(school.url, teacher["access_token"])) for _ in range(12)
        ]
        for listener in listeners:
            listener.follow(started["id"])
            listener.next("attendance_snapshot")
        marked = school.upload(
            "/session/mark", student["access_token"], "obama2", code=started["code"]
        )
        assert marked.status_code == 200, marked.text
        for listener in listeners:
            assert listener.next("attendance_marked")["student_id"] == "S1"
            assert listener.next("attendance_summary_updated")["counts"]["present"] == 1
        stopped = {"session_id": started["id"]}
        school.call("POST", "/session/stop", teacher["access_token"], json=stopped)
        for listener in listeners:
            assert listener.next("session_stopped")["session"]["state"] == "ended"
            # the code turns by the clock, and is no matter of this test
            rest = [name for name in listener.names() if name != "qr_rotated"]
            assert rest == [], "every event was heard once"


@needs_redis
def test_a_deleted_face_is_gone_from_both_workers_at_once(school: School) -> None:
    teacher, student = school.sign_up("teacher", 1), school.sign_up("student", 1)
    token = student["access_token"]
    code = school.call(
        "POST", "/session/start", teacher["access_token"], json={"subject": "A"}
    ).json()["session"]["code"]
    assert school.upload("/student/upload-face", token, "obama").ok
    # Both workers have seen the face …
    for _ in range(8):
        assert school.upload("/session/mark", token, "obama2", code=code).status_code == 200
    assert school.call("DELETE", "/student/face", token).status_code == 204
    # … and none has it any more.
    for _ in range(8):
        refused = school.upload("/session/mark", token, "obama2", code=code)
        assert refused.json()["code"] == "face_not_enrolled"


@needs_redis
def test_tries_are_counted_over_both_workers(tmp_path: Path, database_url: str) -> None:
    assert REDIS
    with running(
        tmp_path / "two", DATABASE_URL=database_url, REDIS_URL=REDIS, LOGIN_TRIES_PER_MINUTE="6"
    ) as school:
        login = {"email": "nobody@x.example", "password": "wrong wrong"}
        statuses = [
            school.call("POST", "/student/login", json=login).status_code for _ in range(12)
        ]
    assert statuses == [401] * 6 + [429] * 6


@needs_redis
def test_wrong_passwords_of_an_hour_are_counted_over_both_workers(
    tmp_path: Path, database_url: str
) -> None:
    assert REDIS
    settings = {"LOGIN_TRIES_PER_MINUTE": "1000", "LOGIN_FAILURES_PER_HOUR": "6"}
    with running(
        tmp_path / "two", DATABASE_URL=database_url, REDIS_URL=REDIS, **settings
    ) as school:
        login = {"email": "nobody@x.example", "password": "wrong wrong"}
        statuses = [
            school.call("POST", "/student/login", json=login).status_code for _ in range(12)
        ]
    assert statuses == [401] * 6 + [429] * 6


@needs_redis
def test_without_redis_marks_count_and_the_list_is_whole_again_afterwards(
    school: School, relay: Relay
) -> None:
    teacher, student = school.sign_up("teacher", 1), school.sign_up("student", 1)
    token = student["access_token"]
    assert school.upload("/student/upload-face", token, "obama").ok
    started = school.call(
        "POST", "/session/start", teacher["access_token"], json={"subject": "A"}
    ).json()["session"]
    with contextlib.ExitStack() as stack:
        listeners = [
            stack.enter_context(Listener(school.url, teacher["access_token"])) for _ in range(8)
        ]
        for listener in listeners:
            listener.follow(started["id"])
            assert listener.next("attendance_snapshot")["attendance"] == []
        relay.refuse()
        marked = school.upload("/session/mark", token, "obama2", code=started["code"])
        assert marked.status_code == 200, marked.text
        relay.refusing = False
        for listener in listeners:
            listed = listener.next("attendance_snapshot")["attendance"]
            assert [line["student_id"] for line in listed] == ["S1"]


@needs_redis
def test_a_killed_worker_comes_back_by_itself(school: School) -> None:
    before = school.workers()
    os.kill(before[0], signal.SIGKILL)
    deadline = time.monotonic() + START_SECONDS
    while len(set(school.workers()) - set(before)) < 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    teacher = school.sign_up("teacher", 1)
    assert school.call("GET", "/teacher/me", teacher["access_token"]).ok


def test_several_workers_without_redis_are_refused_in_one_sentence() -> None:
    with pytest.raises(SettingsInvalid, match=r"^WORKERS=2 needs REDIS_URL: "):
        Settings.load(workers=2, redis_url=None)


@needs_redis
def test_without_redis_tries_are_still_counted(relay: Relay) -> None:
    attempts = Attempts(f"redis://127.0.0.1:{relay.port}/15", f"test-{os.getpid()}")
    attempts.count("login", "a", 2)
    relay.refuse()
    attempts.count("login", "a", 2)
    attempts.count("login", "a", 2)
    with pytest.raises(TooManyAttempts):
        attempts.count("login", "a", 2)


def test_what_the_watchers_of_a_list_were_told_is_counted_and_nothing_else() -> None:
    messages = Messages("redis://127.0.0.1:1/0", "test", lambda: None)

    def heard(event: str, rooms: list[str]) -> None:
        messages._handle_emit(
            {"event": event, "data": [{"session_id": 3}], "namespace": "/", "room": rooms}
        )

    watchers = ["teacher:1", watchers_of(3)]
    heard("attendance_marked", watchers)
    heard("attendance_snapshot", watchers)
    heard("attendance_marked", ["student:7"])  # the student's own
    heard("attendance_summary_updated", watchers)
    assert messages.told() == {3: 2}
    heard("attendance_marked", watchers)
    messages.forget(3)
    assert messages.told() == {}
