"""flask import-faces."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from attendance.core.services import Services
from database import faces
from facerecog.samples import photo
from tests.attendance.commands.conftest import Run
from tests.conftest import Api, picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures as schools have them: folders, files, and some that cannot be used."""
    made = tmp_path / "photos"
    for name, source in {
        "S001_Barack/front.jpg": "obama",
        "S001_Barack/left.JPG": "obama2",
        "S002_Joe Biden.jpg": "biden",
        "S_3_Grace/a.jpg": "grace_hopper",
        "S999_Nobody/a.jpg": "astronaut",
        ".thumbnails/a.jpg": "astronaut",
    }.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(picture(source))
    (made / "S_3_Grace" / "b.png").write_bytes(b"no picture at all")
    (made / "S_3_Grace" / "notes.txt").write_text("not looked at")
    return made


@pytest.fixture
def ids(api: Api) -> dict[str, int]:
    """Students S001, S002, S_3 and S (whose id begins that of S_3)."""
    return {
        number: api.student(student_id=number).row["id"] for number in ("S001", "S002", "S_3", "S")
    }


def templates(parts: Services, student: int) -> int:
    with parts.database.read() as tx:
        return len(faces.templates_of(tx, student))


def test_every_layout_is_enrolled_and_the_rest_reported(
    run: Run, api: Api, parts: Services, folder: Path, ids: dict[str, int], tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"
    result = run("import-faces", folder, "--report", report, status=3)
    assert "enrolled: 3" in result.output
    assert "rejected: 2" in result.output
    counts = {number: templates(parts, student) for number, student in ids.items()}
    assert counts == {"S001": 2, "S002": 1, "S_3": 1, "S": 0}

    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["source"], row["result"], row["reason"]) for row in csv.DictReader(file)}
    assert rows == {
        ("S001_Barack", "enrolled", ""),
        ("S002_Joe Biden", "enrolled", ""),
        ("S_3_Grace", "enrolled", ""),
        ("S_3_Grace/b.png", "rejected", "image_unreadable"),
        ("S999_Nobody", "rejected", "student_unknown"),
    }
    # what was imported counts for a mark
    session = api.session(api.teacher())
    student = api.post(
        "/student/login",
        json={"email": _email(parts, ids["S001"]), "password": "correct horse"},
    ).json["access_token"]
    marked = api.upload("/session/mark", student, picture("obama3"), code=session["code"])
    assert marked.status_code == 200


def _email(parts: Services, student: int) -> str:
    with parts.database.read() as tx:
        return str(tx.scalar("SELECT email FROM students WHERE id = :id", id=student))


def test_a_second_run_changes_nothing_and_a_new_student_is_added(
    run: Run, api: Api, parts: Services, folder: Path, ids: dict[str, int]
) -> None:
    run("import-faces", folder, status=3)
    with parts.database.read() as tx:
        before, version = faces.all_templates(tx), faces.version(tx)
    late = api.student(student_id="S999").row["id"]
    result = run("import-faces", folder)
    assert "enrolled: 1" in result.output
    assert "unchanged: 3" in result.output
    with parts.database.read() as tx:
        assert [row for row in faces.all_templates(tx) if row["student"] != late] == before
        assert faces.version(tx) == version + 1


def test_replace_enrols_anew(run: Run, parts: Services, folder: Path, ids: dict[str, int]) -> None:
    run("import-faces", folder, status=3)
    (folder / "S001_Barack" / "left.JPG").unlink()
    run("import-faces", folder, "--replace", status=3)
    assert templates(parts, ids["S001"]) == 1


def test_a_face_that_belongs_to_someone_else_is_refused(
    run: Run, api: Api, parts: Services, tmp_path: Path
) -> None:
    api.student("obama")
    thief = api.student(student_id="S9").row["id"]
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "S9.jpg").write_bytes(picture("obama2"))
    result = run("import-faces", tmp_path / "photos", status=3)
    assert "face_taken" in result.output
    assert templates(parts, thief) == 0


def test_pictures_of_two_people_are_refused(run: Run, api: Api, tmp_path: Path) -> None:
    api.student(student_id="S9")
    for name, source in (("a", "obama"), ("b", "biden")):
        path = tmp_path / "photos" / "S9" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(source))
    assert "faces_differ" in run("import-faces", tmp_path / "photos", status=3).output


def test_five_pictures_are_used_at_most(
    run: Run, api: Api, parts: Services, tmp_path: Path
) -> None:
    student = api.student(student_id="S9").row["id"]
    (tmp_path / "photos").mkdir()
    for number in range(7):
        (tmp_path / "photos" / f"S9_{number}.jpg").symlink_to(photo("obama"))
    assert "enrolled: 1" in run("import-faces", tmp_path / "photos").output
    assert templates(parts, student) == 5


def test_a_folder_without_pictures_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no pictures" in run("import-faces", tmp_path / "empty", status=1).output
    run("import-faces", tmp_path / "nowhere", status=2)


def test_pictures_that_are_not_read_are_named(
    run: Run, parts: Services, ids: dict[str, int], tmp_path: Path
) -> None:
    made = tmp_path / "photos" / "S001_Barack"
    made.mkdir(parents=True)
    (made / "a.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(200))
    (made / "b.gif").write_bytes(b"GIF89a" + bytes(200))
    (made / "c.jpe").write_bytes(picture("obama"))
    (tmp_path / "photos" / "S002.heif").write_bytes(b"\0\0\0\x18ftypmif1" + bytes(200))
    report = tmp_path / "report.csv"
    run("import-faces", tmp_path / "photos", "--report", report, status=3)
    with report.open(encoding="utf-8-sig", newline="") as file:
        reasons = {row["source"]: row["reason"] for row in csv.DictReader(file)}
    assert reasons == {
        "S001_Barack/a.HEIC": "heic_unsupported",
        "S001_Barack/b.gif": "image_unreadable",
        "photos/S002.heif": "heic_unsupported",
        "S001_Barack": "",
    }
    assert (templates(parts, ids["S001"]), templates(parts, ids["S002"])) == (1, 0)


def test_a_withdrawn_face_does_not_come_back(
    run: Run, api: Api, parts: Services, tmp_path: Path
) -> None:
    student = api.student("obama", student_id="S001")
    assert api.call("DELETE", "/student/face", student).status_code == 204
    made = tmp_path / "photos"
    made.mkdir()
    (made / "S001.jpg").write_bytes(picture("obama"))
    report = tmp_path / "report.csv"
    for more in ([], ["--replace"]):
        run("import-faces", made, "--report", report, *more, status=3)
        with report.open(encoding="utf-8-sig", newline="") as file:
            reasons = [row["reason"] for row in csv.DictReader(file)]
        assert reasons == ["consent_withdrawn"]
    assert templates(parts, student.row["id"]) == 0
    assert api.get("/student/me", student).json["student"]["consent_at"] is None
    api.enrol(student, "obama")
    assert templates(parts, student.row["id"]) == 1
