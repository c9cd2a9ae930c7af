"""How the screens say what the council has set: where a period comes from, and how it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Final

from django.utils import timezone

from moothall.council import queries
from moothall.council.cells import BETWEEN
from moothall.council.models import ELECTION_KINDS, Election, Period
from moothall.council.queries import ComputedPeriod, NoRulesInForce
from moothall.council.registers import Column
from moothall.desk.wording import PLATFORM, joined
from moothall.policy.calendar import LONDON, PeriodRule, latest_notice

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:T|$)")
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ENDS: Final = {
    "22:00": "It ends at 22:00 on polling day, when the polls close",
    "midnight": "It ends at midnight at the end of polling day",
    "day_after": "It ends at the end of the day after polling day",
}


@dataclass(frozen=True, slots=True)
class PeriodState:
    """How an election's period stands, for a line in a list: the times that count, and in a word or two what they are."""

    starts_at: datetime
    ends_at: datetime
    words: str
    to_confirm: bool


def period_state(election: Election) -> PeriodState | None:
    """Return how the period of an election stands; None for an election that opens none or does not take place."""
    if election.called_off_at is not None or not queries.opens_period(election):
        return None
    confirmed = queries.period_for(election)
    times: Period | ComputedPeriod = confirmed or queries.computed_period(election)
    past = times.ends_at <= timezone.now()
    if confirmed is not None and confirmed.confirmed_at is not None:
        return PeriodState(times.starts_at, times.ends_at, "Confirmed", to_confirm=False)
    return PeriodState(times.starts_at, times.ends_at, "Never confirmed" if past else "To be confirmed", not past)


def how_computed(election: Election) -> str:
    """Return in sentences how the rules in force give an election its period; nothing where no rules are in force."""
    try:
        version, policy = queries.policy_in_force()
    except NoRulesInForce:
        return ""
    rule = policy.settings.period
    begin = _begins(rule, election)
    if election.called_on is not None:
        begin += f", but not before {_day(election.called_on)}, when the election was called"
    return f"{begin}. {_ENDS[rule.end]}. This is how version {version.version} of the house rules sets it."


def readable(column: Column, text: str) -> str:
    """Return a value of a register as a person reads it: several values one a line, days and moments in words."""
    if column.many:
        return text.replace(BETWEEN, "\n")
    if column.choices is not None:
        return PLATFORM.get(text, column.choices.get(text, text))
    if not _ISO_DAY.match(text):
        return text
    try:
        if "T" not in text:
            return _day(date.fromisoformat(text))
        moment = datetime.fromisoformat(text).astimezone(LONDON)
    except ValueError:
        return text
    return f"{_day(moment.date())}, {moment:%H:%M}"


def week_in_words(days: Mapping[int, tuple[time, time]]) -> str:
    """Return the hours of a week, days with the same ones together: ``Monday to Friday 09:00 to 17:00``."""
    parts = []
    for times, some in groupby(range(7), key=days.get):
        run = list(some)
        if times is not None:
            names = WEEKDAYS[run[0]] if len(run) == 1 else f"{WEEKDAYS[run[0]]} to {WEEKDAYS[run[-1]]}"
            parts.append(f"{names} {times[0]:%H:%M} to {times[1]:%H:%M}")
    return "; ".join(parts)


def special_day(values: Mapping[str, str]) -> str:
    """Return a special day as text by column in words: ``Thursday 24 December 2026: 09:00 to 12:00 (Christmas Eve)``."""
    hours = f"{values['opens']} to {values['closes']}" if values["opens"] else "shut"
    reason = f" ({values['reason']})" if values["reason"] else ""
    return f"{_day(date.fromisoformat(values['day']))}: {hours}{reason}"


def why_no_period(election: Election) -> str:
    """Return why an election opens no pre-election period for the whole council; nothing where it opens one."""
    if queries.opens_period(election):
        return ""
    if election.ward:
        return f"Only {election.ward} votes, so that it opens no period for the whole council. The desk shows the ward."
    kinds = dict(ELECTION_KINDS)
    try:
        _, policy = queries.policy_in_force()
    except NoRulesInForce:
        return "No house rules are in force: they say which elections open a period."
    opening = [kinds[kind].lower() for kind in policy.settings.period.elections if kind in kinds]
    return f"By the house rules in force a period is opened by these elections only: {joined(opening)}."


def _begins(rule: PeriodRule, election: Election) -> str:
    weeks = f"{_counted_weeks(rule.weeks)} before polling day"
    if election.notice_on is not None:
        notice = f"the notice of election, published on {_day(election.notice_on)}"
    else:
        last = latest_notice(election.poll_date)
        notice = f"the notice of election, which has to be published by {_day(last)} (not entered yet)"
    if rule.start == "weeks":
        return f"It begins {weeks}"
    if rule.start == "notice":
        return f"It begins with {notice}"
    return f"It begins {weeks} or with {notice}, whichever comes first"


def _counted_weeks(number: int) -> str:
    words = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{words} week" if number == 1 else f"{words} weeks"


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
