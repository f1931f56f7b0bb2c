"""Secrets are made once, readable by their owner only; texts are bound to key and owner."""

from __future__ import annotations

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from attendance.accounts import passwords
from attendance.core.settings import Settings, SettingsInvalid
from attendance.crypto.keys import encryption_keys, new_encryption_key, signing_key
from attendance.crypto.vault import Undecryptable, Vault

ONE, TWO = b"1" * 32, b"2" * 32


def settings(tmp_path: Path, **values: object) -> Settings:
    return Settings.load(instance_dir=tmp_path / "instance", **values)


def test_missing_secrets_are_made_once(tmp_path: Path) -> None:
    first, second = settings(tmp_path), settings(tmp_path)
    assert signing_key(first) == signing_key(second)
    assert encryption_keys(first) == encryption_keys(second)
    assert len(signing_key(first)) >= 48


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such permissions")
def test_the_files_of_the_secrets_are_the_owners(tmp_path: Path) -> None:
    signing_key(settings(tmp_path))
    encryption_keys(settings(tmp_path))
    files = list((tmp_path / "instance").iterdir())
    assert sorted(file.name for file in files) == ["encryption.keys", "jwt.key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(signing_key, settings(tmp_path)) for _ in range(8)]
        assert len({future.result() for future in made}) == 1


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    assert signing_key(settings(tmp_path / "a")) != signing_key(settings(tmp_path / "b"))


@pytest.mark.parametrize(
    "values",
    [
        {"jwt_secret_key": "too short"},
        {"encryption_keys": "no colon"},
        {"encryption_keys": "k1:" + base64.b64encode(b"short").decode()},
        {"encryption_keys": "k1:not base64"},
        {"encryption_keys": ","},
    ],
)
def test_a_weak_or_broken_secret_is_refused_with_its_name(
    tmp_path: Path, values: dict[str, str]
) -> None:
    (name,) = values
    read = signing_key if name == "jwt_secret_key" else encryption_keys
    with pytest.raises(SettingsInvalid, match=name.upper()):
        read(settings(tmp_path, **values))


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="PORT"):
        settings(tmp_path, port=0)


def test_what_was_encrypted_with_an_older_key_can_be_read() -> None:
    old = Vault({"k1": ONE})
    key_id, data = old.encrypt(b"text", "template:1")
    new = Vault({"k2": TWO, "k1": ONE})
    assert new.decrypt(key_id, data, "template:1") == b"text"
    assert new.encrypt(b"text", "template:1")[0] == "k2"


def test_a_text_is_bound_to_its_owner_key_and_bytes() -> None:
    vault = Vault({"k1": ONE})
    key_id, data = vault.encrypt(b"text", "template:1")
    assert vault.encrypt(b"text", "template:1")[1] != data
    for wrong in (
        (key_id, data, "template:2"),
        ("k9", data, "template:1"),
        (key_id, data[:-1] + bytes([data[-1] ^ 1]), "template:1"),
        (key_id, b"", "template:1"),
    ):
        with pytest.raises(Undecryptable):
            vault.decrypt(*wrong)


def test_a_made_key_is_one_that_is_read(tmp_path: Path) -> None:
    keys = encryption_keys(settings(tmp_path, encryption_keys=new_encryption_key()))
    assert [len(key) for key in keys.values()] == [32]


@pytest.mark.parametrize(
    ("password", "fine"),
    [
        ("1234567", False),
        ("12345678", True),
        ("x" * 72, True),
        ("x" * 73, False),
        ("a\0bcdefgh", False),
    ],
)
def test_what_can_be_a_password(password: str, fine: bool) -> None:
    assert (passwords.complaint(password) is None) is fine


def test_a_hash_matches_its_password_only() -> None:
    stored = passwords.hash_password("correct horse", 4)
    assert passwords.matches("correct horse", stored, 4)
    assert not passwords.matches("correct horsf", stored, 4)
    assert not passwords.matches("correct horse", None, 4)
