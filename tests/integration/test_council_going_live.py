"""Putting rules in force is an act: proposed, agreed to where the rules say so, frozen, and taken back before they start."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from moothall.council.actions import (
    MomentTaken,
    NoteMissing,
    ProposalClosed,
    ProposalUnknown,
    ReasonMissing,
    SecondPersonNeeded,
    StartPassed,
    StartsInThePast,
    VersionStarted,
    VersionTaken,
    VersionUnknown,
    VersionWithdrawn,
    propose_rules,
    put_in_force,
    put_proposal_in_force,
    turn_down_proposal,
    withdraw_version,
)
from moothall.council.models import Period, PolicyProposal, PolicyVersion, PolicyWithdrawal, ProposalOutcome
from moothall.council.queries import (
    NoRulesInForce,
    PublicVersion,
    may_put_in_force,
    open_proposals,
    policy_in_force,
    pre_election_at,
    proposals,
    public_versions,
    second_person_needed,
    version_named,
    versions,
)
from moothall.policy import PolicyError, default_policy
from moothall.records.queries import for_subject, verify_live
from moothall.team.actions import NotAManager
from moothall.team.models import Officer
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = cast.MONDAY
LATER = NOW + timedelta(days=30)
WHY = "Spam is defined more closely."


def rules(version: str, *, second_person: bool = False) -> str:
    """The shipped house rules as another version, which may ask for a second person."""
    text, found = re.subn(r"^version: .*$", f'version: "{version}"', default_policy().text, flags=re.MULTILINE)
    assert found == 1
    if second_person:
        text, found = re.subn(
            r"^settings:\n", "settings:\n  going_live:\n    second_person: true\n", text, flags=re.MULTILINE
        )
        assert found == 1
    return text


@pytest.fixture(autouse=True)
def _frozen() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def bryn() -> Officer:
    return cast.officer("Bryn", "manager")


@pytest.fixture
def cai() -> Officer:
    return cast.officer("Cai", "manager")


class TestAProposal:
    def test_changes_nothing_until_somebody_puts_it_in_force(self, bryn: Officer) -> None:
        proposal = propose_rules(rules("2"), officer=bryn, note=WHY)
        with pytest.raises(NoRulesInForce):
            policy_in_force()
        assert open_proposals() == [proposal]
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            version = put_proposal_in_force(proposal.pk, officer=bryn)
        assert (version.in_force_from, version.note) == (NOW + timedelta(hours=1), WHY)
        assert (version.put_in_force_by, version.approved_by, version.proposal) == (bryn, None, proposal)
        assert policy_in_force(NOW + timedelta(hours=1))[0] == version
        assert open_proposals() == []
        assert [(one.outcome.what, one.outcome.by) for one in proposals()] == [("put_in_force", bryn)]

    def test_is_on_record_from_first_to_last(self, bryn: Officer, cai: Officer) -> None:
        proposal = propose_rules(rules("2"), officer=bryn, note=WHY, in_force_from=LATER)
        version = put_proposal_in_force(proposal.pk, officer=cai)
        withdraw_version(version.pk, officer=bryn, reason="The committee wants to see it.")
        first, second, third = (
            *for_subject(f"proposal:{proposal.pk}"),
            *for_subject(f"policy:{version.pk}"),
        )
        assert [(one.kind, one.actor) for one in (first, second, third)] == [
            ("policy.proposed", bryn.email),
            ("policy.put_in_force", cai.email),
            ("policy.withdrawn", bryn.email),
        ]
        assert json.loads(second.payload) == {
            "version": "2",
            "sha256": version.sha256,
            "in_force_from": "2026-12-23T09:00:00.000000Z",
            "note": WHY,
            "proposal": proposal.pk,
            "proposed_by": bryn.email,
        }
        assert verify_live().ok

    def test_is_a_managers_with_a_note_and_without_faults(self, bryn: Officer) -> None:
        with pytest.raises(NotAManager):
            propose_rules(rules("2"), officer=cast.officer("Amina"), note=WHY)
        with pytest.raises(NoteMissing):
            propose_rules(rules("2"), officer=bryn, note="  ")
        with pytest.raises(PolicyError):
            propose_rules(rules("2").replace("clauses:", "klauses:"), officer=bryn, note=WHY)
        assert not PolicyProposal.objects.exists()

    def test_is_never_for_the_past(self, bryn: Officer) -> None:
        with pytest.raises(StartsInThePast):
            propose_rules(rules("2"), officer=bryn, note=WHY, in_force_from=NOW - timedelta(microseconds=1))
        propose_rules(rules("2"), officer=bryn, note=WHY, in_force_from=NOW)

    def test_whose_start_has_passed_is_proposed_again(self, bryn: Officer) -> None:
        proposal = propose_rules(rules("2"), officer=bryn, note=WHY, in_force_from=LATER)
        with time_machine.travel(LATER + timedelta(microseconds=1), tick=False):
            with pytest.raises(StartPassed):
                put_proposal_in_force(proposal.pk, officer=bryn)
            assert may_put_in_force(proposal, bryn) is not None

    def test_can_be_turned_down_for_a_reason_and_then_is_closed(self, bryn: Officer, cai: Officer) -> None:
        proposal = propose_rules(rules("2"), officer=bryn, note=WHY)
        with pytest.raises(ReasonMissing):
            turn_down_proposal(proposal.pk, officer=cai, reason=" ")
        turn_down_proposal(proposal.pk, officer=cai, reason="Too strict.")
        assert ProposalOutcome.objects.get().reason == "Too strict."
        for act in (
            lambda: put_proposal_in_force(proposal.pk, officer=cai),
            lambda: turn_down_proposal(proposal.pk, officer=cai, reason="Again."),
        ):
            with pytest.raises(ProposalClosed):
                act()
        with pytest.raises(ProposalUnknown):
            put_proposal_in_force(proposal.pk + 1, officer=cai)
        assert not PolicyVersion.objects.exists()

    def test_overtaken_by_rules_of_that_name_is_refused(self, bryn: Officer) -> None:
        proposal = propose_rules(rules("2"), officer=bryn, note=WHY)
        put_in_force(rules("2") + "\n# other\n", officer=bryn)
        with pytest.raises(VersionTaken):
            put_proposal_in_force(proposal.pk, officer=bryn)
        assert open_proposals() == [proposal]


class TestASecondPerson:
    def test_is_needed_when_the_rules_in_force_say_so(self, bryn: Officer, cai: Officer) -> None:
        first = propose_rules(rules("1", second_person=True), officer=bryn, note=WHY)
        put_proposal_in_force(first.pk, officer=cai)
        assert second_person_needed(rules("2"))
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            proposal = propose_rules(rules("2"), officer=bryn, note="The second person goes.")
            assert may_put_in_force(proposal, bryn) == (
                "A second manager must put these rules in force: you proposed them."
            )
            with pytest.raises(SecondPersonNeeded):
                put_proposal_in_force(proposal.pk, officer=bryn)
            assert may_put_in_force(proposal, cai) is None
            version = put_proposal_in_force(proposal.pk, officer=cai)
        assert (version.put_in_force_by, version.approved_by) == (bryn, cai)
        assert not second_person_needed(rules("3"), NOW + timedelta(hours=1))

    def test_is_needed_when_the_new_rules_say_so(self, bryn: Officer) -> None:
        cast.rules()
        proposal = propose_rules(
            rules("2", second_person=True), officer=bryn, note=WHY, in_force_from=NOW + timedelta(days=1)
        )
        with pytest.raises(SecondPersonNeeded):
            put_proposal_in_force(proposal.pk, officer=bryn)

    def test_cannot_be_got_round_in_one_step_or_from_the_machine(self, bryn: Officer, tmp_path: Path) -> None:
        for officer in (bryn, None):
            with pytest.raises(SecondPersonNeeded):
                put_in_force(rules("2", second_person=True), officer=officer)
        file = tmp_path / "rules.yaml"
        file.write_text(rules("2", second_person=True), encoding="utf-8")
        with pytest.raises(CommandError, match="second_person_needed"):
            call_command("put_in_force", str(file))

    def test_is_a_manager(self, bryn: Officer) -> None:
        proposal = propose_rules(rules("1", second_person=True), officer=bryn, note=WHY)
        amina = cast.officer("Amina")
        with pytest.raises(NotAManager):
            put_proposal_in_force(proposal.pk, officer=amina)
        assert may_put_in_force(proposal, amina) is not None

    def test_is_somebody_else_in_the_database_too(self, bryn: Officer) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyVersion.objects.create(
                version="2", sha256="a" * 64, text="t", in_force_from=NOW, put_in_force_by=bryn, approved_by=bryn
            )


class TestLaterRules:
    def test_come_into_force_at_their_moment(self, bryn: Officer) -> None:
        cast.rules()
        later = put_in_force(rules("2"), officer=bryn, note=WHY, in_force_from=LATER)
        assert policy_in_force(LATER - timedelta(microseconds=1))[1].version == default_policy().version
        assert policy_in_force(LATER)[0] == later
        assert later.starts_later(NOW)
        assert not later.starts_later(LATER)

    def test_can_be_taken_back_before_they_start_and_then_never_were(self, bryn: Officer) -> None:
        cast.rules()
        later = put_in_force(rules("2"), officer=bryn, in_force_from=LATER)
        with pytest.raises(ReasonMissing):
            withdraw_version(later.pk, officer=bryn, reason="")
        withdraw_version(later.pk, officer=bryn, reason="A wrong date.")
        assert policy_in_force(LATER)[1].version == default_policy().version
        with pytest.raises(VersionWithdrawn):
            withdraw_version(later.pk, officer=bryn, reason="Again.")
        with pytest.raises(VersionUnknown):
            withdraw_version(999_999, officer=bryn, reason="x")

    def test_cannot_be_taken_back_once_they_have_started(self, bryn: Officer) -> None:
        version = put_in_force(rules("2"), officer=bryn, in_force_from=LATER)
        with time_machine.travel(LATER, tick=False), pytest.raises(VersionStarted):
            withdraw_version(version.pk, officer=bryn, reason="Too late.")
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyWithdrawal.objects.create(
                version=version, would_have_started=LATER, withdrawn_at=LATER, withdrawn_by=bryn, reason="Too late."
            )

    def test_taken_back_leave_their_moment_and_their_text_free_but_not_their_name(self, bryn: Officer) -> None:
        later = put_in_force(rules("2"), officer=bryn, in_force_from=LATER)
        with pytest.raises(MomentTaken):
            put_in_force(rules("3"), officer=bryn, in_force_from=LATER)
        with pytest.raises(VersionTaken):
            put_in_force(rules("2"), officer=bryn, in_force_from=LATER + timedelta(days=1))
        withdraw_version(later.pk, officer=bryn, reason="A wrong date.")
        with pytest.raises(VersionTaken):
            put_in_force(rules("2") + "\n# corrected\n", officer=bryn, in_force_from=LATER)
        again = put_in_force(rules("2"), officer=bryn, in_force_from=LATER)
        assert version_named("2") == again
        assert policy_in_force(LATER)[0] == again

    def test_can_be_set_from_the_machine_itself(self, tmp_path: Path) -> None:
        cast.rules()
        file, said = tmp_path / "rules.yaml", io.StringIO()
        file.write_text(rules("2"), encoding="utf-8")
        with pytest.raises(CommandError, match="starts_in_the_past"):
            call_command("put_in_force", str(file), "--from", "2026-11-23T08:59", stdout=said)
        call_command("put_in_force", str(file), "--from", "2027-05-10", "--note", WHY, stdout=said)
        assert said.getvalue() == "House rules 2 come into force on 10 May 2027 at 00:00.\n"
        version = version_named("2")
        assert (version.in_force_from, version.note) == (datetime(2027, 5, 9, 23, tzinfo=UTC), WHY)


class TestTheHistory:
    def test_is_public_text_without_names(self, bryn: Officer) -> None:
        first = put_in_force(rules("1"), officer=bryn, note="The first rules.")
        taken_back = put_in_force(rules("2"), officer=bryn, in_force_from=LATER)
        withdraw_version(taken_back.pk, officer=bryn, reason="A wrong date.")
        third = put_in_force(rules("3"), officer=bryn, note=WHY, in_force_from=LATER + timedelta(days=1))
        assert public_versions() == [
            PublicVersion("3", LATER + timedelta(days=1), None, third.sha256, WHY, None),
            PublicVersion("2", LATER, None, taken_back.sha256, "", NOW),
            PublicVersion("1", NOW, LATER + timedelta(days=1), first.sha256, "The first rules.", None),
        ]
        assert versions() == [third, taken_back, first]
        assert version_named("1").text == rules("1")
        with pytest.raises(VersionUnknown, match="'4'"):
            version_named("4")


class TestTheDatabase:
    def test_keeps_every_row_of_it(self, bryn: Officer) -> None:
        proposal = propose_rules(rules("1"), officer=bryn, note=WHY, in_force_from=LATER)
        version = put_proposal_in_force(proposal.pk, officer=bryn)
        withdraw_version(version.pk, officer=bryn, reason="A wrong date.")
        for model in (PolicyVersion, PolicyProposal, ProposalOutcome, PolicyWithdrawal):
            with pytest.raises(IntegrityError), transaction.atomic():
                model._default_manager.update(id=999_999)
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {model._meta.db_table}")

    @pytest.mark.parametrize(
        "other",
        [
            {"in_force_from": NOW, "version": "2", "sha256": "b" * 64},
            {"in_force_from": LATER, "version": "2", "sha256": "a" * 64},
            {"in_force_from": LATER, "version": "1", "sha256": "b" * 64},
        ],
    )
    def test_refuses_two_versions_of_one_moment_text_or_name(self, other: dict[str, object]) -> None:
        PolicyVersion.objects.create(version="1", sha256="a" * 64, text="t", in_force_from=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyVersion.objects.create(text="t", **other)
        PolicyVersion.objects.create(version="2", sha256="b" * 64, text="t", in_force_from=LATER)

    def test_refuses_one_that_starts_before_it_was_put_in_force(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyVersion.objects.create(
                version="1", sha256="a" * 64, text="t", in_force_from=NOW, put_in_force_at=NOW + timedelta(seconds=1)
            )


@pytest.mark.django_db(transaction=True)
def test_rows_of_before_are_kept_and_guarded_by_the_migration() -> None:
    """From the first migration to this one: rules, a confirmed period and one that nobody confirmed stay as they were."""
    from django.db.migrations.executor import MigrationExecutor

    def migrate(*targets: tuple[str, str]) -> Any:
        executor = MigrationExecutor(connection)
        return executor.migrate(list(targets)).apps

    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    bryn = cast.officer("Bryn", "manager")
    try:
        old = migrate(("council", "0001_initial"))
        old.get_model("council", "PolicyVersion").objects.create(
            version="1", sha256="a" * 64, text="t", in_force_from=NOW, put_in_force_by_id=bryn.pk
        )
        period = old.get_model("council", "Period").objects.create(
            election="Borough", starts_at=NOW, ends_at=LATER, confirmed_by_id=bryn.pk, confirmed_at=NOW
        )
    finally:
        migrate(*leaves)
    kept = PolicyVersion.objects.get()
    assert (kept.version, kept.in_force_from, kept.put_in_force_by, kept.note, kept.put_in_force_at) == (
        "1",
        NOW,
        bryn,
        "",
        None,
    )
    assert Period.objects.get().pk == period.pk
    assert pre_election_at(NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.update(text="other")
