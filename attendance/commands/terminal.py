"""What the commands have in common: progress on standard error, errors as one sentence."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from attendance.core import files, texts
from attendance.core.errors import Problem
from attendance.core.settings import SettingsInvalid
from attendance.crypto.vault import Undecryptable
from attendance.operation.backup import BackupUnusable
from database import DatabaseUnavailable
from facerecog import ModelsMissing, PlatformUnsupported, RecognizerRefused

PARTLY_REFUSED = 3
TOLD = (
    BackupUnusable,
    DatabaseUnavailable,
    ModelsMissing,
    PlatformUnsupported,
    RecognizerRefused,
    Problem,
    SettingsInvalid,
    Undecryptable,
    OSError,
)
Command = TypeVar("Command", bound=Callable[..., Any])


def told(command: Command) -> Command:
    """Errors that a person can do something about end a command with a sentence and status 1."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except TOLD as error:
            raise click.ClickException(str(error)) from error

    return cast(Command, with_appcontext(wrapped))


def as_read(*cells: str) -> tuple[Text, ...]:
    """The cells of a table on the terminal: neither its commands nor rich's are meant by them."""
    return tuple(Text(texts.cleaned(cell)) for cell in cells)


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[int], object]]:
    """A bar on standard error while the block runs; yields a function to advance it.

    Where standard error is no terminal (cron, a pipe) nothing is drawn.
    """
    console = Console(stderr=True)
    columns = (
        *(TextColumn("{task.description}"), BarColumn()),
        *(MofNCompleteColumn(), TimeRemainingColumn()),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=total)
        yield lambda steps: bar.advance(task, steps)


def write_json(path: Path, value: Any) -> None:
    """Write JSON that a person can read."""
    with files.whole(path) as draft:
        draft.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
