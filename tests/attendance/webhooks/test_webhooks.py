"""Webhooks, sent to a receiver on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask_openapi3 import OpenAPI
from standardwebhooks import Webhook, WebhookVerificationError

from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.live import ticker
from attendance.web.current import services_of
from attendance.webhooks import hooks, outbound, sending
from attendance.webhooks.background import WebhookSender
from attendance.webhooks.outbound import Reach
from database import DatabaseUnavailable
from database import webhooks as stored
from tests.attendance.receiving import Receiver, receiving
from tests.conftest import Api, FakeClock, Person, code_of

EVENTS = ["session_stopped", "attendance_marked"]


@pytest.fixture
def admin(api: Api) -> Person:
    return api.teacher()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def hook(api: Api, by: Person, url: str, *events: str) -> dict[str, Any]:
    body = {"url": url, "events": list(events or EVENTS)}
    answer = api.post("/admin/webhooks", by, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def log(api: Api, by: Person, made: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/admin/webhooks/{made['webhook']['id']}/deliveries"
    deliveries: list[dict[str, Any]] = api.get(path, by).json["deliveries"]
    return deliveries


def stop(api: Api, by: Person) -> int:
    session = api.session(by)
    assert api.post("/session/stop", by, json={"session_id": session["id"]}).status_code == 200
    number: int = session["id"]
    return number


def test_a_mark_and_a_stop_arrive_signed(
    api: Api, admin: Person, parts: Services, receiver: Receiver, pool: ThreadPoolExecutor
) -> None:
    made = hook(api, admin, receiver.url)
    student = api.student("obama", student_id="S1", name="Bäräck")
    session = api.session(admin, subject="Botany")
    for _ in range(2):  # the second mark is none
        assert api.mark(student, "obama2", code=session["code"]).status_code == 200
    api.post("/session/stop", admin, json={"session_id": session["id"]})
    assert sending.send_due(parts, pool) == 2
    assert sending.send_due(parts, pool) == 0

    messages = {}
    for path, headers, body in receiver.got:
        assert path == "/hook?x=1"
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        assert headers["Content-Type"] == "application/json"
        message = json.loads(body)
        messages[message["type"]] = message
    marked = messages["attendance_marked"]
    assert marked["timestamp"] == "2026-03-02T08:00:00.000000Z"
    assert marked["data"]["session"]["subject"] == "Botany"
    assert marked["data"]["session"]["code"] is None
    assert (marked["data"]["attendance"]["student_id"], marked["data"]["attendance"]["name"]) == (
        *("S1", "Bäräck"),
    )
    assert "distance" not in marked["data"]["attendance"]
    stopped = messages["session_stopped"]["data"]
    assert stopped["session"]["state"] == "ended"
    assert stopped["counts"] == {"present": 1, "late": 0, "absent": 0, "excused": 0}
    assert {(row["state"], row["status"], row["attempts"]) for row in log(api, admin, made)} == {
        ("delivered", 204, 1)
    }


def test_the_library_of_standard_webhooks_accepts_what_is_sent(
    api: Api,
    admin: Person,
    parts: Services,
    clock: FakeClock,
    receiver: Receiver,
    pool: ThreadPoolExecutor,
) -> None:
    clock.moment = datetime.now(timezone.utc)  # which it compares with its own clock
    made = hook(api, admin, receiver.url)
    stop(api, api.teacher(name="Ünal"))
    sending.send_due(parts, pool)
    ((_path, headers, body),) = receiver.got
    judge = Webhook(made["secret"])
    assert judge.verify(body, headers)["type"] == "session_stopped"
    with pytest.raises(WebhookVerificationError):
        judge.verify(body.replace(b"stopped", b"started"), headers)


def test_a_session_that_ends_by_itself_is_told_too(
    api: Api,
    app: OpenAPI,
    admin: Person,
    parts: Services,
    clock: FakeClock,
    receiver: Receiver,
    pool: ThreadPoolExecutor,
) -> None:
    hook(api, admin, receiver.url, "session_stopped")
    api.session(admin, duration_minutes=5)
    clock.advance(minutes=5)
    ticker.tick(app, 0)
    assert sending.send_due(parts, pool) == 1
    assert json.loads(receiver.got[0][2])["type"] == "session_stopped"


def test_only_the_wanted_events_are_sent_and_none_while_it_is_off(
    api: Api, admin: Person, parts: Services, receiver: Receiver, pool: ThreadPoolExecutor
) -> None:
    made = hook(api, admin, receiver.url, "attendance_marked")
    stop(api, admin)
    assert sending.send_due(parts, pool) == 0
    both = hook(api, admin, receiver.url)
    path = f"/admin/webhooks/{both['webhook']['id']}"
    off = api.call("PATCH", path, admin, json={"enabled": False})
    assert off.json["webhook"]["enabled"] is False
    stop(api, admin)
    api.call("PATCH", path, admin, json={"enabled": True})
    assert sending.send_due(parts, pool) == 0
    stop(api, admin)
    assert sending.send_due(parts, pool) == 1
    assert log(api, admin, made) == []


def test_a_failure_is_tried_again_ever_later_with_the_same_body_and_id(
    api: Api, admin: Person, parts: Services, clock: FakeClock, pool: ThreadPoolExecutor
) -> None:
    with receiving(500, 302) as receiver:
        made = hook(api, admin, receiver.url)
        number = stop(api, admin)
        for tries, pause in enumerate(sending.BACKOFF[:2], start=1):
            assert sending.send_due(parts, pool) == 1
            assert sending.send_due(parts, pool) == 0
            (row,) = log(api, admin, made)
            assert (row["state"], row["attempts"]) == ("pending", tries)
            clock.moment += pause
        (row,) = log(api, admin, made)
        assert row["error"] == "answered 302"  # and nobody followed it
        assert sending.send_due(parts, pool) == 1
        (row,) = log(api, admin, made)
        assert (row["state"], row["attempts"], row["error"]) == ("delivered", 3, None)
        assert row["about"] == {"session": number}
        assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1
        assert len({body for _, _, body in receiver.got}) == 1
        assert len({headers["webhook-timestamp"] for _, headers, _ in receiver.got}) == 3


def test_a_message_is_whole_when_its_first_sender_died(
    api: Api, admin: Person, parts: Services, clock: FakeClock, pool: ThreadPoolExecutor
) -> None:
    with receiving() as receiver:
        hook(api, admin, receiver.url)
        number = stop(api, admin)
        now = clock.now()
        with parts.database.write() as tx:  # and nobody sends it
            assert len(stored.claim(tx, now, now + sending.LEASE, 8)) == 1
        assert sending.send_due(parts, pool) == 0
        clock.moment += sending.LEASE
        assert sending.send_due(parts, pool) == 1
        (_, _, body) = receiver.got[0]
        assert json.loads(body)["data"]["session"]["id"] == number


def test_the_log_of_messages_is_no_second_copy_of_a_student(
    api: Api, admin: Person, parts: Services, pool: ThreadPoolExecutor
) -> None:
    with receiving() as receiver:
        made = hook(api, admin, receiver.url)
        student = api.student("obama", student_id="S-4711", name="Secret Name")
        session = api.session(admin)
        assert api.mark(student, "obama2", code=session["code"]).status_code == 200
        assert sending.send_due(parts, pool) == 1
    assert log(api, admin, made)[0]["about"] == {
        "session": session["id"],
        "student": student.row["id"],
    }
    with parts.database.read() as tx:
        kept = repr(tx.all("SELECT * FROM webhook_deliveries"))
    assert "Secret Name" not in kept
    assert "S-4711" not in kept


def test_it_fails_for_good_after_the_last_try(
    api: Api, admin: Person, parts: Services, clock: FakeClock, pool: ThreadPoolExecutor
) -> None:
    with socket.socket() as nobody:  # a port on which nobody listens
        nobody.bind(("127.0.0.1", 0))
        made = hook(api, admin, f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        stop(api, admin)
        for pause in sending.BACKOFF:
            assert sending.send_due(parts, pool) == 1
            clock.moment += pause
        assert sending.send_due(parts, pool) == 1
    (row,) = log(api, admin, made)
    assert (row["state"], row["status"], row["next_at"]) == ("failed", None, None)
    assert "refused" in row["error"]
    clock.advance(days=30)
    assert sending.send_due(parts, pool) == 0


def test_a_receiver_that_is_gone_is_switched_off(
    api: Api, admin: Person, parts: Services, pool: ThreadPoolExecutor
) -> None:
    with receiving(410) as receiver:
        made = hook(api, admin, receiver.url)
        stop(api, admin)
        sending.send_due(parts, pool)
        (row,) = log(api, admin, made)
        assert row["state"] == "failed"
        (shown,) = api.get("/admin/webhooks", admin).json["webhooks"]
        assert shown["enabled"] is False


def test_two_processes_send_each_message_once(
    api: Api, admin: Person, parts: Services, receiver: Receiver, pool: ThreadPoolExecutor
) -> None:
    hook(api, admin, receiver.url)
    for _ in range(6):
        stop(api, admin)
    with ThreadPoolExecutor(2) as processes:
        sent = list(processes.map(lambda _: sending.send_due(parts, pool), range(2)))
    assert sum(sent) == 6
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 6
    assert len(receiver.got) == 6


def test_the_sender_of_a_serving_process_sends_by_itself(
    api: Api, admin: Person, parts: Services, receiver: Receiver
) -> None:
    made = hook(api, admin, receiver.url)
    sender = WebhookSender(parts).start()
    try:
        path = f"/admin/webhooks/{made['webhook']['id']}/ping"
        assert api.post(path, admin).status_code == 202
        receiver.wait_for(1)
    finally:
        sender.stop()
    assert json.loads(receiver.got[0][2]) == {
        "type": "ping",
        "timestamp": "2026-03-02T08:00:00.000000Z",
        "data": {},
    }
    assert [row["state"] for row in log(api, admin, made)] == ["delivered"]


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "224.0.0.1",
    ],
)
def test_metadata_addresses_in_any_spelling_are_forbidden(address: str) -> None:
    assert outbound.is_forbidden(ipaddress.ip_address(address))


NEVER = Reach(link_local=True, private=True)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "224.0.0.1", "::ffff:0.0.0.0", "ff02::1"])  # noqa: S104
def test_addresses_that_are_none_are_forbidden_whatever_is_allowed(address: str) -> None:
    assert outbound.is_forbidden(ipaddress.ip_address(address), NEVER)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("192.168.1.5", "10.0.0.1", "172.16.0.9", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1"),
    ],
)
def test_a_school_says_when_its_own_network_may_be_reached(address: str) -> None:
    parsed = ipaddress.ip_address(address)
    assert outbound.is_forbidden(parsed)
    assert outbound.is_forbidden(parsed, Reach(link_local=True))
    assert not outbound.is_forbidden(parsed, Reach(private=True))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_the_internet_may_be_reached(address: str) -> None:
    assert not outbound.is_forbidden(ipaddress.ip_address(address))


def test_by_default_nothing_in_the_own_network_hears_a_webhook(
    make_app: Callable[..., OpenAPI], receiver: Receiver, pool: ThreadPoolExecutor
) -> None:
    api = Api(make_app(webhook_private_network=False))
    admin = api.teacher()
    body = {"url": receiver.url, "events": EVENTS}
    answer = api.post("/admin/webhooks", admin, json=body)
    assert code_of(answer) == (400, "invalid_request")
    made = hook(api, admin, receiver.url.replace("127.0.0.1", "localhost"))
    stop(api, admin)
    sending.send_due(services_of(api.app), pool)
    (row,) = log(api, admin, made)
    assert row["error"] == "localhost is a private address, which is not allowed"
    assert receiver.got == []


def test_the_servers_own_ports_never_hear_a_webhook(
    make_app: Callable[..., OpenAPI], receiver: Receiver, pool: ThreadPoolExecutor
) -> None:
    port = int(urlsplit(receiver.url).port or 0)
    api = Api(make_app(port=port))
    admin = api.teacher()
    for host in ("127.0.0.1", "127.0.0.2", "[::1]"):
        body = {"url": f"http://{host}:{port}/", "events": EVENTS}
        answer = api.post("/admin/webhooks", admin, json=body)
        assert code_of(answer) == (400, "invalid_request"), host
    made = hook(api, admin, f"http://localhost:{port}/")
    stop(api, admin)
    sending.send_due(services_of(api.app), pool)
    assert log(api, admin, made)[0]["error"] == "localhost is this server itself"
    assert receiver.got == []
    assert hooks.reach(Settings.load(metrics_port=9100, workers=2, redis_url="redis://r")) == Reach(
        own_ports=frozenset({5001, 9100, 9101})
    )


def test_what_goes_wrong_with_one_delivery_is_counted_and_nothing_to_the_others(
    api: Api,
    admin: Person,
    parts: Services,
    receiver: Receiver,
    pool: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = [hook(api, admin, receiver.url) for _ in range(3)]
    with parts.database.write() as tx:
        # as they could be created once
        for number, url in enumerate(("http://a..b/", f"http://{'a' * 64}.example/")):
            tx.execute(
                "UPDATE webhooks SET url = :url WHERE id = :id",
                url=url,
                id=made[number]["webhook"]["id"],
            )
    stop(api, admin)
    assert sending.send_due(parts, pool) == 3
    logs = [log(api, admin, one)[0] for one in made]
    assert [(row["state"], row["attempts"]) for row in logs] == [
        ("pending", 1),
        ("pending", 1),
        ("delivered", 1),
    ]

    def broken(*_: object) -> int:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(outbound, "post", broken)
    stop(api, admin)
    assert sending.send_due(parts, pool) == 3
    newest = [log(api, admin, one)[0] for one in made]
    assert {(row["attempts"], row["error"]) for row in newest} == {(1, "RuntimeError")}


def test_a_database_that_goes_away_under_one_delivery_is_nothing_to_the_others(
    api: Api,
    admin: Person,
    parts: Services,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = [hook(api, admin, receiver.url) for _ in range(4)]
    stop(api, admin)
    first, record = made[0]["webhook"]["id"], stored.record
    find = stored.by_id

    def cut(tx: Any, number: int) -> Any:
        if number == first:
            raise DatabaseUnavailable("the line is cut")
        return find(tx, number)

    monkeypatch.setattr(stored, "by_id", cut)
    with ThreadPoolExecutor(1) as one_after_the_other:
        assert sending.send_due(parts, one_after_the_other) == 4
    monkeypatch.undo()
    assert stored.record is record
    assert len(receiver.got) == 3
    assert log(api, admin, made[0])[0]["attempts"] == 0


@pytest.mark.parametrize(
    "url",
    [
        "ftp://school.example/",
        "file:///etc/passwd",
        "http://",
        "http://name:password@school.example/",
        "http://school.example:99999/",
        "http://school.example/a b",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "http://a..b/",
        "http://.example/",
        f"http://{'a' * 64}.example/",
        f"http://{'a.' * 127}example/",
        "http://a*b/",
        "http://0.0.0.0/",
        "http://[::]/",
    ],
)
def test_a_url_that_may_not_be_posted_to_is_refused(api: Api, admin: Person, url: str) -> None:
    answer = api.post("/admin/webhooks", admin, json={"url": url, "events": EVENTS})
    assert code_of(answer) == (400, "invalid_request")
    assert "url" in answer.json["detail"]


def test_another_spelling_of_a_metadata_address_is_caught_when_it_is_sent(
    api: Api, admin: Person, parts: Services, pool: ThreadPoolExecutor
) -> None:
    """2852039166 is 169.254.169.254 to the system's resolver."""
    made = hook(api, admin, "http://2852039166/latest/meta-data")
    stop(api, admin)
    sending.send_due(parts, pool)
    (row,) = log(api, admin, made)
    assert (row["state"], row["status"]) == ("pending", None)
    assert "not allowed" in row["error"]


