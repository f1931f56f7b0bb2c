"""What notices say, in the school's language or the guardian's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attendance.core.mail import Email
from attendance.core.settings import Settings
from attendance.notices.judging import BELOW, IN_A_ROW, WITHIN_DAYS
from attendance.web.languages import DEFAULT, translated
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

CONSENT_SUBJECT = _("Your consent is needed")
ASK = _(
    "for {student}, the school would like to store a template of the face, with which attendance "
    "is marked. That needs the consent of a guardian. Read what is stored, and decide here: {link}"
)
ONCE = _("The link works once, for whoever has it: do not forward it.")
AGREED = _("your consent for {student} was recorded. If it was not you, take it back at once.")
WITHDRAWN = _(
    "the consent for {student} was taken back, and what was stored of the face is deleted."
)
ASKED = _("the request to excuse {student} was sent to the school.")
BACK = _("You can take the consent back here at any time: {link}")
EXCUSE = _("Ask here to excuse {student}: {link}")


def _school(settings: Settings) -> str:
    return settings.mail_language or DEFAULT


def asking(settings: Settings, guardian: Row, link: str) -> Email:
    """The message that asks a guardian to agree; `guardian` has `student_name`."""
    spoken = guardian["language"] or _school(settings)
    text = translated(spoken, ASK).format(student=guardian["student_name"], link=link)
    said = [translated(spoken, GREETING), "", text, "", translated(spoken, ONCE)]
    return _mail(settings, guardian["email"], translated(spoken, CONSENT_SUBJECT), said)


def to_guardian(
    settings: Settings, guardian: Row, student: str, text: str, back: str | None = None
) -> Email:
    """The message that says what was done with a link."""
    spoken = guardian["language"] or _school(settings)
    said = [translated(spoken, GREETING), "", translated(spoken, text).format(student=student)]
    if back is not None:
        said += ["", translated(spoken, BACK).format(link=back), translated(spoken, ONCE)]
    return _mail(settings, guardian["email"], translated(spoken, SUBJECT), said)


def _mail(settings: Settings, to: str, subject: str, said: list[str]) -> Email:
    if settings.school_name:
        said = [*said, "", settings.school_name]
    return Email(to, subject, "\n".join(said), settings.notice_reply_to)


def email(
    settings: Settings,
    to: str,
    whom: str,
    language: str | None,
    lines: Sequence[Row],
    excuses: Mapping[str, str],
) -> Email:
    """The message to one person, of one or more findings; `lines` are rows with `kind` and
    `days` of the rule besides those of the notices, `excuses` links by the names of students."""
    spoken = language or _school(settings)

    def say(text: str) -> str:
        return translated(spoken, text)

    said = [say(GREETING), "", say(INTRODUCTION), ""]
    said += dict.fromkeys(f"- {_line(say, row)}" for row in lines)
    said.append("")
    if whom not in ("teacher", "tutor"):
        said.append(say(WHY))
    said += [say(EXCUSE).format(student=student, link=link) for student, link in excuses.items()]
    if whom != "guardian":
        said.append(say(WHERE).format(link=f"{settings.local_url}/"))
    if settings.notice_reply_to:
        said.append(say(ANSWER).format(address=settings.notice_reply_to))
    return _mail(settings, to, say(SUBJECT), said)


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
