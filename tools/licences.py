"""List every package and library that the server brings, with its licence.

    python -m tools.licences        Markdown, for `make release`

Of Python packages it is what they say of themselves, installed in this environment; of the pages'
libraries what package-lock.json says; of the networks what docs/accuracy.md explains.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
UNSAID = "not said"
ELSEWHERE = "not installed on this system"
# A free text in place of a name is the licence itself: its first line is enough.
LONGEST = 80


def packages(requirements: Path = ROOT / "requirements.txt") -> list[tuple[str, str, str]]:
    """Name, version and licence of each package that the file names."""
    named = re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", requirements.read_text("utf-8"), re.M
    )
    return sorted((name, version, _of_package(name)) for name, version in named)


def _of_package(name: str) -> str:
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ELSEWHERE
    if expression := said.json.get("license_expression"):
        return str(expression)
    classes = [
        line.rpartition(" :: ")[2]
        for line in said.get_all("Classifier") or []
        if line.startswith("License ::") and line != "License :: OSI Approved"
    ]
    first = str(said.json.get("license", "")).strip().split("\n")[0][:LONGEST]
    return ", ".join(classes) or first or UNSAID


def libraries() -> list[tuple[str, str, str]]:
    """The same of the pages' libraries, those of development left out."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    return sorted(
        (path.removeprefix("node_modules/"), each["version"], _of_library(path, each))
        for path, each in lock["packages"].items()
        if path and not each.get("dev")
    )


def _of_library(path: str, locked: dict[str, Any]) -> str:
    """As the lock file has it, or, in the old way, the library itself."""
    if "license" in locked:
        return str(locked["license"])
    manifest = ROOT / path / "package.json"
    said = json.loads(manifest.read_text("utf-8")) if manifest.is_file() else {}
    return ", ".join(each["type"] for each in said.get("licenses", [])) or UNSAID


def page() -> str:
    """Both as Markdown."""
    parts = ["# Licences of what comes along\n"]
    for title, rows in (("Python packages", packages()), ("Libraries of the pages", libraries())):
        parts.append(f"\n## {title}\n\n| name | version | licence |\n| --- | --- | --- |\n")
        parts += [f"| {name} | {version} | {licence} |\n" for name, version, licence in rows]
    parts.append("\nThe networks' weights: see docs/accuracy.md.\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
