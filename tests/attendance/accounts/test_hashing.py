"""Passwords are hashed in a few places behind a short queue, and nobody fills it for the others."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import bcrypt
import pytest
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

import attendance
from attendance.admission.shares import NoRoom, Shares
from attendance.web.current import services_of
from attendance.web.origin import network_of
from tests.conftest import PASSWORD, Api, code_of

pytestmark = pytest.mark.any_database

QUEUE, CORES = 6, 3
BUSY = (503, "sign_in_busy")


class Gate:
    """Holds every hash until it is opened, and counts those that are being made."""

    def __init__(self) -> None:
        self.inside, self.most = 0, 0
        self._lock = threading.Lock()
        self._open = threading.Event()

    def hold(self) -> None:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self._open.wait(60)
        with self._lock:
            self.inside -= 1

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate, check, make = Gate(), bcrypt.checkpw, bcrypt.hashpw

    def checkpw(password: bytes, hashed: bytes) -> bool:
        gate.hold()
        return check(password, hashed)

    def hashpw(password: bytes, salt: bytes) -> bytes:
        if threading.current_thread().name.startswith("attendance-hash"):
            gate.hold()
        return make(password, salt)

    monkeypatch.setattr(bcrypt, "checkpw", checkpw)
    monkeypatch.setattr(bcrypt, "hashpw", hashpw)
    monkeypatch.setattr(attendance, "available_cores", lambda: CORES)
    return gate


@contextmanager
def at_once(
    gate: Gate, calls: list[Callable[[], TestResponse]], answered: int
) -> Iterator[list[Future[TestResponse]]]:
    """Make the calls at once, and go on when so many have their answer; the others are held."""
    done = threading.Semaphore(0)
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(call) for call in calls]
        for future in futures:
            future.add_done_callback(lambda _future: done.release())
        try:
            for _ in range(answered):
                assert done.acquire(timeout=60)
            yield futures
        finally:
            gate.open()


def from_address(app: OpenAPI, number: int, path: str, **body: str) -> Callable[[], TestResponse]:
    where = {"REMOTE_ADDR": f"10.0.0.{number}"}
    return lambda: Api(app).post(path, json=body, environ_base=where)


def guesses(app: OpenAPI, addresses: list[int]) -> list[Callable[[], TestResponse]]:
    return [
        from_address(
            app, address, "/student/login", email=f"s{number}@x.example", password="not this one"
        )
        for number, address in enumerate(addresses)
    ]


def until_waiting(app: OpenAPI, count: int) -> None:
    for _ in range(600):
        if services_of(app).hashing.waiting == count:
            return
        time.sleep(0.1)
    pytest.fail("the queue was not filled")


def test_a_flood_of_sign_ins_takes_fewer_than_the_cores_and_ends_in_503(
    make_app: Callable[..., OpenAPI], gate: Gate
) -> None:
    app = make_app(hash_queue=QUEUE)
    with at_once(gate, guesses(app, list(range(1, 21))), answered=20 - QUEUE) as futures:
        refused = [future.result() for future in futures if future.done()]
        assert {code_of(answer) for answer in refused} == {BUSY}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    codes = Counter(code_of(future.result()) for future in futures)
    assert codes == {(401, "login_failed"): QUEUE, BUSY: 20 - QUEUE}
    assert gate.most <= CORES - 1


def test_one_network_holds_half_of_the_queue_and_another_still_signs_up(
    make_app: Callable[..., OpenAPI], gate: Gate
) -> None:
    app = make_app(hash_queue=QUEUE)
    flood = guesses(app, [1] * 20)
    sign_up = {"name": "Ada", "email": "ada@x.example", "student_id": "S1", "password": PASSWORD}
    with ThreadPoolExecutor(1) as pool, at_once(gate, flood, 20 - QUEUE // 2) as futures:
        elsewhere = pool.submit(from_address(app, 2, "/student/signup", **sign_up))
        until_waiting(app, QUEUE // 2 + 1)
        gate.open()
        assert elsewhere.result().status_code == 201
    assert Counter(code_of(future.result()) for future in futures)[BUSY] == 20 - QUEUE // 2


def test_every_call_that_hashes_waits_in_the_same_queue(
    make_app: Callable[..., OpenAPI], gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(hash_queue=2)
    api = Api(app)
    with monkeypatch.context() as patch:
        patch.setattr(gate, "hold", lambda: None)
        teacher, student = api.teacher(), api.student()
        path = f"/admin/students/{student.row['id']}/reset-password"
        link = api.post(path, teacher).json["link"]
    change = {"password": "another horse", "current_password": PASSWORD}
    sign_up = {"name": "Ada", "email": "ada@x.example", "password": PASSWORD}
    login = {"email": student.row["email"], "password": PASSWORD}
    token = link.partition("#")[2]
    with at_once(gate, guesses(app, [1, 2]), answered=0):
        until_waiting(app, 2)
        for answer in (
            api.post("/student/login", json=login),
            api.post("/teacher/login", json=login),
            api.post("/student/signup", json={**sign_up, "student_id": "S9"}),
            api.post("/teacher/signup", json=sign_up),
            api.call("PATCH", "/student/me", student, json=change),
            api.call("PATCH", "/teacher/me", teacher, json=change),
            api.post("/auth/set-password", json={"token": token, "password": "another horse"}),
        ):
            assert code_of(answer) == BUSY


@pytest.mark.parametrize("kind", ["student", "teacher"])
def test_sign_ups_are_counted_for_each_network(make_app: Callable[..., OpenAPI], kind: str) -> None:
    app = make_app(sign_ups_per_minute=3)
    body = {"name": "Ada", "password": PASSWORD}

    def sign_up(number: int, address: int) -> TestResponse:
        fields = {"email": f"a{number}@x.example", "student_id": f"S{number}"}
        return from_address(app, address, f"/{kind}/signup", **body, **fields)()

    assert [sign_up(number, 1).status_code for number in range(3)] == [201] * 3
    # nothing tells whether there is such an account
    for number in (1, 77):
        refused = sign_up(number, 1)
        assert code_of(refused) == (429, "too_many_tries")
        assert int(refused.headers["Retry-After"]) > 0
    assert sign_up(9, 2).status_code == 201


def test_students_sign_up_only_where_the_school_lets_them(api: Api) -> None:
    admin, student = api.teacher(), api.student()
    for page in ("/", "/join"):
        assert "/sign-up?role=student" in api.get(page).text
    setting = {"student_sign_up": "closed"}
    assert api.call("PATCH", "/admin/settings", admin, json=setting).status_code == 200
    known = {**student.row, "password": PASSWORD}
    unknown = {**known, "student_id": "S999", "email": "new@x.example"}
    answers = [api.post("/student/signup", json=body) for body in (known, unknown)]
    assert [code_of(answer) for answer in answers] == [(403, "sign_up_closed")] * 2
    assert answers[0].data == answers[1].data
    for page in ("/", "/join"):
        assert "/sign-up?role=student" not in api.get(page).text
    words = "Students get their account from the school here."
    assert words in api.get("/sign-up?role=student").text
    login = {"email": student.row["email"], "password": PASSWORD}
    assert api.post("/student/login", json=login).status_code == 200


def test_a_share_is_given_back_whatever_happens() -> None:
    shares = Shares(2, 1)
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), shares.place("a"):
            _ = 1 / 0
    with shares.place("a"):
        with pytest.raises(NoRoom), shares.place("a"):
            pass
        with shares.place("b"), pytest.raises(NoRoom), shares.place("c"):
            pass
    assert shares.held == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("a place", "unknown"),
    ],
)
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network
