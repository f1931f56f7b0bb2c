"""A camera in the room: who is recognised, marked, asked about, and who is not."""

from __future__ import annotations

import csv
import io
import threading
from typing import Any

import openpyxl
import pytest
from flask_openapi3 import OpenAPI

import attendance
from attendance.accounts.guard import Account
from attendance.core.roles import TEACHER
from attendance.core.services import Services
from attendance.room import cameras as looking
from attendance.room import watching
from database import cameras, teachers
from facerecog import Recognizer
from tests import classroom
from tests.attendance.room.conftest import PEOPLE, Camera, Class, agree
from tests.attendance.school import audited, course_of
from tests.attendance.serving import Listener, leave, until
from tests.conftest import Api, FakeClock, code_of

pytestmark = pytest.mark.any_database


def named(answer: dict[str, Any]) -> set[str]:
    return {face["student_id"] for face in answer["faces"] if "student_id" in face}


def exported(school: Class) -> dict[str, tuple[str, str]]:
    """Who is missed or unmarked by the CSV of the session, and by the list for programs."""
    path = f"/session/{school.session['id']}/export.csv"
    text = school.api.get(path, school.teacher).data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    path = f"/api/attendance/records?session_id={school.session['id']}"
    records = school.api.get(path, school.teacher).json["records"]
    told = {record["student_id"]: record for record in records}
    assert [" ".join(told[line["student_id"]]["evidence"]) for line in lines] == [
        line["evidence"] for line in lines
    ]
    return {
        line["student_id"]: (line["camera"], told[line["student_id"]]["camera"])
        for line in lines
        if line["camera"] or told[line["student_id"]]["camera"]
    }


def test_a_class_is_marked_once_and_a_stranger_stays_nameless(
    school: Class, camera: Camera, url: str
) -> None:
    assert school.allow("mark") == {"mode": "mark", "gallery": 3, "seen": 0, "marked": 0}
    with Listener(url, school.teacher.token) as teacher:
        answers = camera.film(classroom.seats([*PEOPLE, "astronaut"]), 10)
        numbers = {school.number(who) for who in PEOPLE}
        assert named(answers[-1]) == numbers
        told = [number for answer in answers for number in answer["marked"]]
        assert sorted(told) == sorted(numbers), "each once"
        assert school.marks() == dict.fromkeys(numbers, ("present", "camera"))
        stranger = [face for face in answers[-1]["faces"] if "student_id" not in face]
        assert [face["state"] for face in stranger] == ["unknown"]
        assert set(stranger[0]) == {"track", "box", "state"}
        assert all(0 <= edge <= 1 for face in answers[-1]["faces"] for edge in face["box"])
        heard = [teacher.next("face_seen") for _ in PEOPLE]
        assert {each["student_id"] for each in heard} == numbers
        camera.film(classroom.seats(PEOPLE), 2)
        teacher.settle()
        assert "face_seen" not in teacher.names(), "again after a minute at the earliest"
    path = f"/session/{school.session['id']}/camera"
    kept = school.api.get(path, school.teacher).json["camera"]
    assert (kept["seen"], kept["marked"]) == (3, 3)


def test_statistics_of_the_day_and_of_the_system_count_what_cameras_did(
    school: Class, camera: Camera
) -> None:
    school.allow("mark")
    camera.film(classroom.seats(PEOPLE), 10)
    (day,) = school.api.get("/stats/daily", school.teacher).json["days"]
    assert day["methods"] == {"camera": 3}
    told = school.api.get("/admin/system", school.teacher).json["cameras"]
    counted = [told[name] for name in ("open", "frames", "faces", "known", "unknown", "marked")]
    assert counted == [1, 10, 30, 3, 0, 3]
    assert told["ms_per_frame"] > 0
    assert told["frames_per_second"] > 0


