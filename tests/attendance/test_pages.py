"""Page routes answer browsers with pages and everyone else with problem documents."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.web.assets import EXTENSION
from tests.conftest import Api, Person, code_of

pytestmark = pytest.mark.any_database

TEMPLATES = Path(__file__).parents[2] / "attendance" / "templates"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def browser(app: OpenAPI) -> Api:
    return Api(app, cookies=True)


def sign_in(browser: Api, person: Person) -> None:
    kind = "student" if "student_id" in person.row else "teacher"
    answer = browser.post(
        f"/{kind}/login?transport=cookie",
        json={"email": person.row["email"], "password": person.password},
    )
    assert answer.status_code == 200


def test_a_wrong_ticket_is_a_page_for_people_and_a_problem_for_programs(api: Api) -> None:
    page = api.get("/join/NO-SUCH-TICKET", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (403, "text/html")
    assert "not from this server" in page.text
    assert code_of(api.get("/join/NO-SUCH-TICKET")) == (403, "join_required")


def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(api: Api) -> None:
    assert "There is nothing here" in api.get("/nowhere", headers=BROWSER).text
    assert code_of(api.get("/nowhere")) == (404, "not_found")
    assert code_of(api.get("/session/99", api.teacher(), headers=BROWSER)) == (
        404,
        "session_not_found",
    )


def test_pages_lead_to_the_sign_in_and_back(browser: Api) -> None:
    answer = browser.get("/my/face?next=/join", headers=BROWSER)
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/my/face?next%3D/join&role=student"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_to_another_host(browser: Api, target: str) -> None:
    assert browser.get("/language/de", query_string={"next": target}).location == "/"
    page = browser.get("/sign-in", query_string={"next": target})
    assert 'data-next="/"' in page.text


def test_pages_with_names_are_not_kept_by_browsers(browser: Api) -> None:
    sign_in(browser, browser.student())
    assert browser.get("/my", headers=BROWSER).headers["Cache-Control"] == "no-store"


def test_no_answer_is_kept_but_what_is_the_same_for_everybody(app: OpenAPI, api: Api) -> None:
    teacher = api.teacher()
    session = api.session(teacher)["id"]
    for path in ("/teacher/me", "/session/mine", f"/session/{session}/qr.png", "/admin/settings"):
        assert api.get(path, teacher).headers["Cache-Control"] == "no-store", path
    for path in (f"/session/{session}/export.csv", f"/session/{session}/export.xlsx"):
        assert api.get(path, teacher).headers["Cache-Control"] == "no-store", path
    assert api.get("/nowhere").headers["Cache-Control"] == "no-store"
    version = app.extensions[EXTENSION].version
    for path in (f"/assets/{version}/app.css", "/strings/de.js?v=1"):
        assert "no-store" not in api.get(path).headers["Cache-Control"], path


def test_a_forged_cookie_is_nobody(browser: Api) -> None:
    browser.client.set_cookie("access_token_cookie", "a.b.c")
    assert browser.get("/my", headers=BROWSER).status_code == 303


def test_a_name_is_shown_as_text(browser: Api) -> None:
    sign_in(browser, browser.student(name="<script>alert(1)</script>"))
    page = browser.get("/my", headers=BROWSER)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>alert" not in page.text


def test_every_answer_carries_the_policy(api: Api) -> None:
    for path in ("/", "/student/me", "/docs", "/nowhere"):
        headers = api.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert ("'unsafe-inline'" in policy) == (path == "/docs")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Permissions-Policy"].startswith("camera=(self)")
        assert "Strict-Transport-Security" not in headers
    secure = api.get("/", base_url="https://localhost")
    assert "max-age" in secure.headers["Strict-Transport-Security"]


def test_static_files_are_kept_for_ever_under_their_hash_only(app: OpenAPI, api: Api) -> None:
    version = app.extensions[EXTENSION].version
    fresh = api.get(f"/assets/{version}/app.css", headers={"Accept-Encoding": "gzip"})
    assert "immutable" in fresh.headers["Cache-Control"]
    assert fresh.headers["Vary"] == "Accept-Encoding"
    plain = api.get("/assets/0123456789ab/app.css")
    assert plain.headers["Cache-Control"] == "no-cache"
    assert gzip.decompress(fresh.data) == plain.data
    script = api.get(f"/assets/{version}/js/common/api.js")
    assert script.mimetype == "text/javascript"
    assert api.get(f"/assets/{version}/../templates/base.html").status_code == 404
    assert api.get(f"/assets/{version}/..%2f..%2fsettings.py").status_code == 404


def test_without_the_libraries_the_pages_say_so_and_the_api_works(
    app: OpenAPI, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind: Any = type(app.extensions[EXTENSION])
    monkeypatch.setattr(kind, "libraries_present", property(lambda _self: False))
    assert "make install" in api.get("/sign-in").text
    assert api.get("/health").status_code == 200


def test_sign_out_everywhere_ends_every_token(api: Api) -> None:
    for person in (api.teacher(), api.student()):
        kind = "student" if "student_id" in person.row else "teacher"
        assert api.post("/auth/logout-everywhere").status_code == 401
        assert api.post("/auth/logout-everywhere", person).status_code == 204
        assert code_of(api.get(f"/{kind}/me", person)) == (401, "token_invalid")
        assert code_of(api.post("/auth/refresh", person.refresh_token)) == (401, "token_invalid")


def test_a_picture_is_judged_without_being_stored(api: Api) -> None:
    student = api.student()
    looks, turns = {}, {}
    for name in ("obama", "obama2", "obama3"):
        answer = api.upload("/student/check-face", student, picture_of(name))
        assert answer.status_code == 200, answer.text
        looks[name] = answer.json["pose"]
        turns[name] = answer.json["turn"]
        assert answer.json["good"] is True
    assert looks == {"obama": "straight", "obama2": "right", "obama3": "left"}
    assert turns["obama2"] < -0.1 < turns["obama"] < 0.1 < turns["obama3"]
    me = api.get("/student/me", student).json["student"]
    assert (me["templates"], me["consent_at"]) == (0, None)


def picture_of(name: str) -> bytes:
    from tests.conftest import picture

    return picture(name)


def test_a_bad_picture_is_an_answer_and_not_an_error(api: Api, blank: bytes) -> None:
    answer = api.upload("/student/check-face", api.student(), blank)
    assert answer.status_code == 200
    assert (answer.json["good"], answer.json["code"]) == (False, "face_not_found")


@pytest.fixture
def blank() -> bytes:
    import cv2
    import numpy as np

    return cv2.imencode(".png", np.full((300, 300, 3), 200, np.uint8))[1].tobytes()


def test_hints_are_for_students_and_limited(make_app: Callable[..., OpenAPI], blank: bytes) -> None:
    api = Api(make_app(check_tries_per_minute=2))
    assert api.upload("/student/check-face", None, blank).status_code == 401
    assert api.upload("/student/check-face", api.teacher(), blank).status_code == 403
    student = api.student()
    answers = [api.upload("/student/check-face", student, blank).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert code_of(api.upload("/student/check-face", api.student(), b"no picture")) == (
        400,
        "image_unreadable",
    )


def test_open_sessions_tell_the_own_mark_and_no_code(api: Api) -> None:
    teacher, student = api.teacher(), api.student("obama")
    session = api.session(teacher)
    ended = api.session(teacher, subject="Over")
    api.post("/session/stop", teacher, json={"session_id": ended["id"]})
    [shown] = api.get("/student/sessions", student).json["sessions"]
    assert (shown["id"], shown["code"], shown["status"]) == (session["id"], None, None)
    api.mark(student, "obama2", code=session["code"])
    [shown] = api.get("/student/sessions", student).json["sessions"]
    assert shown["status"] == "present"
    [other] = api.get("/student/sessions", api.student()).json["sessions"]
    assert other["status"] is None
    assert api.get("/student/sessions", teacher).status_code == 403


def test_no_form_is_sent_by_the_browser_itself() -> None:
    templates = TEMPLATES.rglob("*.html")
    forms = [tag for path in templates for tag in re.findall(r"<form\b[^>]*>", path.read_text())]
    assert forms
    # outside a dialog this method does nothing, so that no password ends up in an address
    assert [tag for tag in forms if 'method="dialog"' not in tag] == []


def test_a_page_whose_code_phones_cannot_open_says_so(make_app: Any) -> None:
    def page(**settings: Any) -> str:
        api = Api(make_app(**settings), cookies=True)
        teacher = api.teacher()
        session = api.session(teacher)["id"]
        body = {"email": teacher.row["email"], "password": teacher.password}
        api.post("/teacher/login?transport=cookie", json=body)
        return api.get(f"/teach/sessions/{session}", headers={"Accept": "text/html"}).text

    here = page()
    assert "Phones cannot open this QR code" in here
    assert "make run-https" in here
    assert "address of this computer in the network" not in here
    listens = page(host="0.0.0.0")  # noqa: S104
    assert "address of this computer in the network" in listens
    assert "out-of-reach" not in page(public_url="https://attend.school.example")


def test_a_page_opened_without_encryption_says_where_it_is_encrypted(make_app: Any) -> None:
    html = {"Accept": "text/html"}
    api = Api(make_app(public_url="https://attend.school.example/"))
    assert 'href="https://attend.school.example"' in api.get("/sign-in", headers=html).text
    assert "insecure" not in Api(make_app()).get("/sign-in", headers=html).text
