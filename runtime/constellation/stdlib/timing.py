"""`stdlib.time`: instants as milliseconds since 1970-01-01T00:00:00Z, always in UTC.

Invariant: only `now` looks at a clock, and one run sees one instant.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from constellation.stdlib.ambient import instant
from constellation.stdlib.declare import Namespace, StandardError, extended
from constellation.stdlib.limits import int64

namespace = Namespace("stdlib.time")
added = extended(namespace)

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY: Final = 86_400_000
_MIN: Final = (datetime.min.replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)
_MAX: Final = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)

_ISO: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"
    r"\s*(Z|z|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?"
)
_ISO_BASIC: Final = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})"
    r"(?:[Tt]([0-9]{2})([0-9]{2})(?:([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"(Z|z|[+-][0-9]{2}(?:[0-9]{2})?)?)?"
)


def moment(millis: int) -> datetime:
    """The instant as a date and time in UTC."""
    if not _MIN <= millis <= _MAX:
        raise StandardError(f"timestamp {millis} is outside the years 1 to 9999")
    return EPOCH + timedelta(milliseconds=millis)


@added("parse-time", "(text: String) -> Int")
def parse_time(text: str) -> int:
    """The instant an ISO 8601 text names, in milliseconds since 1970; without an offset it is UTC. Fails with
    `invalid timestamp '<text>'`."""
    found = _ISO.fullmatch(text.strip()) or _ISO_BASIC.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in found.group(1, 2, 3, 4, 5, 6))
        base = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        millis = int((found[7] or "0").ljust(3, "0")[:3])
        return (base - EPOCH) // timedelta(milliseconds=1) + millis - _offset(found[8])
    except ValueError:
        raise StandardError(f"invalid timestamp '{text}'") from None


def _offset(text: str | None) -> int:
    """An offset such as `+02:00` in milliseconds."""
    if text is None or text in "Zz":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        raise ValueError
    return (hours * 60 + minutes) * 60_000 * (-1 if text[0] == "-" else 1)


@added("format-time", "(millis: Int) -> String")
def format_time(millis: int) -> str:
    """An instant as `2024-02-29T12:30:00.000Z`."""
    return moment(millis).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


@added("iso-date", "(millis: Int) -> String")
def iso_date(millis: int) -> str:
    """The day of an instant as `2024-02-29`."""
    return moment(millis).date().isoformat()


@added("year", "(millis: Int) -> Int")
def year_of(millis: int) -> int:
    """Year of an instant."""
    return moment(millis).year


@added("month", "(millis: Int) -> Int", aliases=("month-of-year",))
def month_of(millis: int) -> int:
    """Month of an instant, 1 to 12."""
    return moment(millis).month


@added("day", "(millis: Int) -> Int")
def day_of(millis: int) -> int:
    """Day of the month of an instant, 1 to 31."""
    return moment(millis).day


@added("hour", "(millis: Int) -> Int", aliases=("hour-of-day",))
def hour_of(millis: int) -> int:
    """Hour of an instant, 0 to 23."""
    return moment(millis).hour


@added("minute", "(millis: Int) -> Int")
def minute_of(millis: int) -> int:
    """Minute of an instant, 0 to 59."""
    return moment(millis).minute


@added("second", "(millis: Int) -> Int")
def second_of(millis: int) -> int:
    """Second of an instant, 0 to 59."""
    return moment(millis).second


@added("day-of-week", "(millis: Int) -> Int")
def day_of_week(millis: int) -> int:
    """Day of the week of an instant: 1 is Monday, 7 is Sunday (ISO 8601)."""
    return moment(millis).isoweekday()


@added("is-weekend", "(millis: Int) -> Boolean")
def is_weekend(millis: int) -> bool:
    """Whether an instant falls on a Saturday or Sunday."""
    return moment(millis).isoweekday() >= 6


def _whole_units(start: int, end: int, unit: int) -> int:
    difference = end - start
    return difference // unit if difference >= 0 else -(-difference // unit)


@added("days-between", "(from: Int, to: Int) -> Int")
def days_between(start: int, end: int) -> int:
    """Whole days from one instant to another, truncated toward zero."""
    return _whole_units(start, end, DAY)


@added("seconds-between", "(from: Int, to: Int) -> Int")
def seconds_between(start: int, end: int) -> int:
    """Whole seconds from one instant to another, truncated toward zero."""
    return _whole_units(start, end, 1000)


@added("add-days", "(millis: Int, n: Int) -> Int")
def add_days(millis: int, count: int) -> int:
    """The instant a number of days later. Fails with `integer overflow`."""
    return int64(millis + count * DAY)


@added("add-seconds", "(millis: Int, n: Int) -> Int")
def add_seconds(millis: int, count: int) -> int:
    """The instant a number of seconds later. Fails with `integer overflow`."""
    return int64(millis + count * 1000)


@added("now", "() -> Int", effectful=True)
def now() -> int:
    """The instant of the run, in milliseconds since 1970: the same for every call of one run."""
    return int64(int(instant() * 1000))
