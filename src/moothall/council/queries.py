"""Asking what the council has set: the rules in force, and whether a pre-election period runs."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from moothall.council.models import Period, PolicyVersion
from moothall.policy import Policy, loads
from moothall.words import DomainError

#: Rules that were read before, by their hash; a council has few versions and two at most are in use at a time.
_read: dict[str, Policy] = {}
_MOST_KEPT = 8


class NoRulesInForce(DomainError):
    """No house rules are in force yet. Put some in force first."""

    code = "no_rules_in_force"


def policy_in_force(at: datetime | None = None) -> tuple[PolicyVersion, Policy]:
    """Return the version of the house rules in force at ``at`` (now by default), and the rules themselves.

    Raises NoRulesInForce.
    """
    version = PolicyVersion.objects.filter(in_force_from__lte=at or timezone.now()).order_by("-in_force_from").first()
    if version is None:
        raise NoRulesInForce
    policy = _read.get(version.sha256)
    if policy is None:
        policy = loads(version.text, name=f"house rules {version.version}")
        if len(_read) >= _MOST_KEPT:
            _read.clear()
        _read[version.sha256] = policy
    return version, policy


def pre_election_at(moment: datetime) -> bool:
    """Return whether ``moment`` lies in a confirmed pre-election period: from its start on, and before its end."""
    return Period.objects.filter(confirmed_at__isnull=False, starts_at__lte=moment, ends_at__gt=moment).exists()


def periods() -> list[Period]:
    """Return every pre-election period, the latest start first."""
    return list(Period.objects.select_related("confirmed_by").order_by("-starts_at"))
