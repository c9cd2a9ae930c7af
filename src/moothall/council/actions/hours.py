"""Setting the office hours, and saying that an incident is on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from moothall.council.acting import must_be_active, one_writer_at_a_time, reason_given
from moothall.council.models import Incident, OfficeWeek, OfficeWeekDay
from moothall.policy.calendar import LONDON
from moothall.records.actions import append
from moothall.records.chain import moment
from moothall.team.models import Officer
from moothall.words import DomainError


class WeekFaulty(DomainError):
    """An office day closes after it opens, and weekdays are counted from 0, Monday, to 6, Sunday."""

    code = "week_faulty"


class IncidentRunning(DomainError):
    """An incident is on already, or one is set for that time. End it first."""

    code = "incident_running"


class IncidentBackwards(DomainError):
    """The incident must end later than now."""

    code = "incident_backwards"


class NoIncident(DomainError):
    """No incident is on."""

    code = "no_incident"


def set_office_week(
    days: Mapping[int, tuple[time, time]], *, officer: Officer, open_on_bank_holidays: bool = False
) -> OfficeWeek:
    """Set the weekly office hours from now on and return them: weekday (0 Monday … 6 Sunday) to opening and closing time.

    A weekday that is not there is closed. Times are on the wall clock of London. Raises WeekFaulty, OfficerLeft.
    """
    must_be_active(officer)
    for weekday, (opens, closes) in days.items():
        if weekday not in range(7) or closes <= opens:
            raise WeekFaulty
    with transaction.atomic():
        one_writer_at_a_time(OfficeWeek)
        now = timezone.now()
        week = OfficeWeek.objects.create(set_at=now, set_by=officer, open_on_bank_holidays=open_on_bank_holidays)
        OfficeWeekDay.objects.bulk_create(
            OfficeWeekDay(week=week, weekday=weekday, opens=opens, closes=closes)
            for weekday, (opens, closes) in sorted(days.items())
        )
        append(
            "hours.set",
            actor=officer.email,
            subject=f"hours:{week.pk}",
            payload={
                "days": {
                    str(weekday): [opens.isoformat("minutes"), closes.isoformat("minutes")]
                    for weekday, (opens, closes) in days.items()
                },
                "open_on_bank_holidays": open_on_bank_holidays,
            },
            at=now,
        )
    return week


def start_incident(reason: str, *, officer: Officer, until: datetime | None = None) -> Incident:
    """Say that an incident is on, from now until ``until`` or until somebody ends it, and return it.

    Raises IncidentRunning, IncidentBackwards, ReasonMissing, OfficerLeft.
    """
    must_be_active(officer)
    reason = reason_given(reason)
    if until is not None and until.tzinfo is None:
        until = until.replace(tzinfo=LONDON)
    with transaction.atomic():
        one_writer_at_a_time(Incident)
        now = timezone.now()
        if until is not None and until <= now:
            raise IncidentBackwards
        if _not_over(now):
            raise IncidentRunning
        incident = Incident.objects.create(starts_at=now, ends_at=until, reason=reason, started_by=officer)
        append(
            "incident.started",
            actor=officer.email,
            subject=f"incident:{incident.pk}",
            payload={"until": moment(until) if until else None},
            sealed={"reason": reason},
            at=now,
        )
    return incident


def end_incident(*, officer: Officer, note: str = "") -> Incident:
    """Say that the incident is over, now, and return it. Raises NoIncident, OfficerLeft."""
    must_be_active(officer)
    with transaction.atomic():
        one_writer_at_a_time(Incident)
        now = timezone.now()
        incident = _not_over(now)
        if incident is None:
            raise NoIncident
        incident.ends_at, incident.ended_by = now, officer
        incident.save(update_fields=["ends_at", "ended_by"])
        append(
            "incident.ended",
            actor=officer.email,
            subject=f"incident:{incident.pk}",
            payload={},
            sealed={"note": note.strip()} if note.strip() else None,
            at=now,
        )
    return incident


def _not_over(now: datetime) -> Incident | None:
    return Incident.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).first()
