"""The school's terms and holidays: one list each, for every course."""

from __future__ import annotations

from datetime import date

import holidays as public

from attendance.core.audit import By
from attendance.core.errors import InvalidRequest, SchoolDaysNotFound, found
from attendance.core.services import Services
from database import Row, Transaction
from database import school_days as stored

TERMS, HOLIDAYS = stored.TABLES


def add(parts: Services, table: str, name: str, first: date, last: date, by: By) -> Row:
    """Add a term or holiday. Sessions that run or were held stay as they are.

    Raises:
        InvalidRequest: the last day lies before the first.
    """
    _require_order(first, last)
    with parts.database.write() as tx:
        return _added(parts, tx, table, (name, first.isoformat(), last.isoformat()), by)


def change(
    parts: Services, table: str, number: int, name: str, first: date, last: date, by: By
) -> Row:
    """Give a term or holiday other words or days.

    Raises:
        SchoolDaysNotFound
        InvalidRequest: the last day lies before the first.
    """
    _require_order(first, last)
    with parts.database.write() as tx:
        before = found(stored.by_id(tx, table, number), SchoolDaysNotFound)
        values = {"name": name, "first_day": first.isoformat(), "last_day": last.isoformat()}
        stored.change(tx, table, number, **values)
        old = {key: before[key] for key in values}
        by.note(
            tx, parts.clock.now(), "school_days.change", f"{table}:{number}", old=old, new=values
        )
    return {"id": number, **values}


def delete(parts: Services, table: str, number: int, by: By) -> None:
    """Delete a term or holiday: lessons on its days take place again.

    Raises:
        SchoolDaysNotFound
    """
    with parts.database.write() as tx:
        before = found(stored.by_id(tx, table, number), SchoolDaysNotFound)
        stored.delete(tx, table, number)
        by.note(
            tx, parts.clock.now(), "school_days.delete", f"{table}:{number}", old=_plain(before)
        )


def add_public(
    parts: Services, country: str, subdivision: str | None, year: int, language: str | None, by: By
) -> list[Row]:
    """Add the public holidays of a country or a part of it, but for days that are holidays already.

    Raises:
        InvalidRequest: the country or its part is not known.
    """
    days = _public_days(country, subdivision, year, language)
    with parts.database.write() as tx:
        taken = {(row["first_day"], row["last_day"]) for row in stored.every(tx, HOLIDAYS)}
        return [
            _added(parts, tx, HOLIDAYS, (name[:200], day, day), by)
            for day, name in days
            if (day, day) not in taken
        ]


def countries() -> dict[str, list[str]]:
    """The countries whose public holidays are known, and the parts of each."""
    return dict(sorted(public.list_supported_countries(include_aliases=False).items()))


def _public_days(
    country: str, subdivision: str | None, year: int, language: str | None
) -> list[tuple[str, str]]:
    known = countries()
    if country not in known:
        raise InvalidRequest.of("country", "unknown", f"{country} is not known.")
    if subdivision is not None and subdivision not in known[country]:
        raise InvalidRequest.of("subdivision", "unknown", f"{country} has no part {subdivision}.")
    kind = public.country_holidays(country, subdiv=subdivision)
    spoken = next(
        (one for one in kind.supported_languages if language and one[:2] == language[:2]), None
    )
    found = public.country_holidays(country, subdiv=subdivision, years=year, language=spoken)
    return [(day.isoformat(), name) for day, name in sorted(found.items()) if day.year == year]


def _added(
    parts: Services, tx: Transaction, table: str, values: tuple[str, str, str], by: By
) -> Row:
    named = dict(zip(("name", "first_day", "last_day"), values, strict=True))
    number = stored.add(tx, table, **named)
    by.note(tx, parts.clock.now(), "school_days.add", f"{table}:{number}", new=named)
    return {"id": number, **named}


def _require_order(first: date, last: date) -> None:
    if last < first:
        raise InvalidRequest.of("to", "before_from", "`to` lies before `from`.")


def _plain(row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "id"}
