"""What every answer tells browsers and proxies, whoever gives it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask_openapi3 import OpenAPI

from attendance.web.headers import of_every_answer
from tests.attendance.web.test_routes import path_of
from tests.conftest import Api, code_of

pytestmark = pytest.mark.any_database

POLLING = "/socket.io/?EIO=4&transport=polling"


def test_no_answer_of_any_call_is_kept_unless_it_is_the_same_for_everybody(
    app: OpenAPI, api: Api
) -> None:
    admin = api.teacher()
    kept = {}
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            for by in (None, admin):
                answer = api.client.open(
                    path_of(rule),
                    method=method,
                    headers={"Authorization": f"Bearer {by.token}"} if by else {},
                )
                answer.close()
                assert answer.status_code < 500, (method, rule.rule)
                if answer.headers["Cache-Control"] != "no-store":
                    kept[rule.endpoint] = answer.headers["Cache-Control"]
    # their address has the hash of what they are, or a browser asks whether they have changed
    assert kept == {"strings": "no-cache"}


def test_what_socket_io_answers_has_the_headers_too(make_app: Callable[..., OpenAPI]) -> None:
    client = make_app().test_client()
    for answer in (client.get(POLLING), client.get("/socket.io/?EIO=4&transport=pigeon")):
        assert of_every_answer(secure=False).items() <= dict(answer.headers).items()
        assert len(answer.headers.getlist("Cache-Control")) == 1


def test_behind_a_proxy_socket_io_knows_that_the_line_is_secure(
    make_app: Callable[..., OpenAPI],
) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    for count in (0, 1):
        answer = make_app(trusted_proxies=count).test_client().get(POLLING, headers=headers)
        assert ("Strict-Transport-Security" in answer.headers) == bool(count)


def test_a_form_with_too_many_parts_is_not_called_too_large_a_picture(api: Api) -> None:
    student = api.student()
    part = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'
    long = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"1" * 600_000 + b"\r\n"
    for body in (part * 1001, long):
        answer = api.post(
            "/student/upload-face",
            student,
            data=body + b"--b--\r\n",
            content_type="multipart/form-data; boundary=b",
        )
        assert code_of(answer) == (413, "request_too_large")
        assert "more than 1000 parts" in answer.json["detail"]
        assert "larger than 500 kB" in answer.json["detail"]
