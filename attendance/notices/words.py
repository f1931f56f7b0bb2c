"""What notices say, in the school's language or the guardian's."""

from __future__ import annotations

from collections.abc import Sequence

from attendance.core.mail import Email
from attendance.core.settings import Settings
from attendance.notices.judging import BELOW, IN_A_ROW, WITHIN_DAYS
from attendance.web.languages import translated
from database import Row

# Marks what the translators say; the language is chosen when a message is written.
_ = str

SUBJECT = _("Attendance")
GREETING = _("Good day,")
INTRODUCTION = _("this message is about attendance:")
BELOW_LINE = _("{student}, {course}: attendance is at {found} %.")
ROW_LINE = _("{student}, {course}: sessions missed in a row: {found}.")
DAYS_LINE = _("{student}, {course}: sessions missed within {days} days: {found}.")
UNEXPLAINED_LINE = _("{student}, {course}: absent on {day}, without an explanation so far.")
WHY = _("If there is a reason, ask to be excused, or tell the school.")
WHERE = _("The attendance can be seen here: {link}")
ANSWER = _("Answers to this message go to {address}.")


def email(
    settings: Settings, to: str, whom: str, language: str | None, lines: Sequence[Row]
) -> Email:
    """The message to one person, of one or more findings; `lines` are rows with `kind` and
    `days` of the rule besides those of the notices."""
    spoken = language or settings.notice_language

    def say(text: str) -> str:
        return translated(spoken, text)

    said = [say(GREETING), "", say(INTRODUCTION), ""]
    said += [f"- {_line(say, row)}" for row in lines]
    said.append("")
    if whom != "teacher":
        said.append(say(WHY))
    if whom != "guardian":
        said.append(say(WHERE).format(link=f"{settings.local_url}/"))
    if settings.notice_reply_to:
        said.append(say(ANSWER).format(address=settings.notice_reply_to))
    if settings.school_name:
        said += ["", settings.school_name]
    return Email(to, say(SUBJECT), "\n".join(said), settings.notice_reply_to)


def _line(say: object, row: Row) -> str:
    assert callable(say)
    text = {BELOW: BELOW_LINE, IN_A_ROW: ROW_LINE, WITHIN_DAYS: DAYS_LINE}
    section = f" · {row['section']}" if row["section"] else ""
    return str(say(text.get(row["kind"], UNEXPLAINED_LINE))).format(
        student=row["name"],
        course=f"{row['course_name']}{section}",
        found=row["found"],
        days=row["days"],
        day=row["day"],
    )
