"""Entry point: `python app.py` serves; gunicorn and the flask command import it.

python app.py                       one process, for a school
python app.py --https               the same with a self-signed certificate, for phones
gunicorn -k attendance.admission.worker.Worker "app:wsgi()"
                                    several, with Redis between them (docs/deployment.md)
flask --app app --help              commands
"""

from __future__ import annotations

import gc
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask

from attendance import create_app as build
from attendance.core import machine, redis_hosts
from attendance.core.clock import Clock
from attendance.core.settings import Settings, SettingsInvalid
from attendance.crypto.keys import encryption_keys, signing_key
from attendance.live import ticker
from attendance.notices.background import NoticeSender
from attendance.operation import metrics
from attendance.operation.certificate import self_signed
from attendance.push.background import PushSender
from attendance.timetables.background import TimetableReader
from attendance.web.current import services_of
from attendance.webhooks.background import WebhookSender
from database import Database, DatabaseUnavailable, SchemaDiffers, migrate
from database.migrate import require_schema
from facerecog import ModelsMissing, PlatformUnsupported, RecognizerRefused
from facerecog.memory import keep_memory_together
from facerecog.weights import find_weights

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # compared with, not bound to
# For so long a server that stops goes on with what it has begun.
GRACE_SECONDS = 5
STARTUP_ERRORS = (
    SettingsInvalid,
    ModelsMissing,
    PlatformUnsupported,
    RecognizerRefused,
    DatabaseUnavailable,
    SchemaDiffers,
)


def create_app() -> Flask:
    """What the flask command runs on; a wrong setting is one sentence."""
    try:
        return build()
    except SettingsInvalid as error:
        raise click.ClickException(str(error)) from None


def wsgi(settings: Settings | None = None) -> Flask:
    """The application with its networks loaded and the face index filled: ready to serve."""
    keep_memory_together()
    app = build(settings)
    require_schema(services_of(app).database)
    require_redis(services_of(app).settings)
    services_of(app).faces.warm_up()
    metrics.serve(app)
    # planned sessions open and close by themselves, also while nobody is connected
    ticker.start(app)
    WebhookSender(services_of(app)).start()
    PushSender(services_of(app)).start()
    NoticeSender(services_of(app)).start()
    TimetableReader(services_of(app)).start()
    return app


def main(https: bool = False) -> int:
    """Migrate, serve until interrupted, and return the exit status."""
    try:
        settings = for_phones(Settings.load()) if https else Settings.load()
        require_parts(settings)
        database = Database(settings.database, settings.database_options)
        first_start = migrate(database)
        database.close()
        require_free_port(settings)
    except STARTUP_ERRORS as error:
        click.echo(f"error: {error}", err=True)
        return 1

    def announce() -> None:
        click.echo(welcome(settings, first_start))

    files = None
    if https:
        host = urlsplit(str(settings.public_url)).hostname
        now = Clock().now()
        files = self_signed(settings.instance_dir, [host] if host else [], now)
    (serve_with_werkzeug if os.name == "nt" else serve_with_gunicorn)(settings, announce, files)
    return 0


def for_phones(settings: Settings) -> Settings:
    """The settings, so that phones in the same network reach the server over HTTPS: it listens
    on every interface and names this machine in QR codes, unless HOST and PUBLIC_URL say so.
    """
    changed: dict[str, object] = {}
    if "host" not in settings.model_fields_set:
        changed["host"] = "0.0.0.0"  # noqa: S104  # that is what --https is for
    if settings.public_url is None:
        host = str(changed.get("host", settings.host))
        if host in EVERYWHERE:
            host = machine.own_address()
        elif machine.is_loopback(host):
            host = "localhost"
        changed["public_url"] = f"https://{f'[{host}]' if ':' in host else host}:{settings.port}"
    return settings.model_copy(update=changed)


def require_parts(settings: Settings) -> None:
    """Raises one of `STARTUP_ERRORS` for what can be seen to be missing before anything starts."""
    try:
        signing_key(settings)
        encryption_keys(settings)
    except OSError as error:
        raise SettingsInvalid(f"INSTANCE_DIR: {error.strerror}: {error.filename}") from error
    if not isinstance(settings.face_process, str):  # else another process has them
        find_weights(settings.models_dir, networks=settings.face_networks)
    require_redis(settings)


