"""What deploy/ and docs/deployment.md name exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from attendance.core.settings import PROJECT, Settings
from deploy.slim import NOT_NEEDED, slim
from tests.load.cluster.galera import Galera
from tests.load.cluster.group import Group

DEPLOY = PROJECT / "deploy"
# Read by compose.yaml itself, which makes DATABASE_URL of it.
OF_COMPOSE = {"MYSQL_PASSWORD"}
KNOWN = {name.upper() for name in Settings.model_fields} | OF_COMPOSE


def test_the_environment_template_names_only_settings_that_exist() -> None:
    text = (DEPLOY / "env.example").read_text("utf-8")
    named = set(re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.MULTILINE))
    assert named
    assert named <= KNOWN


def test_compose_and_systemd_set_only_settings_that_exist() -> None:
    compose = (DEPLOY / "compose.yaml").read_text("utf-8")
    application = compose[compose.index("x-app:") : compose.index("services:")]
    unit = (DEPLOY / "attendance.service").read_text("utf-8")
    named = set(re.findall(r"^    ([A-Z][A-Z_]+):", application, re.MULTILINE))
    named |= set(re.findall(r"^Environment=([A-Z_]+)=", unit, re.MULTILINE))
    assert {"DATABASE_URL", "INSTANCE_DIR"} <= named
    assert named <= KNOWN


def test_the_page_on_deployment_names_files_and_settings_that_exist() -> None:
    text = (PROJECT / "docs" / "deployment.md").read_text("utf-8")
    files = set(re.findall(r"\bdeploy/[\w./@-]+\w", text))
    links = set(re.findall(r"\]\(([\w./]+\.md)\)", text))
    present = [path for path in DEPLOY.rglob("[!._]*") if path.is_file()]
    assert {
        path.relative_to(PROJECT).as_posix()
        for path in present
        if path.parent.name != "__pycache__"
    } == {
        *files,
        "deploy/Dockerfile.dockerignore",
    }
    assert [link for link in links if not (PROJECT / "docs" / link).is_file()] == []


CLUSTER = DEPLOY / "cluster"
KINDS = {"galera": Galera, "group": Group}


@pytest.mark.skipif(
    not shutil.which("haproxy") and not os.environ.get("CI"), reason="haproxy is not installed"
)
@pytest.mark.parametrize("kind", KINDS)
def test_haproxy_takes_its_file_as_it_is(tmp_path: Path, kind: str) -> None:
    words = ["WEB", "DATABASE", *(f"SERVER{n}" for n in range(1, 5)), "DB1", "DB2", "DB3"]
    places = {word: f"127.0.0.1:{5000 + number}" for number, word in enumerate(words)}
    file = tmp_path / "haproxy.cfg"
    file.write_text(KINDS[kind].section((CLUSTER / "haproxy.cfg").read_text("utf-8")), "utf-8")
    checked = subprocess.run(
        ["haproxy", "-c", "-f", str(file)],
        env={**os.environ, **places, "RUN": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr


@pytest.mark.parametrize(
    ("file", "method"),
    [
        ("haproxy.cfg", "mysql_native_password"),
        ("haproxy-group.cfg", "caching_sha2_password"),
    ],
)
def test_what_haproxy_sends_to_a_node_is_what_the_file_says_of_it(file: str, method: str) -> None:
    text = (CLUSTER / file).read_text("utf-8")
    sent = re.findall(r"# (.+)\n    tcp-check send-binary ([0-9a-f]+)", text)
    (_, login), *queries = [(said, bytes.fromhex(packet)) for said, packet in sent]
    assert queries
    for packet, number in ((login, 1), *((query, 0) for _, query in queries)):
        assert packet[:4] == (len(packet) - 4).to_bytes(3, "little") + bytes([number])
    assert f"\0haproxy\0\0{method}\0".encode() in login
    for said, query in queries:
        assert said.partition(": a row")[0] == query[5:].decode()


def test_what_the_image_copies_exists() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert "app.py" in copied
    assert [source for source in copied if not (PROJECT / source).exists()] == []


def _packages(folder: Path) -> Path:
    for pattern in NOT_NEEDED:
        path = folder / pattern.replace("**", "part").replace("*", "1")
        path.mkdir(parents=True)
        (path / "file").write_bytes(b"12345")
    locales = folder / "babel" / "locale-data"
    locales.mkdir(parents=True)
    for name in ("root", "en_GB", "de", "fr"):
        (locales / f"{name}.dat").write_bytes(b"1")
    (folder / "needed.py").write_text("kept")
    return folder


def test_slimming_takes_what_is_listed_and_leaves_the_rest(tmp_path: Path) -> None:
    packages = _packages(tmp_path)
    assert slim(packages, {"de"}) == 5 * len(NOT_NEEDED) + 1
    left = {path.name for path in packages.rglob("*") if path.is_file()}
    assert left == {"root.dat", "en_GB.dat", "de.dat", "needed.py"}


def test_slimming_stops_at_a_list_that_is_out_of_date(tmp_path: Path) -> None:
    packages = _packages(tmp_path)
    slim(packages, {"de"})
    with pytest.raises(FileNotFoundError, match="is not in"):
        slim(packages, {"de"})
