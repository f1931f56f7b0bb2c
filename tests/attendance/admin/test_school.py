"""The school's name, zone and logo, and what is left to do on the first morning."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from tests.attendance.school import course_of, enrol
from tests.conftest import Api, Person, code_of

pytestmark = pytest.mark.any_database


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


def put_logo(api: Api, by: Person, data: bytes) -> Any:
    return api.call(
        "PUT",
        "/admin/logo",
        by,
        data={"image": (io.BytesIO(data), "logo")},
        content_type="multipart/form-data",
    )


def picture(kind: str, size: tuple[int, int] = (1200, 300), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#0a5").save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_logo_is_drawn_anew_shown_to_everybody_and_taken_away(
    api: Api, admin: Person, kind: str
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where the school is"
    url = put_logo(api, admin, picture(kind, exif=exif)).json["logo"]
    answer = api.get(url)
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    assert b"where the school is" not in answer.data
    with Image.open(io.BytesIO(answer.data)) as shown:
        assert (shown.format, shown.size) == ("PNG", (480, 120))
    assert f'src="{url}"' in api.get("/", headers={"Accept": "text/html"}).text
    assert api.call("DELETE", "/admin/logo", admin).status_code == 204
    assert code_of(api.get("/school/logo.png")) == (404, "not_found")
    assert "school-logo" not in api.get("/", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture("GIF"), picture("PNG")[:200]],
    ids=["nothing", "svg", "gif", "cut"],
)
def test_what_is_no_picture_is_refused(api: Api, admin: Person, data: bytes) -> None:
    assert put_logo(api, admin, data).status_code in (400, 422)
    assert code_of(api.get("/school/logo.png")) == (404, "not_found")


def test_a_picture_of_too_many_pixels_is_refused_unread(api: Api, admin: Person) -> None:
    assert code_of(put_logo(api, admin, picture("PNG", (9000, 9000)))) == (
        *(400, "image_unreadable"),
    )


def test_only_an_administrator_gives_the_school_a_face(api: Api, admin: Person) -> None:
    teacher = api.teacher()
    assert code_of(put_logo(api, teacher, picture("PNG"))) == (403, "forbidden")
    assert code_of(api.get("/admin/first-steps", teacher)) == (403, "forbidden")


def test_name_and_zone_are_settings(api: Api, admin: Person) -> None:
    path = "/admin/settings"
    wrong = api.call("PATCH", path, admin, json={"timezone": "Mars/Phobos"})
    assert (wrong.status_code, wrong.json["errors"][0]["type"]) == (400, "zone")
    values = {"school_name": "Grace Hopper School <b>", "timezone": "Europe/Berlin"}
    assert api.call("PATCH", path, admin, json=values).status_code == 200
    page = api.get("/", headers={"Accept": "text/html"}).text
    assert "Grace Hopper School &lt;b&gt;" in page
    assert course_of(api, admin)["timezone"] == "Europe/Berlin"


def test_the_first_steps_are_ticked_off_and_go(api: Api, admin: Person) -> None:
    def done() -> list[str]:
        steps = api.get("/admin/first-steps", admin).json["steps"]
        return [step["name"] for step in steps if step["done"]]

    assert done() == []
    course = course_of(api, admin)
    assert done() == ["course"]
    enrol(api, admin, course, api.student())
    assert done() == ["course", "roster", "invitations"]
    api.session(admin)
    api.call("PATCH", "/admin/settings", admin, json={"school_name": "Hopper"})
    assert done() == ["school", "course", "roster", "invitations", "trial"]
    assert api.get("/admin/first-steps", admin).json["offered"]
    api.call("PATCH", "/admin/settings", admin, json={"first_steps": False})
    assert not api.get("/admin/first-steps", admin).json["offered"]


def test_all_steps_done_are_not_offered(make_app: Any) -> None:
    api = Api(make_app(public_url="https://a.school.example", smtp_host="m", school_name="Hopper"))
    admin = api.teacher()
    enrol(api, admin, course_of(api, admin), api.student())
    api.session(admin)
    assert not api.get("/admin/first-steps", admin).json["offered"]