def require_redis(settings: Settings) -> None:
    """Raises `SettingsInvalid` if Sentinel knows nothing of what REDIS_URL names."""
    try:
        redis_hosts.require_known(settings.redis_url)
    except redis_hosts.RedisUrlInvalid as error:
        raise SettingsInvalid(f"REDIS_URL: {error}") from None


def require_free_port(settings: Settings) -> None:
    """Raises `SettingsInvalid` if something else listens where this server shall."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise SettingsInvalid(
                f"cannot listen on {where} ({error.strerror}): set HOST or PORT"
            ) from error


def welcome(settings: Settings, first_start: bool) -> str:
    """What to open and what to do first."""
    url = settings.local_url
    lines = [
        "",
        f"  Attendance is ready: {url}",
        f"  Every call, to read and to try: {url}/docs",
    ]
    if machine.is_loopback(urlsplit(url).hostname or ""):
        phones = f"https://{machine.own_address()}:{settings.port}"
        lines += [
            "",
            "  Phones cannot open this address, and give a page their camera over HTTPS only:",
            "  HOST lets the server listen on this computer only. Start it without HOST."
            if url.startswith("https:")
            else f"  stop, and start with `make run-https`; then open {phones} here as well.",
        ]
    if first_start:
        lines += [
            "",
            f"  First steps: sign up as a teacher at {url}/sign-up?role=teacher.",
            "  The first teacher of an installation is its administrator, and finds on the page",
            "  “Today” what comes next.",
        ]
    return "\n".join([*lines, "  Stop with Ctrl+C.", ""])


def serve_with_gunicorn(
    settings: Settings, announce: Callable[[], None], files: tuple[Path, Path] | None
) -> None:
    """Workers with threads; with one, Socket.IO needs nothing between processes then."""
    from gunicorn.app.base import BaseApplication

    def announce_once(worker: Any) -> None:
        if worker.age == 1:
            announce()

    def end_quickly(_arbiter: Any) -> None:
        # Python looks through every object for what is not used any more, several times, before it
        # ends: seconds on a busy machine, for memory that is given back a moment later.
        gc.freeze()

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            self.cfg.set("bind", f"{settings.host}:{settings.port}")
            self.cfg.set("workers", settings.workers)
            self.cfg.set("worker_class", "attendance.admission.worker.Worker")
            # A socket keeps its thread; how many requests run at once is counted by `Places`.
            self.cfg.set("threads", settings.threads + settings.sockets)
            self.cfg.set("worker_connections", 2 * (settings.threads + settings.sockets))
            self.cfg.set("post_worker_init", announce_once)
            self.cfg.set("on_exit", end_quickly)
            self.cfg.set("loglevel", "warning")
            # nobody asks at gunicorn's own socket, which would be in a home that a service has not
            self.cfg.set("control_socket_disable", True)
            self.cfg.set("graceful_timeout", GRACE_SECONDS + settings.drain_seconds)
            if files:
                self.cfg.set("certfile", str(files[0]))
                self.cfg.set("keyfile", str(files[1]))

        def load(self) -> Flask:
            try:
                app = wsgi(settings)
            except STARTUP_ERRORS as error:
                click.echo(f"error: {error}", err=True)
                # gunicorn's own "worker failed to boot" status: the parent ends as well
                os._exit(3)
            return app

    Server().run()


def serve_with_werkzeug(
    settings: Settings, announce: Callable[[], None], files: tuple[Path, Path] | None
) -> None:
    """Where gunicorn does not run (Windows)."""
    from attendance.web.extensions import socketio

    app = wsgi(settings)
    announce()
    tls = {"ssl_context": files} if files else {}
    socketio.run(app, host=settings.host, port=settings.port, allow_unsafe_werkzeug=True, **tls)


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - {"--https"}:
        sys.exit(f"error: unknown argument {unknown.pop()}; there is only --https")
    sys.exit(main(https="--https" in sys.argv[1:]))
