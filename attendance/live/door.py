"""Which requests to Socket.IO get a thread at once: those of whom is known who they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from flask import Flask

from attendance.admission.control import SOCKETS
from attendance.admission.door import Poll
from attendance.live import devices, packets, tokens
from attendance.live.greeting import Greeting, NoHandshake, opened
from attendance.live.lines import Lines, wants_websocket
from attendance.web import proxies
from attendance.web.current import services_of


class Door:
    """Judges requests for the worker (`attendance/admission/door.py`). Asks no database."""

    def __init__(self, app: Flask, lines: Lines, eio: Any, trusted_proxies: int, path: str) -> None:
        self._app, self._lines, self._eio = app, lines, eio
        self._judge = proxies.behind(self._behind_the_proxies, trusted_proxies, path)

    def judge(self, environ: dict[str, Any]) -> Greeting | Poll | None:
        """How this request to Socket.IO begins; None: it gets a thread at once."""
        verdict: Greeting | Poll | None = self._judge(environ, None)
        return verdict

    def is_due(self, sid: str) -> bool:
        """Whether the line has news, an account or an end."""
        return self._lines.is_due(sid)

    def has_account(self, sid: str) -> bool:
        """Whether somebody with an account has the line."""
        return self._lines.is_known(sid)

    def has_ended(self, sid: str) -> bool:
        """Whether the line is closed, or never was."""
        return self._lines.has_ended(sid)

    def refuse(self, sid: str, why: str) -> None:
        """End a line, and say so in the log."""
        self._lines.refuse(sid, why)

    def send_away(self) -> None:
        """Close every line; the clients connect again, to another process."""
        for sid in list(self._eio.sockets):
            self._lines.break_off(sid)

    def tell(self, listener: Callable[[str], None]) -> None:
        """Call this with each line that may be due."""
        self._lines.tell(listener)

    def _behind_the_proxies(self, environ: dict[str, Any], _start: Any) -> Greeting | Poll | None:
        if not environ["PATH_INFO"].startswith(f"{SOCKETS}/"):
            return None
        if services_of(self._app).leaving.is_set():
            return None  # it is refused at once
        query = parse_qs(environ.get("QUERY_STRING", ""))
        sid = query.get("sid", [""])[0]
        try:
            if wants_websocket(environ):
                return self._greeting(environ, query, sid)
        except packets.Malformed:
            return None
        if not sid or environ["REQUEST_METHOD"] != "GET" or self._lines.is_due(sid):
            return None
        return Poll(sid)

    def _greeting(
        self, environ: dict[str, Any], query: dict[str, list[str]], sid: str
    ) -> Greeting | None:
        if query.get("transport") != ["websocket"] or not self._may_come_from_there(environ):
            return None
        is_new = "sid" not in query
        # what Engine.IO does not take, it refuses by itself, and at once
        if query.get("EIO") != ["4"] if is_new else not self._lines.is_polled_by_a_stranger(sid):
            return None
        if tokens.subject_of_cookie(self._app, environ) is not None:
            return None
        sid = self._eio.generate_id() if is_new else sid
        cookie = tokens.cookie_of(self._app, environ)
        try:
            return Greeting(
                environ,
                sid=sid,
                opened=opened(sid, self._eio) if is_new else None,
                judge=lambda credentials: self._subject_of(credentials, cookie),
                refuse=self._lines.refuse,
            )
        except NoHandshake:
            return None

    def _may_come_from_there(self, environ: dict[str, Any]) -> bool:
        origin = environ.get("HTTP_ORIGIN")
        if not origin or self._eio.cors_allowed_origins == []:
            return True
        allowed = self._eio._cors_allowed_origins(environ)
        return allowed is None or origin in allowed

    def _subject_of(self, credentials: Any, cookie: str | None) -> str:
        key = tokens.key_of(credentials)
        if key is not None:
            return devices.subject_of(self._app, key)
        with self._app.app_context():
            return tokens.subject_of(tokens.token_of(credentials, cookie))
