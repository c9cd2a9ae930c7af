"""Asking for elections and the pre-election period: what runs, what is ahead, and what nobody has confirmed yet.

It fails safe. From the computed start on promotion needs a second officer, whether somebody confirmed the period or not;
removal for politics waits for the confirmation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from moothall.council.models import Election, Period
from moothall.council.queries.rules import NoRulesInForce, policy_in_force
from moothall.policy.calendar import LONDON, PeriodRule, add_months, london_day, period_of
from moothall.words import DomainError

#: So many days before a period starts the desk begins to say so, and says so again.
WARNINGS: Final = (7, 14)
_POLLS_CLOSE: Final = time(22)


class ElectionUnknown(DomainError):
    """There is no such election."""

    code = "election_unknown"


class ComputedPeriod(NamedTuple):
    """A period as the rules give it: the start included, the end not."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PeriodFlag:
    """What the desk says about one election's period, or about one entered by hand (``election`` None).

    ``ward``: the one ward it is about, empty for the whole council; such a period restricts nothing by itself. ``differs``:
    the polling day has moved since it was confirmed. ``warning``: 14 or 7, the days within which it starts; None while it
    runs. ``days_to_start`` is nought or less while it runs. ``message`` is one or two sentences for the banner.
    """

    election: Election | None
    period: Period | None
    name: str
    ward: str
    state: str
    confirmed: bool
    differs: bool
    starts_at: datetime
    ends_at: datetime
    days_to_start: int
    poll_in_days: int | None
    warning: int | None
    message: str


def elections(*, past: bool = False) -> list[Election]:
    """Return the elections whose poll is today or ahead, the next one first; with ``past`` all of them."""
    chosen = Election.objects.select_related("called_off_by")
    if not past:
        chosen = chosen.filter(poll_date__gte=london_day(timezone.now()))
    return list(chosen)


def election(election_id: int) -> Election:
    """Return one election. Raises ElectionUnknown."""
    found = Election.objects.select_related("called_off_by").filter(pk=election_id).first()
    if found is None:
        raise ElectionUnknown
    return found


def opens_period(election: Election, at: datetime | None = None) -> bool:
    """Return whether the rules in force at ``at`` let this election open a period for the whole council.

    They name the kinds that do; a poll in one ward never does.
    """
    return not election.ward and election.kind in _rule(at).elections


def computed_period(election: Election, at: datetime | None = None) -> ComputedPeriod:
    """Return the period that the rules in force at ``at`` (now by default) give this election, in London time."""
    return ComputedPeriod(*period_of(_rule(at), election.poll_date, election.notice_on, election.called_on))


def periods() -> list[Period]:
    """Return every pre-election period as it stands now, the latest start first."""
    return list(_current().select_related("confirmed_by", "of_election").order_by("-starts_at"))


def period_for(election: Election) -> Period | None:
    """Return the period that was confirmed for this election, as it stands now; None while nobody has."""
    return _current().select_related("confirmed_by").filter(of_election=election).first()


def period_history(period: Period) -> list[Period]:
    """Return this row of a period and those it supersedes, the newest first."""
    found: list[Period] = []
    row: Period | None = period
    while row is not None:
        found.append(row)
        row = row.supersedes
    return found


def pre_election_at(moment: datetime) -> bool:
    """Return whether ``moment`` lies in a confirmed pre-election period: from its start on, and before its end.

    The period of an election that was called off ended when it was.
    """
    standing = Q(of_election__isnull=True) | _standing_at(moment, "of_election__")
    running = _current().filter(standing, confirmed_at__isnull=False, starts_at__lte=moment, ends_at__gt=moment)
    return running.exists()


def promotion_needs_second_officer(moment: datetime) -> bool:
    """Return whether outgoing promotion needs a second officer at ``moment``.

    It does in every period, confirmed or not: from the computed start, or the confirmed one if that is earlier, until the
    later of the two ends; also in one entered by hand that nobody has confirmed.
    """
    return any(starts_at <= moment < ends_at for *_, starts_at, ends_at in _stretches(moment))


def period_flags(at: datetime | None = None) -> list[PeriodFlag]:
    """Return what the desk says about periods at ``at``: those that run, and those that start within fourteen days.

    Those of the whole council come first, then those of single wards, each in order of their start.
    """
    at = at or timezone.now()
    flags = [
        _flag(at, election, period, starts_at, ends_at)
        for election, period, starts_at, ends_at in (*_stretches(at), *_ward_stretches(at))
        if starts_at - timedelta(days=max(WARNINGS)) <= at < ends_at
    ]
    return sorted(flags, key=lambda flag: (bool(flag.ward), flag.starts_at, flag.name))


def election_notice_at(moment: datetime) -> bool | None:
    """Return whether a notice of election has been published at ``moment`` and the poll is not over.

    Only elections that open a period for the whole council count. None, not known: such a poll is ahead within a year and
    nobody has entered the day of its notice.
    """
    day = london_day(moment)
    ahead = [one for one in _ahead(moment) if not _polls_closed(one, moment)]
    if any(one.notice_on is not None and one.notice_on <= day for one in ahead):
        return True
    return None if any(one.notice_on is None for one in ahead) else False


def poll_in_days(moment: datetime) -> int | None:
    """Return the days from ``moment`` until the next poll that opens a period for the whole council, 0 on the day.

    None where none is known within a year.
    """
    nearest = next(iter(_ahead(moment)), None)
    return (nearest.poll_date - london_day(moment)).days if nearest else None


