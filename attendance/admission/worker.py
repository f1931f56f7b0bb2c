"""The server's worker: gunicorn's threads, and no thread for whoever only begins.

`gunicorn -k attendance.admission.worker.Worker "app:wsgi()"`, and `python app.py`, which sets it
itself.

gunicorn's gthread worker gives each new connection a thread, in which it waits for the handshake of
TLS and for the header. Here they wait in the selector that gunicorn has for idle connections; a
request gets a thread when its header and a small body are whole
(`attendance/admission/arrival.py`). Idle connections come back to the same place, and one that ends
waits for the client's end there as well.
"""

from __future__ import annotations

import errno
import gc
import resource
import selectors
import socket
import ssl
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from gunicorn import http, sock
from gunicorn.http import errors
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from attendance.admission import early
from attendance.admission.arrival import Arrival, HeadTooLong, Room, group_of
from attendance.admission.control import SMALL_SECONDS
from attendance.admission.departure import Departure
from attendance.admission.door import EXTENSION, GATE, GREETED, Gate, Greeting
from attendance.admission.looking import look_at
from attendance.admission.porch import Porch
from attendance.core.errors import Problem
from attendance.web.current import services_of
from attendance.web.logs import JsonFormatter

# A header, and the TLS handshake before it.
HEAD_SECONDS = 15.0
# So many connections may wait for the rest of their requests; so many of one address, where no
# proxy stands in front; and with so many bytes.
WAITING = 4096
WAITING_PER_ADDRESS = 1024
WAITING_BYTES = 128 * 1024 * 1024
# What else the process opens: the database, files, the networks' process, a backup.
OTHER_DESCRIPTORS = 256
DESCRIPTORS = 65536
# A body that nobody wanted is read on for so long, so that the next request can follow it.
DRAIN_SECONDS = 0.2
# An answer that the client does not take ends after so long.
SEND_SECONDS = 90.0
# For so long, and for so many bytes, a closed connection waits for the client's end.
GOODBYE_SECONDS = 2.0
GOODBYE_BYTES = 64 * 1024
GOODBYES = 512
# A picture that somebody sends with a token that is too old comes in this time.
LARGE_GOODBYE_SECONDS = 15.0
LARGE_GOODBYE_BYTES = 16 * 1024 * 1024
RECEIVE_BYTES = 64 * 1024
ACCEPTED_AT_ONCE = 64

_STATUSES = {
    errors.LimitRequestLine: 414,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
    errors.ExpectationFailed: 417,
    errors.ForbiddenProxyRequest: 403,
}


