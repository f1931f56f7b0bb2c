"""Files are whole, or they are not there: nothing is answered before all of it could be read."""

from __future__ import annotations

from typing import Any

import pytest

from attendance.core.stored_settings import StoredSettings
from database import DatabaseUnavailable, Transaction, audit
from tests.attendance.school import course_of, enrol
from tests.conftest import Api, Person, code_of

pytestmark = pytest.mark.any_database

FILES = (".csv", ".xlsx")


def paths(app: Any, values: dict[str, object]) -> set[str]:
    """Every call that answers with a file, and the JSON that is written like one."""
    found = {
        rule.build({name: values[name] for name in rule.arguments})[1]
        for rule in app.url_map.iter_rules()
        if rule.rule.endswith(FILES) and "GET" in rule.methods
    }
    return found | {f"/course/{values['course_id']}/report"}


def test_a_file_that_cannot_be_read_to_its_end_is_no_file(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAGE", 3)
    admin, student = api.teacher(), api.student()
    course = course_of(api, admin)
    enrol(api, admin, course, student)
    session = api.session(admin, course_id=course["id"])["id"]
    values = {
        "course_id": course["id"],
        "session_id": session,
        "student_id": student.row["student_id"],
        "student": student.row["id"],
    }
    left = [10**6]
    run = Transaction._run

    def run_while_allowed(tx: Transaction, *args: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise DatabaseUnavailable("the line is cut")
        return run(tx, *args)

    monkeypatch.setattr(Transaction, "_run", run_while_allowed)
    # they are read now and then, by the real clock
    monkeypatch.setattr(StoredSettings, "refresh_if_old", lambda _settings: None)
    urls = paths(api.app, values)
    assert len(urls) >= 10
    for url in sorted(urls):
        by: Person = student if url.startswith("/student/") else admin
        left[0] = 10**6
        assert api.get(url, by).status_code == 200, url
        needed = 10**6 - left[0]
        assert needed > 1
        for allowed in range(needed):
            left[0] = allowed
            assert code_of(api.get(url, by)) == (503, "unavailable"), (url, allowed)
