"""`flask camera`: a camera without a browser, that sends its frames to a session."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import socketio
from PIL import Image

from attendance.commands.terminal import told
from attendance.web.current import services

FRAME = "camera_frame"
LONGEST_SIDE = 1280
QUALITY = 80
ANSWER_SECONDS = 30
AGAIN_SECONDS = 2.0
TELL_SECONDS = 1.0
# What ends the program, in place of the next frame.
ENDS = {
    "session_ended",
    "session_not_found",
    "forbidden",
    "scope_missing",
    "api_key_invalid",
    "too_many_cameras",
}


@dataclass
class Seen:
    """What is told at the terminal."""

    frames: int = 0
    began: float = field(default_factory=time.monotonic)
    names: dict[str, str] = field(default_factory=dict)
    marked: int = 0
    last: str = ""

    def line(self, faces: list[dict[str, Any]]) -> str:
        """Frames a second, and what the last frame showed."""
        rate = self.frames / max(time.monotonic() - self.began, 0.001)
        states = [face["state"] for face in faces]
        return (
            f"{rate:.1f} frames/s, {len(faces)} faces: {states.count('known')} known, "
            f"{states.count('uncertain')} uncertain; {len(self.names)} students seen, "
            f"{self.marked} marked"
        )


class Line:
    """A connection that sends frames and is made again when it is lost. An answer that went with
    the old one is not waited for."""

    def __init__(self, url: str, auth: dict[str, str], **reconnection: Any) -> None:
        """Raises `socketio.exceptions.ConnectionError` if the server does not let it in."""
        self._news = threading.Event()
        self.client = socketio.Client(reconnection=True, **reconnection)
        self.client.on("connect_error", _refused)
        self.client.on("disconnect", lambda *_: self._news.set())
        self.client.connect(url, auth=auth, transports=["websocket"], wait_timeout=30)

    def ask(self, frame: dict[str, Any]) -> dict[str, Any]:
        """The answer to a frame.

        Raises:
            socketio.exceptions.SocketIOError: the connection is lost, or none came in time.
        """
        answers: list[dict[str, Any]] = []

        def take(answer: dict[str, Any]) -> None:
            answers.append(answer)
            self._news.set()

        self._news.clear()
        self.client.emit(FRAME, frame, callback=take)
        if not self._news.wait(ANSWER_SECONDS) or not answers:
            raise socketio.exceptions.TimeoutError
        return answers[0]


@click.command("camera")
@click.argument("session", type=int)
@click.argument("source")
@click.option("--key", envvar="CAMERA_KEY", required=True, help="API key of the scope camera.")
@click.option("--url", help="Where the server is; unset: as PUBLIC_URL or HOST and PORT say.")
@click.option("--name", default="camera", help="What the camera is called in the session.")
@click.option("--once", is_flag=True, help="End with the end of a file, in place of repeating it.")
@told
def camera(session: int, source: str, key: str, url: str | None, name: str, once: bool) -> None:
    """Send the frames of SOURCE to the camera of SESSION, until the session ends.

    SOURCE is a device's number, a file, or an address such as rtsp://camera.school.example/1. The
    newest frame goes when the last one is answered; a lost connection is made again.
    """
    url = url or services().settings.local_url
    seen = Seen()
    frames = _frames(source, repeat=not once)
    try:
        line = Line(url, {"api_key": key}, reconnection_delay_max=5)
    except socketio.exceptions.ConnectionError as error:
        raise click.ClickException(f"{url} does not let this camera in: {error}") from error
    try:
        _send_all(line, frames, session, name, seen)
    finally:
        line.client.disconnect()
    click.echo(f"{seen.frames} frames; {seen.marked} marked")


def _refused(reason: Any) -> None:
    code = reason.get("code") if isinstance(reason, dict) else None
    if code:
        click.echo(f"refused: {code}", err=True)


def _send_all(line: Line, frames: Iterator[bytes], session: int, name: str, seen: Seen) -> None:
    """Send frames until they or the session end."""
    seq, told_at = int(time.time() * 1000), 0.0
    for image in frames:
        seq += 1
        message = {"session_id": session, "seq": seq, "image": image, "camera": name}
        try:
            answer = line.ask(message)
        except (socketio.exceptions.SocketIOError, OSError):
            click.echo("no connection: it is made again", err=True)
            time.sleep(AGAIN_SECONDS)
            continue
        if not answer.get("ok"):
            code = str(answer.get("code"))
            if code in ENDS:
                click.echo(f"{code}: {answer.get('detail')}")
                return
            if code != seen.last:
                click.echo(f"{code}: {answer.get('detail')}", err=True)
            seen.last = code
            time.sleep(AGAIN_SECONDS)
            continue
        seen.last = ""
        seen.frames += 1
        seen.marked += len(answer["marked"])
        for face in answer["faces"]:
            number = face.get("student_id")
            if number is not None and number not in seen.names:
                seen.names[number] = face["name"]
                click.echo(f"seen: {face['name']} ({number})")
        if time.monotonic() - told_at >= TELL_SECONDS:
            told_at = time.monotonic()
            click.echo(seen.line(answer["faces"]))


def _frames(source: str, *, repeat: bool) -> Iterator[bytes]:
    """The source's frames as JPEG, always the newest one that is there."""
    # on the machine of a camera only
    try:
        import av
    except ImportError:
        raise click.ClickException(
            "PyAV is not installed: pip install -r requirements-camera.txt"
        ) from None
    is_file = Path(source).is_file()
    while True:
        try:
            with av.open(*_opened(source)) as container:
                stream = container.streams.video[0]
                stream.thread_type = "AUTO"
                began = time.monotonic()
                for frame in container.decode(stream):
                    # of a file its own pace, of a device what is newest
                    ahead = (frame.time or 0.0) - (time.monotonic() - began)
                    if is_file and ahead > 0:
                        time.sleep(min(ahead, 1.0))
                    elif is_file and ahead < -0.2:
                        continue
                    yield _jpeg(frame.to_image())
        except av.FFmpegError as error:
            raise click.ClickException(f"{source} cannot be read: {error}") from error
        if not (is_file and repeat):
            return


def _opened(source: str) -> tuple[Any, ...]:
    """How PyAV opens a source: a number is a device of this machine."""
    if source.isdecimal():
        return f"/dev/video{source}", "r", "v4l2"
    return (source,)


def _jpeg(image: Image.Image) -> bytes:
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
