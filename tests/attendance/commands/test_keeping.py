"""flask purge and flask rotate-key."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from attendance.core.services import Services
from attendance.crypto.keys import encryption_keys, new_encryption_key
from attendance.crypto.vault import OF_WEBHOOKS
from attendance.operation import rotation
from attendance.web.current import services_of
from database import Transaction, encrypted, faces, tokens
from facerecog.containers import without_metadata
from tests.attendance.commands.conftest import Run
from tests.conftest import Api, FakeClock, Person, code_of, picture


def has_face(parts: Services, student: Person) -> bool:
    with parts.database.read() as tx:
        return bool(faces.templates_of(tx, student.row["id"]))


# -- purge


def test_a_face_goes_when_it_was_not_used_for_so_many_days(
    run: Run, api: Api, parts: Services, clock: FakeClock
) -> None:
    unused, marked, fresh = api.student("obama"), api.student("biden"), api.student()
    clock.advance(days=20)
    teacher = api.teacher()
    session = api.session(teacher)
    assert api.mark(marked, "biden", code=session["code"]).status_code == 200
    clock.advance(days=11)
    api.enrol(fresh, "grace_hopper")

    assert "faces removed: 0 (no limit is set)" in run("purge").output
    told = run("purge", "--days", 30, "--dry-run").output
    assert "faces would be removed: 1 (unused for 30 days)" in told
    assert has_face(parts, unused)
    assert "faces removed: 1" in run("purge", "--days", 30).output
    assert [has_face(parts, who) for who in (unused, marked, fresh)] == [False, True, True]
    assert api.get("/student/me", unused).json["student"]["consent_at"] is None
    answer = api.mark(unused, "obama", code=api.session(teacher)["code"])
    assert code_of(answer) == (409, "face_not_enrolled")


def test_a_face_that_is_enrolled_anew_at_the_last_moment_stays(
    run: Run, api: Api, parts: Services, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = api.student("obama")
    clock.advance(days=31)
    lock = faces.lock

    def first_enrol(tx: Transaction) -> int:
        monkeypatch.setattr(faces, "lock", lock)
        tx.execute("UPDATE face_templates SET created_at = :now", now=clock.now())
        return lock(tx)

    monkeypatch.setattr(faces, "lock", first_enrol)
    assert "faces removed: 0" in run("purge", "--days", 30).output
    assert has_face(parts, student)


def test_the_stored_setting_says_how_many_days(run: Run, api: Api, clock: FakeClock) -> None:
    admin = api.teacher()
    api.student("obama")
    values = {"template_retention_days": 7}
    assert api.call("PATCH", "/admin/settings", admin, json=values).status_code == 200
    clock.advance(days=8)
    assert "faces removed: 1 (unused for 7 days)" in run("purge").output


def test_expired_rows_go_and_living_ones_stay(run: Run, parts: Services, clock: FakeClock) -> None:
    now = clock.now()
    with parts.database.write() as tx:
        tokens.revoke(tx, "old", now - timedelta(seconds=1))
        tokens.revoke(tx, "young", now + timedelta(seconds=1))
        tokens.use_reservation(tx, "old", 1, now - timedelta(seconds=1))
    told = run("purge").output
    assert "expired revoked tokens removed: 1" in told
    assert "expired reservation uses removed: 1" in told
    with parts.database.read() as tx:
        assert tokens.is_revoked(tx, "young")
        assert not tokens.is_revoked(tx, "old")


def test_old_refusals_go_and_those_of_an_appeal_stay(
    run: Run, api: Api, parts: Services, clock: FakeClock
) -> None:
    session = api.session(api.teacher())
    silent, appealing = api.student("obama"), api.student("grace_hopper")
    for student in (silent, appealing):
        assert code_of(api.mark(student, "biden", code=session["code"]))[1] == "face_mismatch"
    reason = {"reason": "It was me."}
    assert api.post(f"/session/{session['id']}/appeal", appealing, json=reason).status_code == 201
    clock.advance(days=29)
    assert "expired refusals removed: 0" in run("purge").output
    clock.advance(days=2)
    assert "expired refusals removed: 1" in run("purge").output
    with parts.database.read() as tx:
        assert tx.scalar("SELECT student FROM refusals") == appealing.row["id"]


def test_photographs_without_an_owner_go(
    run: Run, make_app: Callable[..., OpenAPI], clock: FakeClock
) -> None:
    app = make_app(keep_photos=True)
    Api(app).student("obama")
    folder = services_of(app).faces.photos.folder
    (kept,) = folder.iterdir()
    orphan, draft, young = (folder / name for name in ("a.k1.enc", ".b.k1.enc", "c.k1.enc"))
    long_ago = (clock.now() - timedelta(hours=2)).timestamp()
    for path in (orphan, draft, young):
        path.write_bytes(b"x")
    for path in (kept, orphan, draft):
        os.utime(path, (long_ago, long_ago))
    now = clock.now().timestamp()
    os.utime(young, (now, now))

    assert "without an owner would be removed: 2" in run("purge", "--dry-run", app=app).output
    assert "without an owner removed: 2" in run("purge", app=app).output
    assert set(folder.iterdir()) == {kept, young}
    kept.unlink()
    assert "1 photographs are missing" in run("purge", app=app).output


# -- rotate-key


@pytest.fixture
def school(make_app: Callable[..., OpenAPI]) -> OpenAPI:
    """A school with two faces and their photographs."""
    app = make_app(keep_photos=True)
    api = Api(app)
    api.student("obama")
    api.student("biden")
    return app


def keys_in_use(parts: Services) -> set[str]:
    with parts.database.read() as tx:
        names = {name.split(".")[1] for name in encrypted.photos(tx)}
        return encrypted.key_ids(tx) | names


def test_everything_is_encrypted_anew_and_the_old_key_goes(run: Run, school: OpenAPI) -> None:
    parts = services_of(school)
    old = parts.vault.current
    told = run("rotate-key", app=school).output
    new = parts.vault.current
    assert new != old
    assert keys_in_use(parts) == {new}
    assert list(encryption_keys(parts.settings)) == [new]
    assert f"New key: {new}" in told
    assert "re-encrypted: 4" in told
    assert f"removed: {old}" in told
    with parts.database.read() as tx:
        rows = tx.all("SELECT student, photo FROM face_templates ORDER BY id")
    assert [parts.faces.photos.read(row["student"], row["photo"]) for row in rows] == [
        without_metadata(picture("obama")),
        without_metadata(picture("biden")),
    ]
    assert len(list(parts.faces.photos.folder.iterdir())) == 2


def test_the_secrets_of_webhooks_change_too(run: Run, school: OpenAPI) -> None:
    api, parts = Api(school), services_of(school)
    body = {"url": "http://127.0.0.1:9/", "events": ["session_stopped"]}
    made = api.post("/admin/webhooks", api.teacher(), json=body).json
    run("rotate-key", app=school)
    assert keys_in_use(parts) == {parts.vault.current}
    with parts.database.read() as tx:
        row = tx.one("SELECT key_id, secret FROM webhooks")
    assert row is not None
    plain = parts.vault.decrypt(row["key_id"], row["secret"], OF_WEBHOOKS)
    assert made["secret"] == "whsec_" + base64.b64encode(plain).decode()


def test_running_servers_go_on_with_the_new_key(
    run: Run, school: OpenAPI, make_app: Callable[..., OpenAPI]
) -> None:
    """One has filled its index before, one fills it afterwards, both enrol with the new key."""
    early, late = Api(make_app(keep_photos=True)), Api(make_app(keep_photos=True))
    admin = early.teacher()
    assert early.upload("/verify", admin, picture("obama2")).status_code == 200
    run("rotate-key", app=school)
    for api, face in ((early, "grace_hopper"), (late, "astronaut")):
        assert api.upload("/verify", admin, picture("obama2")).status_code == 200
        student = api.student(face)
        session = api.session(admin)
        assert api.mark(student, face, code=session["code"]).status_code == 200
    parts = services_of(school)
    assert keys_in_use(parts) == {parts.vault.current}


def test_an_interrupted_change_is_resumed(
    run: Run, school: OpenAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = services_of(school)
    old = parts.vault.current

    def broken(*_: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(parts.faces.photos, "store", broken)
        assert "the disk is full" in run("rotate-key", app=school, status=1).output
    new = parts.vault.current
    assert keys_in_use(parts) == {old, new}
    told = run("rotate-key", app=school).output
    assert f"Resumed: {new}" in told
    assert "re-encrypted: 2" in told
    assert keys_in_use(parts) == {new}
    assert list(encryption_keys(parts.settings)) == [new]


def test_an_enrolment_with_the_old_key_in_between_is_changed_too(
    school: OpenAPI, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written after the last batch was looked for, before the keys are removed."""
    parts = services_of(school)
    old, finish = parts.vault.current, rotation._finish
    slipped: list[bool] = []

    def late(*args: Any, **options: Any) -> bool:
        if not slipped:
            slipped.append(True)
            with parts.database.write() as tx:
                row = tx.one("SELECT id, student, data FROM face_templates ORDER BY id")
                assert row is not None
                owner = f"template:{row['student']}"
                plain = parts.vault.decrypt(parts.vault.current, row["data"], owner)
                behind = type(parts.vault)({old: encryption_keys(parts.settings)[old]})
                _, data = behind.encrypt(plain, owner)
                encrypted.set_template(tx, row["id"], parts.vault.current, old, data)
        return finish(*args, **options)

    monkeypatch.setattr(rotation, "_finish", late)
    run("rotate-key", app=school)
    assert slipped
    assert keys_in_use(parts) == {parts.vault.current}


