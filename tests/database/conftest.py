"""A database of the test's own, without the application."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from database import Database

NOW = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=timezone.utc)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()
