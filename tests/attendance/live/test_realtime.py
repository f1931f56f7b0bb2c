"""Socket.IO over a real port: who hears what, and who hears nothing."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import socketio
from flask_jwt_extended import create_access_token
from flask_openapi3 import OpenAPI
from socketio.packet import EVENT

from attendance.accounts import guard
from attendance.core.services import Services
from attendance.live import connections, sockets, ticker
from attendance.sessions import events
from database import DatabaseUnavailable, teachers
from tests.attendance.serving import Listener, leave, serving
from tests.attendance.sessions.test_marking_gates import enrol_in_course
from tests.conftest import PASSWORD, Api, FakeClock, Person

pytestmark = pytest.mark.any_database


@pytest.fixture
def url(app: OpenAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


def test_a_connection_without_a_good_token_is_refused(url: str, api: Api) -> None:
    student = api.student()
    for token in (None, "not.a.token", student.refresh_token):
        with pytest.raises(socketio.exceptions.ConnectionError):
            Listener(url, token, "polling")
    api.post("/auth/logout", student)
    with pytest.raises(socketio.exceptions.ConnectionError):
        Listener(url, student.token, "polling")


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_either_transport_is_enough(url: str, api: Api, teacher: Person, transport: str) -> None:
    with Listener(url, teacher.token, transport) as listener:
        assert listener.follow(api.session(teacher)["id"]) == {"ok": True}
        listener.next("attendance_snapshot")


def test_who_follows_while_the_database_is_away_is_told_so(
    url: str, api: Api, teacher: Person, parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseUnavailable("on purpose")

    session = api.session(teacher)
    with Listener(url, teacher.token, "websocket") as listener:
        with monkeypatch.context() as patch:
            patch.setattr(parts.database, "read", away)
            answer = listener.follow(session["id"])
            assert (answer["ok"], answer["code"]) == (False, "unavailable")
        assert listener.follow(session["id"]) == {"ok": True}


def test_the_cookie_of_the_pages_opens_a_connection(url: str, api: Api) -> None:
    student = api.student()
    browser = Api(api.app, cookies=True)
    login = {"email": student.row["email"], "password": PASSWORD}
    browser.post("/student/login?transport=cookie", json=login)
    cookie = browser.client.get_cookie("access_token_cookie")
    client = socketio.Client(reconnection=False)
    client.connect(
        url,
        headers={"Cookie": f"access_token_cookie={cookie.value}"},
        transports=["websocket"],
    )
    assert client.connected
    leave(client)


def test_a_class_hears_its_session_start_lock_unlock_and_stop(
    url: str, api: Api, parts: Services, teacher: Person
) -> None:
    member, stranger = api.student(), api.student()
    course = enrol_in_course(parts, teacher, member)
    with Listener(url, member.token) as inside, Listener(url, stranger.token) as outside:
        session = api.session(teacher, course_id=course)
        body = {"session_id": session["id"]}
        for call, event in (
            ("start", "session_started"),
            ("lock", "session_locked"),
            ("unlock", "session_unlocked"),
            ("stop", "session_stopped"),
        ):
            if call != "start":
                api.post(f"/session/{call}", teacher, json=body)
            heard = inside.next(event)
            assert heard["session_id"] == session["id"]
            assert heard["session"]["code"] is None
        outside.settle()
        assert outside.names() == []
        inside.settle()
        assert inside.names() == []


def test_a_lock_that_changes_nothing_is_not_announced(url: str, api: Api, teacher: Person) -> None:
    session = api.session(teacher)
    with Listener(url, teacher.token) as listener:
        for _ in range(2):
            api.post("/session/lock", teacher, json={"session_id": session["id"]})
        listener.next("session_locked")
        listener.settle()
        assert listener.names() == []


def test_a_session_without_a_course_is_heard_by_every_student(
    url: str, api: Api, teacher: Person
) -> None:
    with Listener(url, api.student().token) as listener:
        session = api.session(teacher)
        assert listener.next("session_started")["session_id"] == session["id"]


def test_the_teacher_sees_marks_arrive_and_other_students_do_not(
    url: str, api: Api, teacher: Person
) -> None:
    session = api.session(teacher)
    student, other = api.student("obama"), api.student()
    with (
        Listener(url, teacher.token) as board,
        Listener(url, student.token) as own,
        Listener(url, other.token) as bystander,
    ):
        for listener in (board, own, bystander):
            assert listener.follow(session["id"]) == {"ok": True}
            assert listener.next("attendance_snapshot")["attendance"] == []
        marked = api.mark(student, "obama2", code=session["code"]).json
        heard = board.next("attendance_marked")
        assert heard["student_id"] == student.row["student_id"]
        assert heard["marked_at"] == marked["marked_at"]
        counts = board.next("attendance_summary_updated")["counts"]
        assert counts == {"present": 1, "late": 0, "absent": 0, "excused": 0}
        assert own.next("attendance_marked")["session_id"] == session["id"]
        assert own.next("attendance_summary_updated")["overall"]["percentage"] == 100.0
        for listener in (board, own, bystander):
            listener.settle()
            assert listener.names() == []
        api.mark(student, "obama2", code=session["code"])
        board.settle()
        assert board.names() == []


def test_a_teacher_is_told_of_students_who_come_into_the_course_or_leave_it(
    url: str, api: Api, teacher: Person
) -> None:
    course = api.post("/course", teacher, json={"code": "LAW1", "name": "Law"}).json["course"]
    path, told = f"/course/{course['id']}", {"course_id": course["id"]}
    first, second = api.student(), api.student()
    other = api.teacher()

    def roster(query: str) -> None:
        file = (io.BytesIO(b"student_id,name\nS-900,Grace Hopper\n"), "roster.csv")
        answer = api.call(
            "POST",
            f"{path}/roster{query}",
            teacher,
            data={"file": file},
            content_type="multipart/form-data",
        )
        assert answer.status_code == 200

    with (
        Listener(url, teacher.token) as board,
        Listener(url, other.token) as elsewhere,
        Listener(url, first.token) as student,
    ):
        for change in (
            lambda: api.post("/course/join", first, json={"join_code": course["join_code"]}),
            lambda: api.post(
                f"{path}/students", teacher, json={"student_id": second.row["student_id"]}
            ),
            lambda: api.call("DELETE", f"{path}/students/{second.row['student_id']}", teacher),
            lambda: roster(""),
        ):
            change()
            assert board.next("course_changed") == told
        api.post("/course/join", first, json={"join_code": course["join_code"]})
        roster("?dry_run=true")
        roster("")
        for listener in (board, elsewhere, student):
            listener.settle()
            assert listener.names() == []


def test_who_comes_later_gets_the_list_so_far(url: str, api: Api, teacher: Person) -> None:
    session = api.session(teacher)
    student, other = api.student("obama"), api.student()
    api.mark(student, "obama2", code=session["code"])
    with Listener(url, teacher.token) as board:
        board.follow(session["id"])
        snapshot = board.next("attendance_snapshot")
        assert [row["student_id"] for row in snapshot["attendance"]] == [student.row["student_id"]]
        assert snapshot["session"]["code"] == session["code"]
    with Listener(url, other.token) as bystander:
        bystander.follow(session["id"])
        snapshot = bystander.next("attendance_snapshot")
        assert snapshot["attendance"] == []
        assert snapshot["session"]["code"] is None


def test_a_mark_made_while_the_list_is_read_is_told(
    url: str, api: Api, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, owner = teacher, api.teacher()  # who does not hear the session without asking
    session = api.session(owner)
    student = api.student()
    read = sockets._marks_for

    def read_before_the_mark(*arguments: Any) -> list[dict[str, Any]]:
        listed = read(*arguments)
        path = f"/session/{session['id']}/attendance/{student.row['student_id']}"
        answer = api.call("PUT", path, owner, json={"status": "present"})
        assert answer.status_code == 200, answer.text
        return listed

    monkeypatch.setattr(sockets, "_marks_for", read_before_the_mark)
    with Listener(url, admin.token) as board:
        assert board.follow(session["id"]) == {"ok": True}
        assert board.next("attendance_snapshot")["attendance"] == []
        assert board.next("attendance_marked")["student_id"] == student.row["student_id"]


def test_following_is_for_the_owner_and_the_class(
    url: str, api: Api, parts: Services, teacher: Person
) -> None:
    session = api.session(teacher, course_id=enrol_in_course(parts, teacher))
    with Listener(url, api.teacher().token) as other:
        assert other.follow(session["id"])["code"] == "forbidden"
        assert other.follow(99)["code"] == "session_not_found"
        assert other.follow("x")["code"] == "session_not_found"
        assert other.follow(2**70)["code"] == "session_not_found"
        for nonsense in (None, float("inf"), float("nan"), 1.0, True, "", "-1", "9" * 30, [1]):
            assert other.follow(nonsense)["code"] == "session_not_found", nonsense
    with Listener(url, api.student().token) as stranger:
        assert stranger.follow(session["id"])["code"] == "not_enrolled"


def test_following_is_limited_like_joining(make_app: Callable[..., OpenAPI]) -> None:
    app = make_app(join_tries_per_minute=3)
    api = Api(app)
    student = api.student()
    with serving(app) as url, Listener(url, student.token) as listener:
        codes = [listener.follow(1)["code"] for _ in range(5)]
    assert codes == ["session_not_found"] * 3 + ["too_many_tries"] * 2


def test_who_leaves_hears_no_more(url: str, api: Api, teacher: Person) -> None:
    admin = teacher
    owner = api.teacher()
    session = api.session(owner)
    with Listener(url, admin.token) as listener:
        listener.follow(session["id"])
        listener.next("attendance_snapshot")
        listener.client.call("leave_session", {"session_id": session["id"]}, timeout=30)
        api.post("/session/lock", owner, json={"session_id": session["id"]})
        listener.settle()
        assert listener.names() == []


def test_the_ticker_announces_planned_ends_and_new_codes(
    url: str, api: Api, teacher: Person, clock: FakeClock
) -> None:
    session = api.session(teacher, duration_minutes=1)
    with Listener(url, teacher.token) as board:
        board.follow(session["id"])
        board.next("attendance_snapshot")
        clock.advance(seconds=15)
        rotated = board.next("qr_rotated")
        assert rotated["session_id"] == session["id"]
        assert rotated["changes_at"].endswith("Z")
        clock.advance(minutes=1)
        stopped = board.next("session_stopped")
        assert stopped["session"]["ended_at"] == "2026-03-02T08:01:00.000000Z"


def test_a_tick_without_anything_due_says_nothing(api: Api, app: OpenAPI) -> None:
    api.session(api.teacher())
    step = ticker.tick(app, -1)
    assert ticker.tick(app, step) == step


def test_a_suspended_teacher_and_a_deleted_student_hear_nothing_more(
    url: str, api: Api, teacher: Person
) -> None:
    bob, student = api.teacher(), api.student()
    with (
        Listener(url, teacher.token) as stays,
        Listener(url, bob.token) as suspended,
        Listener(url, student.token) as deleted,
    ):
        api.post(f"/admin/teachers/{bob.row['id']}/suspend", teacher)
        api.call("DELETE", f"/admin/students/{student.row['id']}", teacher)
        # waits until the server has closed them
        suspended.client.wait()
        deleted.client.wait()
        assert stays.client.connected


def test_a_connection_ends_with_the_token_or_the_role_it_was_opened_with(
    url: str, api: Api, teacher: Person
) -> None:
    leaver, demoted = api.teacher(), api.teacher()
    path = f"/admin/teachers/{demoted.row['id']}"
    assert api.call("PATCH", path, teacher, json={"role": "admin"}).status_code == 200
    with (
        Listener(url, teacher.token) as stays,
        Listener(url, leaver.token) as left,
        Listener(url, demoted.token) as changed,
    ):
        assert changed.follow(api.session(teacher)["id"]) == {"ok": True}
        assert api.post("/auth/logout", leaver).status_code == 204
        assert api.call("PATCH", path, teacher, json={"role": "teacher"}).status_code == 200
        left.client.wait()
        changed.client.wait()
        assert stays.client.connected


def send(listener: Listener, event: str, *arguments: Any) -> None:
    """Send an event of any name, as the protocol allows; the client's own library would refuse."""
    listener.client._send_packet(
        listener.client.packet_class(EVENT, namespace="/", data=[event, *arguments])
    )


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_client_that_names_an_event_disconnect_is_not_forgotten(
    url: str, api: Api, teacher: Person, transport: str
) -> None:
    bob = api.teacher()
    with Listener(url, teacher.token) as stays, Listener(url, bob.token, transport) as clever:
        send(clever, "disconnect")
        send(clever, "disconnect", "transport close")
        clever.settle()  # it is still answered as before
        assert clever.follow(api.session(bob)["id"]) == {"ok": True}
        api.post(f"/admin/teachers/{bob.row['id']}/suspend", teacher)
        clever.client.wait()  # until the server has closed it
        assert stays.client.connected


