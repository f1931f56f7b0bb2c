"""Links with which a password is set: for students from a roster, and resets."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from attendance.accounts.invitations import Invitation
from attendance.core.services import Services
from database import students, teachers
from tests.conftest import PASSWORD, Api, FakeClock, code_of

NEW = "battery staple"


def imported(parts: Services, email: str = "new@school.example") -> dict[str, Any]:
    """A student from a roster: no password yet."""
    with parts.database.write() as tx:
        return students.create(
            tx,
            student_id="S900",
            name="New Student",
            email=email,
            password_hash=None,
            course=None,
            now=parts.clock.now(),
        )


def invite(parts: Services, kind: str, row: dict[str, Any], **life: Any) -> Invitation:
    return parts.invitations.make(
        kind, row, "https://school.example/", parts.clock.now(), timedelta(**life) if life else None
    )


def test_an_invited_student_sets_a_password_and_is_signed_in(api: Api, parts: Services) -> None:
    row = imported(parts)
    assert (
        api.post("/student/login", json={"email": row["email"], "password": NEW}).status_code == 401
    )
    made = invite(parts, "student", row)
    assert made.link == f"https://school.example/set-password#{made.token}"
    answer = api.post("/auth/set-password", json={"token": made.token, "password": NEW})
    assert answer.status_code == 200, answer.text
    assert answer.json["student"]["student_id"] == "S900"
    assert api.get("/student/me", answer.json["access_token"]).status_code == 200
    login = api.post("/student/login", json={"email": row["email"], "password": NEW})
    assert login.status_code == 200


def test_a_link_works_once_and_takes_the_others_of_the_account_with_it(
    api: Api, parts: Services
) -> None:
    row = imported(parts)
    first, second = invite(parts, "student", row), invite(parts, "student", row, hours=1)
    body = {"token": first.token, "password": NEW}
    assert api.post("/auth/set-password", json=body).status_code == 200
    for token in (first.token, second.token):
        again = api.post("/auth/set-password", json={"token": token, "password": "another one"})
        assert code_of(again) == (403, "invitation_invalid")


def test_a_reset_ends_the_tokens_of_a_teacher(api: Api, parts: Services) -> None:
    teacher = api.teacher()
    with parts.database.read() as tx:
        row = teachers.by_id(tx, teacher.row["id"])
    assert row is not None
    made = invite(parts, "teacher", row, hours=1)
    answer = api.post("/auth/set-password", json={"token": made.token, "password": NEW})
    assert answer.status_code == 200
    assert answer.json["teacher"]["id"] == teacher.row["id"]
    assert code_of(api.get("/teacher/me", teacher)) == (401, "token_invalid")
    old = {"email": row["email"], "password": PASSWORD}
    assert code_of(api.post("/teacher/login", json=old)) == (401, "login_failed")


def test_a_link_expires(api: Api, parts: Services, clock: FakeClock) -> None:
    made = invite(parts, "student", imported(parts), hours=1)
    clock.advance(hours=1)
    answer = api.post("/auth/set-password", json={"token": made.token, "password": NEW})
    assert code_of(answer) == (410, "invitation_expired")


@pytest.mark.parametrize("token", ["", "x", "a.b", "ü.ü", "W10.W10", "." * 400])
def test_a_forged_link_is_refused(api: Api, token: str) -> None:
    answer = api.post("/auth/set-password", json={"token": token, "password": NEW})
    assert code_of(answer) == (403, "invitation_invalid")


def test_a_changed_link_is_refused(api: Api, parts: Services) -> None:
    token = invite(parts, "student", imported(parts)).token
    for place in (0, len(token) // 2, len(token) - 2):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        answer = api.post("/auth/set-password", json={"token": changed, "password": NEW})
        assert code_of(answer) == (403, "invitation_invalid")


def test_a_weak_password_leaves_the_link_usable(api: Api, parts: Services) -> None:
    token = invite(parts, "student", imported(parts)).token
    weak = api.post("/auth/set-password", json={"token": token, "password": "short"})
    assert code_of(weak) == (400, "invalid_request")
    good = api.post("/auth/set-password", json={"token": token, "password": NEW})
    assert good.status_code == 200


def test_of_two_uses_at_once_one_counts(api: Api, parts: Services) -> None:
    token = invite(parts, "student", imported(parts)).token
    barrier, answers = Barrier(4), []

    def use(number: int) -> None:
        barrier.wait()
        body = {"token": token, "password": f"password {number}"}
        answers.append(Api(api.app).post("/auth/set-password", json=body).status_code)

    threads = [Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 403, 403, 403]
