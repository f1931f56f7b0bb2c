"""The main job, whole, against the real networks."""

from __future__ import annotations

from tests.conftest import Api, code_of


def test_a_student_is_marked_by_face_and_the_teacher_downloads_the_csv(api: Api) -> None:
    teacher = api.teacher(name="Ada")
    student = api.student("obama", student_id="S001", name="Barack", email="barack@school.example")
    session = api.session(teacher, section="A")

    joined = api.post("/session/join", student, json={"code": session["code"].lower()})
    assert joined.status_code == 200
    assert joined.json["session"]["subject"] == "Algebra"
    assert joined.json["session"]["section"] == "A"

    marked = api.mark(student, "obama2", join_token=joined.json["join_token"])
    assert marked.status_code == 200, marked.text
    assert marked.json["status"] == "present"
    assert marked.json["already"] is False
    assert 0 < marked.json["distance"] < 0.9

    csv = api.get(f"/session/{session['id']}/export.csv", teacher)
    assert csv.content_type == "text/csv; charset=utf-8"
    assert csv.data.decode("utf-8") == (
        "\ufeffstudent_id,name,email,status,method,marked_at,distance,evidence,camera\r\n"
        "S001,Barack,barack@school.example,present,face,"
        f"2026-03-02T08:00:00.000000Z,{marked.json['distance']},code face,\r\n"
    )


def test_the_second_man_is_refused(api: Api) -> None:
    session = api.session(api.teacher())
    student = api.student("obama")
    assert code_of(api.mark(student, "biden", code=session["code"])) == (422, "face_mismatch")