def _rule(at: datetime | None) -> PeriodRule:
    """Return what the rules in force say about the period; without any, the usual six weeks."""
    try:
        return policy_in_force(at)[1].settings.period
    except NoRulesInForce:
        return PeriodRule()


def _current() -> QuerySet[Period]:
    return Period.objects.filter(superseded_by__isnull=True)


def _standing_at(moment: datetime, prefix: str = "") -> Q:
    """What holds of an election that had not been called off at ``moment``."""
    return Q(**{f"{prefix}called_off_at__isnull": True}) | Q(**{f"{prefix}called_off_at__gt": moment})


def _ahead(moment: datetime) -> list[Election]:
    """Return the elections that open a period for the whole council with a poll that day or within a year, in order."""
    day = london_day(moment)
    known = Election.objects.filter(
        _standing_at(moment), poll_date__gte=day, poll_date__lte=add_months(day, 12), ward=""
    ).order_by("poll_date", "pk")
    kinds = _rule(moment).elections
    return [one for one in known if one.kind in kinds]


def _polls_closed(election: Election, moment: datetime) -> bool:
    return moment >= datetime.combine(election.poll_date, _POLLS_CLOSE, LONDON)


def _stretches(moment: datetime) -> Iterator[tuple[Election | None, Period | None, datetime, datetime]]:
    """Yield every period of the whole council that ``moment`` could lie in or before, with its widest start and end."""
    confirmed = {
        period.of_election_id: period
        for period in _current().select_related("confirmed_by", "of_election")
        if period.of_election_id is not None
    }
    # Two days cover the latest end there is, a day after the poll.
    known = Election.objects.filter(
        _standing_at(moment), poll_date__gte=london_day(moment) - timedelta(days=2), ward=""
    )
    seen = set()
    rule = _rule(moment)
    for election in known:
        if election.kind not in rule.elections:
            continue
        seen.add(election.pk)
        starts_at, ends_at = period_of(rule, election.poll_date, election.notice_on, election.called_on)
        period = confirmed.get(election.pk)
        if period is not None:
            starts_at, ends_at = min(starts_at, period.starts_at), max(ends_at, period.ends_at)
        yield election, period, starts_at, ends_at
    # What a person confirmed stands, also where the rules have changed since or the poll lies elsewhere now.
    for key, period in confirmed.items():
        its = period.of_election
        if (
            key not in seen
            and its
            and period.ends_at > moment
            and (its.called_off_at is None or its.called_off_at > moment)
        ):
            yield its, period, period.starts_at, period.ends_at
    for period in _current().filter(of_election__isnull=True, ends_at__gt=moment).select_related("confirmed_by"):
        yield None, period, period.starts_at, period.ends_at


def _ward_stretches(moment: datetime) -> Iterator[tuple[Election, None, datetime, datetime]]:
    """Yield the elections held in one ward, with the start and end the rules would give them."""
    rule = _rule(moment)
    known = Election.objects.filter(_standing_at(moment), poll_date__gte=london_day(moment) - timedelta(days=2))
    for election in known.exclude(ward=""):
        if election.kind == "by_election" or election.kind in rule.elections:
            yield election, None, *period_of(rule, election.poll_date, election.notice_on, election.called_on)


def _flag(
    at: datetime, election: Election | None, period: Period | None, starts_at: datetime, ends_at: datetime
) -> PeriodFlag:
    name = election.name if election else period.election if period else ""
    running = starts_at <= at
    days_to_start = (london_day(starts_at) - london_day(at)).days
    confirmed = period is not None and period.confirmed_at is not None
    ward = election.ward if election else ""
    differs = bool(election and period and period.for_poll_on != election.poll_date)
    return PeriodFlag(
        election=election,
        period=period,
        name=name,
        ward=ward,
        state="running" if running else "ahead",
        confirmed=confirmed,
        differs=differs,
        starts_at=starts_at,
        ends_at=ends_at,
        days_to_start=days_to_start,
        poll_in_days=(election.poll_date - london_day(at)).days if election else None,
        warning=None if running else next(days for days in WARNINGS if days_to_start <= days),
        message=_message(at, name, ward, starts_at, ends_at, confirmed=confirmed, differs=differs),
    )


def _message(
    at: datetime, name: str, ward: str, starts_at: datetime, ends_at: datetime, *, confirmed: bool, differs: bool
) -> str:
    begins, ends = (f"{there:%A} {there.day} {there:%B %Y, %H:%M}" for there in map(_in_london, (starts_at, ends_at)))
    if ward:
        when = f"until {ends}" if starts_at <= at else f"from {begins} to {ends}"
        return f"{name}, {ward} ward only: take care with what concerns the ward, {when}."
    if starts_at <= at:
        said = f"Pre-election period of {name}, until {ends}."
        if not confirmed:
            said += " Nobody has confirmed it: a second officer is needed for promotion, and nothing may be removed for politics."
    else:
        said = f"The pre-election period of {name} begins on {begins}."
        if not confirmed:
            said += " Nobody has confirmed it yet."
    return said + (" The polling day has moved since it was confirmed: correct it." if differs else "")


def _in_london(moment: datetime) -> datetime:
    return moment.astimezone(LONDON)


__all__ = [
    "WARNINGS",
    "ComputedPeriod",
    "ElectionUnknown",
    "PeriodFlag",
    "computed_period",
    "election",
    "election_notice_at",
    "elections",
    "opens_period",
    "period_flags",
    "period_for",
    "period_history",
    "periods",
    "poll_in_days",
    "pre_election_at",
    "promotion_needs_second_officer",
]
