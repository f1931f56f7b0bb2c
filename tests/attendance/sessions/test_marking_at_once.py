"""Marks that arrive together, and a teacher who is quicker than the networks."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from attendance.core import statuses
from attendance.core.errors import FaceNotEnrolled, SessionEnded, SessionLocked
from attendance.core.services import Services
from attendance.sessions import marking, rules
from database import marks, sessions, students
from tests.conftest import Api, picture


def test_fifty_marks_of_one_student_at_once_leave_one_row(api: Api, parts: Services) -> None:
    session = api.session(api.teacher())
    student = api.student("obama")
    data = picture("obama2")
    start = threading.Barrier(50)

    def mark() -> dict[str, object]:
        start.wait()
        for _ in range(20):
            answer = Api(api.app).mark(student, data, code=session["code"])
            if answer.status_code != 503:  # a full queue asks to come again
                break
            time.sleep(0.2)
        assert answer.status_code == 200, answer.text
        body: dict[str, object] = answer.json
        return body

    with ThreadPoolExecutor(50) as pool:
        answers = [future.result() for future in [pool.submit(mark) for _ in range(50)]]
    assert sum(not answer["already"] for answer in answers) == 1
    assert len({answer["marked_at"] for answer in answers}) == 1
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM attendance") == 1


@pytest.mark.parametrize(("event", "error"), [("lock", SessionLocked), ("stop", SessionEnded)])
def test_a_mark_in_flight_does_not_land_after_a_lock_or_stop(
    api: Api, parts: Services, event: str, error: type[Exception]
) -> None:
    teacher = api.teacher()
    session = api.session(teacher)
    student = api.student("obama")
    with parts.database.read() as tx:
        row = students.by_id(tx, student.row["id"])
    assert row is not None
    admission = marking.admit(parts, row, join_token=None, code=session["code"])
    # The gates let the student in; the teacher closes the door before the networks are done.
    answer = api.post(f"/session/{event}", teacher, json={"session_id": session["id"]})
    assert answer.status_code == 200
    with pytest.raises(error):
        marking.mark(parts, admission, [picture("obama2")])
    with parts.database.read() as tx:
        assert marks.counts(tx, session["id"], parts.clock.now()) == {}


def test_a_lock_among_many_marks_splits_them_cleanly(api: Api, parts: Services) -> None:
    teacher = api.teacher()
    session = api.session(teacher)
    people = [api.student(name) for name in ("obama", "biden", "grace_hopper", "astronaut")]
    faces = ("obama2", "biden", "grace_hopper", "astronaut")

    def mark(number: int) -> int:
        answer = Api(api.app).mark(people[number], faces[number], code=session["code"])
        return answer.status_code

    def lock() -> int:
        body = {"session_id": session["id"]}
        return Api(api.app).post("/session/lock", teacher, json=body).status_code

    with ThreadPoolExecutor(5) as pool:
        tries = [pool.submit(mark, number) for number in range(4)]
        assert pool.submit(lock).result() == 200
        codes = [future.result() for future in tries]
    assert set(codes) <= {200, 423}
    with parts.database.read() as tx:
        assert marks.counts(tx, session["id"], parts.clock.now()).get("present", 0) == codes.count(
            200
        )


def test_a_face_deleted_in_flight_does_not_count(api: Api, parts: Services) -> None:
    session = api.session(api.teacher())
    student = api.student("obama")
    with parts.database.read() as tx:
        row = students.by_id(tx, student.row["id"])
    assert row is not None
    admission = marking.admit(parts, row, join_token=None, code=session["code"])
    assert api.call("DELETE", "/student/face", student).status_code == 204
    with pytest.raises(FaceNotEnrolled):
        marking.mark(parts, admission, [picture("obama2")])


def test_two_stops_at_once_end_the_session_once(api: Api, parts: Services) -> None:
    teacher = api.teacher()
    session = api.session(teacher)

    def stop() -> int:
        body = {"session_id": session["id"]}
        return Api(api.app).post("/session/stop", teacher, json=body).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(future.result() for future in [pool.submit(stop) for _ in range(2)])
    assert answers == [200, 410]
    with parts.database.read() as tx:
        row = sessions.by_id(tx, session["id"])
    assert row is not None
    assert rules.state_of(row, parts.clock.now()) == statuses.ENDED
