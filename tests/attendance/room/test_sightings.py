"""The questions of a camera as the database keeps them: under whom one waits, and how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attendance.core import statuses
from attendance.core.services import Services
from database import Transaction, marks, sightings, students
from tests.conftest import Api, FakeClock

Asked = list[list[int]]


class Questions:
    """A session with three students who agreed to cameras."""

    def __init__(self, parts: Services, api: Api, clock: FakeClock) -> None:
        self.database, self.clock = parts.database, clock
        self.session = int(api.session(api.teacher())["id"])
        self.people = [int(api.student().row["id"]) for _ in range(3)]
        with self.database.write() as tx:
            for student in self.people:
                students.set_camera_consent(tx, student, True, clock.now())

    def ask(self, *candidates: int) -> int:
        pairs = [(student, 0.5 + 0.1 * place) for place, student in enumerate(candidates)]
        new = sightings.NewSighting(
            "camera", "uncertain", (0.0, 0.0, 1.0, 1.0), None, None, None, pairs
        )
        with self.database.write() as tx:
            return sightings.add(tx, self.session, new, self.clock.now())

    def mark(self, student: int, *, settle: bool = False) -> None:
        with self.database.write() as tx:
            marks.add(
                tx, session=self.session, student=student, status=statuses.PRESENT,
                method=statuses.QR, distance=None, now=self.clock.now(),
            )  # fmt: skip
            if settle:
                sightings.settle(tx, self.session)

    def waiting(self) -> Asked:
        with self.database.read() as tx:
            rows = sightings.of_session(tx, self.session, waiting=True)
            return [self._candidates(tx, int(row["id"])) for row in rows]

    def _candidates(self, tx: Transaction, sighting: int) -> list[int]:
        return [int(row["student"]) for row in sightings.candidates(tx, [sighting])]

    def asked(self) -> list[int]:
        """Who has no mark and is asked about."""
        with self.database.read() as tx:
            since = self.clock.now() - timedelta(minutes=10)
            return [
                student
                for student in self.people
                if marks.of_student_in(tx, session=self.session, student=student) is None
                and sightings.is_asked(tx, self.session, student, since)
            ]


@pytest.fixture
def questions(parts: Services, api: Api, clock: FakeClock) -> Questions:
    return Questions(parts, api, clock)


def test_a_question_waits_with_the_nearest_who_has_no_mark(questions: Questions) -> None:
    one, two, three = questions.people
    questions.ask(one, two, three)
    assert (questions.waiting(), questions.asked()) == ([[one, two, three]], [one])
    questions.mark(one)
    assert (questions.waiting(), questions.asked()) == ([[two, three, one]], [two])
    questions.mark(two)
    assert (questions.waiting(), questions.asked()) == ([[three, one, two]], [three])
    questions.mark(three)
    assert questions.waiting() == []


def test_only_what_asks_about_nobody_without_a_mark_is_dropped(questions: Questions) -> None:
    one, two, three = questions.people
    questions.ask(one)
    questions.ask(one, two)
    decided = questions.ask(one)
    with questions.database.write() as tx:
        sightings.decide(tx, decided, one, marked=True, now=questions.clock.now())
    questions.mark(one, settle=True)
    assert questions.waiting() == [[two, one]]
    with questions.database.read() as tx:
        kept = [
            int(row["id"]) for row in sightings.of_session(tx, questions.session, waiting=False)
        ]
    assert len(kept) == 2
    assert decided in kept
    assert three not in questions.asked()
