"""A mail server of the test's own, which takes every e-mail and keeps it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Sink(socketserver.ThreadingTCPServer):
    """An SMTP server that takes every e-mail and keeps it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.emails: list[str] = []
        self.refuse = "refused@"


class _Dialogue(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                self.server.emails.append(self._email())
            elif verb == b"RCPT" and self.server.refuse.encode() in line:
                self._say("550 no such box")
                continue
            self._say("221 bye" if verb == b"QUIT" else "250 ok")
            if verb == b"QUIT":
                return

    def _email(self) -> str:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".").decode())  # RFC 5321, 4.5.2
        return "".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    with Sink() as sink:
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield sink
        finally:
            sink.shutdown()
            thread.join()


def wait_for_mail() -> None:
    for thread in threading.enumerate():
        if thread.name == "attendance-mail":
            thread.join(20)


def link_in(email: str) -> str:
    """The token of the link in an e-mail."""
    sent = email.replace("=\r\n", "").replace("=3D", "=")
    return sent.partition("/set-password#")[2].split()[0]
