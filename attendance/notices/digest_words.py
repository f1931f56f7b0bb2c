"""What the weekly digest says, in the language in which it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from babel.dates import format_date

from attendance.core import zones
from attendance.core.mail import Email
from attendance.core.settings import Settings
from attendance.notices.digests import CourseWeek, Week
from attendance.web.languages import DEFAULT, translated

# Marks what the translators say; the language is chosen when a message is written.
_ = str

SUBJECT = _("Your courses this week")
BEGINNING = _("Good day,")
PERIOD = _("this is what happened in your courses from {first} to {last}.")
HELD = _("Sessions held: {n}. Attendance: {found} %.")
NONE_HELD = _("No session was held.")
AT_RISK = _("At risk: {n} ({names})")
REQUESTS = _("Requests that wait for a decision: {n}")
UNEXPLAINED = _("Absences without an explanation: {n}")
WHY = _("You get this message once a week, because you asked for it. Switch it off: {link}")
# Of those at risk, the lowest percentages first.
MOST_NAMES = 5


def email(
    settings: Settings,
    to: str,
    language: str | None,
    week: Week,
    told: Sequence[CourseWeek],
    off: str,
) -> Email:
    """The message to a teacher; `off` is the link that switches it off."""
    spoken = language or settings.mail_language or DEFAULT

    def say(text: str) -> str:
        return translated(spoken, text)

    first = zones.day_of(week.begins_at, settings.timezone)
    last = zones.day_of(week.ends_at - timedelta(microseconds=1), settings.timezone)
    days = [format_date(day, "long", locale=spoken) for day in (first, last)]
    period = say(PERIOD).format(first=days[0], last=days[1])
    said = [say(BEGINNING), "", period, ""]
    for one in told:
        said += [*_course(settings, say, one), ""]
    said.append(say(WHY).format(link=off))
    if settings.school_name:
        said += ["", settings.school_name]
    return Email(to, say(SUBJECT), "\n".join(said), settings.notice_reply_to, unsubscribe=off)


def _course(settings: Settings, say: Callable[[str], str], one: CourseWeek) -> list[str]:
    course = one.course
    section = f" · {course['section']}" if course["section"] else ""
    lines = [f"{course['name']}{section}"]
    if one.held:
        lines.append(f"- {say(HELD).format(n=one.held, found=one.share.percentage)}")
    else:
        lines.append(f"- {say(NONE_HELD)}")
    if one.at_risk:
        names = [
            f"{line.student['name']} {line.share.percentage} %" for line in one.at_risk[:MOST_NAMES]
        ]
        more = ["…"] if len(one.at_risk) > MOST_NAMES else []
        lines.append(
            f"- {say(AT_RISK).format(n=len(one.at_risk), names='; '.join([*names, *more]))}"
        )
    if one.requests:
        lines.append(f"- {say(REQUESTS).format(n=one.requests)}")
    if one.unexplained:
        lines.append(f"- {say(UNEXPLAINED).format(n=one.unexplained)}")
    return [*lines, f"  {settings.local_url}/teach/courses/{course['id']}"]
