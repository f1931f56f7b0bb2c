"""The self-signed certificate of `make run-https`."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509

from attendance.operation.certificate import self_signed

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)


def names(path: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in found}


def test_it_names_every_address_and_its_key_is_for_the_owner_only(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path / "instance", ["192.168.1.7"], NOW)
    assert names(certificate) == {"localhost", "127.0.0.1", "192.168.1.7"}
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_it_is_kept_until_an_address_is_new_or_its_end_is_near(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path, ["192.168.1.7"], NOW)
    first = (certificate.read_bytes(), key.read_bytes())
    self_signed(tmp_path, ["192.168.1.7"], NOW + timedelta(days=300))
    assert (certificate.read_bytes(), key.read_bytes()) == first
    self_signed(tmp_path, ["192.168.1.8"], NOW)
    second = certificate.read_bytes()
    assert second != first[0]
    self_signed(tmp_path, ["192.168.1.8"], NOW + timedelta(days=392))
    assert certificate.read_bytes() != second
