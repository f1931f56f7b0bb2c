"""A refused student appeals; the teacher sees why it was refused, and decides."""

from __future__ import annotations

import json
from typing import Any

from attendance.core.services import Services
from tests.attendance.school import audited, course_of, enrol, hold, listed, put, reason_of
from tests.attendance.serving import Listener, serving
from tests.conftest import Api, FakeClock, Person, code_of


def appeal(api: Api, student: Person, session: dict[str, Any]) -> dict[str, Any]:
    answer = api.post(f"/session/{session['id']}/appeal", student, json={"reason": "I was there"})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json["appeal"]
    return made


def test_a_refused_student_appeals_and_is_marked(
    api: Api, teacher: Person, clock: FakeClock, parts: Services
) -> None:
    session, student = api.session(teacher), api.student("obama")
    assert code_of(api.mark(student, "biden", code=session["code"]))[1] == "face_mismatch"
    clock.advance(seconds=5)
    assert code_of(api.mark(student, b"no picture", code=session["code"])) == (
        400,
        "image_unreadable",
    )
    made = appeal(api, student, session)
    assert made == {
        "id": made["id"],
        "session_id": session["id"],
        "subject": "Algebra",
        "started_at": session["started_at"],
        "timezone": None,
        "student_id": student.row["student_id"],
        "name": student.row["name"],
        "reason": "I was there",
        "refusals": [
            {"code": "face_mismatch", "refused_at": "2026-03-02T08:00:00.000000Z"},
            {"code": "image_unreadable", "refused_at": "2026-03-02T08:00:05.000000Z"},
        ],
        "state": "open",
        "remark": None,
        "created_at": "2026-03-02T08:00:05.000000Z",
        "decided_at": None,
        "marked_as": None,
        "marked_reason": None,
    }
    assert api.get(f"/session/{session['id']}/appeals", teacher).json["appeals"] == [made]
    assert api.get("/appeal/mine?state=open", teacher).json["appeals"] == [made]
    decided = api.post(
        f"/appeal/{made['id']}/decide", teacher, json={"accepted": True, "remark": "I saw you"}
    )
    expected = {
        **made,
        "state": "accepted",
        "remark": "I saw you",
        "decided_at": "2026-03-02T08:00:05.000000Z",
        "marked_as": "present",
    }
    assert decided.json["appeal"] == expected
    assert api.get(f"/session/{session['id']}/appeals", student).json["appeals"] == [expected]
    assert api.get("/appeal/mine", student).json["appeals"] == [expected]
    assert listed(api, teacher, session) == {student.row["name"]: "present"}
    assert audited(parts, "appeal.decide")[0]["reason"] == "I saw you"
    assert audited(parts, "attendance.set")[0]["subject"] == f"student:{student.row['id']}"


def test_a_refusal_keeps_neither_picture_nor_distance(
    api: Api, teacher: Person, parts: Services
) -> None:
    session, student = api.session(teacher), api.student("obama")
    api.mark(student, "biden", code=session["code"])
    with parts.database.read() as tx:
        row = tx.one("SELECT * FROM refusals")
    assert row is not None
    assert set(row) == {"id", "session", "student", "code", "refused_at"}


def test_refusals_before_the_picture_are_kept_too(api: Api, teacher: Person) -> None:
    session, student = api.session(teacher), api.student()
    api.mark(student, "obama", code=session["code"])
    api.post("/session/lock", teacher, json={"session_id": session["id"]})
    api.mark(student, "obama", code=session["code"])
    api.mark(student, "obama", code="WRONG1")
    api.mark(student, "obama", session_id=str(session["id"]))
    api.mark(student, "obama", join_token="forged.token")
    codes = [line["code"] for line in appeal(api, student, session)["refusals"]]
    assert codes == ["face_not_enrolled", "session_locked", "session_locked"]


def test_a_rejected_appeal_marks_nobody(api: Api, teacher: Person) -> None:
    session, student = api.session(teacher), api.student()
    made = appeal(api, student, session)
    url = f"/appeal/{made['id']}/decide"
    assert api.post(url, teacher, json={"accepted": False}).json["appeal"]["state"] == "rejected"
    assert listed(api, teacher, session) == {}
    again = api.post(url, teacher, json={"accepted": True})
    assert code_of(again) == (409, "appeal_decided")
    second = api.post(f"/session/{session['id']}/appeal", student, json={"reason": "Please"})
    assert code_of(second) == (409, "appeal_exists")


def test_who_was_late_may_appeal_and_who_is_present_need_not(api: Api, teacher: Person) -> None:
    session, late, present = api.session(teacher), api.student(), api.student()
    put(api, teacher, session, late, "late")
    put(api, teacher, session, present, "present")
    made = appeal(api, late, session)
    body = {"accepted": True, "status": "excused"}
    assert api.post(f"/appeal/{made['id']}/decide", teacher, json=body).status_code == 200
    refused = api.post(f"/session/{session['id']}/appeal", present, json={"reason": "Why not"})
    assert code_of(refused) == (409, "already_present")


