"""From one choice of networks to another: who is judged how, and how templates move over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskCliRunner
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from attendance.faces import moving
from attendance.web.current import services_of
from database import faces
from facerecog import Recognizer, RecognizerConfig
from facerecog import models as models_
from tests.conftest import Api, Person, code_of, picture

Make = Callable[..., OpenAPI]


@pytest.fixture(scope="module")
def networks_by_choice() -> Iterator[Callable[[str], Recognizer]]:
    """A recognizer for each choice of networks, loaded once."""
    made: dict[str, Recognizer] = {}

    def of(choice: Any) -> Recognizer:
        if choice not in made:
            made[choice] = Recognizer(RecognizerConfig(networks=choice))
        return made[choice]

    yield of
    for one in made.values():
        one.close()


@pytest.fixture
def school(
    make_app: Make, networks_by_choice: Callable[[str], Recognizer]
) -> Callable[..., OpenAPI]:
    """An application on the same data with another choice of networks."""

    def made(choice: str, **settings: Any) -> OpenAPI:
        return make_app(networks_by_choice(choice), face_networks=choice, **settings)

    return made


def models(parts: Services, student: Person) -> list[str]:
    with parts.database.read() as tx:
        return [str(row["model"]) for row in faces.templates_of(tx, int(student.row["id"]))]


def marked(api: Api, student: Person, session: Any, name: str) -> Any:
    return api.mark(student, name, code=session["code"])


def test_who_enrolled_with_the_earlier_network_can_still_mark_and_moves_over(
    school: Callable[..., OpenAPI],
) -> None:
    before = Api(school("vggface2"))
    student, other = before.student("obama"), before.student("biden")
    app = school("both")
    after, parts = Api(app), services_of(app)
    session = after.session(after.teacher())
    assert models(parts, student) == ["vggface2"]
    assert moving.status(parts).old == 2
    assert code_of(marked(after, student, session, "biden")) == (422, "face_mismatch")
    assert models(parts, student) == ["vggface2"]
    answer = marked(after, student, session, "obama2")
    assert answer.status_code == 200, answer.text
    assert models(parts, student) == ["both"]
    assert models(parts, other) == ["vggface2"]
    found = moving.status(parts)
    assert (found.model, found.current, found.old) == ("both", 1, 1)
    assert marked(after, student, session, "obama3").status_code == 200
    assert code_of(marked(after, student, session, "biden")) == (422, "face_mismatch")


def test_the_mark_of_who_withdrew_consent_moves_nothing(school: Callable[..., OpenAPI]) -> None:
    student = Api(school("vggface2")).student("obama")
    app = school("both")
    api, parts = Api(app), services_of(app)
    with parts.database.write() as tx:
        tx.execute("UPDATE students SET consent_at = NULL")
    session = api.session(api.teacher())
    assert marked(api, student, session, "obama2").status_code == 200
    assert models(parts, student) == ["vggface2"]


def test_a_mark_that_the_earlier_network_accepts_hardly_moves_nothing(
    school: Callable[..., OpenAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    student = Api(school("vggface2")).student("obama")
    app = school("both", face_threshold=0.9)
    api, parts = Api(app), services_of(app)
    monkeypatch.setattr("attendance.faces.thresholds.STRICT_FMR", 1e-12)
    session = api.session(api.teacher())
    assert marked(api, student, session, "obama2").status_code == 200
    assert models(parts, student) == ["vggface2"]


def test_kept_photographs_are_embedded_anew_at_once(
    school: Callable[..., OpenAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Api(school("vggface2", keep_photos=True))
    student = before.student("obama")
    before.enrol(student, "obama", "obama2")
    without = Api(school("vggface2")).student("biden")
    app = school("both", keep_photos=True)
    parts = services_of(app)
    found = moving.status(parts)
    assert (found.re_embed, found.old, found.current) == (1, 1, 0)
    with parts.database.read() as tx:
        photos = [row["photo"] for row in faces.templates_of(tx, int(student.row["id"]))]
    runner: FlaskCliRunner = app.test_cli_runner()
    said = runner.invoke(args=["faces-status"]).output
    assert "re-embed`, from kept photographs: 1" in said
    done = runner.invoke(args=["re-embed"])
    assert done.exit_code == 0, done.output
    assert "students moved to both: 1" in done.output
    assert models(parts, student) == ["both", "both"]
    assert models(parts, without) == ["vggface2"]
    with parts.database.read() as tx:
        rows = faces.templates_of(tx, int(student.row["id"]))
    assert [row["photo"] for row in rows] == photos
    assert "students moved to both: 0" in runner.invoke(args=["re-embed"]).output
    api = Api(app)
    session = api.session(api.teacher())
    assert marked(api, student, session, "obama3").status_code == 200


def test_a_photograph_that_is_lost_is_told_and_nothing_else_stops(
    school: Callable[..., OpenAPI],
) -> None:
    before = Api(school("vggface2", keep_photos=True))
    lost, kept = before.student("obama"), before.student("biden")
    app = school("both")
    parts = services_of(app)
    with parts.database.read() as tx:
        (row,) = faces.templates_of(tx, int(lost.row["id"]))
    (parts.settings.uploads_dir / str(row["photo"])).unlink()
    done = app.test_cli_runner().invoke(args=["re-embed"])
    assert done.exit_code == 3
    assert f"student:{lost.row['id']}" in done.stderr
    assert (models(parts, lost), models(parts, kept)) == (["vggface2"], ["both"])


def test_templates_of_both_serve_whoever_goes_back_to_one(school: Callable[..., OpenAPI]) -> None:
    student = Api(school("both")).student("obama")
    for choice in ("sface", "vggface2"):
        app = school(choice)
        api = Api(app)
        session = api.session(api.teacher())
        assert marked(api, student, session, "obama2").status_code == 200
        assert code_of(marked(api, student, session, "biden")) == (422, "face_mismatch")
        assert models(services_of(app), student) == ["both"]
        assert moving.status(services_of(app)).current == 1


@pytest.mark.parametrize("unknown", ["vggface2", "of-the-future"])
def test_a_template_of_a_network_that_is_not_there_asks_to_enrol_again(
    school: Callable[..., OpenAPI], unknown: str
) -> None:
    app = school("sface")
    api, parts = Api(app), services_of(app)
    stranger, other = api.student("obama"), api.student("biden")
    with parts.database.write() as tx:
        tx.execute(
            "UPDATE face_templates SET model = :model WHERE student = :student",
            model=unknown,
            student=stranger.row["id"],
        )
    again = Api(school("sface"))
    session = again.session(again.teacher())
    assert code_of(marked(again, stranger, session, "obama2")) == (409, "face_not_enrolled")
    assert marked(again, other, session, "biden").status_code == 200
    assert moving.status(parts).enrol_again == 1
    again.enrol(stranger, "obama")
    assert marked(again, stranger, session, "obama2").status_code == 200


def test_searches_find_people_of_either_network(school: Callable[..., OpenAPI]) -> None:
    before = Api(school("vggface2"))
    old = before.student("obama")
    api = Api(school("both"))
    new = api.student("biden")
    device = api.teacher()
    for name, person in (("obama3", old), ("biden", new)):
        answer = api.upload("/verify", device, picture(name))
        assert answer.json["student_id"] == person.row["student_id"], answer.text
    assert code_of(api.upload("/verify", device, picture("grace_hopper"))) == (404, "face_unknown")


def test_a_face_that_an_earlier_network_knows_is_taken(school: Callable[..., OpenAPI]) -> None:
    Api(school("vggface2")).student("obama")
    api = Api(school("both"))
    thief = api.student()
    refused = api.upload("/student/upload-face", thief, picture("obama2"), consent="true")
    assert code_of(refused) == (409, "face_taken")


def test_the_system_page_says_how_far_it_is(school: Callable[..., OpenAPI]) -> None:
    Api(school("vggface2")).student("obama")
    api = Api(school("both"))
    answer = api.get("/admin/system", api.teacher()).json
    assert answer["faces"] == {
        "model": "both",
        "current": 0,
        "re_embed": 0,
        "old": 1,
        "enrol_again": 0,
    }


def test_a_template_of_an_earlier_weight_of_the_networks_goes_on_as_those_of_today(
    school: Callable[..., OpenAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(models_, "_FACTORS", {"vggface2": 0.3**0.5, "sface": 0.7**0.5})
        student = Api(school("both")).student("obama")
    app = school("both")
    api, parts = Api(app), services_of(app)
    session = api.session(api.teacher())
    assert marked(api, student, session, "obama2").status_code == 200
    assert code_of(marked(api, student, session, "biden")) == (422, "face_mismatch")
    (template,) = parts.faces.index.by_model()["both"][int(student.row["id"])]
    assert float((template[:512] ** 2).sum()) == pytest.approx(1 - models_.SFACE_WEIGHT, abs=1e-5)
