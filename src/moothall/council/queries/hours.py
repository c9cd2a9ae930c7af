"""Asking when the office is open, when an answer is due, and whether an incident is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, Literal

from django.db.models import Q
from django.utils import timezone

from moothall.council.models import Incident, OfficeWeek, SpecialDay
from moothall.council.queries.rules import NoRulesInForce, policy_in_force
from moothall.policy.calendar import LONDON, OfficeHours, bank_holidays, london_day, working_days_after

#: What counts where neither the desk nor the rules say anything: Monday to Friday, 9 to 17.
USUAL: Final = OfficeHours(MappingProxyType({weekday: (time(9), time(17)) for weekday in range(5)}))
#: An office that does not open within so many days has no next opening.
_LOOK_AHEAD: Final = 400


@dataclass(frozen=True, slots=True)
class Timetable:
    """When the office is open. ``special_days`` goes before ``week``: other opening times on a day, None for shut.

    ``origin`` says who set the week: the ``desk``, the house ``rules``, or nobody, so that it is the ``usual`` one.
    """

    week: OfficeHours
    special_days: Mapping[date, tuple[time, time] | None]
    origin: Literal["desk", "rules", "usual"]

    def opening_on(self, day: date) -> tuple[time, time] | None:
        """Return when the office opens and closes on that day, on the wall clock of London; None where it is shut."""
        if day in self.special_days:
            return self.special_days[day]
        return self.week.days[day.weekday()] if self.week.open_on(day) else None

    def open_at(self, moment: datetime) -> bool:
        """Return whether the office is open at that moment: from the opening time on, and before the closing time."""
        here = moment.astimezone(LONDON)
        opening = self.opening_on(here.date())
        return opening is not None and opening[0] <= here.time() < opening[1]

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return ``moment`` itself when the office is open, else when it opens next, in London; None if it never does."""
        if self.open_at(moment):
            return moment
        today = london_day(moment)
        for ahead in range(_LOOK_AHEAD):
            day = today + timedelta(days=ahead)
            opening = self.opening_on(day)
            if opening is not None and (opens := datetime.combine(day, opening[0], LONDON)) > moment:
                return opens
        return None


def office_hours(at: datetime | None = None) -> Timetable:
    """Return the office hours as they stand at ``at`` (now by default): what the desk set last, else the rules, else usual."""
    at = at or timezone.now()
    special = SpecialDay.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    special_days = {
        one.day: (one.opens, one.closes) if one.opens is not None and one.closes is not None else None
        for one in special
    }
    week = OfficeWeek.objects.filter(set_at__lte=at).prefetch_related("days").first()
    if week is not None:
        days = {day.weekday: (day.opens, day.closes) for day in week.days.all()}
        return Timetable(OfficeHours(days, bank_holidays=week.open_on_bank_holidays), special_days, "desk")
    try:
        published = policy_in_force(at)[1].settings.hours
    except NoRulesInForce:
        published = None
    return Timetable(published or USUAL, special_days, "rules" if published else "usual")


def next_opening(moment: datetime) -> datetime | None:
    """Return when the office, as its hours stand at ``moment``, is next open: that moment itself while it is open."""
    return office_hours(moment).next_opening(moment)


def reply_due(arrived: datetime, working_days: int) -> date:
    """Return the day by whose end a reply promised within so many working days is due.

    The day of arrival does not count, nor do Saturdays, Sundays, bank holidays and days on which the council is shut.
    """
    hours = office_hours(arrived)
    shut = {day for day, opening in hours.special_days.items() if opening is None}
    return working_days_after(london_day(arrived), working_days, shut)


def bank_holidays_in(year: int) -> list[date]:
    """Return the bank holidays of England and Wales in that year, in order."""
    return sorted(bank_holidays(year))


def office_weeks() -> list[OfficeWeek]:
    """Return the weekly hours that were ever set, the newest first, with their days."""
    return list(OfficeWeek.objects.select_related("set_by").prefetch_related("days"))


def incident_at(moment: datetime) -> Incident | None:
    """Return the incident that is on at ``moment``, or None."""
    running = Incident.objects.select_related("started_by", "ended_by").filter(starts_at__lte=moment)
    return running.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=moment)).first()


def incidents() -> list[Incident]:
    """Return every incident, the newest first."""
    return list(Incident.objects.select_related("started_by", "ended_by"))
