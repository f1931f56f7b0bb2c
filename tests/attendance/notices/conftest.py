from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask_openapi3 import OpenAPI

from tests.attendance.mailing import Sink, smtp_sink
from tests.conftest import Api, Person


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as made:
        yield made


@pytest.fixture
def app(make_app: Callable[..., OpenAPI], sink: Sink) -> OpenAPI:
    return make_app(
        smtp_host="127.0.0.1",
        smtp_port=sink.server_address[1],
        smtp_security="none",
        public_url="https://attend.school.example",
        risk_after_sessions=1,
    )


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher(name="Ms Ada")