def test_in_the_mode_suggest_the_teacher_decides(
    school: Class, camera: Camera, url: str, parts: Services
) -> None:
    school.allow("suggest")
    with Listener(url, school.teacher.token) as teacher:
        camera.film(classroom.seats(["obama", "biden"]), 8)
        assert school.marks() == {}
        waiting = school.sightings()
        assert teacher.next("sighting_added")["sighting"]["id"] == waiting[0]["id"]
    by_number = {each["candidates"][0]["student_id"]: each for each in waiting}
    assert set(by_number) == {school.number("obama"), school.number("biden")}
    obama = by_number[school.number("obama")]
    assert (obama["reason"], obama["decided"], obama["crop"]) == ("proposed", False, True)
    base = f"/session/{school.session['id']}/sightings/{obama['id']}"
    crop = school.api.get(f"{base}/crop.jpg", school.teacher)
    assert crop.data.startswith(b"\xff\xd8")
    answer = school.decide(obama, "obama")
    assert answer.json["attendance"]["method"] == "camera"
    assert school.marks() == {school.number("obama"): ("present", "camera")}
    assert code_of(school.decide(obama, None)) == (409, "sighting_decided")
    assert school.api.get(f"{base}/crop.jpg", school.teacher).status_code == 404
    camera.film(classroom.seats(["obama", "biden"]), 3)
    assert [each["id"] for each in school.sightings()] == [by_number[school.number("biden")]["id"]]
    undone = school.api.post(f"{base}/undo", school.teacher)
    assert undone.json["sighting"]["decided"] is False
    assert school.marks() == {}
    assert code_of(school.api.post(f"{base}/undo", school.teacher)) == (409, "nothing_to_undo")
    assert [line["actor"] for line in audited(parts, "sighting.decide")] == [
        f"teacher:{school.teacher.row['id']}"
    ]
    nobody = school.decide(by_number[school.number("biden")], None)
    assert nobody.json["attendance"] is None
    assert school.marks() == {}


def test_who_did_not_agree_is_a_stranger(school: Class, camera: Camera) -> None:
    agree(school.api, school.students["obama"], False)
    assert school.allow("mark")["gallery"] == 2
    answers = camera.film(classroom.seats(PEOPLE), 8)
    assert named(answers[-1]) == {school.number("biden"), school.number("grace_hopper")}
    assert school.number("obama") not in school.marks()


def test_consent_taken_back_counts_with_the_next_frame_on_every_process(
    school: Class, camera: Camera, parts: Services, clock: FakeClock, recognizer: Recognizer
) -> None:
    school.allow("suggest")
    other_process = attendance._open(parts.settings, clock, recognizer)
    with parts.database.read() as tx:
        row = teachers.by_id(tx, school.teacher.row["id"])
    assert row is not None
    teacher = Account(TEACHER, row)

    def film_there(frames: int, first: int = 0) -> list[dict[str, Any]]:
        answers = []
        for seq in range(first, first + frames):
            image = classroom.frame(recognizer, classroom.seats(PEOPLE), seq)
            looked = watching.look(
                other_process,
                teacher,
                "there",
                session_id=school.session["id"],
                seq=seq,
                image=image,
                name="camera",
            )
            answers.append(looked.answer)
        return answers

    assert school.number("obama") in named(camera.film(classroom.seats(PEOPLE), 8)[-1])
    assert school.number("obama") in named(film_there(8)[-1])
    agree(school.api, school.students["obama"], False)
    others = {school.number("biden"), school.number("grace_hopper")}
    for answers in (camera.film(classroom.seats(PEOPLE), 8), film_there(8, 8)):
        assert all(named(answer) <= others for answer in answers)
        assert named(answers[-1]) == others
    other_process.database.close()
    shown = {
        candidate["student_id"]
        for sighting in school.sightings()
        for candidate in sighting["candidates"]
    }
    assert school.number("obama") not in shown


def test_without_anybody_who_agreed_faces_are_boxes(school: Class, camera: Camera) -> None:
    for student in school.students.values():
        agree(school.api, student, False)
    assert school.allow("mark")["gallery"] == 0
    answers = camera.film(classroom.seats(PEOPLE), 6)
    assert {face["state"] for face in answers[-1]["faces"]} == {"unknown"}
    assert school.marks() == {}


