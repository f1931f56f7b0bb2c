"""A receiver of webhooks, or of pushed messages, on a port of this machine, which writes down what
it gets."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PATIENCE_SECONDS = 30


@dataclass
class Receiver:
    """Answers with the statuses of the script, then with 204."""

    url: str
    script: list[int] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, number: int) -> None:
        """Until so many messages have come."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.got) >= number, PATIENCE_SECONDS)


@contextmanager
def receiving(*script: int, tls: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    """A receiver on a free port; with a certificate and its key it speaks TLS, as localhost."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with receiver.news:
                receiver.got.append((self.path, dict(self.headers), body))
                status = receiver.script.pop(0) if receiver.script else 204
                receiver.news.notify_all()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    where = f"http://127.0.0.1:{server.server_port}"
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        where = f"https://localhost:{server.server_port}"
    receiver = Receiver(f"{where}/hook?x=1", list(script))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
