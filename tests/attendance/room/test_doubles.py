"""One face of two students, one student on two faces: twins, mirrors, and who comes back."""

from __future__ import annotations

import pytest

from tests import classroom
from tests.attendance.room.conftest import Camera, Class, agree
from tests.attendance.school import enrol
from tests.attendance.serving import Listener
from tests.conftest import Person

pytestmark = pytest.mark.any_database

SEATED = classroom.seats(["obama"])


@pytest.fixture
def twin(school: Class) -> Person:
    """A second student with the face of the first, which only an allowed pair may have."""
    api, first = school.api, school.students["obama"]
    other = api.student(name="The Twin")
    body = {"student_ids": [first.row["student_id"], other.row["student_id"]]}
    answer = api.post("/look-alikes/allowed", school.teacher, json=body)
    assert answer.status_code == 204, answer.text
    api.enrol(other, "obama2")
    enrol(api, school.teacher, school.course, other)
    agree(api, other)
    return other


def candidates(school: Class) -> list[set[str]]:
    return [{each["student_id"] for each in found["candidates"]} for found in school.sightings()]


def test_of_twins_neither_is_marked_and_both_are_asked_about(
    school: Class, camera: Camera, twin: Person
) -> None:
    school.students["twin"] = twin
    both = {school.number("obama"), school.number("twin")}
    assert school.allow("mark")["gallery"] == 4
    answers = camera.film(classroom.seats(["obama", "obama2", "biden"]), 10)
    assert school.marks() == {school.number("biden"): ("present", "camera")}
    assert all(not both & set(answer["marked"]) for answer in answers)
    states = sorted(face["state"] for face in answers[-1]["faces"])
    assert states == ["known", "uncertain", "uncertain"]
    assert candidates(school) == [both, both]
    # whoever of them is named, the other is asked about still
    first, second = school.sightings()
    assert school.decide(first, "twin").status_code == 200
    (waits,) = school.sightings()
    assert waits["id"] == second["id"]
    assert waits["candidates"][0]["student_id"] == school.number("obama")
    assert school.decide(waits, "obama").status_code == 200
    assert set(school.marks()) == {*both, school.number("biden")}
    assert school.sightings() == []


def test_a_twin_who_checked_in_by_phone_is_not_in_the_way_of_the_other(
    school: Class, camera: Camera, twin: Person
) -> None:
    school.students["twin"] = twin
    marked = school.api.mark(twin, "obama2", code=school.session["code"])
    assert marked.status_code == 200, marked.text
    school.allow("suggest")
    camera.film(classroom.seats(["obama2"]), 10)
    (waits,) = school.sightings()
    assert waits["reason"] == "uncertain"
    first, second = (each["student_id"] for each in waits["candidates"])
    assert (first, second) == (school.number("obama"), school.number("twin"))


def test_the_last_of_twins_who_is_marked_leaves_no_question(
    school: Class, camera: Camera, twin: Person
) -> None:
    school.students["twin"] = twin
    school.allow("mark")
    camera.film(classroom.seats(["obama", "obama2"]), 8)
    code = school.session["code"]
    for who, face in (("obama", "obama"), ("twin", "obama2")):
        assert len(school.sightings()) == 2
        assert school.api.mark(school.students[who], face, code=code).status_code == 200
    assert school.sightings() == []


def test_a_mirror_marks_once_and_names_nobody_else(school: Class, camera: Camera, url: str) -> None:
    school.allow("mark")
    number = school.number("obama")
    mirrored = [
        classroom.Seat("obama", 260, 270, side=120),
        classroom.Seat("obama", 700, 270, side=90, mirrored=True),
    ]
    with Listener(url, school.teacher.token) as teacher:
        answers = camera.film(mirrored, 14)
        assert [mark for answer in answers for mark in answer["marked"]] == [number]
        for answer in answers:
            names = [face["student_id"] for face in answer["faces"] if "student_id" in face]
            assert names in ([], [number])
        states = sorted(face["state"] for face in answers[-1]["faces"])
        assert states == ["known", "uncertain"]
        assert teacher.next("face_seen")["student_id"] == number
        teacher.settle()
        assert "face_seen" not in teacher.names()
    assert school.marks() == {number: ("present", "camera")}
    assert school.sightings() == [], "nobody is asked who that is in the mirror"


def test_whoever_comes_back_is_another_track_and_the_same_mark(
    school: Class, camera: Camera, url: str
) -> None:
    school.allow("mark")
    number = school.number("obama")
    with Listener(url, school.teacher.token) as teacher:
        first = camera.film(SEATED, 6)
        there = camera.film([classroom.Seat("grace_hopper", 150, 400)], 30)
        again = camera.film([classroom.Seat("obama", 800, 200)], 6)
        heard = [teacher.next("face_seen") for _ in range(2)]
        teacher.settle()
        assert "face_seen" not in teacher.names(), "again after a minute at the earliest"
    assert {each["student_id"] for each in heard} == {number, school.number("grace_hopper")}
    answers = [*first, *there, *again]
    marked = [mark for answer in answers for mark in answer["marked"]]
    assert sorted(marked) == sorted([number, school.number("grace_hopper")])
    assert again[-1]["faces"][0]["student_id"] == number