def test_a_picture_on_the_wall_is_never_marked(school: Class, camera: Camera) -> None:
    school.allow("mark")
    answers = camera.film(classroom.seats({"obama": 0.0, "biden": 0.1}), 12)
    assert named(answers[-1]) == {school.number("biden")}
    assert "uncertain" in {face["state"] for face in answers[-1]["faces"]}
    assert set(school.marks()) == {school.number("biden")}


def test_frames_that_are_none_are_answered_by_name(
    school: Class, camera: Camera, recognizer: Recognizer
) -> None:
    frame = classroom.frame(recognizer, classroom.seats(["obama"]), 0)
    assert camera.send(frame)["code"] == "camera_off"
    school.allow("mark")
    assert camera.send(b"no picture")["code"] == "image_unreadable"
    assert camera.send("text")["code"] == "image_missing"
    assert camera.send(None)["code"] == "image_missing"
    assert camera.send(frame + bytes(1_500_000))["code"] == "image_too_large"
    assert camera.send(frame, session_id=10**6)["code"] == "session_not_found"
    assert camera.send(frame, session_id="x")["code"] == "session_not_found"
    for seq in (-1, True, "1", None, 2.5):
        assert camera.send(frame, seq=seq)["code"] == "invalid_request"
    assert camera.send(frame, camera="")["code"] == "invalid_request"
    assert camera.send(frame, seq=1000)["ok"]
    assert camera.send(frame, seq=999)["code"] == "frame_out_of_order"
    assert camera.send(frame, seq=999, camera="another")["ok"], "each camera has its own count"
    session = {"session_id": school.session["id"]}
    school.api.post("/session/lock", school.teacher, json=session)
    assert camera.send(frame, seq=1001)["code"] == "session_locked"
    school.api.post("/session/stop", school.teacher, json=session)
    assert camera.send(frame, seq=1002)["code"] == "session_ended"
    path = f"/session/{school.session['id']}/camera"
    answer = school.api.call("PUT", path, school.teacher, json={"mode": "mark"})
    assert code_of(answer) == (410, "session_ended")


def test_nobody_else_looks_into_a_session(
    school: Class, camera: Camera, url: str, recognizer: Recognizer
) -> None:
    school.allow("mark")
    frame = classroom.frame(recognizer, classroom.seats(["obama"]), 0)
    stranger = school.api.teacher()
    foreign = Camera(url, recognizer, school.session["id"], token=stranger.token)
    assert foreign.send(frame)["code"] == "forbidden"
    leave(foreign.client)
    student = Camera(url, recognizer, school.session["id"], token=school.students["obama"].token)
    line = student.client.eio.ws
    student.client.emit("camera_frame", {"image": frame})
    until(lambda: not student.client.connected)  # which reads no attachments
    line.shutdown()
    path = f"/session/{school.session['id']}"
    for call in (f"{path}/camera", f"{path}/sightings"):
        assert school.api.get(call, stranger).status_code == 403
        assert school.api.get(call, school.students["obama"]).status_code == 403


def test_a_hundred_frames_at_once_are_one_frame(
    school: Class, camera: Camera, recognizer: Recognizer
) -> None:
    school.allow("mark")
    frame = classroom.frame(recognizer, classroom.seats(["obama"]), 0)
    answers: list[dict[str, Any]] = []
    done = threading.Event()

    def take(answer: dict[str, Any]) -> None:
        answers.append(answer)
        if len(answers) == 100:
            done.set()

    for seq in range(100):
        message = {"session_id": school.session["id"], "seq": seq + 1, "image": frame}
        camera.client.emit("camera_frame", message, callback=take)
    assert done.wait(120)
    codes = [answer.get("code") for answer in answers]
    assert None in codes
    assert set(codes) <= {None, "frame_pending", "frame_out_of_order"}
    assert codes.count("frame_pending") > 50
    camera.seq = 1000
    assert camera.send(frame)["ok"], "and it goes on"


