"""Health, the description of the API, logs, and the form of errors."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask_openapi3 import OpenAPI

from attendance import create_app
from attendance.core import errors
from attendance.core.services import Services
from attendance.core.settings import PROJECT, Settings
from attendance.web import logs
from attendance.web.current import services_of
from database import DatabaseUnavailable
from facerecog import RecognizerProcess
from tests.attendance.serving import EVENTS
from tests.conftest import Api, FakeClock, code_of, picture

# Blueprints and endpoints that pages are made of; everything else is a call of the API.
FOR_BROWSERS = {"static", "swagger", "pages", "strings", "asset_file", "favicon"}


def test_the_process_and_its_parts_tell_how_they_are(api: Api) -> None:
    assert api.get("/health").json == {"status": "ok"}
    ready = api.get("/health/ready").json
    assert ready["status"] == "ready"
    assert ready["recognizer"]["engine"] == "openvino"


def test_readiness_goes_red_with_the_database(
    api: Api, parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(parts.database, "ping", broken)
    answer = api.get("/health/ready")
    assert code_of(answer) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert api.get("/health").status_code == 200


@pytest.mark.skipif(os.name == "nt", reason="the networks run in the server's own process there")
def test_readiness_goes_red_while_the_networks_start_again(
    tmp_path: Path, database_url: str, clock: FakeClock
) -> None:
    settings = Settings.load(
        instance_dir=tmp_path / "instance", uploads_dir=tmp_path, database_url=database_url
    )
    app = create_app(settings, clock=clock)
    api, networks = Api(app), services_of(app).faces.recognizer
    assert isinstance(networks, RecognizerProcess)
    with networks:
        assert api.get("/health/ready").json["recognizer"] == networks.info
        os.kill(networks.pid, signal.SIGKILL)
        while (answer := api.get("/health/ready")).status_code == 200:
            time.sleep(0.01)
        assert code_of(answer) == (503, "recognizer_busy")
        assert int(answer.headers["Retry-After"]) > 0
        while (answer := api.get("/health/ready")).status_code != 200:
            time.sleep(0.05)
        assert answer.json["recognizer"] == networks.info
    services_of(app).database.close()


def test_unknown_urls_and_methods_are_problems_too(api: Api) -> None:
    assert code_of(api.get("/nowhere")) == (404, "not_found")
    assert code_of(api.get("/session/start")) == (405, "method_not_allowed")
    assert code_of(api.get("/session/x")) == (404, "not_found")


def test_an_unexpected_error_tells_nothing_of_the_inside(
    api: Api, parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    api.app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(parts.database, "ping", broken)
    answer = api.get("/health/ready")
    assert code_of(answer) == (500, "internal_error")
    assert "secret" not in answer.text


def test_a_number_that_no_row_can_have_is_refused(api: Api) -> None:
    teacher = api.teacher()
    for number in (2**63, 10**30):
        answers = (
            api.get(f"/session/{number}", teacher),
            api.post("/session/lock", teacher, json={"session_id": number}),
        )
        assert [code_of(answer) for answer in answers] == [(400, "invalid_request")] * 2


def test_a_body_that_is_too_large_is_cut_off(api: Api) -> None:
    huge = json.dumps({"email": "a@b.example", "password": "x" * 200_000})
    answer = api.post("/student/login", data=huge, content_type="application/json")
    assert code_of(answer) == (413, "request_too_large")


def test_every_call_is_described_and_every_error_explained(api: Api) -> None:
    described = api.get("/openapi.json").json["paths"]
    for rule in api.app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        if rule.endpoint.split(".")[0] in FOR_BROWSERS:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert method.lower() in described.get(path, {}), f"{method} {path}"
    page = api.get("/docs/errors").text
    for error in errors.catalogue():
        assert f'id="{error["code"]}"' in page


def test_the_page_of_the_api_loads_nothing_from_elsewhere(api: Api) -> None:
    page = api.get("/docs").text
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    for source in sources:
        assert source.startswith("/"), source
        with api.get(source) as loaded:
            assert loaded.status_code == 200


def test_every_call_event_and_error_stands_in_the_documentation(app: OpenAPI) -> None:
    text = "\n".join(path.read_text("utf-8") for path in (PROJECT / "docs").rglob("*.md"))
    for path, operations in app.api_doc["paths"].items():
        for method in operations:
            assert f"`{method.upper()} {path}`" in text, f"{method.upper()} {path}"
    for event in (*EVENTS, "join_session", "leave_session"):
        assert f"`{event}`" in text, event
    for error in errors.catalogue():
        assert f"`{error['code']}`" in text, error["code"]


def test_every_event_that_is_sent_is_one_of_the_contract() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (PROJECT / "attendance").rglob("*.py"))
    sent = set(re.findall(r'\bemit\(\s*"(\w+)"', source))
    sent |= set(re.findall(r'session_changed\(\s*parts, "(\w+)"', source))
    sent |= {"session_locked", "session_unlocked"}
    assert sent == set(EVENTS)


@pytest.fixture
def log_lines() -> Iterator[list[str]]:
    """Every line that the application logs while the test runs."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    collector = Collector()
    collector.setFormatter(logs.JsonFormatter())
    logs.log.addHandler(collector)
    yield lines
    logs.log.removeHandler(collector)