def test_an_accepted_appeal_may_name_a_reason_of_the_school(
    api: Api, admin: Person, teacher: Person, parts: Services
) -> None:
    late = reason_of(api, admin, name="Bus", code="B", status="late")["id"]
    fair = reason_of(api, admin)["id"]
    session, student = api.session(teacher), api.student()
    url = f"/appeal/{appeal(api, student, session)['id']}/decide"
    wrong: tuple[tuple[dict[str, Any], tuple[int, str]], ...] = (
        ({"accepted": False, "reason_id": late}, (400, "invalid_request")),
        ({"accepted": True, "status": "present", "reason_id": late}, REASON_OF_OTHER),
        ({"accepted": True, "status": "late", "reason_id": fair}, REASON_OF_OTHER),
        ({"accepted": True, "status": "late", "reason_id": 987_654}, (404, "reason_not_found")),
    )
    for body, refused in wrong:
        assert code_of(api.post(url, teacher, json=body)) == refused
    assert listed(api, teacher, session) == {}
    assert audited(parts, "appeal.decide") == [], "it waits as before"
    body = {"accepted": True, "status": "late", "reason_id": late}
    answer = api.post(url, teacher, json=body)
    assert answer.status_code == 200, answer.text
    shown = answer.json["appeal"]
    assert (shown["marked_as"], shown["marked_reason"]) == ("late", "Bus")
    [row] = api.get(f"/session/attendance?session_id={session['id']}", teacher).json["attendance"]
    assert (row["status"], row["reason"], row["reason_id"]) == ("late", "Bus", late)
    [line] = audited(parts, "attendance.set")
    assert json.loads(line["new_value"])["reason_id"] == late


REASON_OF_OTHER = (409, "reason_of_other_status")


def test_an_absence_of_an_ended_session_can_be_appealed(
    api: Api, teacher: Person, clock: FakeClock
) -> None:
    course, student = course_of(api, teacher), api.student()
    enrol(api, teacher, course, student)
    session = hold(api, clock, teacher, course, {})
    assert listed(api, teacher, session) == {student.row["name"]: "absent"}
    made = appeal(api, student, session)
    api.post(f"/appeal/{made['id']}/decide", teacher, json={"accepted": True})
    assert listed(api, teacher, session) == {student.row["name"]: "present"}


def test_an_appeal_is_heard_at_once(api: Api, teacher: Person) -> None:
    session, student = api.session(teacher), api.student()
    with (
        serving(api.app) as url,
        Listener(url, teacher.token) as board,
        Listener(url, student.token) as own,
        Listener(url, api.student().token) as stranger,
    ):
        made = appeal(api, student, session)
        assert board.next("appeal_changed")["appeal"] == made
        api.post(f"/appeal/{made['id']}/decide", teacher, json={"accepted": False})
        own.next("appeal_changed")
        assert own.next("appeal_changed")["appeal"]["state"] == "rejected"
        stranger.settle()
        assert "appeal_changed" not in stranger.names()


def test_who_may_appeal_see_and_decide(api: Api, admin: Person, teacher: Person) -> None:
    course, student, stranger = course_of(api, teacher), api.student(), api.student()
    enrol(api, teacher, course, student)
    session = api.session(teacher, course_id=course["id"])
    url, body = f"/session/{session['id']}/appeal", {"reason": "I was there"}
    assert code_of(api.post(url, json=body)) == (401, "token_missing")
    assert code_of(api.post(url, teacher, json=body)) == (403, "forbidden")
    assert code_of(api.post(url, stranger, json=body)) == (403, "not_enrolled")
    assert code_of(api.post(url, student, json={"reason": " "})) == (400, "invalid_request")
    missing = api.post("/session/999/appeal", student, json=body)
    assert code_of(missing) == (404, "session_not_found")
    made = appeal(api, student, session)

    assert code_of(api.get(f"{url}s")) == (401, "token_missing")
    assert code_of(api.get(f"{url}s", api.teacher())) == (403, "forbidden")
    assert code_of(api.get(f"{url}s", stranger)) == (403, "not_enrolled")
    assert code_of(api.get("/appeal/mine")) == (401, "token_missing")
    assert api.get("/appeal/mine", stranger).json == {"appeals": []}
    assert api.get("/appeal/mine", api.teacher()).json == {"appeals": []}

    decide, yes = f"/appeal/{made['id']}/decide", {"accepted": True}
    assert code_of(api.post(decide, json=yes)) == (401, "token_missing")
    assert code_of(api.post(decide, student, json=yes)) == (403, "forbidden")
    assert code_of(api.post(decide, api.teacher(), json=yes)) == (403, "forbidden")
    wrong = api.post("/appeal/999/decide", teacher, json=yes)
    assert code_of(wrong) == (404, "appeal_not_found")
    absent = api.post(decide, teacher, json={"accepted": True, "status": "absent"})
    assert code_of(absent) == (400, "invalid_request")
    assert api.post(decide, admin, json=yes).status_code == 200


def test_a_student_sees_the_own_appeal_only(api: Api, teacher: Person) -> None:
    session, ann, bob = api.session(teacher), api.student(), api.student()
    own = appeal(api, ann, session)
    appeal(api, bob, session)
    assert api.get(f"/session/{session['id']}/appeals", ann).json["appeals"] == [own]
    assert len(api.get(f"/session/{session['id']}/appeals", teacher).json["appeals"]) == 2
