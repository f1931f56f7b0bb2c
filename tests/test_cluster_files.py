"""deploy/cluster as containers and as units: every word is said, and each part finds the others.

`python -m tests.load.composed` starts what the containers run; here only what is written is read.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from attendance.core import redis_hosts
from attendance.core.settings import PROJECT, Settings
from facerecog import addresses

CLUSTER = PROJECT / "deploy" / "cluster"
UNITS = CLUSTER / "systemd"
KNOWN = {name.upper() for name in Settings.model_fields}
WORD = re.compile(r"\$\{([A-Z0-9_]+)\}")
# haproxy.cfg looks whether it is there
MAY_BE_MISSING = {"PEM", "ROOM1", "ROOM2", "ROOM3"}


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    whole: dict[str, Any] = yaml.safe_load((CLUSTER / "compose.yaml").read_text("utf-8"))
    return whole


@pytest.fixture(scope="module")
def services(composed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = composed["services"]
    return found


def words_of(name: str) -> set[str]:
    return set(WORD.findall((CLUSTER / name).read_text("utf-8"))) - MAY_BE_MISSING


def files_in(text: str) -> set[str]:
    """The templates that a command fills in or starts with; a script's own with it."""
    named = re.findall(r"deploy/cluster/([\w.]+)|/cluster/([\w.]+)", text)
    found = {one or other for one, other in named} - {"fill.sh"}
    if "database.sh" in found:
        found |= {"galera.cnf", "database.sql"}
    return found


def address(service: dict[str, Any]) -> str:
    return str(service["networks"]["inner"]["ipv4_address"])


def fill(*arguments: str, **words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(CLUSTER / "fill.sh"), *arguments],
        env={"PATH": os.environ["PATH"], **words},
        capture_output=True,
        text=True,
        check=False,
    )


def test_words_are_put_in_as_they_are(tmp_path: Path) -> None:
    template, target = tmp_path / "template", tmp_path / "target"
    template.write_text("a ${ONE} b ${TWO}${ONE}\n# `id` $HOME \\1 & $(id)\n${EMPTY}\n")
    words = {"ONE": "x&\\1/'\"$(id)${TWO}", "TWO": "2", "EMPTY": ""}
    assert fill(str(template), **words).stdout == (
        f"a {words['ONE']} b 2{words['ONE']}\n# `id` $HOME \\1 & $(id)\n\n"
    )
    assert fill(str(template), str(target), **words).returncode == 0
    target.write_text("of the program")
    fill(str(template), str(target), "once", **words)
    assert target.read_text() == "of the program"
    fill(str(template), str(target), **words)
    assert target.read_text().startswith("a x&")


def test_a_word_that_is_missing_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    template, target = tmp_path / "template", tmp_path / "target"
    template.write_text("a ${ONE}\n")
    done = fill(str(template), str(target))
    assert done.returncode == 1
    assert "ONE is not set" in done.stderr
    assert list(tmp_path.iterdir()) == [template]


