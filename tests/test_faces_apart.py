"""What deploy/ has for networks in a container or unit of their own fits what they answer to."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from attendance.core.settings import PROJECT, Settings
from facerecog import addresses
from facerecog.cli import main

DEPLOY = PROJECT / "deploy"
KNOWN = {name.upper() for name in Settings.model_fields}


def test_the_shared_networks_answer_where_both_servers_ask() -> None:
    whole = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    beside = yaml.safe_load((DEPLOY / "compose.faces.yaml").read_text("utf-8"))
    faces = beside["services"].pop("faces")
    address = addresses.read(faces["command"][-1])
    assert faces["network_mode"] == "none"
    assert address.path is not None
    shared = f"faces:{address.path.parent}"
    assert shared in faces["volumes"]
    servers = [name for name in whole["services"] if name.startswith("app")]
    assert sorted(beside["services"]) == servers
    for each in beside["services"].values():
        assert each["environment"] == {"FACE_PROCESS": str(address)}
        assert set(each["environment"]) <= KNOWN
        assert shared in each["volumes"]
    assert faces["depends_on"].keys() <= whole["services"].keys()
    assert "uid=10001" in beside["volumes"]["faces"]["driver_opts"]["o"]
    assert "--uid 10001" in (DEPLOY / "Dockerfile").read_text("utf-8")


def test_the_unit_of_the_networks_starts_what_there_is() -> None:
    unit = (DEPLOY / "attendance-faces.service").read_text("utf-8")
    command = re.search(r"^ExecStart=.*?-m facerecog (\w+) (.*?)\n(?! )", unit, re.M | re.S)
    assert command
    options = {option for each in main.commands[command[1]].params for option in each.opts}
    assert set(re.findall(r"--\w+", command[2])) <= options
    address = re.search(r"^Environment=FACE_PROCESS=(.+)$", unit, re.M)
    assert address
    folder = re.search(r"^RuntimeDirectory=(.+)$", unit, re.M)
    assert folder
    assert addresses.read(address[1]).path == Path("/run") / folder[1] / "socket"