def test_old_keys_stay_if_asked_for(run: Run, school: OpenAPI) -> None:
    parts = services_of(school)
    old = parts.vault.current
    assert f"not used any more: {old}" in run("rotate-key", "--keep-old", app=school).output
    assert list(encryption_keys(parts.settings)) == [parts.vault.current, old]


def test_keys_of_the_environment_are_proposed_and_then_followed(
    run: Run, make_app: Callable[..., OpenAPI]
) -> None:
    one = make_app(encryption_keys=new_encryption_key())
    Api(one).student("obama")
    told = run("rotate-key", app=one).output
    line = next(line for line in told.splitlines() if line.startswith("ENCRYPTION_KEYS="))
    two = make_app(encryption_keys=line.partition("=")[2])
    parts = services_of(two)
    assert keys_in_use(parts) == {services_of(one).vault.current}
    told = run("rotate-key", app=two).output
    assert "re-encrypted: 1" in told
    assert f"not used any more: {services_of(one).vault.current}" in told
    assert keys_in_use(parts) == {parts.vault.current}


def test_a_missing_key_is_named(
    run: Run, school: OpenAPI, make_app: Callable[..., OpenAPI]
) -> None:
    other = make_app(encryption_keys=new_encryption_key())
    told = run("rotate-key", app=other, status=1).output
    assert services_of(school).vault.current in told
