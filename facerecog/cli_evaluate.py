"""``python -m facerecog evaluate``: error rates on a folder of photographs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from .acquisition import (
    Acquired,
    EmbeddingCache,
    acquire,
    cache_folder,
    identity,
    photographs_of,
)
from .config import RecognizerConfig
from .divisions import half_of
from .errors import FaceRecogError
from .evaluate import Groups, Measured, measure
from .evaluation_report import write
from .levels import usual_distance
from .recognizer import Recognizer

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
ANY_FOLDER = click.Path(file_okay=False, path_type=Path)
CSV_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--output",
    type=ANY_FOLDER,
    default=Path("evaluation"),
    show_default=True,
    help="Folder for report.md, results.json and the drawings.",
)
@click.option("--groups", type=CSV_FILE, help="CSV: person, then a column for each grouping.")
@click.option("--half", type=click.Choice(["fit", "report"]), help="Half of the people, by name.")
@click.option(
    "--threshold",
    type=click.FloatRange(min=0, max=2),
    help="Distance in force, to be judged beside the others. Default: that of FMR 0.0001.",
)
@click.option(
    "--cache",
    type=ANY_FOLDER,
    help="Where embeddings are kept, so that a broken run goes on. Default: facerecog/evaluate in "
    "the user's cache, outside the project.",
)
@click.option("--no-cache", is_flag=True, help="Keep no embedding.")
@click.pass_obj
def evaluate(
    config: RecognizerConfig,
    folder: Path,
    output: Path,
    groups: Path | None,
    half: str | None,
    threshold: float | None,
    cache: Path | None,
    no_cache: bool,
) -> None:
    """Measure error rates on FOLDER, which holds one folder of photographs for each person.

    Writes failure to acquire, FNMR at fixed FMR, FNIR at fixed FPIR, and tables for groups, with
    intervals, as Markdown, JSON and SVG: figures only, no name of a person.
    """
    paths = [path for path in photographs_of(folder) if half in (None, half_of(path.parent.name))]
    if not paths:
        raise click.ClickException(f"{folder} holds no folder of photographs.")
    try:
        grouped = read_groups(groups) if groups else {}
        where = None if no_cache else cache or cache_folder()
        acquired, info = _acquired(config, paths, where)
        if threshold is None:
            threshold = usual_distance(info["model"], info["precision"])
        measured = _measured(acquired, threshold, grouped)
    except (FaceRecogError, ValueError) as error:
        raise click.ClickException(f"{error}") from error
    name = f"{info['model']}, {info['mode']}, {info['precision']}"
    about = {
        "Photographs": f"{folder.name}, {half or 'all'} of the people" if half else folder.name,
        "Recognizer": name,
    }
    for path in write(output, {name: measured}, about):
        click.echo(path)


def read_groups(path: Path) -> Groups:
    """Return who belongs to which group: a CSV of persons, and a column for each grouping.

    Raises:
        ValueError: there is no second column, or a line has more cells than the head.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *lines = list(csv.reader(file)) or [[]]
    if len(head) < 2:
        raise ValueError(f"{path.name} needs a line of titles: person, then what people differ by")
    groups: dict[str, dict[str, str]] = {title: {} for title in head[1:]}
    for number, line in enumerate(lines, 2):
        if len(line) > len(head):
            raise ValueError(f"{path.name}, line {number}: more cells than titles")
        for title, group in zip(head[1:], line[1:], strict=False):
            if group.strip():
                groups[title][line[0]] = group.strip()
    return groups


def _acquired(
    config: RecognizerConfig, paths: list[Path], cache: Path | None
) -> tuple[Acquired, dict[str, Any]]:
    with Recognizer(config) as recognizer, _bar("photographs", len(paths)) as (bar, task):
        kept = EmbeddingCache(cache / identity(recognizer)) if cache else None
        info = recognizer.info
        found = acquire(
            paths, recognizer.probe_and_template, kept, lambda done: bar.advance(task, done)
        )
    return found, info


def _measured(acquired: Acquired, threshold: float, groups: Groups) -> Measured:
    with _bar("rates", 4) as (bar, task):
        return measure(
            acquired,
            threshold=threshold,
            groups=groups,
            told=lambda part: bar.update(task, description=part, advance=1),
        )


@contextmanager
def _bar(label: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
    """A progress bar on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn())
    counts = (MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, *counts, console=console, disable=not console.is_terminal) as bar:
        yield bar, bar.add_task(label, total=total)
