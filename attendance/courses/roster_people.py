"""Guardians and tutors that a school's list names beside its students."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from attendance.core.audit import By
from attendance.core.roles import ACTIVE
from attendance.courses.roster_lines import CHUNK, Line, Remark
from database import Row, Transaction, consents, guardians, teachers, tutors
from database.rows import StudentRow


class People:
    """Who is there already of the guardians and tutors of a list, read at once."""

    def __init__(self, tx: Transaction, lines: list[Line], students: list[StudentRow]) -> None:
        self._guardians: dict[int, list[Row]] = {}
        self._agreed: set[tuple[int, str]] = set()
        self._tutors: dict[int, Row] = {}
        self._teachers: dict[str, Row] = {}
        if not any(line.guardians or line.tutor for line in lines):
            return
        numbers = [int(row["id"]) for row in students]
        for start in range(0, len(numbers), CHUNK):
            part = numbers[start : start + CHUNK]
            self._tutors |= tutors.of_students(tx, part)
            self._agreed |= consents.in_force(tx, part)
            for row in guardians.listed(tx, part):
                self._guardians.setdefault(int(row["student"]), []).append(row)
        addresses = sorted({line.tutor for line in lines if line.tutor})
        for start in range(0, len(addresses), CHUNK):
            for row in teachers.of_emails(tx, addresses[start : start + CHUNK]):
                self._teachers[row["email"]] = row

    def judge(self, line: Line, *, may: bool, update: bool, is_admin: bool) -> Line:
        """The line with what it adds and changes, or why it does not.

        Args:
            may: whether the account may be changed; of others nothing is told.
            update: whether accounts that are there are changed.
            is_admin: whether somebody may be made a tutor.
        """
        is_new = line.student is None
        if not may:
            named = line.guardians or line.tutor
            return _remarked(line, Remark("change_refused")) if named else line
        if line.tutor and is_admin and self._teacher(line) is None:
            return line.become("rejected", Remark("tutor_unknown", {"email": line.tutor}))
        changes = self._guardian_change(line)
        if is_admin:
            changes |= self._tutor_change(line)
        elif line.tutor:
            line = replace(line, remark=Remark("tutor_refused"))
        if agreed := self._left_out(line, agreed=True):
            told = Remark("guardian_agreed", {"email": ", ".join(row["email"] for row in agreed)})
            line = replace(line, remark=told) if update else line
        if not changes:
            return line
        if not (is_new or update):
            return _remarked(line, Remark("people_not_stored"))
        result = "changed" if line.result == "unchanged" else line.result
        return replace(line, people=changes, result=result)

    def write(self, tx: Transaction, lines: list[Line], by: By, now: datetime) -> None:
        """Store what the lines add and change; nobody is written to."""
        new: list[Row] = []
        for line in lines:
            if not line.people or line.student is None:
                continue
            student = int(line.student["id"])
            if "guardians" in line.people:
                new += self._changed(tx, line, student, now)
                before, after = line.people["guardians"]
                by.note(tx, now, "guardian.import", f"student:{student}", old=before, new=after)
            if "tutor" in line.people:
                old, teacher = self._tutors.get(student), self._teacher(line)
                assert teacher is not None
                tutors.put(tx, student, int(teacher["id"]), now)
                by.note(
                    tx,
                    now,
                    "student.tutor",
                    f"student:{student}",
                    old=old and f"teacher:{old['id']}",
                    new=f"teacher:{teacher['id']}",
                )
        guardians.add_many(tx, new)

    def _changed(self, tx: Transaction, line: Line, student: int, now: datetime) -> list[Row]:
        """The guardians who are new; others get the names of the list, or go."""
        known = {row["email"]: row for row in self._guardians.get(student, ())}
        new: list[Row] = []
        for row in self._left_out(line, agreed=False):
            guardians.delete(tx, int(row["id"]))
        for name, email in line.guardians:
            if email not in known:
                new.append({"student": student, "name": name, "email": email, "now": now})
            elif name and name != known[email]["name"]:
                guardians.rename(tx, int(known[email]["id"]), name)
        return new

    def _left_out(self, line: Line, *, agreed: bool) -> list[Row]:
        """Who came with an earlier list and is not named by this one, which names others: those
        whose consent is in force, or the others. An empty cell says nothing."""
        if line.student is None or not line.guardians:
            return []
        number, named = int(line.student["id"]), {email for _, email in line.guardians}
        return [
            row
            for row in self._guardians.get(number, ())
            if row["from_list"]
            and row["email"] not in named
            and ((number, row["email"]) in self._agreed) is agreed
        ]

    def _teacher(self, line: Line) -> Row | None:
        row = self._teachers.get(line.tutor or "")
        return row if row is not None and row["state"] == ACTIVE else None

    def _guardian_change(self, line: Line) -> dict[str, tuple[str | None, str]]:
        number = int(line.student["id"]) if line.student else 0
        before = {row["email"]: row["name"] for row in self._guardians.get(number, ())}
        leaving = {row["email"] for row in self._left_out(line, agreed=False)}
        after = {email: name for email, name in before.items() if email not in leaving}
        for name, email in line.guardians:
            after[email] = name or before.get(email)
        if after == before:
            return {}
        return {"guardians": (_said(before) or None, _said(after))}

    def _tutor_change(self, line: Line) -> dict[str, tuple[str | None, str]]:
        teacher = self._teacher(line)
        old = self._tutors.get(int(line.student["id"])) if line.student else None
        if teacher is None or (old is not None and old["id"] == teacher["id"]):
            return {}
        return {"tutor": (str(old["name"]) if old else None, str(teacher["name"]))}


def _said(people: dict[str, str | None]) -> str:
    return "; ".join(f"{name} <{email}>" if name else email for email, name in people.items())


def _remarked(line: Line, remark: Remark) -> Line:
    return line if line.remark else replace(line, remark=remark)
