"""Forgotten passwords: a link by mail, and an answer that tells nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from attendance.core.services import Services
from attendance.web.current import services_of
from database import students
from tests.attendance.mailing import Sink, link_in, smtp_sink, wait_for_mail
from tests.conftest import Api, FakeClock, Person, code_of

pytestmark = pytest.mark.any_database
NEW = "battery staple"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture
def api(make_app: Any, sink: Sink) -> Api:
    return Api(
        make_app(
            smtp_host="127.0.0.1",
            smtp_port=sink.server_address[1],
            smtp_security="none",
            public_url="https://attend.school.example",
        )
    )


def ask(api: Api, email: str, **options: Any) -> None:
    answer = api.post("/auth/forgot-password", json={"email": email}, **options)
    assert (answer.status_code, answer.json) == (202, {"mail": True})
    wait_for_mail()


def set_password(api: Api, token: str) -> Any:
    return api.post("/auth/set-password", json={"token": token, "password": NEW})


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_the_link_sets_a_password_once_and_ends_every_sign_in(
    api: Api, sink: Sink, kind: str
) -> None:
    person: Person = getattr(api, kind)()
    ask(api, person.row["email"].upper())
    (mail,) = sink.emails
    assert f"To: {person.row['email']}" in mail
    assert "https://attend.school.example/set-password#" in mail.replace("=\r\n", "")
    whose = api.post("/auth/password-link", json={"token": link_in(mail)}).json
    assert (whose["kind"], whose["name"]) == (kind, person.row["name"])
    assert set_password(api, link_in(mail)).status_code == 200
    assert code_of(api.get(f"/{kind}/me", person)) == (401, "token_invalid")
    assert code_of(set_password(api, link_in(mail))) == (403, "invitation_invalid")
    gone = api.post("/auth/password-link", json={"token": link_in(mail)})
    assert code_of(gone) == (403, "invitation_invalid")


def test_the_link_counts_for_an_hour(api: Api, sink: Sink, clock: FakeClock) -> None:
    ask(api, api.student().row["email"])
    clock.advance(minutes=60)
    assert code_of(set_password(api, link_in(sink.emails[0]))) == (410, "invitation_expired")


def test_another_password_or_address_ends_the_link(api: Api, sink: Sink) -> None:
    one, other = api.student(), api.student()
    for person in (one, other):
        ask(api, person.row["email"])
    change = {"password": "another horse", "current_password": one.password}
    assert api.call("PATCH", "/student/me", one, json=change).status_code == 200
    parts: Services = services_of(api.app)
    with parts.database.write() as tx:
        tx.execute(
            "UPDATE students SET email = 'x@school.example' WHERE id = :i", i=other.row["id"]
        )
        assert students.by_id(tx, other.row["id"]) is not None
    for mail in sink.emails:
        assert code_of(set_password(api, link_in(mail))) == (403, "invitation_invalid")


def test_nobody_learns_whether_there_is_an_account(
    api: Api, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(api, "nobody@school.example")
    assert sink.emails == []
    # whether there is an account is looked up when the answer has gone
    looked_up_in = []
    parts = services_of(api.app)
    count = parts.attempts.require_unspent

    def noting(*args: Any) -> None:
        looked_up_in.append(threading.current_thread().name)
        count(*args)

    monkeypatch.setattr(parts.attempts, "require_unspent", noting)
    ask(api, api.student().row["email"])
    assert looked_up_in == ["attendance-mail"]
    assert len(sink.emails) == 1


def test_one_mailbox_gets_few_mails_and_the_answer_stays_the_same(api: Api, sink: Sink) -> None:
    email = api.student().row["email"]
    for _ in range(5):
        ask(api, email)
    assert len(sink.emails) == 3


def test_one_network_asks_for_few_addresses(api: Api) -> None:
    answers = [
        api.post("/auth/forgot-password", json={"email": f"p{number}@school.example"})
        for number in range(31)
    ]
    wait_for_mail()
    assert [answer.status_code for answer in answers[:30]] == [202] * 30
    assert code_of(answers[30]) == (429, "too_many_tries")


def test_a_suspended_account_gets_no_link(api: Api, sink: Sink) -> None:
    admin, teacher = api.teacher(), api.teacher()
    api.post(f"/admin/teachers/{teacher.row['id']}/suspend", admin)
    ask(api, teacher.row["email"])
    assert sink.emails == []


def test_the_mail_speaks_the_language_of_whoever_asks(api: Api, sink: Sink) -> None:
    ask(api, api.student().row["email"], headers={"Accept-Language": "de"})
    assert "Hallo" in sink.emails[0]


def test_where_no_mail_is_sent_the_answer_says_so(make_app: Any) -> None:
    api = Api(make_app())
    answer = api.post("/auth/forgot-password", json={"email": api.teacher().row["email"]})
    assert (answer.status_code, answer.json) == (202, {"mail": False})
    assert "Ask the administrator" in api.get("/forgot-password").text
