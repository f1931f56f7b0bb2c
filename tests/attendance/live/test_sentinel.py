"""Redis with Sentinel: what follows a fail-over, and what is refused at the start."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attendance.admission.attempts import Attempts, TooManyAttempts
from attendance.core import redis_hosts
from attendance.core.settings import PROJECT, Settings, SettingsInvalid
from attendance.live.messages import Messages
from tests.attendance.serving import until
from tests.load.cluster.redises import Redises

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.skipif(
        not shutil.which("redis-sentinel") and not os.environ.get("CI"),
        reason="redis-sentinel is not installed (Debian: redis-sentinel)",
    ),
]


@pytest.fixture(scope="module")
def redises(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redises]:
    started = Redises(tmp_path_factory.mktemp("redis"))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://localhost", "it begins with redis://"),
        ("redis+sentinel://a:1,b:2/attendance", "Sentinel's form is redis"),
        ("redis+sentinel://a:1,b/0/attendance", "Sentinel's form is redis"),
        ("redis+sentinel://a:1,b:70000/0/attendance", "Sentinel's form is redis"),
        ("redis+sentinel://a:1/0", "Sentinel's form is redis"),
    ],
)
def test_an_address_that_says_nothing_is_refused_in_one_sentence(url: str, says: str) -> None:
    with pytest.raises(SettingsInvalid, match=rf"^REDIS_URL: {says}[^\n]*$"):
        Settings.load(redis_url=url)


def test_user_password_and_database_are_the_masters() -> None:
    found = redis_hosts.watched("redis+sentinel://u:p%40@a:1,[::1]:2/3/school")
    assert found is not None
    assert found.sentinels == [("a", 1), ("::1", 2)]
    assert found.service == "school"
    assert found.master == {"db": 3, "username": "u", "password": "p@"}
    assert redis_hosts.watched("redis://localhost/1") is None


def test_a_name_that_no_sentinel_knows_ends_the_start_in_one_sentence(
    redises: Redises, tmp_path: Path
) -> None:
    wrong = redises.url.replace("/attendance", "/atendance")
    started = subprocess.run(
        [sys.executable, "app.py"],
        cwd=PROJECT,
        env={
            **os.environ,
            "REDIS_URL": wrong,
            "INSTANCE_DIR": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path}/a.db",
            "MODELS_DIR": str(Settings.load().models_dir),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == 1
    line = started.stderr.strip().splitlines()[-1]
    assert line.startswith("error: REDIS_URL: no Sentinel of 127.0.0.1:")
    assert line.endswith("watches over a service named 'atendance'")
    assert not (tmp_path / "a.db").exists(), "nothing was begun"


def test_a_redis_in_place_of_a_sentinel_is_told(redises: Redises) -> None:
    wrong = f"redis+sentinel://127.0.0.1:{redises.ports[0]}/0/attendance"
    with pytest.raises(redis_hosts.RedisUrlInvalid, match="is no Sentinel"):
        redis_hosts.require_known(wrong)


def test_sentinels_that_do_not_answer_are_no_reason_not_to_start(redises: Redises) -> None:
    redis_hosts.require_known("redis+sentinel://127.0.0.1:1/0/attendance")
    redis_hosts.require_known(redises.url.replace("://", "://127.0.0.1:1,"))


def test_messages_and_attempts_follow_the_fail_over(redises: Redises) -> None:
    missed: list[str] = []
    here = Messages(redises.url, "test", lambda: missed.append("here"))
    there = Messages(redises.url, "test", lambda: missed.append("there"))
    heard = _hearing(there)
    until(lambda: _hears(here, heard, "before"))
    attempts = Attempts(redises.url, "test")
    attempts.count("login", "a", 3)

    before = redises.master()
    redises.servers[before].kill()
    attempts.count("login", "a", 3)  # while it is away each process counts for itself
    until(lambda: redises.can_write() and redises.master() != before)
    until(lambda: _hears(here, heard, "after"))
    until(lambda: "there" in missed)
    there.redis_url = "over"  # with this line its thread ends

    # with the next question the count is a common one again
    other = Attempts(redises.url, "test")
    attempts._away_until = 0.0
    for each in (attempts, other, attempts):
        each.count("login", "b", 3)
    with pytest.raises(TooManyAttempts):
        other.count("login", "b", 3)


def _hearing(messages: Messages) -> list[object]:
    """What somebody hears from now on, in a thread that ends with the tests."""
    heard: list[object] = []

    def listen() -> None:
        with contextlib.suppress(redis_hosts.RedisUrlInvalid):
            heard.extend(messages.json.loads(word)["method"] for word in messages._listen())

    threading.Thread(target=listen, daemon=True).start()
    return heard


def _hears(messages: Messages, heard: list[object], word: str) -> bool:
    messages._publish({"method": word})
    time.sleep(0.2)
    return word in heard
