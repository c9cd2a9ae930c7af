"""Confirming pre-election periods. A row is never changed: confirming and correcting add one that supersedes the last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from moothall.council.acting import called, must_be_active, one_writer_at_a_time, reason_given
from moothall.council.actions.elections import ElectionCalledOff
from moothall.council.models import Election, Period
from moothall.council.queries.elections import ElectionUnknown, computed_period, opens_period, period_for
from moothall.policy.calendar import LONDON
from moothall.records.actions import append
from moothall.records.chain import moment
from moothall.team.models import Officer
from moothall.words import DomainError

#: A policy can ask for at most 26 weeks before the poll; what is longer is a slip of the pen, and years of it a danger.
_LONGEST: Final = timedelta(days=200)


class PeriodUnknown(DomainError):
    """There is no such pre-election period."""

    code = "period_unknown"


class PeriodConfirmed(DomainError):
    """This pre-election period has been confirmed already."""

    code = "period_confirmed"


class PeriodSuperseded(DomainError):
    """Somebody has corrected this pre-election period meanwhile. Look at it again."""

    code = "period_superseded"


class PeriodBackwards(DomainError):
    """The period must end after it starts."""

    code = "period_backwards"


class PeriodTooLong(DomainError):
    """A pre-election period of more than 200 days must be a mistake. Look at the year."""

    code = "period_too_long"


class NoPeriod(DomainError):
    """This election opens no pre-election period for the whole council: the house rules do not name its kind, or it is
    held in one ward only."""

    code = "no_period"


def enter_period(election: str, starts_at: datetime, ends_at: datetime, *, officer: Officer | None) -> Period:
    """Enter a pre-election period by hand and return it. Nothing is removable in it until somebody confirms it.

    A second officer for promotion is needed in it from its start on. Raises PeriodBackwards, PeriodTooLong, OfficerLeft.
    """
    must_be_active(officer)
    starts_at, ends_at = _in_order(starts_at, ends_at)
    with transaction.atomic():
        period = Period.objects.create(election=election.strip(), starts_at=starts_at, ends_at=ends_at)
        _record("period.entered", period, officer)
    return period


def confirm_period(period_id: int, *, officer: Officer) -> Period:
    """Confirm a period that was entered by hand, from when on it counts, and return it: a new row with the officer's name.

    Raises PeriodUnknown, PeriodConfirmed, OfficerLeft.
    """
    must_be_active(officer)
    with transaction.atomic():
        one_writer_at_a_time(Period)
        period = Period.objects.select_related("superseded_by").filter(pk=period_id).first()
        if period is None:
            raise PeriodUnknown
        if period.confirmed_at is not None or hasattr(period, "superseded_by"):
            raise PeriodConfirmed
        return _supersede(period, period.starts_at, period.ends_at, "", officer)


def confirm_election_period(
    election_id: int,
    *,
    officer: Officer,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str = "",
) -> Period:
    """Confirm the period of an election as the rules in force compute it, or with another start or end, and return it.

    From now on comments of that period may be removed for politics where the rules say so. Moments are aware, or on the
    wall clock of London. Raises ElectionUnknown, ElectionCalledOff, NoPeriod, PeriodConfirmed, ReasonMissing for other
    moments than those computed, PeriodBackwards, PeriodTooLong, OfficerLeft.
    """
    must_be_active(officer)
    with transaction.atomic():
        one_writer_at_a_time(Period)
        election = Election.objects.select_for_update().filter(pk=election_id).first()
        if election is None:
            raise ElectionUnknown
        if election.called_off_at is not None:
            raise ElectionCalledOff
        if not opens_period(election):
            raise NoPeriod
        if period_for(election) is not None:
            raise PeriodConfirmed
        computed = computed_period(election)
        starts_at, ends_at = _in_order(starts_at or computed.starts_at, ends_at or computed.ends_at)
        if (starts_at, ends_at) != (computed.starts_at, computed.ends_at):
            reason = reason_given(reason, "Say why: these are other moments than the house rules give.")
        period = Period.objects.create(
            election=election.name,
            of_election=election,
            for_poll_on=election.poll_date,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason.strip(),
            confirmed_by=officer,
            confirmed_at=timezone.now(),
        )
        _record("period.confirmed", period, officer)
    return period


def correct_period(period_id: int, *, officer: Officer, starts_at: datetime, ends_at: datetime, reason: str) -> Period:
    """Give a period another start or end, confirmed by ``officer``, and return the new row; the old one stays as history.

    Raises PeriodUnknown, PeriodSuperseded, ReasonMissing, PeriodBackwards, PeriodTooLong, OfficerLeft.
    """
    must_be_active(officer)
    reason = reason_given(reason)
    starts_at, ends_at = _in_order(starts_at, ends_at)
    with transaction.atomic():
        one_writer_at_a_time(Period)
        period = Period.objects.select_related("superseded_by", "of_election").filter(pk=period_id).first()
        if period is None:
            raise PeriodUnknown
        if hasattr(period, "superseded_by"):
            raise PeriodSuperseded
        return _supersede(period, starts_at, ends_at, reason, officer)


def _supersede(old: Period, starts_at: datetime, ends_at: datetime, reason: str, officer: Officer) -> Period:
    period = Period.objects.create(
        election=old.election,
        of_election=old.of_election,
        for_poll_on=old.of_election.poll_date if old.of_election else None,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        confirmed_by=officer,
        confirmed_at=timezone.now(),
        round=old.round + 1,
        supersedes=old,
    )
    _record("period.confirmed" if old.confirmed_at is None else "period.corrected", period, officer)
    return period


def _in_order(starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """Return the moments with their time zone. Raises PeriodBackwards, PeriodTooLong."""
    starts_at, ends_at = (at if at.tzinfo else at.replace(tzinfo=LONDON) for at in (starts_at, ends_at))
    if ends_at <= starts_at:
        raise PeriodBackwards
    if ends_at - starts_at > _LONGEST:
        raise PeriodTooLong
    return starts_at, ends_at


def _record(kind: str, period: Period, officer: Officer | None) -> None:
    payload: dict[str, object] = {
        "election": period.election,
        "starts_at": moment(period.starts_at),
        "ends_at": moment(period.ends_at),
    }
    if period.of_election_id is not None:
        payload["election_id"] = period.of_election_id
    if period.supersedes_id is not None:
        payload["supersedes"] = period.supersedes_id
    append(
        kind,
        actor=called(officer),
        subject=f"period:{period.pk}",
        payload=payload,
        sealed={"reason": period.reason} if period.reason else None,
    )
