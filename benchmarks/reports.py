"""How long a large roster, report and export take, and how much memory they need.

    python -m benchmarks.reports                         500 students x 100 sessions, SQLite
    python -m benchmarks.reports --students 300 --sessions 20 --keep report.xlsx
    DATABASE_URL=mysql+... python -m benchmarks.reports  on another (empty) database

The roster is imported and every report is fetched through the API; marks are written directly.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import resource
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl

from attendance import create_app
from attendance.core.settings import Settings
from attendance.web.current import services_of
from database import Transaction, migrate, sessions

PASSWORD = "correct horse"  # noqa: S105  # of an account that lives as long as the benchmark


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--students", type=int, default=500)
    arguments.add_argument("--sessions", type=int, default=100)
    arguments.add_argument("--times", type=int, default=5)
    arguments.add_argument("--keep", type=Path, help="where to keep the workbook")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(asked, Path(folder))


def run(asked: argparse.Namespace, folder: Path) -> None:
    url = os.environ.get("DATABASE_URL")
    settings = Settings.load(
        instance_dir=folder, database_url=url, bcrypt_rounds=4, log_level="ERROR"
    )
    app = create_app(settings)
    parts = services_of(app)
    migrate(parts.database)
    client = app.test_client(use_cookies=False)
    signed_up = client.post(
        "/teacher/signup",
        json={"name": "Bench", "email": "bench@school.example", "password": PASSWORD},
    ).json
    headers = {"Authorization": f"Bearer {signed_up['access_token']}"}
    made = client.post("/course", json={"code": "B1", "name": "Bench"}, headers=headers)
    course = made.json["course"]["id"]

    def roster() -> None:
        form = {"file": (io.BytesIO(workbook(asked.students)), "roster.xlsx")}
        answer = client.post(f"/course/{course}/roster", data=form, headers=headers)
        assert answer.json["counts"]["created"] == asked.students, answer.text

    report_time(f"import of {asked.students} students (XLSX)", roster, times=1)
    with parts.database.write() as tx:
        hold(tx, course, signed_up["teacher"]["id"], asked.sessions, parts.clock.now())
    for call in ("report", "report.csv", "report.xlsx", "at-risk"):

        def fetch(call: str = call) -> int:
            answer = client.get(f"/course/{course}/{call}", headers=headers)
            assert answer.status_code == 200
            return sum(len(piece) for piece in answer.response)  # read as a network would

        report_time(f"{call}, {asked.students} x {asked.sessions}", fetch, times=asked.times)
    if asked.keep:
        asked.keep.write_bytes(client.get(f"/course/{course}/report.xlsx", headers=headers).data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"largest size of the process: {peak} MiB")
    parts.database.close()


def report_time(what: str, run_it: Callable[[], Any], *, times: int) -> None:
    taken, worked = [], []
    for _ in range(times):
        start, cpu = time.perf_counter(), time.process_time()
        run_it()
        taken.append(time.perf_counter() - start)
        worked.append(time.process_time() - cpu)
    line = (
        f"{what}: {statistics.median(taken):.2f} s (median of {times}; best {min(taken):.2f}), "
        f"{statistics.median(worked):.2f} s of CPU"
    )
    if times > 1:
        tracemalloc.start()
        run_it()
        line += f", peak of Python's memory {tracemalloc.get_traced_memory()[1] / 2**20:.1f} MiB"
        tracemalloc.stop()
    print(line, flush=True)


def workbook(students: int) -> bytes:
    """A roster as schools have them: a title, odd column names, numbers as numbers."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Class")
    for row in (["Springfield High School"], [], ["No.", "E-Mail", "Surname", "First name", "ID"]):
        sheet.append(row)
    for number in range(1, students + 1):
        sheet.append(
            [number, f" S{number}@School.Example", "Müller", f"Ann{number}", 10000 + number]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def hold(tx: Transaction, course: int, teacher: int, number: int, now: Any) -> None:
    """Past sessions in which most came. The students enrolled before the first."""
    chance = random.Random(1)
    start = now - timedelta(days=number + 1)
    tx.execute("UPDATE enrolments SET enrolled_at = :start", start=start)
    people = [row["student"] for row in tx.all("SELECT student FROM enrolments ORDER BY student")]
    for day in range(number):
        begins = start + timedelta(days=day)
        session = sessions.create(
            tx,
            teacher=teacher,
            course=course,
            subject="Bench",
            section=None,
            code=f"B{day:05}",
            late_after_minutes=None,
            now=begins,
            closes_at=begins + timedelta(hours=1),
        )["id"]
        for person in people:
            if chance.random() < 0.85:
                tx.execute(
                    """
                    INSERT INTO attendance (session, student, status, method, marked_at)
                    VALUES (:session, :student, :status, 'manual', :now)
                    """,
                    session=session,
                    student=person,
                    status=chance.choice(["present", "present", "present", "late", "excused"]),
                    now=begins + timedelta(minutes=chance.randrange(50)),
                )
    sessions.end_overdue(tx, now)


if __name__ == "__main__":
    main()
