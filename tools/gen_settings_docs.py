"""Write .env.example and docs/settings.md from attendance/core/settings.py.

    python -m tools.gen_settings_docs            write both
    python -m tools.gen_settings_docs --check    only tell whether they are up to date

A setting is declared once, in the class Settings: its name, type, default and meaning are read
there, and the comments that begin with `# --` are the headings.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from attendance.core.settings import PROJECT, Settings

ENV_EXAMPLE = PROJECT / ".env.example"
TABLE = PROJECT / "docs" / "settings.md"

ENV_HEAD = """\
# Copy this file to .env, and take out the # before what you change. The environment wins over it.
# Written by `python -m tools.gen_settings_docs` from attendance/core/settings.py: change it there.
"""
TABLE_HEAD = """\
# Settings

Every setting comes from the environment or from a file `.env` in the project's folder
(`.env.example` is one to start from); the environment wins. A wrong value stops the start with a
sentence that names it.

This page is written by `python -m tools.gen_settings_docs` from `attendance/core/settings.py`.
"""


def groups() -> dict[str, list[str]]:
    """The names of the settings under the headings of the class, in its order."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in inspect.getsource(Settings).splitlines():
        if title := re.match(r"    # -- (.+)", line):
            heading = title[1]
        name = re.match(r"    (\w+): ", line)
        if name and name[1] in Settings.model_fields:
            found.setdefault(heading, []).append(name[1])
    return found


def default(field: FieldInfo) -> str:
    """A default as a person would write it into .env; empty if there is none."""
    value = field.default
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Path):
        return (
            value.relative_to(PROJECT).as_posix() if value.is_relative_to(PROJECT) else str(value)
        )
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)


def choices(annotation: Any) -> list[str]:
    """The values that a Literal allows, also inside an Optional."""
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    return [choice for part in get_args(annotation) for choice in choices(part)]


def allowed(field: FieldInfo) -> str:
    """What the value may be, in a few words; empty if its type says enough."""
    if options := choices(field.annotation):
        return " or ".join(options)
    limits = {
        sign: getattr(item, sign)
        for item in field.metadata
        for sign in ("ge", "gt", "le")
        if getattr(item, sign, None) is not None
    }
    low = f"above {limits['gt']}" if "gt" in limits else str(limits.get("ge", ""))
    if not limits:
        return "true or false" if field.annotation is bool else ""
    return f"{low} to {limits['le']}" if "le" in limits else f"{low} or more"


def env_example() -> str:
    """The text of .env.example: every setting, commented out, with its default."""
    lines = [ENV_HEAD]
    for heading, names in groups().items():
        lines.append(f"# ---- {heading}\n")
        for name in names:
            field = Settings.model_fields[name]
            note = f" ({allowed(field)})" if allowed(field) else ""
            lines.append(f"# {field.description}{note}\n#{name.upper()}={default(field)}\n")
    return "\n".join(lines)


def table() -> str:
    """The text of docs/settings.md: a table for each heading."""
    parts = [TABLE_HEAD]
    for heading, names in groups().items():
        rows = [
            f"\n## {heading[0].upper()}{heading[1:]}\n",
            "| setting | default | may be | meaning |",
            "| --- | --- | --- | --- |",
        ]
        for name in names:
            field = Settings.model_fields[name]
            value = f"`{default(field)}`" if default(field) else "unset"
            meaning = str(field.description).replace("|", "\\|")
            rows.append(f"| `{name.upper()}` | {value} | {allowed(field)} | {meaning} |")
        parts.append("\n".join(rows) + "\n")
    return "".join(parts)


def outdated() -> list[str]:
    """The names of the files that do not say what the class says."""
    wanted = {ENV_EXAMPLE: env_example(), TABLE: table()}
    return [
        path.relative_to(PROJECT).as_posix()
        for path, text in wanted.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main() -> None:
    """Write the files, or check them."""
    if sys.argv[1:] == ["--check"]:
        if names := outdated():
            sys.exit(f"{' and '.join(names)} out of date: run `python -m tools.gen_settings_docs`")
        return
    TABLE.parent.mkdir(exist_ok=True)
    ENV_EXAMPLE.write_text(env_example(), encoding="utf-8")
    TABLE.write_text(table(), encoding="utf-8")


if __name__ == "__main__":
    main()
