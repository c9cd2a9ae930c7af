"""Days as the rules count them: calendar months, working days, office hours, and the pre-election period.

Everything runs on the wall clock of Europe/London. Pure: no clock is read, and which days are bank holidays is handed in
or computed for any year (England and Wales).
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

LONDON: Final = ZoneInfo("Europe/London")
#: A council must publish the notice of election not later than so many working days before polling day
#: (Local Elections (Principal Areas) (England and Wales) Rules 2006, Schedule 2, timetable).
NOTICE_WORKING_DAYS: Final = 25
_NO_DAYS: Final[Collection[date]] = frozenset()


def london_day(moment: datetime) -> date:
    """Return the day on the wall calendar in London. A moment without a time zone is London time already."""
    return (moment.astimezone(LONDON) if moment.tzinfo else moment).date()


def add_months(day: date, months: int) -> date:
    """Return the day so many calendar months later, clipped to the last day: 31 August + 6 is 28 or 29 February.

    A day beyond the year 9999 is the last there is.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > 9999:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of time: calendar months, or days. ``add`` gives the first day on which it has passed."""

    months: int = 0
    days: int = 0

    def add(self, day: date) -> date:
        """Return the day on which the term, begun on ``day``, has passed."""
        after = add_months(day, self.months)
        return date.max if (date.max - after).days < self.days else after + timedelta(days=self.days)

    def holds(self, event: date, day: date) -> bool:
        """Return whether ``event`` lies within this term of ``day``: it is not later, and event + term is after the day."""
        return event <= day < self.add(event)

    def in_words(self) -> str:
        """Return ``6 months``, ``30 days`` or ``1 month``."""
        number, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """The pre-election period: when it begins and ends, and which kinds of election open it.

    ``start``: ``weeks`` before polling day, the ``notice`` of election, or the ``earlier`` of the two; from 00:00 on.
    ``end``: ``22:00`` on polling day, ``midnight`` at its end, or the ``day_after``, at the end of the next day.
    """

    weeks: int = 6
    elections: tuple[str, ...] = ("local", "general")
    start: str = "weeks"
    end: str = "22:00"


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """Return the bank holidays of England and Wales in that year, substitute days included."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date, closed: Collection[date] = _NO_DAYS) -> bool:
    """Return whether it is a weekday, no bank holiday, and not among ``closed``, further days the council is shut."""
    return day.weekday() < 5 and day not in bank_holidays(day.year) and day not in closed


def working_days_after(day: date, number: int, closed: Collection[date] = _NO_DAYS) -> date:
    """Return the ``number``-th working day after ``day``; the day itself, working or not, does not count."""
    while number > 0:
        day += timedelta(days=1)
        number -= is_working_day(day, closed)
    return day


def _election_day_counts(day: date) -> bool:
    """Return whether a day counts in an election timetable: Christmas Eve and Christmas Day do not either."""
    return is_working_day(day) and (day.month, day.day) not in ((12, 24), (12, 25))


def latest_notice(poll: date) -> date:
    """Return the last day on which the notice of a local election may be published: 25 working days before the poll."""
    day, left = poll, NOTICE_WORKING_DAYS
    while left:
        day -= timedelta(days=1)
        left -= _election_day_counts(day)
    return day


def at_midnight(day: date) -> datetime:
    """Return the beginning of the day in London."""
    return datetime.combine(day, time(), LONDON)


def period_of(
    rule: PeriodRule, poll: date, notice: date | None = None, called: date | None = None
) -> tuple[datetime, datetime]:
    """Return the start (included) and end (excluded) of the pre-election period that ``rule`` gives an election.

    ``notice``: when the notice of election was published; not known, the last day it may be. ``called``: when an election
    that comes by surprise was called; the period does not begin before. Both moments are aware, in London.
    """
    by_weeks = poll - timedelta(weeks=rule.weeks)
    by_notice = notice or latest_notice(poll)
    start = {"weeks": by_weeks, "notice": by_notice, "earlier": min(by_weeks, by_notice)}[rule.start]
    if called is not None:
        start = max(start, called)
    ends = {
        "22:00": datetime.combine(poll, time(22), LONDON),
        "midnight": at_midnight(poll + timedelta(days=1)),
        "day_after": at_midnight(poll + timedelta(days=2)),
    }
    return at_midnight(start), ends[rule.end]


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When officers are at work. ``days``: weekday (0 Monday … 6 Sunday) to opening and closing time in London.

    ``closed``: further days on which the office is shut. Bank holidays are shut unless ``bank_holidays`` is true.
    """

    days: Mapping[int, tuple[time, time]] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()
    bank_holidays: bool = False

    def open_on(self, day: date) -> bool:
        """Return whether the office opens at all on that day."""
        if day.weekday() not in self.days or day in self.closed:
            return False
        return self.bank_holidays or day not in bank_holidays(day.year)

    def open_at(self, moment: datetime) -> bool:
        """Return whether the office is open at that moment: from the opening time on, and before the closing time."""
        here = moment.astimezone(LONDON) if moment.tzinfo else moment
        if not self.open_on(here.date()):
            return False
        opens, closes = self.days[here.weekday()]
        return opens <= here.time() < closes
