"""The commands of ``python -m facerecog``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, get_args

import click
import numpy as np
from PIL import Image, ImageDraw
from rich.console import Console
from rich.table import Table

from .cli_evaluate import evaluate
from .cli_serve import serve
from .config import Precision, RecognizerConfig
from .errors import FaceRecogError
from .levels import usual_distance
from .matching import distances
from .models import CHOICES, DEFAULT_NETWORKS, DEFAULT_WEIGHTS
from .mtcnn import CELL, Detection
from .recognizer import Recognizer
from .sources import FACENET
from .weights import default_models_dir, ensure_weights

PHOTO = click.Path(exists=True, dir_okay=False, path_type=Path)


def _plain_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Print a domain error as one sentence and end with status 1."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except FaceRecogError as error:
            click.echo(f"{error} [{error.code}]", err=True)
            sys.exit(1)

    return wrapped


@click.group()
@click.option(
    "--mode",
    type=click.Choice(["fast", "exact"]),
    envvar="FACE_MODE",
    default="fast",
    show_default=True,
)
@click.option(
    "--engine",
    type=click.Choice(["openvino", "torch"]),
    envvar="FACE_ENGINE",
    default="openvino",
)
@click.option("--models-dir", type=click.Path(path_type=Path), help="Default: MODELS_DIR, models/.")
@click.option(
    "--networks",
    type=click.Choice(CHOICES),
    envvar="FACE_NETWORKS",
    default=DEFAULT_NETWORKS,
    show_default=True,
)
@click.option("--weights", type=click.Choice(list(FACENET)), default=DEFAULT_WEIGHTS)
@click.option(
    "--precision",
    type=click.Choice(get_args(Precision)),
    envvar="FACE_PRECISION",
    default="auto",
    show_default=True,
    help="What the embedding is computed in.",
)
@click.pass_context
def main(context: click.Context, /, models_dir: Path | None, **settings: Any) -> None:
    """Face recognition at a terminal."""
    context.obj = RecognizerConfig(models_dir=models_dir or default_models_dir(), **settings)


main.add_command(evaluate)
main.add_command(serve)


@main.command()
@click.pass_obj
@_plain_errors
def fetch(config: RecognizerConfig) -> None:
    """Download, verify and convert the networks; quick when that is done."""
    paths = ensure_weights(config.models_dir, weights=config.weights, networks=config.networks)
    click.echo(f"The networks are ready in {paths.pnet.parent}.")


@main.command()
@click.argument("photos", nargs=-1, required=True, type=PHOTO)
@click.pass_obj
@_plain_errors
def embed(config: RecognizerConfig, photos: tuple[Path, ...]) -> None:
    """Print the embedding of each PHOTO's one face: its name and its numbers a line."""
    with Recognizer(config) as recognizer:
        for photo in photos:
            numbers = recognizer.embed_image(photo.read_bytes())
            click.echo(f"{photo} {' '.join(f'{number:.6f}' for number in numbers)}")


@main.command()
@click.argument("first", type=PHOTO)
@click.argument("second", type=PHOTO)
@click.pass_obj
@_plain_errors
def compare(config: RecognizerConfig, first: Path, second: Path) -> None:
    """Tell whether FIRST and SECOND show the same person."""
    with Recognizer(config) as recognizer:
        a, b = (recognizer.embed_image(photo.read_bytes()) for photo in (first, second))
        threshold = usual_distance(config.model, recognizer.info["precision"])
    distance = float(distances(a, b[None])[0])
    verdict = "the same person" if distance <= threshold else "different people"
    click.echo(f"{verdict}: distance {distance:.4f}, threshold {threshold:.3f}")


@main.command()
@click.argument("photo", type=PHOTO)
@click.option("--draw", type=click.Path(dir_okay=False, path_type=Path), help="Write a PNG.")
@click.option(
    "--min-face",
    type=click.IntRange(min=CELL),
    default=RecognizerConfig.detect_min_face,
    show_default=True,
    help="Smallest face that matters, pixels.",
)
@click.pass_obj
@_plain_errors
def detect(config: RecognizerConfig, photo: Path, draw: Path | None, min_face: int) -> None:
    """List all faces of PHOTO, the largest first."""
    with Recognizer(config) as recognizer:
        image = recognizer.decode(photo.read_bytes())
        faces = recognizer.detect(image, min_face)
    table = Table("face", "x1", "y1", "x2", "y2", "probability")
    for number, face in enumerate(faces, 1):
        table.add_row(str(number), *(f"{edge:.0f}" for edge in face.box), f"{face.probability:.3f}")
    Console().print(table)
    if draw:
        _draw(image, faces).save(draw, format="PNG")


def _draw(image: np.ndarray, faces: list[Detection]) -> Image.Image:
    picture = Image.fromarray(image)
    pen = ImageDraw.Draw(picture)
    line = max(2, min(picture.size) // 200)
    for face in faces:
        pen.rectangle([float(edge) for edge in face.box], outline="lime", width=line)
        for x, y in face.landmarks:
            pen.ellipse([x - line, y - line, x + line, y + line], fill="red")
    return picture
