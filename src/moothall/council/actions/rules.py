"""Putting house rules in force: proposed by one manager, where the rules say so approved by another, then frozen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from moothall.council.acting import called, one_writer_at_a_time, reason_given
from moothall.council.models import PolicyProposal, PolicyVersion, PolicyWithdrawal, ProposalOutcome
from moothall.council.queries.rules import VersionUnknown, second_person_needed
from moothall.policy import Policy, loads
from moothall.records.actions import append
from moothall.records.chain import moment
from moothall.team.actions import must_be_manager
from moothall.team.models import Officer
from moothall.words import DomainError


class VersionTaken(DomainError):
    """These rules carry the version of rules that were in force before. Give them a version of their own."""

    code = "version_taken"


class MomentTaken(DomainError):
    """Other rules come into force at that very moment. Choose another one."""

    code = "moment_taken"


class StartsInThePast(DomainError):
    """Rules can come into force now or later, never in the past."""

    code = "starts_in_the_past"


class StartPassed(DomainError):
    """The moment from which these rules were to be in force has passed. Propose them again with a later one."""

    code = "start_passed"


class NoteMissing(DomainError):
    """Say in a sentence why the rules change: the public reads it in the history of the rules."""

    code = "note_missing"


class SecondPersonNeeded(DomainError):
    """A second manager must put these rules in force: not the one who proposed them."""

    code = "second_person_needed"


class ProposalUnknown(DomainError):
    """There is no such proposal."""

    code = "proposal_unknown"


class ProposalClosed(DomainError):
    """This proposal is no longer open: the rules were put in force, or turned down."""

    code = "proposal_closed"


class VersionStarted(DomainError):
    """These rules are in force, or were. They cannot be taken back; put others in force instead."""

    code = "version_started"


class VersionWithdrawn(DomainError):
    """These rules have been withdrawn already."""

    code = "version_withdrawn"


def put_in_force(
    text: str,
    *,
    officer: Officer | None,
    note: str = "",
    in_force_from: datetime | None = None,
) -> PolicyVersion:
    """Freeze the house rules in ``text`` with their hash, put them in force, and return that version. One step.

    ``officer`` is the manager who does so, None for the command line; ``in_force_from`` an aware moment, now by default.
    Rules that are in force already stay as they are. Where a second manager is needed there is no one step: propose them.
    Raises PolicyError for rules with faults, VersionTaken, MomentTaken, StartsInThePast, SecondPersonNeeded, NotAManager.
    """
    must_be_manager(officer)
    policy = loads(text, name="house rules")
    with transaction.atomic():
        one_writer_at_a_time(PolicyVersion)
        now = timezone.now()
        current = PolicyVersion.objects.filter(in_force_from__lte=now, withdrawal__isnull=True).first()
        if current is not None and current.sha256 == policy.sha256 and in_force_from is None:
            return current
        _may_come_into_force(policy, in_force_from, now)
        if second_person_needed(text):
            raise SecondPersonNeeded(
                "Two managers must put these rules in force: one proposes them on the desk and another agrees."
            )
        return _freeze(policy, note.strip(), in_force_from or now, now, officer=officer)


def propose_rules(text: str, *, officer: Officer, note: str, in_force_from: datetime | None = None) -> PolicyProposal:
    """Propose to put the house rules in ``text`` in force, and return the proposal. Nothing changes yet.

    ``note`` says to the public why; ``in_force_from`` is an aware moment, None for the moment in which somebody puts them
    in force. Raises PolicyError for rules with faults, NotAManager, NoteMissing, StartsInThePast, VersionTaken, MomentTaken.
    """
    must_be_manager(officer)
    if not (note := note.strip()):
        raise NoteMissing
    policy = loads(text, name="house rules")
    with transaction.atomic():
        one_writer_at_a_time(PolicyVersion)
        now = timezone.now()
        _may_come_into_force(policy, in_force_from, now)
        proposal = PolicyProposal.objects.create(
            version=policy.version,
            sha256=policy.sha256,
            text=policy.text,
            in_force_from=in_force_from,
            note=note,
            proposed_by=officer,
            proposed_at=now,
        )
        append(
            "policy.proposed",
            actor=officer.email,
            subject=f"proposal:{proposal.pk}",
            payload={
                "version": policy.version,
                "sha256": policy.sha256,
                "in_force_from": moment(in_force_from) if in_force_from else None,
                "note": note,
            },
            at=now,
        )
    return proposal


def put_proposal_in_force(proposal_id: int, *, officer: Officer) -> PolicyVersion:
    """Put proposed rules in force, from the moment they name or from now, and return the frozen version.

    Where the rules in force or the proposed ones ask for a second person, ``officer`` must be another manager than the one
    who proposed them. Raises NotAManager, ProposalUnknown, ProposalClosed, SecondPersonNeeded, StartPassed, VersionTaken,
    MomentTaken; PolicyError where a newer Moothall finds a fault in the text that an older one did not.
    """
    must_be_manager(officer)
    with transaction.atomic():
        one_writer_at_a_time(PolicyVersion)
        proposal = _open_proposal(proposal_id)
        if officer == proposal.proposed_by and second_person_needed(proposal.text):
            raise SecondPersonNeeded
        now = timezone.now()
        if proposal.in_force_from is not None and proposal.in_force_from < now:
            raise StartPassed
        policy = loads(proposal.text, name="house rules")
        _may_come_into_force(policy, proposal.in_force_from, now)
        ProposalOutcome.objects.create(proposal=proposal, what="put_in_force", by=officer, at=now)
        return _freeze(
            policy,
            proposal.note,
            proposal.in_force_from or now,
            now,
            officer=proposal.proposed_by,
            approved_by=officer if officer != proposal.proposed_by else None,
            proposal=proposal,
        )


def turn_down_proposal(proposal_id: int, *, officer: Officer, reason: str) -> PolicyProposal:
    """Turn proposed rules down, or take one's own proposal back, and return the proposal.

    Raises NotAManager, ProposalUnknown, ProposalClosed, ReasonMissing.
    """
    must_be_manager(officer)
    reason = reason_given(reason)
    with transaction.atomic():
        one_writer_at_a_time(PolicyVersion)
        proposal = _open_proposal(proposal_id)
        now = timezone.now()
        ProposalOutcome.objects.create(proposal=proposal, what="turned_down", reason=reason, by=officer, at=now)
        append(
            "policy.turned_down",
            actor=officer.email,
            subject=f"proposal:{proposal.pk}",
            payload={"version": proposal.version, "sha256": proposal.sha256, "reason": reason},
            at=now,
        )
    return proposal


def withdraw_version(version_id: int, *, officer: Officer, reason: str) -> PolicyVersion:
    """Take back rules that are to come into force later, and return the version. It stays in the history as withdrawn.

    Raises NotAManager, VersionUnknown, VersionStarted, VersionWithdrawn, ReasonMissing.
    """
    must_be_manager(officer)
    reason = reason_given(reason)
    with transaction.atomic():
        one_writer_at_a_time(PolicyVersion)
        version = PolicyVersion.objects.select_related("withdrawal").filter(pk=version_id).first()
        if version is None:
            raise VersionUnknown
        if version.is_withdrawn:
            raise VersionWithdrawn
        now = timezone.now()
        if version.in_force_from <= now:
            raise VersionStarted
        version.withdrawal = PolicyWithdrawal.objects.create(
            version=version,
            would_have_started=version.in_force_from,
            withdrawn_at=now,
            withdrawn_by=officer,
            reason=reason,
        )
        append(
            "policy.withdrawn",
            actor=officer.email,
            subject=f"policy:{version.pk}",
            payload={"version": version.version, "sha256": version.sha256, "reason": reason},
            at=now,
        )
    return version


def _may_come_into_force(policy: Policy, in_force_from: datetime | None, now: datetime) -> None:
    """Raise what forbids these rules to come into force at that moment, as the database would."""
    if in_force_from is not None and in_force_from < now:
        raise StartsInThePast
    others = PolicyVersion.objects.filter(version=policy.version)
    if others.filter(withdrawal__isnull=True).exists() or others.exclude(sha256=policy.sha256).exists():
        raise VersionTaken(
            f"Rules with version {policy.version} were in force before, or are to be. Give these a version of their own."
        )
    standing = PolicyVersion.objects.filter(withdrawal__isnull=True)
    if standing.filter(sha256=policy.sha256).exists():
        raise VersionTaken
    if standing.filter(in_force_from=in_force_from or now).exists():
        raise MomentTaken


def _freeze(
    policy: Policy,
    note: str,
    in_force_from: datetime,
    now: datetime,
    *,
    officer: Officer | None,
    approved_by: Officer | None = None,
    proposal: PolicyProposal | None = None,
) -> PolicyVersion:
    version = PolicyVersion.objects.create(
        version=policy.version,
        sha256=policy.sha256,
        text=policy.text,
        in_force_from=in_force_from,
        note=note,
        put_in_force_by=officer,
        approved_by=approved_by,
        put_in_force_at=now,
        proposal=proposal,
    )
    payload: dict[str, object] = {
        "version": version.version,
        "sha256": version.sha256,
        "in_force_from": moment(in_force_from),
        "note": note,
    }
    if proposal is not None:
        payload |= {"proposal": proposal.pk, "proposed_by": called(officer)}
    append(
        "policy.put_in_force",
        # Who acts last: the second manager where there is one.
        actor=called(approved_by or officer),
        subject=f"policy:{version.pk}",
        payload=payload,
        at=now,
    )
    return version


def _open_proposal(proposal_id: int) -> PolicyProposal:
    proposal = PolicyProposal.objects.select_related("outcome", "proposed_by").filter(pk=proposal_id).first()
    if proposal is None:
        raise ProposalUnknown
    if not proposal.is_open:
        raise ProposalClosed
    return proposal
