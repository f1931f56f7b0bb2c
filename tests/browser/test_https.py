"""`python app.py --https`, as a phone in the same network meets it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from attendance.core.settings import PROJECT, Settings
from tests.browser.conftest import INSECURE_HOST, PHONE, until_connected
from tests.conftest import PASSWORD


@pytest.fixture
def https_port(tmp_path: Path) -> Iterator[int]:
    """The port of a server in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"https://{INSECURE_HOST}:{port}",
        "INSTANCE_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'attendance.db'}",
        "MODELS_DIR": str(Settings.load().models_dir),
        "BCRYPT_ROUNDS": "4",
    }
    with subprocess.Popen(
        [sys.executable, "app.py", "--https"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout is not None
        said = []
        for line in server.stdout:
            said.append(line)
            if "is ready" in line:
                break
        else:
            pytest.fail("".join(said))
        # what it says from now on must not fill the pipe
        threading.Thread(target=server.stdout.read, daemon=True).start()
        yield port
        server.terminate()
        server.wait(timeout=30)


def test_a_phone_gets_a_camera_secure_cookies_and_live_events(
    https_port: int, browsers: Callable[[str | None], Browser]
) -> None:
    context = browsers("obama").new_context(
        base_url=f"https://{INSECURE_HOST}:{https_port}",
        ignore_https_errors=True,
        viewport=PHONE,
        locale="en",
        permissions=["camera"],
    )
    page = context.new_page()
    page.goto("/sign-up?next=/my")
    page.get_by_label("Name").fill("Ann Example")
    page.get_by_label("Student number").fill("S-1")
    page.get_by_label("E-mail address").fill("ann@school.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/my")
    until_connected(page)
    tokens = [cookie for cookie in context.cookies() if "token" in cookie["name"]]
    assert len(tokens) == 5  # two tokens, two against forgery, and how long one is fresh
    assert all(cookie["secure"] for cookie in tokens)
    page.goto("/my/face")
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Agree and continue").click()
    expect(page.get_by_text("Turn your head a little to your left")).to_be_visible()
    context.close()
