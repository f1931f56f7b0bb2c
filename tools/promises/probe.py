"""Started by path with the folder of a revision: prints what it promises, as JSON.

It finds the modules by what they hold and not by their names, since these move.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any


def holding(name: str) -> Any:
    """What the loaded modules of the application call `name`."""
    for module_name in sorted(sys.modules):
        module = sys.modules[module_name]
        if module_name.startswith("attendance") and hasattr(module, name):
            return getattr(module, name)
    raise SystemExit(f"no module of attendance holds {name}")


def events(tree: Path) -> dict[str, list[list[str]]]:
    """The rows of the tables in docs/events.md, by heading; and the names that the code writes."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in (tree / "docs" / "events.md").read_text("utf-8").splitlines():
        if line.startswith("#"):
            heading = line.strip("# ")
        elif line.startswith("| `"):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            found.setdefault(heading, []).append([cell.strip() for cell in cells])
    source = "".join(path.read_text("utf-8") for path in (tree / "attendance").rglob("*.py"))
    names = {name for rows in found.values() for row in rows for name in row[0].split("`")[1::2]}
    handlers = {*re.findall(r"def (?:on_)?(\w+)\(", source), *re.findall(r'"(\w+)"', source)}
    found["written in the code"] = [[name] for name in sorted(names & handlers)]
    return found


def main() -> None:
    """Print it."""
    tree = Path(sys.argv[1])
    sys.path[0] = str(tree)
    attendance = importlib.import_module("attendance")
    settings = holding("Settings")
    with tempfile.TemporaryDirectory() as folder:
        made = settings.load(instance_dir=Path(folder), database_url=None)
        app = attendance.create_app(made)
        answer = app.test_client().get("/openapi.json")
        if answer.status_code != 200:
            raise SystemExit(f"/openapi.json answers {answer.status_code}")
        declared = {
            name.upper(): {
                "type": re.sub(r" at 0x\w+", "", str(field.annotation)).replace("typing.", ""),
                "default": repr(field.get_default(call_default_factory=True)).replace(
                    str(tree), "PROJECT"
                ),
                "bounds": sorted(re.sub(r" at 0x\w+", "", repr(item)) for item in field.metadata),
                "meaning": field.description or "",
            }
            for name, field in settings.model_fields.items()
        }
        found = {
            "openapi": answer.get_json(),
            "errors": holding("catalogue")(),
            "events": events(tree),
            "settings": declared,
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