def test_a_camera_that_leaves_is_forgotten(
    school: Class, camera: Camera, parts: Services, recognizer: Recognizer
) -> None:
    school.allow("mark")
    camera.film(classroom.seats(["obama"]), 2)
    assert parts.cameras.open == 1
    leave(camera.client)
    until(lambda: parts.cameras.open == 0)


def test_so_many_cameras_look_at_once_and_no_more(
    school: Class, camera: Camera, recognizer: Recognizer
) -> None:
    school.allow("mark")
    frame = classroom.frame(recognizer, classroom.seats(["obama"]), 0)
    answers = [camera.send(frame, camera=f"camera {number}") for number in range(5)]
    assert [answer["ok"] for answer in answers] == [True] * 4 + [False]
    assert answers[-1]["code"] == "too_many_cameras"


def test_a_camera_sees_one_lesson_after_the_other(
    school: Class, camera: Camera, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it looked at before makes room, and is not waited for."""
    school.allow("mark")
    frame = classroom.frame(recognizer, classroom.seats(["obama"]), 0)
    monkeypatch.setattr(looking, "LEFT_SECONDS", 0.0)
    answers = [camera.send(frame, camera=f"lesson {number}") for number in range(6)]
    assert [answer["ok"] for answer in answers] == [True] * 6


def test_two_cameras_in_one_session_mark_once(
    school: Class, camera: Camera, url: str, recognizer: Recognizer
) -> None:
    school.allow("mark")
    other = Camera(url, recognizer, school.session["id"], token=school.teacher.token)
    first = camera.film(classroom.seats(["obama"]), 6)
    second = other.film(classroom.seats(["obama"]), 6)
    leave(other.client)
    marked = [number for answer in first + second for number in answer["marked"]]
    assert marked == [school.number("obama")]
    assert named(second[-1]) == {school.number("obama")}


def test_the_switch_is_audited_and_told(school: Class, url: str, parts: Services) -> None:
    with Listener(url, school.students["obama"].token) as student:
        school.allow("suggest")
        school.allow("suggest")
        told = student.next("camera_changed")
        assert told == {"session_id": school.session["id"], "recognises": True}
        school.allow("off")
        assert student.next("camera_changed")["recognises"] is False
    lines = audited(parts, "session.camera")
    assert [line["actor"] for line in lines] == [f"teacher:{school.teacher.row['id']}"] * 2


def test_a_small_picture_is_kept_for_minutes_or_not_at_all(
    school: Class, camera: Camera, parts: Services, clock: FakeClock, app: OpenAPI
) -> None:
    from attendance.live import ticker

    school.allow("suggest")
    camera.film(classroom.seats(["obama"]), 6)
    assert [each["crop"] for each in school.sightings()] == [True]
    with parts.database.read() as tx:
        kept = bytes(tx.scalar("SELECT crop FROM sightings"))
    assert not kept.startswith(b"\xff\xd8"), "it is encrypted"
    clock.advance(minutes=parts.settings.camera_crop_minutes)
    ticker.tick(app, 0)
    assert [each["crop"] for each in school.sightings()] == [False]
    body = {"camera_crop_minutes": 0}
    answer = school.api.call("PATCH", "/admin/settings", school.teacher, json=body)
    assert answer.status_code == 200, answer.text
    camera.film(classroom.seats(["biden", "grace_hopper"]), 8)
    assert [each["crop"] for each in school.sightings()] == [False, False, False]


def test_a_device_with_a_key_looks_into_the_sessions_that_it_is_bound_to(
    school: Class, camera: Camera, url: str, recognizer: Recognizer
) -> None:
    api, admin = school.api, school.teacher
    school.allow("mark")
    elsewhere = course_of(api, admin, code="X", name="Elsewhere")
    frame = classroom.frame(recognizer, classroom.seats(["obama"]), 0)

    def key(**fields: Any) -> dict[str, Any]:
        body = {"name": "Camera", "scopes": ["camera"], **fields}
        answer = api.post("/admin/api-keys", admin, json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def look(made: dict[str, Any]) -> dict[str, Any]:
        device = Camera(url, recognizer, school.session["id"], api_key=made["key"])
        answer = device.send(frame)
        leave(device.client)
        return answer

    bound = key(course_ids=[school.course["id"]])
    assert bound["api_key"]["course_ids"] == [school.course["id"]]
    assert look(bound)["ok"]
    assert look(key())["ok"]
    assert look(key(course_ids=[elsewhere["id"]]))["code"] == "forbidden"
    in_room = key(room="R 101")
    assert look(in_room)["code"] == "forbidden"
    path = f"/session/{school.session['id']}"
    assert api.call("PATCH", path, admin, json={"room": "R 101"}).status_code == 200
    assert look(in_room)["ok"]
    with pytest.raises(Exception, match="failed to connect"):
        look(key(scopes=["mark"]))
    answer = api.post(
        "/admin/api-keys", admin, json={"name": "C", "scopes": ["camera"], "course_ids": [10**6]}
    )
    assert code_of(answer) == (404, "course_not_found")


def test_a_revoked_key_ends_its_camera(
    school: Class, url: str, recognizer: Recognizer, api: Api
) -> None:
    made = api.post(
        "/admin/api-keys", school.teacher, json={"name": "Camera", "scopes": ["camera"]}
    ).json
    device = Camera(url, recognizer, school.session["id"], api_key=made["key"])
    line = device.client.eio.ws
    path = f"/admin/api-keys/{made['api_key']['id']}"
    assert api.call("DELETE", path, school.teacher).status_code == 204
    until(lambda: not device.client.connected)
    line.shutdown()


def test_phones_and_camera_are_compared_once_it_has_looked_long_enough(
    school: Class, camera: Camera, parts: Services
) -> None:
    api, session = school.api, school.session
    for who in ("obama", "grace_hopper"):
        answer = api.mark(school.students[who], who, code=session["code"])
        assert answer.status_code == 200, answer.text
    agree(api, api.student(), True)
    school.allow("suggest")
    camera.film(classroom.seats(["obama", "biden"]), 8)
    path = f"/session/{session['id']}/camera/compared"
    short = api.get(path, school.teacher).json
    assert (short["enough"], short["unseen"]) == (False, [])
    assert [row["student_id"] for row in short["unmarked"]] == [school.number("biden")]
    with parts.database.write() as tx:
        tx.execute("UPDATE session_cameras SET seconds = 600")
    half = api.get(path, school.teacher).json
    assert not half["enough"], "it saw one of two"
    with parts.database.write() as tx:
        cameras.see(tx, session["id"], int(school.students["biden"].row["id"]), parts.clock.now())
    api.mark(school.students["biden"], "biden", code=session["code"])
    whole = api.get(path, school.teacher).json
    assert whole["enough"]
    assert [row["student_id"] for row in whole["unseen"]] == [school.number("grace_hopper")]
    assert whole["unmarked"] == []
    assert api.get(f"/session/{session['id']}/report", school.teacher).json["camera"] == whole
    answer = api.get(f"/session/{session['id']}/export.xlsx", school.teacher)
    lines = openpyxl.load_workbook(io.BytesIO(answer.data))["Attendance"].iter_rows(
        values_only=True
    )
    place = next(lines).index("camera")
    assert {line[0]: line[place] for line in lines if line[place]} == {
        school.number("grace_hopper"): "never seen"
    }
    assert exported(school) == {school.number("grace_hopper"): ("never seen", "unseen")}
    with parts.database.write() as tx:
        tx.execute(
            "DELETE FROM attendance WHERE student = :id", id=school.students["biden"].row["id"]
        )
    body = {"session_id": session["id"]}
    assert api.post("/session/stop", school.teacher, json=body).status_code == 200
    assert exported(school)[school.number("biden")] == ("seen, not checked in", "unmarked")
    agree(api, school.students["grace_hopper"], False)
    assert school.number("grace_hopper") not in exported(school)
    assert api.get(path, school.teacher).json["unseen"] == [], "who declined is named nowhere"
