"""Which precision ``auto`` is, by processor."""

from __future__ import annotations

from pathlib import Path

import pytest

from facerecog import Recognizer, RecognizerConfig, engines
from facerecog.processors import has_int8


@pytest.mark.parametrize(
    ("text", "quick"),
    [
        ("processor\t: 0\nflags\t\t: fpu sse2 avx512f avx512_vnni\n", True),
        ("flags\t\t: fpu avx2 avx_vnni\n", True),
        ("flags\t\t: fpu amx_bf16 amx_int8\n", True),
        ("flags\t\t: fpu avx2 avx512f avx512_bf16\n", False),
        ("Features\t: fp asimd asimddp\n", True),
        ("Features\t: fp asimd\n", False),
        ("nothing of it", False),
    ],
)
def test_eight_bits_are_quick_where_the_processor_adds_products(
    tmp_path: Path, text: str, quick: bool
) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(text)
    assert has_int8(cpuinfo) == quick


def test_a_system_that_says_nothing_of_its_processor_is_no_error(tmp_path: Path) -> None:
    assert not has_int8(tmp_path / "nowhere")


@pytest.mark.parametrize("quick", [True, False])
def test_auto_is_int8_where_that_is_quick(monkeypatch: pytest.MonkeyPatch, quick: bool) -> None:
    monkeypatch.setattr(engines, "has_int8", lambda: quick)
    with Recognizer(RecognizerConfig(networks="sface")) as one:
        assert (one.info["precision"] == "int8") == quick
    with Recognizer(RecognizerConfig(networks="sface", mode="exact")) as one:
        assert one.info["precision"] == "f32"
