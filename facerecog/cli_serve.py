"""``python -m facerecog serve``: the networks for the servers of this host, or of others."""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import ssl
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from . import addresses, greeting
from .config import RecognizerConfig
from .errors import FaceRecogError
from .memory import keep_memory_together
from .recognizer import Recognizer
from .service import FaceService

_LIFE = timedelta(days=3650)  # it is pinned: who leads it away names another fingerprint
_SHARES = 8
"""The queue may be so many times as long as one server's share, when many fill theirs."""


@click.command()
@click.argument("address", envvar="FACE_PROCESS")
@click.option(
    "--certificate",
    type=click.Path(dir_okay=False, path_type=Path),
    default="face-certificate.pem",
    show_default=True,
    help="For tls://: a file (PEM); where it is missing, it is made with its key.",
)
@click.option(
    "--key",
    type=click.Path(dir_okay=False, path_type=Path),
    default="face-key.pem",
    show_default=True,
    help="Its key.",
)
@click.option(
    "--queue",
    type=click.IntRange(1, 2000),
    default=48,
    show_default=True,
    envvar="FACE_QUEUE",
    help="Pictures waiting or in work, which the servers share.",
)
@click.option("--threads", type=click.IntRange(0, 256), default=0, envvar="FACE_THREADS")
@click.pass_obj
def serve(
    config: RecognizerConfig, address: str, certificate: Path, key: Path, queue: int, threads: int
) -> None:
    """Answer at ADDRESS (unix:/path or tls://host:port) until it is told to end.

    FACE_SECRET, in the environment, is what the servers must know; tls:// needs one.
    """
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(message)s")
    keep_memory_together()
    try:
        service = _service(config, address, (certificate, key), queue, threads)
    except (FaceRecogError, ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=service.serve, daemon=True).start()
    click.echo(f"The networks answer at {service.address}")
    ended.wait()
    service.close()
    os._exit(0)  # not waiting for threads that wait for nobody


def _service(
    config: RecognizerConfig, text: str, files: tuple[Path, Path], queue: int, threads: int
) -> FaceService:
    address = addresses.read(text)
    secret = os.environ.get("FACE_SECRET", "")
    context, fingerprint = None, ""
    if (address.tls or secret) and len(secret) < greeting.SHORTEST_SECRET:
        raise ValueError(
            f"FACE_SECRET must have {greeting.SHORTEST_SECRET} characters or more: python -c "
            "'import secrets; print(secrets.token_urlsafe(32))'"
        )
    if address.tls:
        context, fingerprint = _tls(*files)
        click.echo(f"FACE_FINGERPRINT={fingerprint}")
    room = replace(config, threads=threads, max_queue=queue * _SHARES)
    return FaceService(
        Recognizer(room),
        address,
        places=queue,
        secret=secret,
        context=context,
        fingerprint=fingerprint,
    )


def _tls(certificate: Path, key: Path) -> tuple[ssl.SSLContext, str]:
    """The context, and the certificate's fingerprint.

    Raises:
        OSError, ValueError: a file is missing, unreadable or no certificate.
    """
    if not certificate.exists() and not key.exists():
        _make(certificate, key)
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    der = found.public_bytes(serialization.Encoding.DER)
    return greeting.server_context(str(certificate), str(key)), hashlib.sha256(der).hexdigest()


def _make(certificate: Path, key: Path) -> None:
    """Write a certificate and its key, which only this user may read."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "face recognition (pinned)")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .sign(secret, hashes.SHA256())
    )
    pem = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
