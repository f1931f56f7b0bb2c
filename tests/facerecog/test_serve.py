"""Networks that answer at an address: real processes on this machine, and what goes wrong."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from facerecog import (
    ImageUnreadable,
    RecognizerBusy,
    RecognizerConfig,
    RecognizerRefused,
    RemoteRecognizer,
    Wanted,
    addresses,
)
from facerecog.remote import Patience
from facerecog.samples import photo
from tests.facerecog.serving import SECRET, SFACE, Served, serving
from tests.servers import free_port

pytestmark = pytest.mark.skipif(os.name == "nt", reason="not used on Windows")

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(f"tls://127.0.0.1:{free_port()}", tmp_path_factory.mktemp("far")) as served:
        yield served


@pytest.fixture
def asked(far: Served) -> Iterator[RemoteRecognizer]:
    with far.client() as client:
        yield client


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.05)


def answers(client: RemoteRecognizer) -> bool:
    try:
        client.analyse(photo("biden").read_bytes())
    except RecognizerBusy:
        return False
    return True


def test_it_answers_as_networks_in_this_process(asked: RemoteRecognizer) -> None:
    data = photo("obama").read_bytes()
    assert asked.info["model"] == "sface"
    first, template = asked.analyse(data), asked.enrol(data)
    assert first.embedding.shape == (128,)
    assert first.embedding @ template.embedding > 0.9
    assert asked.study(data).signs is not None
    assert (asked.find(data).box == first.box).all()
    assert len(asked.look(data, Wanted(min_face=40)).faces) == 1
    with pytest.raises(ImageUnreadable):
        asked.analyse(b"no picture")
    assert asked.queue_depth == 0


def test_servers_of_one_host_share_them_by_a_file(tmp_path: Path) -> None:
    path = tmp_path / "faces.sock"
    with serving(f"unix:{path}", tmp_path, secret="") as served:
        assert path.stat().st_mode & 0o777 == 0o600
        with served.client(secret="") as one, served.client(secret="") as other:
            assert answers(one)
            assert answers(other)
        with pytest.raises(RecognizerRefused, match="FACE_SECRET must be the same"):
            served.client(secret=SECRET)
    assert not path.exists()


def test_what_a_killed_one_left_is_no_obstacle_and_a_living_one_is(tmp_path: Path) -> None:
    address = f"unix:{tmp_path / 'faces.sock'}"
    with serving(address, tmp_path, secret="") as served:
        served.process.kill()
        served.process.wait()
    with serving(address, tmp_path, secret=""):
        told = subprocess.run(
            [sys.executable, "-m", "facerecog", "--networks", "sface", "serve", address],
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.returncode == 1
    assert "another process answers at" in told.stderr


def test_another_secret_is_refused_at_the_start(far: Served) -> None:
    with pytest.raises(RecognizerRefused, match="FACE_SECRET must be the same on both hosts"):
        far.client(secret="another secret of some host")


def test_another_certificate_is_refused_before_anything_is_said(far: Served) -> None:
    with pytest.raises(RecognizerRefused, match=f"fingerprint {far.fingerprint}"):
        far.client(fingerprint="0" * 64)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (RecognizerConfig(), "its networks are sface, and here .* FACE_NETWORKS"),
        (RecognizerConfig(networks="sface", mode="exact"), "its mode is fast, .* FACE_MODE"),
        (RecognizerConfig(networks="sface", engine="torch"), "FACE_ENGINE"),
    ],
)
def test_other_networks_than_the_settings_are_refused_at_the_start(
    far: Served, config: RecognizerConfig, said: str
) -> None:
    with pytest.raises(RecognizerRefused, match=said):
        far.client(config)


def test_without_a_secret_none_is_served_to_a_network(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "facerecog", "serve", "tls://127.0.0.1:7443"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "FACE_SECRET": "short"},
    )
    assert told.returncode == 1
    assert "FACE_SECRET must have 16 characters or more" in told.stderr


def test_one_that_is_killed_is_missed_for_a_moment_and_found_again(tmp_path: Path) -> None:
    address, data = f"tls://127.0.0.1:{free_port()}", photo("obama").read_bytes()
    with ExitStack() as first:
        served = first.enter_context(serving(address, tmp_path))
        client = first.enter_context(served.client())
        client.analyse(data)
        served.process.send_signal(signal.SIGSTOP)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(client.analyse, data)
            until(lambda: client.queue_depth == 1)
            served.process.kill()
            with pytest.raises(RecognizerBusy) as told:
                waiting.result(PATIENCE_SECONDS)
        assert told.value.retry_after > 0
        began = time.monotonic()
        for _ in range(20):
            with pytest.raises(RecognizerBusy):
                client.analyse(data)
        with pytest.raises(RecognizerBusy):
            _ = client.info
        assert time.monotonic() - began < 2
        with serving(address, tmp_path) as again:
            assert again.fingerprint == served.fingerprint
            until(lambda: answers(client))
            assert client.info["model"] == "sface"


def test_one_that_halts_is_given_up_in_time(tmp_path: Path) -> None:
    patience = Patience(connect=1, greeting=1, answer=1, told=1)
    with (
        serving(f"tls://127.0.0.1:{free_port()}", tmp_path) as served,
        served.client(patience=patience) as client,
    ):
        served.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(RecognizerBusy):
            client.analyse(photo("obama").read_bytes())
        assert time.monotonic() - began < 5
        served.process.send_signal(signal.SIGCONT)
        until(lambda: answers(client))


def test_one_that_is_away_at_the_start_is_found_later(tmp_path: Path) -> None:
    address = f"unix:{tmp_path / 'later.sock'}"
    with RemoteRecognizer(SFACE, addresses.read(address)) as client:
        assert not answers(client)
        with serving(address, tmp_path, secret=""):
            until(lambda: answers(client))


def test_one_that_comes_back_with_other_networks_is_not_asked(tmp_path: Path) -> None:
    address = f"unix:{tmp_path / 'faces.sock'}"
    with serving(address, tmp_path, secret="") as served, served.client(secret="") as client:
        assert answers(client)
        served.process.kill()
        served.process.wait()
        assert not answers(client)
        with serving(address, tmp_path, secret="", networks="vggface2"):
            time.sleep(1.2)  # until it is looked for again
            assert not answers(client)
        with serving(address, tmp_path, secret=""):
            until(lambda: answers(client))


def test_a_crowd_that_only_connects_keeps_nobody_out(far: Served) -> None:
    where = (far.address.host, far.address.port)
    with ExitStack() as crowd:
        for number in range(600):
            line = crowd.enter_context(socket.create_connection(where))
            if number % 2:
                line.send(b"\x16\x03\x01\x02\x00\x01")
        with far.client() as client:
            assert answers(client)


def test_what_is_no_tls_or_no_greeting_is_hung_up_on(far: Served) -> None:
    where = (far.address.host, far.address.port)
    with socket.create_connection(where) as plain:
        plain.settimeout(10)
        plain.sendall(b"a" + photo("obama").read_bytes())
        with suppress(ConnectionError):
            while plain.recv(4096):
                pass
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for said in (struct.pack(">I", 2**31), struct.pack(">I", 5) + b"hello", b"\x00\x00"):
        with context.wrap_socket(socket.create_connection(where)) as stranger:
            stranger.settimeout(10)
            (length,) = struct.unpack(">I", stranger.recv(4))
            stranger.recv(length)  # the greeting
            stranger.sendall(said)
            assert stranger.recv(1) == b""


def test_a_picture_sent_by_half_holds_no_place(far: Served) -> None:
    with far.client() as half, far.client() as whole:
        line = half._reached()
        with line:
            line.sendall(struct.pack(">I", 100_000) + b"a" + bytes(50_000))
            assert answers(whole)
        too_long = half._reached()
        with too_long:
            too_long.sendall(struct.pack(">I", 2**31 - 1))
            assert too_long.recv(1) == b""


def test_a_flood_of_one_server_leaves_another_its_share(tmp_path: Path) -> None:
    data = photo("obama").read_bytes()
    address = f"tls://127.0.0.1:{free_port()}"
    refused = []

    def press(client: RemoteRecognizer) -> None:
        for _ in range(8):
            try:
                client.analyse(data)
            except RecognizerBusy as busy:
                refused.append(busy)

    with (
        serving(address, tmp_path, "--queue", "4") as served,
        served.client() as loud,
        served.client() as calm,
        ThreadPoolExecutor(16) as pool,
    ):
        flood = [pool.submit(press, loud) for _ in range(16)]
        until(lambda: bool(refused))
        for _ in range(10):
            calm.analyse(data)
        for each in flood:
            each.result()
    assert refused
