"""What the council sets: putting house rules in force, confirming a period."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from moothall.council.models import Period, PolicyVersion
from moothall.policy import loads
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import DomainError


class AlreadyInForce(DomainError):
    """These very rules have been put in force already."""

    code = "already_in_force"


class NotAManager(DomainError):
    """Only a manager can do this."""

    code = "not_a_manager"


def put_in_force(text: str, *, officer: Officer | None) -> PolicyVersion:
    """Freeze a policy file with its hash and put it in force from now on. Raises PolicyError, AlreadyInForce, NotAManager.

    ``officer`` None: the installation itself, before there are officers.
    """
    if officer is not None and not officer.is_manager:
        raise NotAManager
    policy = loads(text, name="house rules")
    now = timezone.now()
    with transaction.atomic():
        if PolicyVersion.objects.filter(sha256=policy.sha256).exists():
            raise AlreadyInForce
        version = PolicyVersion.objects.create(
            version=policy.version, sha256=policy.sha256, text=text, in_force_from=now, put_in_force_by=officer
        )
        append(
            "policy.in_force",
            actor=officer.email if officer else "system",
            subject=f"policy:{version.pk}",
            payload={"version": policy.version, "sha256": policy.sha256},
            at=now,
        )
    return version


def confirm_period(election: str, starts_at: datetime, ends_at: datetime, *, officer: Officer) -> Period:
    """Confirm a pre-election period; from then on it counts. Raises NotAManager and DomainError period_backwards."""
    if not officer.is_manager:
        raise NotAManager
    if ends_at <= starts_at:
        raise DomainError("The period ends before it starts.", "period_backwards")
    now = timezone.now()
    with transaction.atomic():
        period = Period.objects.create(
            election=election, starts_at=starts_at, ends_at=ends_at, confirmed_by=officer, confirmed_at=now
        )
        append(
            "period.confirmed",
            actor=officer.email,
            subject=f"period:{period.pk}",
            payload={"election": election, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()},
            at=now,
        )
    return period