def test_the_secret_is_shown_once_and_kept_encrypted(
    api: Api, admin: Person, parts: Services
) -> None:
    made = hook(api, admin, "http://127.0.0.1:9/")
    raw = base64.b64decode(made["secret"].removeprefix("whsec_"))
    assert "secret" not in api.get("/admin/webhooks", admin).text
    with parts.database.read() as tx:
        (row,) = tx.all("SELECT * FROM webhooks")
    assert raw not in row["secret"]
    lines = api.get("/admin/audit?action=webhook", admin)
    assert made["secret"] not in lines.text
    path = f"/admin/webhooks/{made['webhook']['id']}"
    assert api.call("DELETE", path, admin).status_code == 204
    assert code_of(api.call("DELETE", path, admin)) == (404, "webhook_not_found")


def test_only_administrators_have_to_do_with_webhooks(api: Api, admin: Person) -> None:
    made = hook(api, admin, "http://127.0.0.1:9/")
    path = f"/admin/webhooks/{made['webhook']['id']}"
    for method, url in (
        ("POST", "/admin/webhooks"),
        ("GET", "/admin/webhooks"),
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}/ping"),
        ("GET", f"{path}/deliveries"),
    ):
        assert code_of(api.call(method, url, api.teacher())) == (403, "forbidden")


