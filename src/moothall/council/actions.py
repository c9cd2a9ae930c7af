"""Every change to what the council has set: house rules put in force, pre-election periods entered and confirmed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from moothall.council.models import Period, PolicyVersion
from moothall.policy import loads
from moothall.records.actions import append
from moothall.records.chain import moment
from moothall.team.actions import must_be_manager
from moothall.team.models import Officer
from moothall.words import DomainError


class VersionTaken(DomainError):
    """These rules carry the version of rules that were in force before. Give them a version of their own."""

    code = "version_taken"


class PeriodUnknown(DomainError):
    """There is no such pre-election period."""

    code = "period_unknown"


class PeriodConfirmed(DomainError):
    """This pre-election period has been confirmed already."""

    code = "period_confirmed"


def put_in_force(text: str, *, officer: Officer | None) -> PolicyVersion:
    """Freeze the house rules in ``text`` with their hash, put them in force from now on, and return that version.

    ``officer`` is the manager who does so, None for the command line. Rules that are in force already stay as they are.
    Raises PolicyError for rules with faults, VersionTaken, NotAManager.
    """
    must_be_manager(officer)
    policy = loads(text, name="house rules")
    with transaction.atomic():
        newest = PolicyVersion.objects.select_for_update().order_by("-in_force_from").first()
        if newest is not None and newest.sha256 == policy.sha256:
            return newest
        if PolicyVersion.objects.filter(version=policy.version).exists():
            raise VersionTaken(
                f"Rules with version {policy.version} were in force before. Give these a version of their own."
            )
        now = timezone.now()
        version = PolicyVersion.objects.create(
            version=policy.version,
            sha256=policy.sha256,
            text=policy.text,
            in_force_from=now,
            put_in_force_by=officer,
        )
        append(
            "policy.put_in_force",
            actor=officer.email if officer else "system",
            subject=f"policy:{version.pk}",
            payload={"version": version.version, "sha256": version.sha256},
            at=now,
        )
    return version


def enter_period(election: str, starts_at: datetime, ends_at: datetime, *, officer: Officer | None) -> Period:
    """Enter a pre-election period and return it. It changes nothing until somebody confirms it.

    Raises DomainError ``period_backwards`` when it ends before it starts, ``officer_left`` for somebody who has left.
    """
    _must_be_active(officer)
    if ends_at <= starts_at:
        raise DomainError("The period must end after it starts.", "period_backwards")
    with transaction.atomic():
        period = Period.objects.create(election=election.strip(), starts_at=starts_at, ends_at=ends_at)
        _record("period.entered", period, officer)
    return period


def confirm_period(period_id: int, *, officer: Officer) -> Period:
    """Confirm a pre-election period, from when on it counts, and return it. It bears the officer's name.

    Raises PeriodUnknown, PeriodConfirmed, DomainError ``officer_left``.
    """
    _must_be_active(officer)
    with transaction.atomic():
        period = Period.objects.select_for_update().filter(pk=period_id).first()
        if period is None:
            raise PeriodUnknown
        if period.confirmed_at is not None:
            raise PeriodConfirmed
        period.confirmed_by, period.confirmed_at = officer, timezone.now()
        period.save(update_fields=["confirmed_by", "confirmed_at"])
        _record("period.confirmed", period, officer)
    return period


def _record(kind: str, period: Period, officer: Officer | None) -> None:
    append(
        kind,
        actor=officer.email if officer else "system",
        subject=f"period:{period.pk}",
        payload={
            "election": period.election,
            "starts_at": moment(period.starts_at),
            "ends_at": moment(period.ends_at),
        },
    )


def _must_be_active(officer: Officer | None) -> None:
    if officer is not None and not officer.is_active:
        raise DomainError("Only an officer who is still in the team can do this.", "officer_left")
