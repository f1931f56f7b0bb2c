"""Metrics for Prometheus, on a port of their own: off unless METRICS_PORT is set.

Each process counts for itself and has its own port, METRICS_PORT or the next free one after it;
Prometheus adds them up.
"""

from __future__ import annotations

import time
from functools import partial
from threading import Thread
from wsgiref.simple_server import WSGIServer

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from attendance.admission.control import Places
from attendance.core.settings import Settings, SettingsInvalid
from attendance.room.cameras import COUNTED
from attendance.web.current import services_of

EXTENSION = "attendance-metrics"
MARK_ROUTE = "/session/mark"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


def init_app(app: Flask, places: Places) -> None:
    """Count, if the setting says so."""
    parts = services_of(app)
    if parts.settings.metrics_port is None:
        return
    registry = CollectorRegistry()
    app.extensions[EXTENSION] = registry
    marks = Counter(
        "attendance_marks",
        "Marks tried, by what came of them.",
        ["result", "reason"],
        registry=registry,
    )
    seconds = Histogram(
        "attendance_request_seconds",
        "From the first byte read to the answer.",
        ["method", "route", "status"],
        buckets=SECONDS,
        registry=registry,
    )
    inference = Histogram(
        "attendance_inference_seconds",
        "One photograph: decoding, detection and embedding, with the wait for its turn.",
        buckets=SECONDS,
        registry=registry,
    )
    parts.faces.observe = inference.observe
    frame_seconds = Histogram(
        "attendance_camera_frame_seconds",
        "One frame of a camera: decoding, detection, embedding, tracks and what was written.",
        buckets=SECONDS,
        registry=registry,
    )
    parts.cameras.observe = frame_seconds.observe
    seen = Gauge(
        "attendance_camera_seen",
        "Since the process began: frames, faces in them, and what became of each face.",
        ["what"],
        registry=registry,
    )
    for counted in COUNTED:
        seen.labels(counted).set_function(partial(parts.cameras.counts.__getitem__, counted))
    for name, meaning, value in (
        ("attendance_cameras", "Cameras that look now.", lambda: parts.cameras.open),
        ("attendance_requests_waiting", "Requests that wait for a place.", lambda: places.waiting),
        ("attendance_requests_serving", "Requests being served.", lambda: places.serving),
        ("attendance_photographs_waiting", "Photographs judged now.", parts.faces.queue_depth),
        ("attendance_database_connections", "Connections in use.", parts.database.in_use),
        (
            "attendance_database_connections_limit",
            "Connections there may be.",
            lambda: 2 * parts.settings.database_pool_size,
        ),
    ):
        Gauge(name, meaning, registry=registry).set_function(value)

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        status = f"{response.status_code // 100}xx"
        began = g.get("began")
        if began is not None:
            seconds.labels(request.method, route, status).observe(time.perf_counter() - began)
        if route == MARK_ROUTE:
            reason = str(g.get("problem_code", ""))
            marks.labels("refused" if reason else "stored", reason).inc()
        return response


def serve(app: Flask) -> tuple[WSGIServer, Thread] | None:
    """Start answering, if the setting says so.

    Raises:
        SettingsInvalid: no port is free.
    """
    settings: Settings = services_of(app).settings
    first = settings.metrics_port
    if first is None:
        return None
    for port in range(first, first + settings.workers):
        try:
            return start_http_server(port, settings.metrics_host, app.extensions[EXTENSION])
        except OSError as error:
            problem = error
    raise SettingsInvalid(f"METRICS_PORT: no free port from {first} on ({problem.strerror})")
