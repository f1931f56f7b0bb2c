"""What requests to be excused and their notes are tried with."""

from __future__ import annotations

import pytest

from tests.conftest import Api, Person


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def teacher(api: Api, admin: Person) -> Person:
    return api.teacher()


@pytest.fixture
def student(api: Api) -> Person:
    return api.student()