def test_an_event_named_connect_gives_no_other_account(url: str, api: Api, teacher: Person) -> None:
    bob, student = api.teacher(), api.student()
    session = api.session(bob)
    with Listener(url, student.token) as clever:
        send(clever, "connect", {}, {"token": bob.token})
        send(clever, "connect", {"token": bob.token})
        assert clever.follow(session["id"]) == {"ok": True}
        assert clever.next("attendance_snapshot")["session"]["code"] is None  # a student's
        assert api.post("/auth/logout", student).status_code == 204
        clever.client.wait()


def test_events_of_unknown_names_change_nothing(url: str, api: Api, teacher: Person) -> None:
    with Listener(url, teacher.token) as listener:
        for name in ("*", "", "message", "connect_error", "session_started", "__class__", "on"):
            send(listener, name, {"session_id": 1})
        listener.settle()
        assert listener.names() == []
        session = api.session(teacher)
        assert listener.next("session_started")["session_id"] == session["id"]


def test_a_connection_that_only_the_library_knows_is_closed(
    url: str, api: Api, teacher: Person
) -> None:
    with Listener(url, api.student().token) as lost, Listener(url, teacher.token) as stays:
        sid = lost.client.get_sid()
        assert connections.is_open(sid)
        connections.remove(sid)
        lost.client.wait()
        assert stays.client.connected


