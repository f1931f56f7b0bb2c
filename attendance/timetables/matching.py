"""Which course an entry of a calendar is about, by its words or as somebody said. No I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from database import naming
from database.rows import CourseRow

# What is chosen for entries that are no lessons of any course.
NONE = 0
CHOSEN, FOUND, UNKNOWN, SEVERAL, LEFT_OUT = "chosen", "found", "unknown", "several", "left_out"

Words = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Match:
    """The course of an entry, or why it has none."""

    course: CourseRow | None
    how: str


class Matcher:
    """Finds courses by the words of an entry."""

    def __init__(self, courses: Sequence[CourseRow], choices: dict[str, int]) -> None:
        """`choices` has the id of a course, or `NONE`, for what entries are called."""
        self._choices = choices
        self._courses = {int(course["id"]): course for course in courses}
        self._by_words: dict[Words, set[int]] = {}
        self._by_name: dict[Words, set[int]] = {}
        for number, course in self._courses.items():
            whole = f"{course['name']} {course['section'] or ''}"
            code = f"{course['code']} {course['section'] or ''}"
            for text in (course["code"], whole, code, f"{course['code']} {whole}"):
                self._by_words.setdefault(_bag(text), set()).add(number)
            self._by_name.setdefault(_bag(course["name"]), set()).add(number)

    def match(self, label: str, categories: Sequence[str]) -> Match:
        """The course that was chosen for the label; else the only one whose code, or name and
        section, are the label or a category, or both together; else the only one of that name, or
        whose code is among the label's words."""
        if label in self._choices:
            number = self._choices[label]
            if number == NONE:
                return Match(None, LEFT_OUT)
            if number in self._courses:
                return Match(self._courses[number], CHOSEN)
        said = [label, *categories]
        together = [f"{label} {' '.join(categories)}", *(f"{label} {one}" for one in categories)]
        for texts, index in ((said, self._by_words), (together, self._by_words)):
            if match := self._only(index.get(_bag(text), set()) for text in texts):
                return match
        if match := self._only(self._by_name.get(_bag(text), set()) for text in said):
            return match
        words = {word for text in said for word, _ in _bag(text)}
        with_code = {
            number
            for number, course in self._courses.items()
            if {word for word, _ in _bag(course["code"])} <= words and _bag(course["code"])
        }
        return self._only([with_code]) or Match(None, UNKNOWN)

    def _only(self, found: Iterable[set[int]]) -> Match | None:
        numbers = set().union(*found)
        if not numbers:
            return None
        if len(numbers) > 1:
            return Match(None, SEVERAL)
        return Match(self._courses[numbers.pop()], FOUND)


def label_of(line: dict[str, Any]) -> str:
    """What an entry is called."""
    return line["summary"] or ", ".join(line["categories"])[:200] or "–"


def _bag(text: str) -> Words:
    """The words of a text without accents and capitals, in no order, each with its number."""
    return frozenset(Counter(re.findall(r"\w+", naming.folded(text))).items())
