"""Asking for the house rules: which are in force, which were, which are proposed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from moothall.council.models import PolicyProposal, PolicyVersion
from moothall.policy import Policy, loads
from moothall.team.models import Officer
from moothall.words import DomainError

#: Rules that were read before, by their hash; a council has few versions and two at most are in use at a time.
_read: dict[str, Policy] = {}
_MOST_KEPT = 8


class NoRulesInForce(DomainError):
    """No house rules are in force yet. Put some in force first."""

    code = "no_rules_in_force"


class VersionUnknown(DomainError):
    """There is no such version of the house rules."""

    code = "version_unknown"


@dataclass(frozen=True, slots=True)
class PublicVersion:
    """A version as the public may see it: no names. ``until`` is the start of the next one, None for the last.

    ``withdrawn_at``: when it was taken back before it started; such a version was never in force and has no ``until``.
    """

    version: str
    in_force_from: datetime
    until: datetime | None
    sha256: str
    note: str
    withdrawn_at: datetime | None


def policy_in_force(at: datetime | None = None) -> tuple[PolicyVersion, Policy]:
    """Return the version of the house rules in force at ``at`` (now by default), and the rules themselves.

    Raises NoRulesInForce.
    """
    started = PolicyVersion.objects.filter(in_force_from__lte=at or timezone.now(), withdrawal__isnull=True)
    version = started.order_by("-in_force_from").first()
    if version is None:
        raise NoRulesInForce
    return version, rules_of(version)


def rules_of(version: PolicyVersion) -> Policy:
    """Return the rules that a version holds."""
    policy = _read.get(version.sha256)
    if policy is None:
        policy = loads(version.text, name=f"house rules {version.version}")
        if len(_read) >= _MOST_KEPT:
            _read.clear()
        _read[version.sha256] = policy
    return policy


def versions() -> list[PolicyVersion]:
    """Return every version, the latest start first, with who put it in force; those to come and those withdrawn too."""
    chosen = PolicyVersion.objects.select_related("put_in_force_by", "approved_by", "withdrawal__withdrawn_by")
    return list(chosen.order_by("-in_force_from", "-pk"))


def public_versions() -> list[PublicVersion]:
    """Return the history of the rules as the public may see it, the latest start first."""
    found: list[PublicVersion] = []
    until: datetime | None = None
    for version in versions():
        withdrawn_at = version.withdrawal.withdrawn_at if version.is_withdrawn else None
        found.append(
            PublicVersion(
                version=version.version,
                in_force_from=version.in_force_from,
                until=None if withdrawn_at else until,
                sha256=version.sha256,
                note=version.note,
                withdrawn_at=withdrawn_at,
            )
        )
        if withdrawn_at is None:
            until = version.in_force_from
    return found


def version_named(name: str) -> PolicyVersion:
    """Return the version of the rules with this name; its text is ``.text``. Raises VersionUnknown.

    Of rules that were withdrawn and put in force again with the same text, the ones that were not withdrawn.
    """
    named = PolicyVersion.objects.select_related("withdrawal").filter(version=name)
    version = named.filter(withdrawal__isnull=True).first() or named.order_by("-pk").first()
    if version is None:
        raise VersionUnknown(f"There is no version {name!r} of the house rules.")
    return version


def proposals() -> list[PolicyProposal]:
    """Return every proposal of rules, the newest first, with its outcome where it has one."""
    return list(PolicyProposal.objects.select_related("proposed_by", "outcome__by").order_by("-proposed_at", "-pk"))


def open_proposals() -> list[PolicyProposal]:
    """Return the proposals that nobody has put in force or turned down, the newest first."""
    return [proposal for proposal in proposals() if proposal.is_open]


def second_person_needed(text: str, at: datetime | None = None) -> bool:
    """Return whether the rules in force, or the rules in ``text``, want a second manager before they go live.

    Raises PolicyError for a text with faults.
    """
    asked = [loads(text, name="house rules")]
    with suppress(NoRulesInForce):
        asked.append(policy_in_force(at)[1])
    return any(policy.settings.going_live_second_person for policy in asked)


def may_put_in_force(proposal: PolicyProposal, officer: Officer) -> str | None:
    """Return why ``officer`` may not put these rules in force, as a sentence; None where they may."""
    if not (officer.is_active and officer.is_manager):
        return "Only a manager of the Communications Team can put rules in force."
    if not proposal.is_open:
        return "This proposal is no longer open."
    if proposal.in_force_from is not None and proposal.in_force_from < timezone.now():
        return "The moment from which these rules were to be in force has passed."
    if officer == proposal.proposed_by and second_person_needed(proposal.text):
        return "A second manager must put these rules in force: you proposed them."
    return None
