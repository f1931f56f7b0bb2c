"""How long a large list takes to be previewed and imported, and how much memory that needs.

    python -m benchmarks.rosters                         10,000 rows, SQLite, CSV and XLSX
    python -m benchmarks.rosters --rows 20000 --csv      the most that is read at once
    python -m benchmarks.rosters --profile               where the time of a preview goes
    DATABASE_URL=mysql+... python -m benchmarks.rosters  on another (empty) database

Goals for 10,000 rows on two cores: a preview within 5 s, the import within 20 s.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import os
import pstats
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attendance import create_app
from attendance.core.settings import Settings
from attendance.web.current import services_of
from benchmarks.reports import PASSWORD, report_time, workbook
from database import migrate


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=10_000)
    arguments.add_argument("--csv", action="store_true", help="no workbook")
    arguments.add_argument("--profile", action="store_true")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(asked, Path(folder))


def run(asked: argparse.Namespace, folder: Path) -> None:
    settings = Settings.load(
        instance_dir=folder,
        database_url=os.environ.get("DATABASE_URL"),
        bcrypt_rounds=4,
        log_level="ERROR",
    )
    app = create_app(settings)
    parts = services_of(app)
    migrate(parts.database)
    client = app.test_client(use_cookies=False)
    body = {"name": "Bench", "email": "bench@school.example", "password": PASSWORD}
    signed_up = client.post("/teacher/signup", json=body).json
    headers = {"Authorization": f"Bearer {signed_up['access_token']}"}

    def course(code: str) -> int:
        made = client.post("/course", json={"code": code, "name": code}, headers=headers)
        return int(made.json["course"]["id"])

    def sender(course: int, data: bytes, name: str, query: str, result: str) -> Callable[[], Any]:
        def send() -> None:
            form = {"file": (io.BytesIO(data), name)}
            answer = client.post(f"/course/{course}/roster{query}", data=form, headers=headers)
            assert answer.json["counts"][result] == asked.rows, answer.text[:500]

        return send

    text = listed(asked.rows)
    first = course("first")
    preview = sender(first, text, "list.csv", "?dry_run=true", "created")
    if asked.profile:
        profiled(preview)
    rows = f"{asked.rows} rows"
    report_time(f"preview of {rows} (CSV)", preview, times=1)
    report_time(f"import of {rows} (CSV)", sender(first, text, "list.csv", "", "created"), times=1)
    again = sender(first, text, "list.csv", "?dry_run=true", "unchanged")
    report_time(f"preview of the same {rows} (CSV)", again, times=1)
    if not asked.csv:
        book = workbook(asked.rows)
        second = course("second")
        preview = sender(second, book, "list.xlsx", "?dry_run=true", "created")
        report_time(f"preview of {rows} (XLSX)", preview, times=1)
        sent = sender(second, book, "list.xlsx", "", "created")
        report_time(f"import of {rows} (XLSX)", sent, times=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"largest size of the process: {peak} MiB")
    parts.database.close()


def listed(rows: int) -> bytes:
    """A list as German Excel writes it."""
    lines = ["Matrikelnummer;Name;Vorname;E-Mail"]
    lines += [
        f"{5_000_000 + number};Müller;Zoë {number};z{number}@klasse{number % 7}.school.example"
        for number in range(rows)
    ]
    return "\r\n".join(lines).encode("cp1252")


def profiled(action: Callable[[], Any]) -> None:
    """Where the time of the action goes."""
    profile = cProfile.Profile()
    profile.runcall(action)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
