"""Metrics for Prometheus, and how many requests are served at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import requests
from flask_openapi3 import OpenAPI

from attendance.admission.control import Places
from attendance.operation import metrics
from tests.conftest import Api
from tests.servers import free_port


def test_marks_requests_and_photographs_are_counted(make_app: Callable[..., OpenAPI]) -> None:
    port = free_port()
    app = make_app(metrics_port=port)
    api = Api(app)
    session, student = api.session(api.teacher()), api.student("obama")
    api.mark(student, "obama2", code=session["code"])
    api.mark(student, "biden", code=session["code"])
    server, thread = metrics.serve(app) or (None, None)
    assert server is not None
    assert thread is not None
    try:
        text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert 'attendance_marks_total{reason="",result="stored"} 1.0' in text
    assert 'attendance_marks_total{reason="face_mismatch",result="refused"} 1.0' in text
    assert "attendance_inference_seconds_count 3.0" in text, "one enrolment and two marks"
    route = 'method="POST",route="/session/mark",status="2xx"'
    assert f"attendance_request_seconds_count{{{route}}} 1.0" in text
    assert "attendance_database_connections 0.0" in text
    assert "attendance_requests_waiting 0.0" in text


def test_without_the_setting_nothing_is_counted_or_told(api: Api) -> None:
    assert metrics.serve(api.app) is None
    assert api.get("/metrics").status_code == 404


def test_who_finds_no_place_waits_and_health_is_always_answered() -> None:
    inside, go_on = threading.Semaphore(0), threading.Event()

    def app(environ: dict[str, object], _start: object) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            inside.release()
            assert go_on.wait(10)
        return [b"answer"]

    places = Places(app, 1, 1)
    threads = [
        threading.Thread(target=lambda: places({"PATH_INFO": "/slow"}, print)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    assert inside.acquire(timeout=30)
    assert places({"PATH_INFO": "/health"}, print) == [b"answer"]
    assert not inside.acquire(timeout=0.2), "the second waits for the place of the first"
    go_on.set()
    assert inside.acquire(timeout=30)
    for thread in threads:
        thread.join()
    assert (places.waiting, places.serving) == (0, 0)
