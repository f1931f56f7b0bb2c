"""Students are told by push: a push service on this machine gets what a browser of ours reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.crypto.web_push import decoded, public_key
from attendance.operation.certificate import self_signed
from attendance.push import endpoints, sending
from attendance.push.background import PushSender
from attendance.push.devices import MOST_DEVICES
from attendance.web.current import services_of
from tests.attendance.browsers import Browser
from tests.attendance.receiving import Receiver, receiving
from tests.attendance.school import course_of, enrol
from tests.conftest import Api, FakeClock, Person, code_of


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A push service that this server trusts as it trusts one of the internet."""
    certificate, key = self_signed(tmp_path / "service", [], datetime.now(timezone.utc))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving(tls=(certificate, key)) as made:
        yield made


@pytest.fixture
def app(make_app: Callable[..., OpenAPI], service: Receiver) -> OpenAPI:
    host = service.url.removeprefix("https://").partition("/")[0]
    return make_app(push_services=f"push.example,{host}", webhook_private_network=True)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


@pytest.fixture
def teacher(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def student(api: Api) -> Person:
    return api.student(name="Ben Oduya")


@pytest.fixture
def course(api: Api, teacher: Person, student: Person) -> dict[str, Any]:
    made = course_of(api, teacher)
    enrol(api, teacher, made, student)
    return made


def listening(api: Api, person: Person, service: Receiver, path: str = "/1") -> Browser:
    browser = Browser(service.url.partition("/hook")[0] + path)
    call = "/student/push" if "student_id" in person.row else "/teacher/push"
    answer = api.post(call, person, json={**browser.subscription, "name": "Phone"})
    assert answer.status_code == 201, answer.text
    return browser


def devices(api: Api, student: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/student/push", student).json["devices"]
    return found


def waiting(parts: Services) -> int:
    with parts.database.read() as tx:
        return int(tx.scalar("SELECT COUNT(*) FROM push_messages"))


def test_who_is_in_the_course_is_told_that_its_session_has_started(
    api: Api,
    parts: Services,
    clock: FakeClock,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    browser = listening(api, student, service, "/send/ben?x=1")
    listening(api, api.student(name="Of no course"), service, "/2")
    api.session(teacher, course_id=course["id"], subject="Algebra Ä")
    assert sending.send_due(parts, pool) == 1
    assert sending.send_due(parts, pool) == 0
    ((path, headers, body),) = service.got
    assert path == "/send/ben?x=1"
    assert browser.read(body) == {
        "kind": "session_started",
        "subject": "Algebra Ä",
        "accepted": None,
        "path": "/join",
    }
    assert (headers["Content-Encoding"], headers["Urgency"]) == ("aes128gcm", "high")
    assert 0 < int(headers["TTL"]) <= 30 * 60
    token, _, key = headers["Authorization"].removeprefix("vapid t=").partition(", k=")
    assert key == api.get("/student/push", student).json["key"]
    claims = jwt.decode(
        token,
        public_key(decoded(key)),
        algorithms=["ES256"],
        audience=service.url.partition("/hook")[0],
        options={"verify_exp": False},
    )
    assert claims["exp"] - clock.now().timestamp() < 24 * 3600
    assert claims["sub"].startswith(("mailto:", "https:"))
    assert devices(api, student)[0]["used_at"] == "2026-03-02T08:00:00.000000Z"


def test_messages_are_all_as_long_and_none_names_anything_in_clear(
    api: Api,
    parts: Services,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    listening(api, student, service)
    for subject in ("A", "A far longer subject of the school"):
        session = api.session(teacher, course_id=course["id"], subject=subject)
        sending.send_due(parts, pool)
        api.post("/session/stop", teacher, json={"session_id": session["id"]})
    (_, _, short), (_, _, long) = service.got
    assert len(short) == len(long)
    assert b"subject of the school" not in long
    with parts.database.read() as tx:
        assert waiting(parts) == 0
        assert "Oduya" not in repr(tx.all("SELECT * FROM push_devices"))


def test_decisions_of_appeals_absences_and_requests_are_told(
    api: Api,
    parts: Services,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    session = api.session(teacher, course_id=course["id"])
    browser = listening(api, student, service)
    made = api.post(f"/session/{session['id']}/appeal", student, json={"reason": "I was there"})
    appeal = made.json["appeal"]["id"]
    api.post(f"/appeal/{appeal}/decide", teacher, json={"accepted": False})
    asked = api.post(
        "/absence", student, json={"from": "2026-03-02", "to": "2026-03-03", "reason": "A cold."}
    )
    absence = asked.json["absence"]["id"]
    api.post(f"/absence/{absence}/decide", teacher, json={"accepted": True})
    other = course_of(api, teacher, code="PH-1", name="Physics")
    open_there = api.session(teacher, course_id=other["id"])
    request = api.post("/session/ask-in", student, json={"code": open_there["code"]})
    path = f"/course/requests/{request.json['request']['id']}/decide"
    api.post(path, teacher, json={"accepted": True})
    assert sending.send_due(parts, pool) == 3
    said = {told["kind"]: told for told in (browser.read(body) for _, _, body in service.got)}
    assert said["appeal_decided"] == {
        "kind": "appeal_decided",
        "subject": "Algebra",
        "accepted": False,
        "path": "/my/attendance",
    }
    assert (said["absence_decided"]["accepted"], said["absence_decided"]["path"]) == (
        *(True, "/my/absences"),
    )
    assert (said["request_decided"]["subject"], said["request_decided"]["accepted"]) == (
        *("Physics", True),
    )


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    api: Api,
    parts: Services,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
    status: int,
) -> None:
    listening(api, student, service)
    service.script.append(status)
    api.session(teacher, course_id=course["id"])
    assert sending.send_due(parts, pool) == 1
    assert devices(api, student) == []
    assert waiting(parts) == 0


def test_a_service_that_is_busy_is_tried_again_and_not_after_the_message_is_worth_nothing(
    api: Api,
    parts: Services,
    clock: FakeClock,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    listening(api, student, service)
    service.script.extend([503, 429])
    session = api.session(teacher, course_id=course["id"])
    for pause in sending.BACKOFF[:2]:
        assert sending.send_due(parts, pool) == 1
        assert sending.send_due(parts, pool) == 0
        clock.moment += pause
    assert sending.send_due(parts, pool) == 1
    assert (len(service.got), waiting(parts)) == (3, 0)
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    service.script.append(503)
    api.session(teacher, course_id=course["id"])
    assert sending.send_due(parts, pool) == 1
    clock.advance(minutes=31)
    assert sending.send_due(parts, pool) == 0
    assert (len(service.got), waiting(parts)) == (4, 0)


def test_what_a_service_refuses_for_good_is_not_repeated(
    api: Api,
    parts: Services,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    listening(api, student, service)
    service.script.append(413)
    api.session(teacher, course_id=course["id"])
    assert sending.send_due(parts, pool) == 1
    assert (len(devices(api, student)), waiting(parts)) == (1, 0)
    assert devices(api, student)[0]["used_at"] is None


def test_a_session_that_was_stopped_meanwhile_is_not_told(
    api: Api,
    parts: Services,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    listening(api, student, service)
    session = api.session(teacher, course_id=course["id"])
    api.post("/session/stop", teacher, json={"session_id": session["id"]})
    assert sending.send_due(parts, pool) == 1
    assert (service.got, waiting(parts)) == ([], 0)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/1",
        "https://push.example:8443/1",
        "https://other.example/1",
        "https://push.example.evil.example/1",
        "https://push.example@evil.example/1",
        "https://169.254.169.254/latest",
        "https://127.0.0.1/1",
        "https://[push.example/1",
        "no address",
        "https://push.example/a\nb",
    ],
)
def test_nothing_is_sent_but_to_services_that_the_settings_name(
    api: Api, student: Person, endpoint: str
) -> None:
    refused = api.post("/student/push", student, json=Browser(endpoint).subscription)
    assert code_of(refused) == (400, "invalid_request")
    assert refused.json["errors"][0]["type"] == "push_service"


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "AAAA", "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
        {"p256dh": Browser("").subscription["keys"]["p256dh"], "auth": "AAAA"},
        {"p256dh": Browser("").subscription["keys"]["p256dh"], "auth": "ä" * 16},
        {"p256dh": "!" * 87, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
    ],
)
def test_keys_that_seal_nothing_are_refused(
    api: Api, student: Person, keys: dict[str, str]
) -> None:
    refused = api.post(
        "/student/push", student, json={"endpoint": "https://push.example/1", "keys": keys}
    )
    assert code_of(refused) == (400, "invalid_request")
    assert refused.json["errors"][0]["type"] == "push_key"


def test_the_makers_of_the_four_browsers_are_known_by_default() -> None:
    known = Settings.model_fields["push_services"].default
    for url in (
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc",
    ):
        assert endpoints.is_allowed(url, known)
    assert not endpoints.is_allowed("https://push.apple.com.evil.example/", known)
    assert not endpoints.is_allowed("https://.notify.windows.com/", known)


def test_a_browser_is_one_student_s_and_the_oldest_of_too_many_goes(
    api: Api, service: Receiver, student: Person
) -> None:
    browser = listening(api, student, service)
    again = api.post("/student/push", student, json=browser.subscription)
    assert (again.status_code, len(devices(api, student))) == (201, 1)
    sibling = api.student()
    api.post("/student/push", sibling, json=browser.subscription)
    assert (devices(api, student), len(devices(api, sibling))) == ([], 1)
    for number in range(MOST_DEVICES + 1):
        listening(api, student, service, f"/{number + 10}")
    mine = devices(api, student)
    assert len(mine) == MOST_DEVICES
    stranger = api.call("DELETE", f"/student/push/{mine[0]['id']}", sibling)
    assert code_of(stranger) == (404, "push_device_not_found")
    assert api.call("DELETE", f"/student/push/{mine[0]['id']}", student).status_code == 204
    assert devices(api, student) == mine[1:]


def test_it_ends_with_the_account_and_with_signing_out_everywhere(
    api: Api, parts: Services, service: Receiver, student: Person
) -> None:
    listening(api, student, service)
    exported = api.get("/student/export", student).json["push_devices"]
    assert [(row["name"], "auth" in row) for row in exported] == [("Phone", False)]
    assert api.post("/auth/logout-everywhere", student).status_code == 204
    other = api.student()
    listening(api, other, service)
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM push_devices") == 1
    password = {"current_password": other.password}
    assert api.call("DELETE", "/student/me", other, json=password).status_code == 204
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM push_devices") == 0


def test_a_school_that_switches_it_off_sends_nothing_more(
    api: Api,
    parts: Services,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    browser = listening(api, student, service)
    api.session(teacher, course_id=course["id"])
    api.call("PATCH", "/admin/settings", teacher, json={"web_push": False})
    assert api.get("/student/push", student).json["enabled"] is False
    assert code_of(api.post("/student/push", student, json=browser.subscription)) == (
        *(409, "push_off"),
    )
    assert sending.send_due(parts, pool) == 0
    assert (service.got, waiting(parts)) == ([], 0)


def test_browsers_that_another_key_of_ours_subscribed_are_forgotten(
    api: Api,
    parts: Services,
    make_app: Callable[..., OpenAPI],
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    listening(api, student, service)
    api.session(teacher, course_id=course["id"])
    renewed = services_of(make_app(jwt_secret_key="x" * 40, push_services="localhost:1"))
    assert sending.send_due(renewed, pool) == 1
    assert (service.got, devices(api, student)) == ([], [])


def test_the_sender_of_a_serving_process_sends_by_itself(
    api: Api,
    parts: Services,
    service: Receiver,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    listening(api, student, service)
    sender = PushSender(parts).start()
    try:
        api.session(teacher, course_id=course["id"])
        service.wait_for(1)
    finally:
        sender.stop()
    assert waiting(parts) == 0


def test_teachers_are_told_what_waits_for_them_and_who_cannot_decide_is_not(
    api: Api,
    parts: Services,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
    course: dict[str, Any],
) -> None:
    helpers = {role: api.teacher() for role in ("co_teacher", "substitute", "assistant")}
    for role, helper in helpers.items():
        body = {"email": helper.row["email"], "role": role}
        assert api.post(f"/course/{course['id']}/staff", teacher, json=body).status_code == 201
    stranger = api.teacher()
    people = {"owner": teacher, **helpers, "stranger": stranger}
    browsers = {who: listening(api, one, service, f"/{who}") for who, one in people.items()}
    session = api.session(teacher, course_id=course["id"], subject="Algebra")
    api.post(f"/session/{session['id']}/appeal", student, json={"reason": "I was there"})
    outside = api.student()
    assert api.post("/session/ask-in", outside, json={"code": session["code"]}).status_code < 300
    assert api.post("/session/ask-in", outside, json={"code": session["code"]}).status_code < 300
    while sending.send_due(parts, pool):
        pass
    told: dict[str, list[tuple[str, str, str]]] = {}
    for path, _, body in service.got:
        said = browsers[path[1:]].read(body)
        told.setdefault(path[1:], []).append((said["kind"], said["subject"], said["path"]))
    appeal = ("appeal_made", "Algebra", "/teach/appeals")
    request = ("request_made", course["name"], "/teach")
    assert {who: sorted(said) for who, said in told.items()} == {
        "owner": [appeal, request],
        "co_teacher": [appeal, request],
        "substitute": [appeal],
    }


def test_administrators_are_told_that_a_teacher_waits_until_somebody_has_decided(
    make_app: Callable[..., OpenAPI], service: Receiver, pool: ThreadPoolExecutor
) -> None:
    host = service.url.removeprefix("https://").partition("/")[0]
    app = make_app(push_services=host, webhook_private_network=True, teacher_sign_up="approval")
    api, parts = Api(app), services_of(app)
    admin = api.teacher()
    browser = listening(api, admin, service)
    new = {"name": "New", "email": "new@school.example", "password": "correct horse"}
    waits = api.post("/teacher/signup", json=new)
    assert waits.status_code == 202
    assert sending.send_due(parts, pool) == 1
    ((path, _, body),) = service.got
    assert (path, browser.read(body)["kind"], browser.read(body)["path"]) == (
        *("/1", "teacher_waits", "/manage"),
    )
    api.post(f"/admin/teachers/{waits.json['teacher']['id']}/approve", admin)
    signed_in = api.post(
        "/teacher/login", json={"email": new["email"], "password": new["password"]}
    ).json
    colleague = Person(signed_in["teacher"], signed_in["access_token"], "")
    listening(api, colleague, service, "/2")  # who administers nothing is not told
    another = api.post("/teacher/signup", json={**new, "email": "newer@school.example"})
    api.post(f"/admin/teachers/{another.json['teacher']['id']}/approve", admin)
    assert sending.send_due(parts, pool) == 1
    assert len(service.got) == 1  # nobody waits any more


def test_a_teachers_browser_is_the_own_and_ends_with_the_account(
    api: Api,
    parts: Services,
    service: Receiver,
    pool: ThreadPoolExecutor,
    teacher: Person,
    student: Person,
) -> None:
    other = api.teacher()
    listening(api, other, service)
    [device] = api.get("/teacher/push", other).json["devices"]
    for who, call in ((teacher, "/teacher/push"), (student, "/student/push")):
        answer = api.call("DELETE", f"{call}/{device['id']}", who)
        assert code_of(answer) == (404, "push_device_not_found")
    assert code_of(api.get("/teacher/push", student)) == (403, "forbidden")
    assert code_of(api.get("/student/push", other)) == (403, "forbidden")
    assert code_of(api.post("/teacher/push", json={})) == (401, "token_missing")
    course = course_of(api, other)
    enrol(api, other, course, student)
    session = api.session(other, course_id=course["id"])
    api.post(f"/session/{session['id']}/appeal", student, json={"reason": "I was there"})
    api.post(f"/admin/teachers/{other.row['id']}/suspend", teacher)
    assert sending.send_due(parts, pool) == 1
    assert (service.got, waiting(parts)) == ([], 0)  # a suspended teacher hears nothing
    api.post(f"/admin/teachers/{other.row['id']}/approve", teacher)
    gone = api.call(
        "DELETE", f"/admin/teachers/{other.row['id']}?transfer_to={teacher.row['id']}", teacher
    )
    assert gone.status_code == 204, gone.text
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM push_devices") == 0
    listening(api, teacher, service, "/3")
    assert api.post("/auth/logout-everywhere", teacher).status_code == 204
    with parts.database.read() as tx:
        assert tx.scalar("SELECT COUNT(*) FROM push_devices") == 0
