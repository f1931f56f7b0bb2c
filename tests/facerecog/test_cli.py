"""``python -m facerecog`` as a person at a terminal uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from facerecog import Recognizer
from facerecog.cli import main
from facerecog.samples import photo


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_fetch_says_where_the_networks_are() -> None:
    result = run("fetch")
    assert result.exit_code == 0
    assert "ready" in result.output


def test_embed_prints_the_numbers_of_each_photograph(recognizer: Recognizer) -> None:
    result = run("embed", photo("obama"), photo("biden"))
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert len(lines) == 2
    path, *numbers = lines[0].split()
    assert path == str(photo("obama"))
    embedding = np.array(numbers, float)
    assert embedding.shape == (recognizer.info["embedding_size"],)
    assert embedding @ recognizer.embed_image(photo("obama").read_bytes()) > 0.999


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [("obama", "obama3", "the same person"), ("obama", "biden", "different people")],
)
def test_compare_tells_people_apart(first: str, second: str, verdict: str) -> None:
    result = run("compare", photo(first), photo(second))
    assert result.exit_code == 0
    assert verdict in result.output
    assert "distance" in result.output


def test_detect_lists_faces_and_draws_them(tmp_path: Path) -> None:
    drawing = tmp_path / "faces.png"
    result = run("--mode", "exact", "detect", photo("grace_hopper"), "--draw", drawing)
    assert result.exit_code == 0
    assert "probability" in result.output
    with Image.open(drawing) as image:
        assert image.format == "PNG"
        lime = (np.asarray(image) == (0, 255, 0)).all(axis=2)
    assert lime.sum() > 500
    smaller_than_this = run("detect", photo("grace_hopper"), "--min-face", 2000)
    assert smaller_than_this.exit_code == 0
    assert "0." not in smaller_than_this.output


def test_an_error_is_one_sentence_with_its_code(tmp_path: Path) -> None:
    text = tmp_path / "letter.jpg"
    text.write_text("Dear Sir")
    result = run("embed", text)
    assert result.exit_code == 1
    assert result.stderr.strip().endswith("[image_unreadable]")
    assert "Traceback" not in result.output


def test_missing_networks_are_told_at_the_terminal(tmp_path: Path) -> None:
    result = run("--models-dir", tmp_path, "embed", photo("obama"))
    assert result.exit_code == 1
    assert "[models_missing]" in result.stderr


def test_the_package_runs_as_a_module() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "facerecog", "--help"], capture_output=True, text=True, check=True
    )
    for command in ("fetch", "embed", "compare", "detect"):
        assert command in result.stdout
