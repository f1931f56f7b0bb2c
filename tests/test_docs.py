"""What pages, docstrings and comments say of the project's files is true."""

from __future__ import annotations

import ast
import importlib
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from attendance.core.settings import PROJECT

PAGES = sorted([PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")])
FOLDERS = ("attendance", "benchmarks", "database", "deploy", "docs", "facerecog", "tests", "tools")
PACKAGES = ("attendance", "database", "facerecog", "tests", "tools")
# Made by the set-up, the benchmarks and the server, and not part of the project.
MADE = ("attendance/static/vendor", "benchmarks/out")
LEFT_OUT = {"node_modules", "vendor", "__pycache__"}
# Where a path in words may begin, besides the folder of the file that names it.
ROOTS = (PROJECT, PROJECT / "attendance", PROJECT / "database", PROJECT / "attendance/static/js")
# Whole paths from the project's folder, wherever they stand; and names of files in backticks.
PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/[\w./@-]*\w")
NAME = re.compile(r"(?<!`)`+((?:[\w-]+/)*[\w-]+\.(?:py|js|html|css|md|toml|po|json|png|yaml))`")
DOTTED = re.compile(rf"(?:python -m |`)((?:{'|'.join(PACKAGES)})(?:\.\w+)+)")
# What a worked example makes: a path on a line of its own, and the whole file after it.
MADE_BY_A_PAGE = re.compile(r"^`([^`\n]+)`\n\n```(?!diff)", re.MULTILINE)
# Names in dots that are of files, and not of modules.
ENDINGS = (".db", ".ics")
# Written by a run of something, or by others.
NOT_OURS = {"manifest.json", "detect_face.py", "openapi.json"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_of_the_docs_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    missing = _missing(text, page)
    assert [name for name in missing if name not in MADE_BY_A_PAGE.findall(text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_in_the_docs_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("folder", [*FOLDERS, "app.py"])
def test_every_file_that_a_docstring_or_comment_names_exists(folder: str) -> None:
    missing = {
        str(path.relative_to(PROJECT)): found
        for path in _sources(PROJECT / folder)
        if (found := list(_missing(_words_of(path), path)))
    }
    assert missing == {}


def test_every_test_that_a_page_names_exists() -> None:
    sources = "".join(path.read_text("utf-8") for path in (PROJECT / "tests").rglob("*.py"))
    made = set(re.findall(r"^ *def (test_\w+)", sources, re.MULTILINE))
    named = {
        name
        for page in PAGES
        for name in re.findall(r"`(test_\w+)`", page.read_text("utf-8"))
        if not (PROJECT / "tests" / f"{name}.py").exists()
    }
    assert len(named) > 50
    assert named - made == set()


def test_a_file_that_is_gone_is_noticed() -> None:
    text = "See attendance/gone.py, `gone.js`, ``here/gone.html`` and `attendance.gone`."
    assert list(_missing(text, PROJECT / "README.md")) == [
        "attendance/gone.py",
        "gone.js",
        "here/gone.html",
        "attendance.gone",
    ]


def test_every_folder_of_the_application_has_its_line_in_the_tree() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    tree = text[text.index("```\n") :].split("```")[1]
    named = re.findall(r"^  (\w+)/ +\S", tree, re.MULTILINE)
    folders = {path.name for path in (PROJECT / "attendance").iterdir() if path.is_dir()}
    assert sorted(named) == sorted(folders - LEFT_OUT)


def test_every_folder_stands_once_on_the_floors_that_are_drawn() -> None:
    drawn = [name for floor in _floors() for name in floor]
    application = {path.parent.name for path in (PROJECT / "attendance").glob("*/__init__.py")}
    assert sorted(drawn) == sorted([*application, "database", "facerecog"])


def test_the_floors_that_are_drawn_are_those_that_lint_checks() -> None:
    text = (PROJECT / "pyproject.toml").read_text("utf-8")
    contract = text[text.index('containers = ["attendance"]') :]
    layers = contract[contract.index("layers = [") :].split("]")[0]
    checked = [layer.split(" | ") for layer in re.findall(r'"(.+?)"', layers)]
    *drawn, below = _floors()
    assert [sorted(floor) for floor in drawn] == [sorted(floor) for floor in checked]
    assert sorted(below) == ["database", "facerecog"]


def _floors() -> list[list[str]]:
    """The floors of the picture, from the top: what stands beside each other, and what alone."""
    text = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    picture = text[text.index("```mermaid") :].split("```")[1]
    beside = {
        name: inside.strip().split(" ~~~ ")
        for name, inside in re.findall(r"subgraph (\w+) \[ \]\n(.*?)\n +end", picture, re.DOTALL)
    }
    arrows = re.findall(r"(\w+) --> (\w+)", picture)
    names = [arrows[0][0], *(below for _, below in arrows)]
    assert [above for above, _ in arrows] == names[:-1], "one floor stands on the next"
    return [beside.get(name, [name]) for name in names]


def _missing(text: str, source: Path) -> Iterator[str]:
    for name in sorted({*PATH.findall(text), *NAME.findall(text)} - NOT_OURS):
        if not name.startswith(MADE) and not _exists(name, source):
            yield name
    for name in sorted(set(DOTTED.findall(text))):
        if not name.endswith(ENDINGS) and not _imports(name) and name not in _said_in_code():
            yield name


def _exists(name: str, source: Path) -> bool:
    if "/" not in name and name in _files():
        return True
    return any((root / name).exists() for root in (*ROOTS, source.parent))


def _imports(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        try:
            return hasattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError:
            return False
    return True


@cache
def _files() -> frozenset[str]:
    return frozenset(
        path.name for folder in (*FOLDERS, "app.py") for path in _walk(PROJECT / folder)
    ) | {path.name for path in PROJECT.iterdir()}


@cache
def _said_in_code() -> frozenset[str]:
    """The strings of the application: an action of the audit log looks like a module's name."""
    return frozenset(
        node.value
        for path in _walk(PROJECT / "attendance")
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _sources(folder: Path) -> list[Path]:
    return [path for path in _walk(folder) if path.suffix in {".py", ".js", ".css", ".html"}]


def _walk(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path.name not in LEFT_OUT:
            yield from _walk(path)


def _words_of(path: Path) -> str:
    """The docstrings and comments of a file."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return "\n".join(_words_of_python(text))
    comment = r"\{#.*?#\}" if path.suffix == ".html" else r"/\*.*?\*/|(?<![:\"'])//[^\n]*"
    return "\n".join(re.findall(comment, text, re.DOTALL))


def _words_of_python(text: str) -> Iterator[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, documented):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