def test_a_request_is_logged_as_one_line_with_the_gate_that_refused(
    make_app: Callable[..., OpenAPI], log_lines: list[str]
) -> None:
    api = Api(make_app(log_level="INFO"))
    session = api.session(api.teacher())
    student = api.student("obama")
    log_lines.clear()
    answer = api.mark(student, "biden", code=session["code"])
    (text,) = log_lines
    line = json.loads(text)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["route"] == "/session/mark"
    assert line["status"] == 422
    assert line["refused_by"] == "face_mismatch"
    assert line["account"] == f"student:{student.row['id']}"


def test_nothing_secret_is_logged(make_app: Callable[..., OpenAPI], log_lines: list[str]) -> None:
    api = Api(make_app(log_level="DEBUG"))
    teacher = api.teacher()
    session = api.session(teacher)
    student = api.student("obama")
    api.mark(student, "obama2", code=session["code"])
    api.upload("/student/upload-face", student, picture("obama2"))
    api.get("/join/1-2-SECRETTICKET")
    text = "\n".join(log_lines)
    assert text
    for secret in ("correct horse", teacher.token, student.token, "SECRETTICKET"):
        assert secret not in text


def test_a_request_id_of_the_proxy_is_kept_if_it_is_one(api: Api) -> None:
    kept = api.get("/health", headers={"X-Request-ID": "abc-123"})
    assert kept.headers["X-Request-ID"] == "abc-123"
    replaced = api.get("/health", headers={"X-Request-ID": "a b\tc"})
    assert re.fullmatch(r"[0-9a-f]{32}", replaced.headers["X-Request-ID"])


def test_the_demonstration_has_what_it_says(app: OpenAPI, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    first = runner.invoke(args=["demo-data"])
    assert first.exit_code == 0, first.output
    assert runner.invoke(args=["demo-data"]).output == first.output
    api = Api(app)
    login = {"email": "ada@demo.example", "password": "attendance-demo"}
    token = api.post("/teacher/login", json=login).json["access_token"]
    states = [s["state"] for s in api.get("/session/mine", token).json["sessions"]]
    assert states == ["open"] + 11 * ["ended"]
    [course] = api.get("/course/mine", token).json["courses"]
    report = api.get(f"/course/{course['id']}/report", token).json
    assert (len(report["students"]), len(report["sessions"])) == (22, 10)
    assert api.get(f"/course/{course['id']}/at-risk", token).json["students"]
    code = api.get("/session/mine", token).json["sessions"][0]["code"]
    login["email"] = "ben@demo.example"
    student = api.post("/student/login", json=login).json["access_token"]
    marked = api.upload("/session/mark", student, picture("obama3"), code=code)
    assert marked.json["status"] == "present"