def test_every_change_of_a_mark_is_told_whoever_made_it(
    api: Api, admin: Person, parts: Services, receiver: Receiver, pool: ThreadPoolExecutor
) -> None:
    every = ["attendance_marked", "session_discarded", "session_restored", "student_deleted"]
    hook(api, admin, receiver.url, *every)
    student = api.student(student_id="S1")
    course = api.post("/course", admin, json={"code": "MA", "name": "Algebra"}).json["course"]
    api.post(f"/course/{course['id']}/students", admin, json={"student_id": "S1"})
    session = api.session(admin, course_id=course["id"])
    path = f"/session/{session['id']}"

    def told() -> list[tuple[str, str | None, str | None]]:
        """Type, whose, and the status, of what has come since."""
        receiver.got.clear()
        while sending.send_due(parts, pool):
            pass
        found = []
        for _, _, body in receiver.got:
            message = json.loads(body)
            data = message["data"]
            mark = data.get("attendance")
            found.append((message["type"], data.get("student_id"), mark and mark["status"]))
        return found

    marked = "attendance_marked"
    done = api.call("PUT", f"{path}/attendance", admin, json={"rest": "present"}).json
    assert told() == [(marked, "S1", "present")]
    api.post(f"{path}/attendance/undo", admin, json={"undo": done["undo"]})
    assert told() == [(marked, "S1", None)]
    api.call("PUT", f"{path}/attendance/S1", admin, json={"status": "late"})
    assert told() == [(marked, "S1", "late")]
    api.call("DELETE", f"{path}/attendance?confirm=true", admin)
    assert told() == [(marked, "S1", None)]
    api.post(f"{path}/attendance/restore", admin)
    assert told() == [(marked, "S1", "late")]
    api.call("DELETE", f"{path}/attendance?confirm=true", admin)
    api.post("/session/stop", admin, json={"session_id": session["id"]})
    assert told() == [(marked, "S1", "absent")]
    body = {"student_id": "S1", "from": "2026-03-02"}
    excuse = api.post(f"/course/{course['id']}/excuses", admin, json=body).json["excuse"]
    assert told() == [(marked, "S1", "excused")]
    api.call("DELETE", f"/excuse/{excuse['id']}", admin)
    assert told() == [(marked, "S1", "absent")]
    api.call("DELETE", path, admin)
    assert told() == [("session_discarded", None, None)]
    api.post(f"{path}/restore", admin)
    assert told() == [("session_restored", None, None)]
    twin = api.student(student_id="S2").row["id"]
    api.post(f"/course/{course['id']}/students", admin, json={"student_id": "S2"})
    api.call("PUT", f"{path}/attendance/S2", admin, json={"status": "late"})
    assert told() == [(marked, "S2", "late")]
    api.post(f"/admin/students/{twin}/merge", admin, json={"into": student.row["id"]})
    assert told() == [(marked, "S1", "late"), ("student_deleted", None, None)]
    assert json.loads(receiver.got[1][2])["data"]["student"] == {"id": twin, "student_id": "S2"}
    api.call("DELETE", f"/admin/students/{student.row['id']}", admin)
    assert told() == [("student_deleted", None, None)]
    deleted = json.loads(receiver.got[0][2])["data"]
    assert deleted == {"student": {"id": student.row["id"], "student_id": "S1"}}
    [one] = api.get("/admin/webhooks", admin).json["webhooks"]
    log = api.get(f"/admin/webhooks/{one['id']}/deliveries", admin).json["deliveries"]
    assert log[0]["about"] == {"id": student.row["id"], "student_id": "S1"}
