"""Commands are run as a person runs them: by name, with options, looking at status and output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask_openapi3 import OpenAPI

Run = Callable[..., Result]


@pytest.fixture
def run(app: OpenAPI) -> Run:
    """`run("purge", "--days", 3)`; the status is checked to be `status` (0)."""

    def runs(*args: Any, status: int = 0, app: OpenAPI = app, **options: Any) -> Result:
        result = app.test_cli_runner().invoke(args=[str(arg) for arg in args], **options)
        assert result.exit_code == status, (result.output, result.exception)
        return result

    return runs
