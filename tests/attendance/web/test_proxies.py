"""Below a path: as the proxy says, as the server says, as PUBLIC_URL says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.core.settings import PROJECT
from tests.conftest import Api

pytestmark = pytest.mark.any_database

BROWSER = {"Accept": "text/html"}
PREFIX = {"X-Forwarded-Prefix": "/attendance"}


@pytest.mark.parametrize("taken_off", [True, False])
@pytest.mark.parametrize("said_by", ["proxy", "server", "settings"])
def test_pages_lead_below_the_path_whoever_says_it(
    make_app: Callable[..., OpenAPI], said_by: str, taken_off: bool
) -> None:
    settings: dict[str, Any] = {"trusted_proxies": 1 if said_by == "proxy" else 0}
    if said_by == "settings":
        settings["public_url"] = "https://school.example/attendance/"
    client = make_app(**settings).test_client()
    environ = {"SCRIPT_NAME": "/attendance"} if said_by == "server" else {}
    before = "" if taken_off else "/attendance"
    answer = client.get(
        f"{before}/my/face?next=/attendance/join",
        headers={**BROWSER, **(PREFIX if said_by == "proxy" else {})},
        environ_overrides=environ,
    )
    assert answer.status_code == 303
    assert answer.location.startswith("/attendance/sign-in?next=/attendance/my/face")


def test_a_proxy_that_is_not_counted_says_nothing(api: Api) -> None:
    answer = api.get("/my", headers={**BROWSER, **PREFIX})
    assert answer.location.startswith("/sign-in?")


def test_nobody_is_led_to_another_program_of_the_host(make_app: Callable[..., OpenAPI]) -> None:
    client = make_app(public_url="https://school.example/attendance").test_client()
    for target in ("/webmail/", "/attendance-of-others/", "/"):
        answer = client.get("/attendance/language/de", query_string={"next": target})
        assert answer.location == "/attendance/", target
    answer = client.get("/attendance/language/de", query_string={"next": "/attendance/privacy"})
    assert answer.location == "/attendance/privacy"


def test_cookies_are_for_the_path_alone(make_app: Callable[..., OpenAPI]) -> None:
    api = Api(make_app(public_url="https://school.example/attendance"), cookies=True)
    person = api.student()
    login = {"email": person.row["email"], "password": person.password}
    answer = api.post("/student/login?transport=cookie", json=login)
    paths = {
        part.strip().removeprefix("Path=")
        for cookie in answer.headers.getlist("Set-Cookie")
        for part in cookie.split(";")
        if part.strip().startswith("Path=")
    }
    assert paths == {"/attendance", "/attendance/auth"}


def test_the_description_says_where_its_calls_are(make_app: Callable[..., OpenAPI]) -> None:
    client = make_app(public_url="https://school.example/attendance").test_client()
    assert client.get("/attendance/openapi.json").json["servers"] == [{"url": "/attendance"}]


def test_no_path_of_a_name_that_only_begins_alike_is_taken_off(
    make_app: Callable[..., OpenAPI],
) -> None:
    client = make_app(public_url="https://school.example/teach").test_client()
    assert client.get("/teaching", headers=BROWSER).status_code == 404
    answer = client.get("/teach/teach", headers=BROWSER)
    assert answer.location == "/teach/sign-in?next=/teach/teach&role=teacher"


def test_no_page_and_no_script_forgets_the_path() -> None:
    """Links are made by `url_for`, `root`, `el` or `at`; a bare one leads to the host's root."""
    bare = {
        ".html": re.compile(r'(?:href|src|action)="/'),
        ".js": re.compile(r"""location\.(?:assign|replace)\(["`]/|fetch\(["`]/"""),
    }
    found = [
        f"{path.name}: {line.strip()}"
        for folder in ("templates", "static/js")
        for path in sorted((PROJECT / "attendance" / folder).rglob("*.*"))
        if path.suffix in bare
        for line in path.read_text("utf-8").splitlines()
        if bare[path.suffix].search(line)
    ]
    assert found == []