class Caller(TConn):  # type: ignore[misc]  # gunicorn has no types
    """A connection, and what of its next request has come."""

    parser: Any
    sock: Any

    def __init__(self, cfg: Any, line: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, line, client, server)
        self.address = group_of(client)
        self.arrival = Arrival()
        self.shakes_hands = False
        self.data_ready = True
        self.watched = 0
        self.drained = 0
        self.departure = Departure(self.sock, SEND_SECONDS)
        self.keeps = False
        self.greeting: Greeting | None = None

    def hand_over(self) -> None:
        """What has come goes to the parser, which finds a whole request."""
        if self.parser is None:
            self.parser = http.get_parser(self.cfg, self.sock, self.client)
            self.initialized = True
        self.parser.unreader.unread(bytes(self.arrival.received))
        self.arrival = Arrival()


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gthread, in which a thread is for requests that are here."""

    wsgi: Any
    application: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._goodbyes: dict[Caller, float] = {}
        self._served = threading.local()
        self.application = None
        self._certificate: tuple[ssl.SSLContext, tuple[int, ...]] | None = None
        self.room: Room[Caller] = Room(WAITING, WAITING_PER_ADDRESS, WAITING_BYTES)
        self.leaving: Room[Caller] = Room(WAITING, WAITING_PER_ADDRESS, WAITING_BYTES)
        self.porch: Porch | None = None
        # Proxies are a matter of TRUSTED_PROXIES; gunicorn believes whoever is on this machine.
        self.cfg.set("secure_scheme_headers", {})
        self.cfg.set("forwarder_headers", "")

    def init_process(self) -> None:
        """The whole life of the process; its end is as quick as `end_quickly` of app.py has it."""
        super().init_process()
        gc.freeze()

    def run(self) -> None:
        """Serve until told to stop."""
        for handler in self.log.error_log.handlers:
            handler.setFormatter(JsonFormatter())
        behind_proxies = services_of(self.wsgi).settings.trusted_proxies > 0
        others = self.cfg.worker_connections + GOODBYES + OTHER_DESCRIPTORS
        places = max(64, min(WAITING, (_descriptors() - others) // 2))
        bounds = places, None if behind_proxies else WAITING_PER_ADDRESS, WAITING_BYTES
        self.room, self.leaving = Room(*bounds), Room(*bounds)
        self.application = self.wsgi
        if (door := self.wsgi.extensions.get(EXTENSION)) is not None:
            # here, the addresses are those that the proxies name
            self.porch = Porch(self, door, Room(places, WAITING_PER_ADDRESS, WAITING_BYTES))
        self.worker_connections += 2 * WAITING
        self.wsgi = partial(self._answer, self.wsgi)
        super().run()

    # -- stopping

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """SIGTERM: say that there are others, for DRAIN_SECONDS, and then stop; a second one stops
        at once."""
        if self.alive and self.application is not None:
            parts = services_of(self.application)
            if not parts.leaving.is_set():
                parts.leaving.set()
                threading.Thread(
                    target=self._leave, args=(parts.settings.drain_seconds,), daemon=True
                ).start()
                return
        super().handle_exit(sig, frame)

    def _leave(self, seconds: int) -> None:
        until = time.monotonic() + seconds
        while True:
            # again each second: somebody may have come in just before
            if (door := self.application.extensions.get(EXTENSION)) is not None:
                door.send_away()
            left = until - time.monotonic()
            if left <= 0 or not self.alive:
                break
            time.sleep(min(1.0, left))
        super().handle_exit(None, None)

    # -- coming

    def accept(self, listener: socket.socket) -> None:
        """Take the connections that are waiting at the door."""
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                line, client = listener.accept()
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE) and len(self.room):
                    self._send_away(next(iter(self.room)))
                return
            self._welcome(line, client, listener.getsockname())

    def _welcome(self, line: socket.socket, client: Any, server: Any) -> None:
        caller = Caller(self.cfg, line, client, server)
        if self.cfg.is_ssl:
            try:
                caller.sock = self._context().wrap_socket(
                    line, server_side=True, do_handshake_on_connect=False
                )
            except (OSError, ValueError):  # gone already
                line.close()
                return
            caller.shakes_hands = True
        self.nr_conns += 1
        self._wait_for(caller)

    def _wait_for(self, caller: Caller, begun: bytes = b"") -> None:
        """For a request of which this much has come."""
        caller.sock.setblocking(False)
        due = time.monotonic() + (HEAD_SECONDS if self.alive else STOP_KEEPALIVE_LINGER)
        self.room.enter(caller, caller.address, due)
        self._watch(caller, selectors.EVENT_READ)
        if not (begun and self._took(caller, begun)):
            self._hear(caller)
        self._make_room(caller.address)

    def _hear(self, caller: Caller, _line: Any = None) -> None:
        """Take what is there, until the request is whole, or nothing is there."""
        if caller not in self.room:  # sent away since the selector told of it
            return
        try:
            if caller.shakes_hands:
                caller.sock.do_handshake()
                caller.shakes_hands = False
            while data := caller.sock.recv(RECEIVE_BYTES):
                if self._took(caller, data):
                    return
        except (BlockingIOError, ssl.SSLWantReadError):
            self._watch(caller, selectors.EVENT_READ)
            self._make_room(caller.address)
            return
        except ssl.SSLWantWriteError:
            self._watch(caller, selectors.EVENT_WRITE)
            return
        except (OSError, ValueError):
            pass
        self._drop(caller)

    def _took(self, caller: Caller, data: bytes) -> bool:
        """Whether this was the last that was waited for from the caller."""
        arrival = caller.arrival
        had_head = arrival.has_head
        try:
            is_whole = arrival.take(data)
        except HeadTooLong:
            self._send_away(caller, early.problem_of(431, "The request's header is too large."))
            return True
        if is_whole:
            self._forget(caller)
            if arrival.large and (problem := self._refusal(caller)) is not None:
                self._tell(caller.sock, problem)
                self._say_goodbye(caller, min(arrival.large, LARGE_GOODBYE_BYTES))
            elif self.porch is None or not self.porch.keeps(caller):
                self.begin(caller)
            return True
        came = arrival.has_head and not had_head
        if came and arrival.expects_word:
            with suppress(OSError):
                caller.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        due = time.monotonic() + SMALL_SECONDS if came and self.alive else None
        self.room.note(caller, len(arrival.received), due)
        return False

    def _refusal(self, caller: Caller) -> Problem | None:
        """Why the caller's large body is not read, if it is not."""
        gate: Gate | None = self.application.extensions.get(GATE)
        looked = None if gate is None else look_at(caller, self.cfg)
        return None if gate is None or looked is None else gate(looked[0])

    def begin(self, caller: Caller) -> None:
        """Give a whole request a thread."""
        caller.hand_over()
        self.enqueue_req(caller)

    def _make_room(self, address: str) -> None:
        while (caller := self.room.one_too_many(address)) is not None:
            self._send_away(caller, early.problem_of(503, "Too many requests are only half here."))

    def on_client_socket_readable(self, conn: Caller, client: Any) -> None:
        """An idle connection says something."""
        self.poller.unregister(client)
        conn.watched = 0
        self.keepalived_conns.remove(conn)
        self._wait_for(conn)

    # -- going

    def finish_request(self, conn: Caller, fs: Any) -> None:
        """Wait for the next request, or for the end."""
        try:
            conn.keeps = not fs.cancelled() and bool(fs.result())
            if conn.departure.left:
                self._see_off(conn)
            elif conn.keeps:
                self._keep(conn)
            else:
                self._say_goodbye(conn)
        except Exception:
            self.log.debug("A connection was closed.", exc_info=True)
            self._close(conn)

    def _keep(self, conn: Caller) -> None:
        begun = conn.parser.unreader.take_buffered()
        if begun or (isinstance(conn.sock, ssl.SSLSocket) and conn.sock.pending()):
            self._wait_for(conn, begun)
            return
        conn.sock.setblocking(False)
        conn.set_timeout()
        if not self.alive:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)
        self.keepalived_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn)
        )

    def handle(self, conn: Caller) -> Any:
        """Serve one request, in a thread."""
        self._served.caller = conn
        return super().handle(conn)

    def _answer(self, app: Any, environ: dict[str, Any], start_response: Any) -> Any:
        """The application's answer, written to where it may wait for the client without us."""
        caller: Caller = self._served.caller
        caller.departure = Departure(caller.sock, SEND_SECONDS)
        start_response.__self__.sock = caller.departure
        if caller.greeting is not None:
            environ[GREETED], caller.greeting = caller.greeting, None
        return app(environ, start_response)

    def _see_off(self, caller: Caller) -> None:
        """The client does not take its answer as fast as it was made."""
        self.leaving.enter(caller, caller.address, time.monotonic() + SEND_SECONDS)
        self.leaving.note(caller, len(caller.departure.left))
        self.poller.register(caller.sock, selectors.EVENT_WRITE, partial(self._go_on, caller))
        while (other := self.leaving.one_too_many(caller.address)) is not None:
            self._abandon(other)

    def _go_on(self, caller: Caller, _line: Any) -> None:
        if caller not in self.leaving:
            return
        try:
            if not caller.departure.go_on():
                self.leaving.note(caller, len(caller.departure.left))
                return
        except (OSError, ValueError):
            self._abandon(caller)
            return
        self.leaving.leave(caller)
        self.poller.unregister(caller.sock)
        if caller.keeps:
            self._keep(caller)
        else:
            self._say_goodbye(caller)

    def _abandon(self, caller: Caller) -> None:
        self.leaving.leave(caller)
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(caller.sock)
        self._close(caller)

    def _keepalive_after(self, conn: Caller, keepalive: bool) -> bool:
        if not keepalive:
            return False
        return bool(conn.parser.finish_body(deadline=time.monotonic() + DRAIN_SECONDS))

    def _send_away(self, caller: Caller, problem: Problem | None = None) -> None:
        """End the wait of a caller who may be told why."""
        self._forget(caller)
        if not caller.arrival.received:  # who has said nothing waits for no answer
            self._close(caller)
            return
        if problem is not None:
            self._tell(caller.sock, problem)
        self._say_goodbye(caller)

    def _tell(self, line: socket.socket, problem: Problem) -> None:
        with suppress(OSError, ValueError):
            line.setblocking(False)
            line.send(early.over_the_line(problem, self.cfg.is_ssl))

    def _say_goodbye(self, caller: Caller, patience: int = GOODBYE_BYTES) -> None:
        """Nothing more is sent; what still comes is thrown away, `patience` bytes at most, so that
        the answer arrives (RFC 9112, 9.6). gunicorn would wait here for two seconds, and everybody
        else with it."""
        if len(self._goodbyes) >= GOODBYES:
            self._close(caller)
            return
        try:
            caller.sock.setblocking(False)
            caller.sock.shutdown(socket.SHUT_WR)
            self.poller.register(
                caller.sock, selectors.EVENT_READ, partial(self._hear_goodbye, caller)
            )
        except (OSError, ValueError, KeyError):
            self._close(caller)
            return
        is_short = patience == GOODBYE_BYTES
        caller.drained = GOODBYE_BYTES - patience
        seconds = GOODBYE_SECONDS if is_short else LARGE_GOODBYE_SECONDS
        self._goodbyes[caller] = time.monotonic() + seconds

    def _hear_goodbye(self, caller: Caller, _line: Any) -> None:
        if caller not in self._goodbyes:
            return
        try:
            data = caller.sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except (OSError, ValueError):
            data = b""
        caller.drained += len(data)
        if not data or caller.drained > GOODBYE_BYTES:
            self._part(caller)

    def _part(self, caller: Caller) -> None:
        del self._goodbyes[caller]
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(caller.sock)
        self._close(caller)

    def _drop(self, caller: Caller) -> None:
        self._forget(caller)
        self._close(caller)

    def _close(self, caller: Caller) -> None:
        self.nr_conns -= 1
        caller.close()

    def _forget(self, caller: Caller) -> None:
        self.room.leave(caller)
        self._watch(caller, 0)

    def _watch(self, caller: Caller, events: int) -> None:
        if events == caller.watched:
            return
        if not events:
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(caller.sock)
        elif caller.watched:
            self.poller.modify(caller.sock, events, partial(self._hear, caller))
        else:
            self.poller.register(caller.sock, events, partial(self._hear, caller))
        caller.watched = events

    def murder_pending(self) -> None:
        """Close the connections whose time is over; called about once a second."""
        now = time.monotonic()
        for caller in self.room.late(now):
            self._send_away(caller, early.problem_of(408, "The request did not come in time."))
        if self.porch is not None:
            self.porch.sweep(now)
        for caller in self.leaving.late(now):
            self._abandon(caller)
        for caller in [caller for caller, due in self._goodbyes.items() if due <= now]:
            self._part(caller)

    def _cap_keepalive(self, deadline: float) -> None:
        """A stopping worker waits no longer for anything."""
        super()._cap_keepalive(deadline)
        self.room.hasten(deadline)
        self.leaving.hasten(deadline)
        if self.porch is not None:
            self.porch.room.hasten(deadline)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what cannot be read, or was never answered, with a problem document."""
        if isinstance(exc, ssl.SSLError):
            return
        is_theirs = isinstance(exc, errors.ParseException) and not isinstance(
            exc, errors.InvalidResponseHeader | errors.InvalidResponseHeaderName
        )
        if not is_theirs:
            self.log.exception("a request was not answered")
        status = _STATUSES.get(type(exc), 400) if is_theirs else 500
        detail = "The request cannot be read." if is_theirs else "Something went wrong."
        self._tell(client, early.problem_of(status, detail))

    # -- certificates

    def _context(self) -> ssl.SSLContext:
        """The certificate as it is on disk: who renews it need not restart the server."""
        try:
            files = (self.cfg.certfile, self.cfg.keyfile)
            stamps = tuple(Path(name).stat().st_mtime_ns for name in files if name)
            if self._certificate is None or self._certificate[1] != stamps:
                self._certificate = (sock.ssl_context(self.cfg), stamps)
        except (OSError, ValueError):
            if self._certificate is None:
                raise
            self.log.exception("the new certificate cannot be read; the old one is used")
        return self._certificate[0]


def _descriptors() -> int:
    """How many files and connections the process may open, after asking for enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return wanted if soft == resource.RLIM_INFINITY else soft
