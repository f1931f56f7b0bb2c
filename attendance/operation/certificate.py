"""A self-signed certificate, for trying the camera pages with phones in the local network."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from attendance.core import files

# Safari refuses certificates that live longer than 398 days.
LIFE = timedelta(days=397)
RENEW_BEFORE = timedelta(days=7)


def self_signed(folder: Path, addresses: list[str], now: datetime) -> tuple[Path, Path]:
    """The paths of a certificate and its key (PEM) for these addresses and localhost.

    They are kept in `folder`, readable by their owner only, and made again when an address is
    missing or the end is near.
    """
    certificate_path, key_path = folder / "https-certificate.pem", folder / "https-key.pem"
    names = sorted({"localhost", "127.0.0.1", *addresses})
    if not (key_path.is_file() and _is_good(certificate_path, names, now)):
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        files.write(
            key_path,
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
        certificate = _certificate(key, names, now)
        files.write(certificate_path, certificate.public_bytes(serialization.Encoding.PEM))
    return certificate_path, key_path


def _certificate(
    key: ec.EllipticCurvePrivateKey, names: list[str], now: datetime
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Attendance (self-signed)")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now - timedelta(days=1) + LIFE)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(path: Path, names: list[str], now: datetime) -> bool:
    if not path.is_file():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    covered = set(found) >= {_general(name) for name in names}
    return covered and certificate.not_valid_after_utc - RENEW_BEFORE > now
