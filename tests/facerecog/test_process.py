"""The recognizer in a process of its own: the same answers, and what happens when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from facerecog import (
    ImageUnreadable,
    ModelsMissing,
    Recognizer,
    RecognizerBusy,
    RecognizerConfig,
    RecognizerProcess,
)
from facerecog.samples import photo

pytestmark = pytest.mark.skipif(os.name == "nt", reason="not used on Windows")

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def running() -> Iterator[RecognizerProcess]:
    with RecognizerProcess() as started:
        yield started


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whether there is such a process that is not only waiting to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def answers_again(process: RecognizerProcess) -> bool:
    try:
        process.analyse(photo("biden").read_bytes())
    except RecognizerBusy:
        return False
    return True


def test_it_answers_as_a_recognizer_in_this_process(
    running: RecognizerProcess, recognizer: Recognizer
) -> None:
    assert running.info == recognizer.info
    data = photo("obama").read_bytes()
    here, there = recognizer.analyse(data), running.analyse(data)
    # The two share a photograph's work between other threads: sums differ in their last bits, which
    # eight bits make larger.
    assert there.embedding @ here.embedding > 0.999
    assert there.quality == here.quality
    assert there.probability == pytest.approx(here.probability, abs=1e-5)
    assert running.find(data).box == pytest.approx(here.box, abs=0.01)
    assert running.queue_depth == 0


def test_a_refusal_arrives_as_what_it_is(running: RecognizerProcess) -> None:
    with pytest.raises(ImageUnreadable, match="not a readable JPEG"):
        running.analyse(b"no picture")
    with pytest.raises(ImageUnreadable):
        running.find(b"")


def test_a_full_queue_is_said_with_the_time_to_wait() -> None:
    data = photo("obama").read_bytes()
    codes = []

    def ask(process: RecognizerProcess) -> None:
        try:
            process.analyse(data)
        except RecognizerBusy as busy:
            codes.append((busy.code, busy.retry_after))

    with (
        RecognizerProcess(RecognizerConfig(max_queue=1, retry_after=7)) as process,
        ThreadPoolExecutor(16) as pool,
    ):
        list(pool.map(ask, [process] * 64))
    assert set(codes) == {("recognizer_busy", 7)}


def test_many_threads_ask_at_once(running: RecognizerProcess, recognizer: Recognizer) -> None:
    data = {name: photo(name).read_bytes() for name in ("obama", "biden", "astronaut")}
    alone = {name: recognizer.embed_image(data[name]) for name in data}
    names = list(data) * 8
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda name: running.analyse(data[name]), names))
    for name, one in zip(names, found, strict=True):
        assert one.embedding @ alone[name] > 0.999


def test_who_waits_when_it_dies_is_told_so_and_another_takes_its_place() -> None:
    data = photo("biden").read_bytes()
    with RecognizerProcess() as process:
        first = process.pid
        os.kill(first, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(process.analyse, data)
            until(lambda: process.queue_depth == 1)
            os.kill(first, signal.SIGKILL)
            with pytest.raises(RecognizerBusy) as told:
                waiting.result(PATIENCE_SECONDS)
        assert told.value.retry_after > 0
        until(lambda: answers_again(process))
        assert process.pid != first
        assert not lives(first)
        assert process.queue_depth == 0


def test_without_the_networks_it_says_so_and_leaves_no_process(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing):
        RecognizerProcess(RecognizerConfig(models_dir=tmp_path / "nowhere"))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells who lives")
def test_it_ends_with_the_process_that_started_it_however_that_ends(tmp_path: Path) -> None:
    program = (
        "import os, sys, time\n"
        "from facerecog import RecognizerProcess\n"
        "print(RecognizerProcess().pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as parent:
        assert parent.stdout is not None
        networks = int(parent.stdout.readline())
        # what a terminal and a service manager send to all processes does not end it before
        for early in (signal.SIGINT, signal.SIGTERM):
            os.kill(networks, early)
        time.sleep(0.1)
        assert lives(networks)
        assert list(tmp_path.iterdir())
        parent.kill()
    until(lambda: not lives(networks))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux tells it")
def test_it_does_not_get_the_servers_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://school:s3cret@db/attendance")
    with RecognizerProcess() as process:
        assert b"s3cret" not in Path(f"/proc/{process.pid}/environ").read_bytes()


def test_closing_ends_it() -> None:
    process = RecognizerProcess()
    pid = process.pid
    process.close()
    assert not lives(pid)
    with pytest.raises(RecognizerBusy):
        process.analyse(photo("biden").read_bytes())