def test_a_connection_ends_when_its_token_expires(
    url: str, api: Api, app: OpenAPI, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        name = f"teacher:{teacher.row['id']}"
        version = {"ver": guard.account_of_token(teacher.token)[0].row["token_version"]}
        long = create_access_token(name, additional_claims=version, expires_delta=timedelta(days=9))
    with Listener(url, teacher.token) as expired, Listener(url, long) as stays:
        day_later = time.time() + 24 * 3600
        monkeypatch.setattr(time, "time", lambda: day_later)
        expired.client.wait()
        stays.settle()
        assert stays.client.connected


def rights_that_end(api: Api, admin: Person, person: Person) -> dict[str, Callable[[], Any]]:
    kind, number = "teacher" if "role" in person.row else "student", person.row["id"]
    own = {"password": "another horse", "current_password": PASSWORD}
    return {
        "sign-out everywhere": lambda: api.post("/auth/logout-everywhere", person),
        "new password": lambda: api.call("PATCH", f"/{kind}/me", person, json=own),
        "deletion": lambda: api.call("DELETE", f"/admin/{kind}s/{number}", admin),
    }


@pytest.mark.parametrize("how", ["sign-out everywhere", "new password", "deletion"])
def test_a_connection_ends_with_the_right_whatever_it_has_sent(
    url: str, api: Api, teacher: Person, how: str
) -> None:
    people = [api.teacher(), api.student()]
    for person in people:
        with Listener(url, person.token) as listener:
            send(listener, "disconnect")
            listener.settle()
            answer = rights_that_end(api, teacher, person)[how]()
            assert answer.status_code in (200, 204), answer.text
            listener.client.wait()


def test_who_is_taken_out_of_a_course_hears_its_sessions_no_more(
    url: str, api: Api, parts: Services, teacher: Person
) -> None:
    member = api.student()
    course = enrol_in_course(parts, teacher, member)
    session = api.session(teacher, course_id=course)
    with Listener(url, member.token) as listener:
        assert listener.follow(session["id"]) == {"ok": True}
        listener.next("attendance_snapshot")
        path = f"/course/{course}/students/{member.row['student_id']}"
        assert api.call("DELETE", path, teacher).status_code == 204
        api.post("/session/lock", teacher, json={"session_id": session["id"]})
        listener.settle()
        assert listener.names() == []
        assert listener.follow(session["id"])["code"] == "not_enrolled"


def test_who_may_not_watch_a_list_any_more_leaves_it(
    url: str, api: Api, parts: Services, app: OpenAPI, teacher: Person
) -> None:
    bob, carol = api.teacher(), api.teacher()
    session = api.session(bob)
    with Listener(url, bob.token) as listener:
        assert listener.follow(session["id"]) == {"ok": True}
        listener.next("attendance_snapshot")
        with parts.database.write() as tx:
            teachers.hand_over(tx, bob.row["id"], carol.row["id"])
        ticker.tick(app, -1)
        api.post("/session/lock", carol, json={"session_id": session["id"]})
        listener.settle()
        assert listener.names() == []


def test_a_session_is_started_also_when_nobody_can_be_told(
    api: Api, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_parts: Services, _row: dict[str, Any]) -> list[str]:
        raise DatabaseUnavailable("on purpose")

    monkeypatch.setattr(events, "_students_of", away)
    session = api.session(teacher)
    stopped = api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert stopped.status_code == 200, stopped.text


def test_a_mark_of_which_nobody_could_be_told_comes_with_the_list(
    url: str, api: Api, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_parts: Services, _row: dict[str, Any]) -> list[str]:
        raise DatabaseUnavailable("on purpose")

    session, student = api.session(teacher), api.student("obama")
    with Listener(url, teacher.token) as listener:
        listener.follow(session["id"])
        assert listener.next("attendance_snapshot")["attendance"] == []
        with monkeypatch.context() as patch:
            patch.setattr(events, "listeners_of", away)
            marked = api.mark(student, "obama2", code=session["code"])
        assert marked.status_code == 200, marked.text
        listed = listener.next("attendance_snapshot")["attendance"]
        assert [line["student_id"] for line in listed] == [student.row["student_id"]]
        assert "attendance_marked" not in listener.names()


def test_lists_that_cannot_be_read_are_sent_when_they_can_be(
    url: str, api: Api, app: OpenAPI, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = ticker.marks.of_session
    failures = iter([True, True])

    def once_more(*given: Any) -> Any:
        if next(failures, False):
            raise DatabaseUnavailable("on purpose")
        return reads(*given)

    session = api.session(teacher)
    with Listener(url, teacher.token) as listener:
        listener.follow(session["id"])
        listener.next("attendance_snapshot")
        monkeypatch.setattr(ticker.marks, "of_session", once_more)
        ticker.lists_are_behind(app)
        assert listener.next("attendance_snapshot")["session_id"] == session["id"]
        assert next(failures, None) is None, "it could not be read twice"


def test_what_a_process_stored_and_could_not_tell_before_it_ended_comes_with_the_list(
    url: str, api: Api, app: OpenAPI, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticker, "start", lambda _app: None)
    session, student = api.session(teacher), api.student("obama")
    with Listener(url, teacher.token) as listener:
        listener.follow(session["id"])
        listener.next("attendance_snapshot")
        with monkeypatch.context() as patch:
            patch.setattr(events, "attendance_marked", lambda *_: None)
            assert api.mark(student, "obama2", code=session["code"]).status_code == 200
        ticker.compare_lists(app)
        listed = listener.next("attendance_snapshot")["attendance"]
        assert [line["student_id"] for line in listed] == [student.row["student_id"]]
        ticker.compare_lists(app)
        listener.settle()
        assert listener.names() == [], "nothing has changed since"
