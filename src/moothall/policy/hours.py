"""Office hours in plain words."""

from __future__ import annotations

from datetime import time

from moothall.policy.calendar import OfficeHours
from moothall.policy.reasons import joined
from moothall.policy.vocabulary import WEEKDAYS


def clock_in_words(moment: time) -> str:
    """Return a time of day as it is said: ``9am``, ``5.30pm``, ``midday``, ``midnight``."""
    if moment.minute == 0 and moment.hour in (0, 12):
        return "midday" if moment.hour else "midnight"
    minutes = f".{moment.minute:02}" if moment.minute else ""
    return f"{(moment.hour - 1) % 12 + 1}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def hours_in_words(hours: OfficeHours) -> str:
    """Return the office hours as part of a sentence, days with the same hours taken together."""
    runs: list[tuple[int, int]] = []
    for number in sorted(hours.days):
        if runs and runs[-1][1] == number - 1 and hours.days[runs[-1][0]] == hours.days[number]:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    parts = []
    for first, last in runs:
        opens, closes = hours.days[first]
        days = WEEKDAYS[first].capitalize() + (f" to {WEEKDAYS[last].capitalize()}" if last > first else "")
        parts.append(f"{days} from {clock_in_words(opens)} to {clock_in_words(closes)}")
    if not parts:
        return "closed on all days"
    return joined(parts) + (", also on bank holidays" if hours.bank_holidays else ", not on bank holidays")
