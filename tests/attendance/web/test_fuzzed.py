"""The API keeps what its description promises, whatever is sent.

schemathesis makes requests out of the description, fitting ones and others, and compares what is
answered with it. The suite has few examples for each call; FUZZ_EXAMPLES=100 makes a longer run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask_jwt_extended import create_access_token
from flask_openapi3 import OpenAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.context import EngineContext

from attendance.web.current import services_of
from database import students, teachers
from tests.attendance.school import course_of, enrol
from tests.conftest import Api

# Call and check, and why what is found there is right as it is.
EXCEPTIONS = {
    # schemathesis itself cannot write a multipart body that is no object.
    ("POST /register", "AttributeError"),
    # Needed with a new password only, and null is none: OpenAPI cannot say that.
    ("PATCH /student/me", "_refused_for_more_than_schemas_say"),
    ("PATCH /teacher/me", "_refused_for_more_than_schemas_say"),
    # A student may be numbered "restore", and the path that marks this one has other methods.
    ("POST /session/{session_id}/attendance/restore", "allow_header_conformance"),
    ("POST /session/{session_id}/attendance/undo", "allow_header_conformance"),
    # The router names the methods of every form that a path has, also where a number ends sooner.
    ("POST /course/{course_id}/students/{student_id}/invitation", "allow_header_conformance"),
    # The page behind the link of an e-mail stands at the same address, and is no call.
    ("POST /digest", "allow_header_conformance"),
    ("POST /digest", "unsupported_method"),
}
# What can be wrong with a field that fits the description: JSON Schema has no words for these.
# Everything else that is refused as a mistake of a field has to be described.
BEYOND_SCHEMAS = {
    *("value_error", "zone", "url", "password", "control_character", "not_another"),
    *("string_too_short", "string_unicode", "before_from", "before_start", "too_many_days"),
    "student_number",  # letters of every language, as Unicode has them
    *("push_service", "push_key"),  # hosts that a setting names, points of a curve
    "network",  # an address and its length; of either kind
    "unknown",  # which parts a country has, a library says
    # which numbers a rule about absences needs, its kind says
    *("amount_missing", "amount_not_whole", "amount_too_large", "days_missing"),
    *("one_of_two", "not_accepted"),  # what goes with another field
    "own_course",  # who the course's own teacher is, the data says
    *("either", "named_twice", "same_student", "past", "future", "timezone_aware", "blank_text"),
    # days and times: their bounds, and whether there are such
    *("greater_than_equal", "less_than", "less_than_equal", "date_type", "datetime_type"),
}
# Without a token, a student (1), a teacher (2), and the administrator (teacher 1).
CALLERS = [None, "student:1", "teacher:2", "teacher:1"]


def _refused_for_more_than_schemas_say(_ctx: Any, response: Any, case: Any) -> None:
    """Fail where a fitting request is refused for what the description could have told."""
    mode = case.meta.generation.mode if case.meta else None
    if response.status_code != 400 or mode is None or not mode.is_positive:
        return
    wrong = {item["type"] for item in response.json().get("errors", [])}
    assert wrong <= BEYOND_SCHEMAS, f"a bound that is not described: {response.text}"


schemathesis.check(_refused_for_more_than_schemas_say)


def _school(api: Api) -> None:
    """A course with a session and a student: each the first of its kind."""
    api.teacher()
    teacher, student = api.teacher(), api.student(student_id="0")
    course = course_of(api, teacher)
    enrol(api, teacher, course, student)
    api.session(teacher, course_id=course["id"])


def _description(app: OpenAPI, caller: str | None) -> Any:
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "cache": {"enabled": False},  # what an earlier run found changes what is sent
            "continue-on-failure": True,
            # Strict fields leave few of the requests that are drawn: fewer are then sent.
            "suppress-health-check": ["filter_too_much"],
            "generation": {
                "max-examples": int(os.environ.get("FUZZ_EXAMPLES", "1")),
                "database": "none",
            },
            # Ours takes its place, which says for what a fitting request may be refused.
            "checks": {
                "positive_data_acceptance": {"enabled": False},
                # What is wrong may also be too large to be looked at.
                "negative_data_rejection": {
                    "expected-statuses": [
                        *(400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx")
                    ]
                },
            },
        }
    )
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)

    @schema.auth(refresh_interval=None)
    class Token:
        """One for each request: some end every token of an account."""

        def get(self, _case: Any, _ctx: Any) -> str | None:
            if caller is None:
                return None
            kind, _, number = caller.partition(":")
            find = teachers.by_id if kind == "teacher" else students.by_id
            with services_of(app).database.read() as tx:
                row = find(tx, int(number))
            version = {"ver": row["token_version"] if row else 0}
            with app.app_context():
                return create_access_token(caller, additional_claims=version)

        def set(self, case: Any, data: str | None, _ctx: Any) -> None:
            if data is not None:
                case.headers["Authorization"] = f"Bearer {data}"

    return schema


def _findings(event: events.EngineEvent) -> Iterator[tuple[str, str, str]]:
    """Call, check and what was found, with a way to see it again."""
    if isinstance(event, events.FatalError):
        raise event.exception
    if isinstance(event, events.NonFatalError):
        yield event.label, type(event.value).__name__, str(event.value)
    if isinstance(event, events.ScenarioFinished):
        for checks in event.recorder.checks.values():
            for check in checks:
                if check.failure_info is not None:
                    info = check.failure_info
                    text = f"{info.failure.title}: {info.failure.message}\n{info.code_sample}"
                    yield event.recorder.label, check.name, text


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("caller", CALLERS, ids=str)
def test_whatever_is_sent_the_answer_is_one_that_is_described(
    app: OpenAPI, api: Api, caller: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It would hand on what belongs to sockets to the client of an application in this process.
    whole = EngineContext.get_transport_kwargs
    monkeypatch.setattr(
        EngineContext,
        "get_transport_kwargs",
        lambda self, operation=None: {"headers": whole(self, operation)["headers"]},
    )
    _school(api)
    found: dict[tuple[str, str], str] = {}
    seen = 0
    for event in from_schema(_description(app, caller)).execute():
        if isinstance(event, events.ScenarioFinished):
            seen += len(event.recorder.cases)
        for call, check, text in _findings(event):
            found.setdefault((call, check), text)
    assert seen > 2000
    new = {key: text for key, text in found.items() if key not in EXCEPTIONS}
    assert not new, "\n\n".join(f"{call} [{check}]\n{text}" for (call, check), text in new.items())
