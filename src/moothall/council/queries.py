"""What is asked of the council's settings: the rules in force, and whether a pre-election period runs."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from moothall.council.models import Period, PolicyVersion
from moothall.policy import Policy, loads
from moothall.words import DomainError


class NoRulesInForce(DomainError):
    """No house rules are in force yet. Put a policy file in force first."""

    code = "no_rules_in_force"


@lru_cache(maxsize=16)
def _loaded(sha256: str, text: str) -> Policy:
    return loads(text, name=f"house rules {sha256[:12]}")


def policy_in_force(at: datetime | None = None) -> tuple[PolicyVersion, Policy]:
    """Return the rules in force at a moment, now by default. Raises NoRulesInForce."""
    version = (
        PolicyVersion.objects.filter(in_force_from__lte=at or timezone.now()).order_by("-in_force_from").first()
    )
    if version is None:
        raise NoRulesInForce
    return version, _loaded(version.sha256, version.text)


def pre_election_at(moment: datetime) -> bool:
    """Return whether a confirmed pre-election period covers the moment. One that nobody confirmed does not count."""
    return Period.objects.filter(starts_at__lte=moment, ends_at__gt=moment, confirmed_at__isnull=False).exists()
