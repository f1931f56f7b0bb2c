"""What teachers saw of the marks: as it was pushed to their pages, and as it is read at the end."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

import requests

from tests.load.cluster.place import Cluster
from tests.load.cluster.processes import HERE, until
from tests.load.cluster.watching import Mark

LIST_SECONDS = 60.0


@dataclass
class Lists:
    """How the teachers' lists compare with the database."""

    # marks that were not told as an event, over all teachers
    missed: int
    # the longest time from an answer to a student until a teacher saw the mark, in seconds
    behind: float
    # teachers whose list was another one than the database's, and servers that answered another
    wrong: int
    # what was wrong, in words
    words: list[str] = field(default_factory=list)


def compared(place: Cluster, marks: set[Mark], answered: dict[Mark, float]) -> Lists:
    """Wait for the lists to be right, some seconds, and tell how they are.

    Args:
        marks: what the database has.
        answered: when students were told that their marks count (`time.monotonic`).
    """
    deadline = time.monotonic() + LIST_SECONDS
    while any(set(each.shown()) != marks for each in place.watchers):
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    words, late = [], [0.0]
    for number, watcher in enumerate(place.watchers, 1):
        shown = watcher.shown()
        late += [at - answered[mark] for mark, at in shown.items() if mark in answered]
        if wrong := difference(set(shown), marks):
            asked = ", ".join(watcher.refused()) or "nothing"
            words.append(f"teacher {number}: {wrong}; was refused: {asked}")
    sessions = {session for session, _ in marks}
    read = {each.program.name: _read(place, each.port, sessions) for each in place.servers}
    words += [f"{name}: {difference(had, marks)}" for name, had in read.items() if had != marks]
    missed = sum(watcher.missed(marks) for watcher in place.watchers)
    return Lists(missed, max(late), len(words), words)


def difference(shown: set[Mark], marks: set[Mark]) -> str:
    """What one has and the other has not, or nothing."""
    lacking, more = Counter(s for s, _ in marks - shown), Counter(s for s, _ in shown - marks)
    return "; ".join(
        f"{what} {', '.join(f'{n} of session {session}' for session, n in sorted(those.items()))}"
        for what, those in (("lacks", lacking), ("has too many:", more))
        if those
    )


def _read(place: Cluster, port: int, sessions: set[int]) -> set[Mark]:
    """The lists as one server answers them."""
    found: set[Mark] = set()
    for session in sessions:
        answers: list[requests.Response] = []

        def is_answered(session: int = session, answers: list[requests.Response] = answers) -> bool:
            answers.append(
                requests.get(
                    f"http://{HERE}:{port}/session/attendance",
                    params={"session_id": session},
                    headers={"Authorization": f"Bearer {place.teacher}"},
                    timeout=60,
                )
            )
            return answers[-1].status_code != 503  # busy: it says so, and is asked again

        until(is_answered, f"the server at {port} gives a list")
        answers[-1].raise_for_status()
        found |= {(session, str(line["student_id"])) for line in answers[-1].json()["attendance"]}
    return found