def test_a_disk_says_whether_it_has_room(tmp_path: Path) -> None:
    def said(folder: Path, **words: str) -> str:
        return subprocess.run(
            [str(CLUSTER / "room.sh"), str(folder)],
            env={"PATH": os.environ["PATH"], **words},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert said(tmp_path, LEAST_MB="1") == "up\n"
    assert said(tmp_path, LEAST_MB=str(10**9)) == "down\n"
    assert said(tmp_path / "nowhere") == "down\n"


def test_each_container_has_the_words_of_its_files(services: dict[str, dict[str, Any]]) -> None:
    seen = set()
    for name, service in services.items():
        files = files_in(" ".join(service.get("command", [])))
        seen |= files
        for file in files - {"database.sh"}:
            assert words_of(file) <= service["environment"].keys(), (name, file)
    templates = {
        path.name for path in CLUSTER.iterdir() if path.suffix in (".cnf", ".cfg", ".conf")
    }
    # MySQL's group in Galera's place is a choice of the reader
    assert templates - {"group.cnf", "haproxy-group.cfg"} <= seen


def test_containers_find_each_other(
    composed: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    (network,) = composed["networks"]["inner"]["ipam"]["config"]
    placed = {
        name: address(service)
        for name, service in services.items()
        if isinstance(service["networks"], dict)
    }
    assert len(set(placed.values())) == len(placed) == len(services) - 1  # migrate has any
    for place in placed.values():
        assert ipaddress.ip_address(place) in ipaddress.ip_network(network["subnet"])
    for name, service in services.items():
        said = service["environment"]
        for word in ("BIND", "NODE"):
            assert said.get(word, placed.get(name)) == placed.get(name)
        for word in ("LISTEN", "IST", "SST"):
            assert said.get(word, f"{placed.get(name)}:").startswith(f"{placed.get(name)}:")
        assert service.get("depends_on", {}).keys() <= services.keys()
        for volume in service.get("volumes", []):
            if not volume.startswith("./"):
                assert volume.split(":")[0] in composed["volumes"]
    nodes = [services[f"db{number}"]["environment"] for number in (1, 2, 3)]
    assert nodes[0]["NODES"].split(",") == [node["LISTEN"] for node in nodes]
    balancer = services["haproxy"]["environment"]
    for number in range(1, 4):
        assert balancer[f"DB{number}"] == f"{placed[f'db{number}']}:3306"
        assert services[f"sentinel{number}"]["environment"]["MASTER"] == placed["redis1"]
        replica = f"replicaof {placed['redis1']} 6379" if number > 1 else ""
        assert services[f"redis{number}"]["environment"]["REPLICAOF"] == replica
    for number in range(1, 5):
        assert balancer[f"SERVER{number}"] == f"{placed[f'server{number}']}:5001"


def test_servers_in_containers_ask_where_it_is(services: dict[str, dict[str, Any]]) -> None:
    place = {name: address(services[name]) for name in services if name != "migrate"}
    hosts = {services[name]["environment"]["FACE_PROCESS"] for name in ("faces1", "faces2")}
    assert {addresses.read(text).host for text in hosts} == {place["faces1"], place["faces2"]}
    asked = set()
    for number in range(1, 5):
        said = services[f"server{number}"]["environment"]
        assert said.keys() <= KNOWN
        asked.add(said["FACE_PROCESS"])
        assert (
            f"@{services['haproxy']['environment']['DATABASE']}/attendance" in said["DATABASE_URL"]
        )
        watched = redis_hosts.watched(said["REDIS_URL"])
        assert watched
        assert watched.sentinels == [(place[f"sentinel{n}"], 26379) for n in (1, 2, 3)]
        assert f"sentinel monitor {watched.service} " in (CLUSTER / "sentinel.conf").read_text()
    assert asked == hosts
    for name in ("faces1", "faces2"):  # they have no key of the school
        assert services[name]["environment"].keys() == {"FACE_PROCESS", "FACE_SECRET"}
        assert "env_file" not in services[name]
    template = (PROJECT / "deploy" / "env.example").read_text("utf-8")
    text = (CLUSTER / "compose.yaml").read_text("utf-8")
    for word in re.findall(r"\$\{(\w+):\?", text):
        assert re.search(rf"^#?{word}=", template, re.M), word


def test_the_examples_of_addresses_can_be_read() -> None:
    text = (PROJECT / "deploy" / "env.example").read_text("utf-8")
    said = re.findall(r"^#(FACE_PROCESS|REDIS_URL)=(\S+)$", text, re.M)
    assert [name for name, _ in said] == ["FACE_PROCESS", "REDIS_URL", "REDIS_URL"]
    assert addresses.read(said[0][1]).host == "10.0.0.7"
    watched = [redis_hosts.watched(url) for _, url in said[1:]]
    assert [each and each.service for each in watched] == [None, "attendance"]


def test_nobody_reaches_what_has_no_password(composed: dict[str, Any]) -> None:
    assert composed["networks"]["inner"]["internal"] is True
    assert [name for name, each in composed["services"].items() if "ports" in each] == ["haproxy"]
    for name, service in composed["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        if service["image"] == "attendance-cluster":
            assert service["user"] in ("mysql", "redis", "haproxy"), name


def test_each_unit_has_the_words_of_its_files() -> None:
    common = set(re.findall(r"^#?([A-Z0-9_]+)=", (UNITS / "cluster.env").read_text("utf-8"), re.M))
    seen = set()
    for unit in [*UNITS.glob("*.service"), UNITS / "mariadb.conf"]:
        text = "\n".join(
            line for line in unit.read_text("utf-8").splitlines() if not line.startswith("#")
        )
        own = set(
            re.findall(r"\b([A-Z0-9_]+)=", " ".join(re.findall(r"^Environment=(.+)$", text, re.M)))
        )
        if unit.name != "attendance-room@.service":  # which has no words
            assert "EnvironmentFile=/etc/attendance-cluster.env" in text
        for file in files_in(text):
            seen.add(file)
            assert words_of(file) <= own | common, (unit.name, file)
    assert seen == {"galera.cnf", "redis.conf", "sentinel.conf", "haproxy.cfg", "room.sh"}


@pytest.mark.skipif(
    not shutil.which("systemd-analyze") and not os.environ.get("CI"),
    reason="systemd is not installed",
)
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """As `systemd-analyze verify` reads them, with the project's folder in place of /opt's."""
    units = [
        *(PROJECT / "deploy").glob("*.service"),
        *UNITS.glob("*.service"),
        *UNITS.glob("*.socket"),
    ]
    for unit in units:
        text = unit.read_text("utf-8").replace("/opt/attendance/.venv/bin/python", "/usr/bin/env")
        text = text.replace("/opt/attendance", str(PROJECT))
        text = re.sub(r"/usr/(s?bin)/(haproxy|redis-\w+)", "/usr/bin/env", text)
        (tmp_path / unit.name).write_text(text)
    (tmp_path / "mariadb.service").write_text("[Service]\nType=notify\nExecStart=/usr/bin/env\n")
    beside = tmp_path / "mariadb.service.d"
    beside.mkdir()
    text = (UNITS / "mariadb.conf").read_text("utf-8").replace("/opt/attendance", str(PROJECT))
    (beside / "mariadb.conf").write_text(text)
    names = [str(path) for path in [*tmp_path.glob("*.service"), *tmp_path.glob("*.socket")]]
    assert len(names) == 8
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names],
        env={"PATH": os.environ["PATH"], "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
