"""A server whose networks answer at an address: marks, and every way in which they do not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attendance import create_app
from attendance.core.settings import PROJECT, Settings, SettingsInvalid
from attendance.web.current import services_of
from tests.conftest import Api, FakeClock, code_of
from tests.facerecog.serving import SECRET, serving
from tests.servers import free_port

pytestmark = pytest.mark.skipif(os.name == "nt", reason="not used on Windows")

FINGERPRINT = "ab" * 32
FIRST_SECONDS = 30


def app_at(address: str, folder: Path, database_url: str, clock: FakeClock, **more: str) -> Api:
    settings = Settings.load(
        instance_dir=folder / "instance",
        uploads_dir=folder,
        models_dir=folder / "no weights are here",
        database_url=database_url,
        face_process=address,
        face_networks="sface",
        teacher_sign_up="open",
        bcrypt_rounds=4,
        **more,
    )
    return Api(create_app(settings, clock=clock))


def test_a_student_is_marked_by_networks_on_another_host(
    tmp_path: Path, database_url: str, clock: FakeClock
) -> None:
    address = f"tls://127.0.0.1:{free_port()}"
    with serving(address, tmp_path) as served:
        api = app_at(
            address,
            tmp_path,
            database_url,
            clock,
            face_secret=SECRET,
            face_fingerprint=served.fingerprint,
        )
        session = api.session(api.teacher())
        student = api.student("obama")
        ready = api.get("/health/ready")
        assert ready.json["recognizer"]["model"] == "sface"
        assert code_of(api.mark(student, "biden", code=session["code"])) == (422, "face_mismatch")
        served.process.kill()
        served.process.wait()
        away = api.mark(student, "obama2", code=session["code"])
        assert code_of(away) == (503, "recognizer_busy")
        assert int(away.headers["Retry-After"]) > 0
        assert code_of(api.get("/health/ready")) == (503, "recognizer_busy")
    with serving(address, tmp_path):
        end = time.monotonic() + FIRST_SECONDS
        while (marked := api.mark(student, "obama2", code=session["code"])).status_code != 200:
            assert code_of(marked) == (503, "recognizer_busy")
            assert time.monotonic() < end
            time.sleep(0.2)
        assert marked.json["status"] == "present"
    services_of(api.app).faces.recognizer.close()
    services_of(api.app).database.close()


def test_a_server_starts_while_its_networks_are_away(
    tmp_path: Path, database_url: str, clock: FakeClock
) -> None:
    address = f"unix:{tmp_path / 'faces.sock'}"
    api = app_at(address, tmp_path, database_url, clock)
    services_of(api.app).faces.warm_up()
    assert code_of(api.get("/health/ready")) == (503, "recognizer_busy")
    assert api.get("/health").status_code == 200
    services_of(api.app).database.close()


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python app.py`, which must end by itself."""
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=PROJECT,
        env={
            **os.environ,
            "INSTANCE_DIR": str(folder / "instance"),
            "DATABASE_URL": f"sqlite:///{folder / 'start.db'}",
            "PORT": str(free_port()),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_start_is_refused_with_one_sentence(tmp_path: Path) -> None:
    address = f"unix:{tmp_path / 'faces.sock'}"
    (tmp_path / "instance").mkdir()
    with serving(address, tmp_path):
        networks = start(tmp_path, FACE_PROCESS=address, FACE_SECRET=SECRET, FACE_NETWORKS="both")
        secret = start(tmp_path, FACE_PROCESS=address, FACE_SECRET="x" * 20, FACE_NETWORKS="sface")
    for ended, said in (
        (networks, "its networks are sface, and here both are set"),
        (secret, "it has another secret: FACE_SECRET must be the same on both hosts"),
    ):
        assert ended.returncode != 0
        lines = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1, ended.stderr
        assert lines[0].startswith(f"error: FACE_PROCESS: {address} is refused: ")
        assert said in lines[0]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"face_process": "tcp://host:1"}, "true, false, unix:/path or tls://host:port is needed"),
        ({"face_process": "tls://host"}, "true, false, unix:/path or tls://host:port is needed"),
        ({"face_process": "unix:faces.sock"}, "unix: needs a path from the root"),
        ({"face_process": "unix:/" + "x" * 100}, "of 100 bytes at most"),
        ({"face_process": "tls://host:7443"}, "needs FACE_SECRET and FACE_FINGERPRINT"),
        ({"face_process": "tls://host:7443", "face_secret": SECRET}, "FACE_FINGERPRINT"),
        ({"face_secret": "short"}, "FACE_SECRET"),
        ({"face_fingerprint": "12:34"}, "FACE_FINGERPRINT: the SHA-256 fingerprint"),
    ],
)
def test_a_wrong_setting_is_one_sentence(values: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsInvalid) as told:
        Settings.load(**values)
    assert said in str(told.value)
    assert SECRET not in str(told.value)


def test_the_switch_is_as_it_was_and_a_fingerprint_may_have_colons() -> None:
    assert Settings.load(face_process="true").face_process is True
    assert Settings.load(face_process="0").face_process is False
    far = Settings.load(
        face_process="tls://[::1]:7443",
        face_secret=SECRET,
        face_fingerprint=":".join(["AB"] * 32),
    )
    assert (far.face_process, far.face_fingerprint) == ("tls://[::1]:7443", FINGERPRINT)
