"""Who guesses at an account is kept out, and its owner is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from attendance.accounts import browsers
from attendance.accounts.browsers import Browsers
from tests.conftest import PASSWORD, Api, FakeClock, Person, code_of

FAILED, TOO_MANY = (401, "login_failed"), (429, "too_many_tries")
NOW = datetime(2026, 3, 2, tzinfo=timezone.utc)


@pytest.fixture
def app(make_app: Callable[..., OpenAPI]) -> OpenAPI:
    return make_app(login_tries_per_minute=3, login_failures_per_hour=3)


def sign_in(
    api: Api, person: Person, password: str = PASSWORD, number: int = 1, query: str = ""
) -> TestResponse:
    """Sign in from an address."""
    kind = "teacher" if "role" in person.row else "student"
    body = {"email": person.row["email"], "password": password}
    return api.post(
        f"/{kind}/login{query}", json=body, environ_base={"REMOTE_ADDR": f"10.0.0.{number}"}
    )


def guess(api: Api, person: Person, *addresses: int) -> list[tuple[int, str]]:
    return [code_of(sign_in(api, person, "not this one", number)) for number in addresses]


def known_browser(api: Api, person: Person, number: int = 1) -> Api:
    browser = Api(api.app, cookies=True)
    assert sign_in(browser, person, number=number, query="?transport=cookie").status_code == 200
    return browser


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_guesses_from_one_network_keep_nobody_out_elsewhere(api: Api, kind: str) -> None:
    person = api.teacher() if kind == "teacher" else api.student()
    assert guess(api, person, 1, 1, 1, 1) == [FAILED] * 3 + [TOO_MANY]
    assert code_of(sign_in(api, person)) == TOO_MANY  # also with the right password
    assert sign_in(api, person, number=2).status_code == 200


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_a_browser_that_the_account_knows_gets_in_beside_the_one_who_guesses(
    api: Api, kind: str
) -> None:
    person = api.teacher() if kind == "teacher" else api.student()
    browser = known_browser(api, person, number=7)
    assert guess(api, person, 1, 1, 1, 1)[-1] == TOO_MANY
    assert sign_in(browser, person, number=1).status_code == 200
    # it has a bound of its own, and keeps it when it signs in again
    assert guess(browser, person, 1, 1)[-1] == FAILED
    assert guess(browser, person, 2)[-1] == TOO_MANY
    assert guess(browser, person, 3)[-1] == TOO_MANY


def test_guesses_from_many_networks_are_counted_together(api: Api) -> None:
    student, other = api.student(), api.student()
    browser = known_browser(api, student, number=200)
    codes = guess(api, student, *(number for number in range(1, 13) for _ in range(3)))
    assert codes == [FAILED] * 30 + [TOO_MANY] * 6
    assert code_of(sign_in(api, student, number=99)) == TOO_MANY
    assert sign_in(browser, student, number=99).status_code == 200
    assert sign_in(api, other, number=99).status_code == 200


def test_right_passwords_use_up_nothing_of_an_hour(make_app: Callable[..., OpenAPI]) -> None:
    api = Api(make_app(login_failures_per_hour=1))
    student = api.student()
    assert {sign_in(api, student).status_code for _ in range(5)} == {200}


def test_the_words_are_the_same_whether_there_is_an_account_or_not(api: Api) -> None:
    student = api.student()
    nobody = Person({**student.row, "email": "nobody@school.example"}, "", "")
    answers = [
        [sign_in(api, person, "not this one", number) for number in (1, 1, 1, 1, 2)]
        for person in (student, nobody)
    ]
    known, unknown = ([(a.status_code, a.data) for a in each] for each in answers)
    assert known == unknown


def test_another_accounts_cookie_or_a_changed_one_is_no_known_browser(
    api: Api, clock: FakeClock
) -> None:
    student, other = api.student(), api.student()
    browser = known_browser(api, other, number=5)
    assert guess(browser, student, 1, 1, 1, 1)[-1] == TOO_MANY
    cookie = known_browser(api, student, number=5).client.get_cookie(browsers.COOKIE)
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    for text in ("", "x", cookie.value[:-2] + "xx", "a.b"):
        stranger = Api(api.app, cookies=True)
        stranger.client.set_cookie(browsers.COOKIE, text)
        assert code_of(sign_in(stranger, student)) == TOO_MANY
    clock.advance(days=browsers.LIFE.days + 1)
    stranger.client.set_cookie(browsers.COOKIE, cookie.value)
    assert code_of(sign_in(stranger, student)) == TOO_MANY


def test_clients_without_cookies_get_none(api: Api) -> None:
    assert "Set-Cookie" not in sign_in(api, api.student()).headers


def test_a_shared_browser_knows_the_last_who_signed_in() -> None:
    made, cookie = Browsers(b"k" * 32), None
    for number in range(browsers.ACCOUNTS + 1):
        cookie = made.remember(cookie, f"student:{number}", NOW)
    known = [made.known(cookie, f"student:{n}", NOW) for n in range(browsers.ACCOUNTS + 1)]
    assert known[0] is None
    assert len(set(known[1:])) == browsers.ACCOUNTS
    again = made.remember(cookie, "student:3", NOW + timedelta(days=1))
    assert made.known(again, "student:3", NOW) == known[3]
    assert Browsers(b"l" * 32).known(cookie, "student:3", NOW) is None
