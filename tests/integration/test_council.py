"""The rules in force and the pre-election period: what counts, from when, and in whose name."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from moothall.council.actions import (
    PeriodConfirmed,
    PeriodUnknown,
    VersionTaken,
    confirm_period,
    enter_period,
    put_in_force,
)
from moothall.council.models import Period, PolicyVersion
from moothall.council.queries import NoRulesInForce, periods, policy_in_force, pre_election_at
from moothall.policy import PolicyError, default_policy
from moothall.records.chain import moment
from moothall.records.models import Record
from moothall.records.queries import verify_live
from moothall.team.actions import NotAManager, deactivate
from moothall.words import DomainError
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

TEXT = default_policy().text
VERSION = default_policy().version


def newer(version: str = "2099-01-01") -> str:
    assert TEXT.count(VERSION) >= 1
    return TEXT.replace(VERSION, version)


class TestRulesInForce:
    def test_there_are_none_at_first(self) -> None:
        with pytest.raises(NoRulesInForce):
            policy_in_force()

    def test_are_frozen_with_their_hash_and_on_record(self) -> None:
        bryn = cast.officer("Bryn", "manager")
        version = put_in_force(TEXT, officer=bryn)
        assert (version.sha256, version.version, version.put_in_force_by) == (default_policy().sha256, VERSION, bryn)
        record = Record.objects.get()
        assert (record.kind, record.actor) == ("policy.put_in_force", bryn.email)
        assert json.loads(record.payload) == {
            "version": VERSION,
            "sha256": version.sha256,
            "in_force_from": moment(version.in_force_from),
            "note": "",
        }

    def test_are_the_newest_from_when_they_came(self) -> None:
        with time_machine.travel(cast.MONDAY, tick=False):
            old = put_in_force(TEXT, officer=None)
        with time_machine.travel(cast.MONDAY + timedelta(days=7), tick=False):
            new = put_in_force(newer(), officer=None)
        version, policy = policy_in_force(cast.MONDAY + timedelta(days=7, seconds=-1))
        assert (version, policy.version) == (old, VERSION)
        version, policy = policy_in_force(cast.MONDAY + timedelta(days=7))
        assert (version, policy.version) == (new, "2099-01-01")
        assert policy == policy_in_force(cast.MONDAY + timedelta(days=8))[1]
        with pytest.raises(NoRulesInForce):
            policy_in_force(cast.MONDAY - timedelta(seconds=1))

    def test_put_in_force_twice_are_in_force_once(self) -> None:
        assert put_in_force(TEXT, officer=None) == put_in_force(TEXT, officer=None)
        assert Record.objects.count() == PolicyVersion.objects.count() == 1

    def test_need_a_version_of_their_own(self) -> None:
        put_in_force(TEXT, officer=None)
        with pytest.raises(VersionTaken, match=VERSION):
            put_in_force(TEXT + "\n# another text\n", officer=None)
        put_in_force(newer(), officer=None)
        with pytest.raises(VersionTaken):
            put_in_force(TEXT, officer=None)
        assert policy_in_force()[1].version == "2099-01-01"

    def test_with_faults_are_refused(self) -> None:
        with pytest.raises(PolicyError):
            put_in_force(TEXT.replace("clauses:", "klauses:"), officer=None)
        assert not PolicyVersion.objects.exists()

    def test_are_put_in_force_by_managers_only(self) -> None:
        with pytest.raises(NotAManager):
            put_in_force(TEXT, officer=cast.officer("Amina"))

    def test_can_be_put_in_force_from_the_machine_itself(self, tmp_path: Path) -> None:
        said = io.StringIO()
        call_command("put_in_force", stdout=said)
        assert said.getvalue() == f"House rules {VERSION} are in force.\n"
        file = tmp_path / "rules.yaml"
        file.write_text(newer(), encoding="utf-8")
        call_command("put_in_force", str(file), stdout=said)
        assert policy_in_force()[1].version == "2099-01-01"
        with pytest.raises(CommandError, match="no_such_file"):
            call_command("put_in_force", str(tmp_path / "nowhere.yaml"))
        file.write_text("nonsense: true", encoding="utf-8")
        with pytest.raises(CommandError, match="policy_faulty"):
            call_command("put_in_force", str(file))


class TestPeriods:
    START = datetime(2027, 3, 25, 0, 0, tzinfo=UTC)
    END = datetime(2027, 5, 6, 21, 0, tzinfo=UTC)

    def period(self) -> Period:
        return enter_period("Local elections 2027", self.START, self.END, officer=None)

    def test_one_that_nobody_confirmed_does_not_count(self) -> None:
        self.period()
        assert not pre_election_at(self.START + timedelta(days=1))

    def test_one_that_is_confirmed_counts_from_its_start_until_its_end(self) -> None:
        amina = cast.officer("Amina")
        period = confirm_period(self.period().pk, officer=amina)
        assert (period.confirmed_by, periods()) == (amina, [period])
        assert not pre_election_at(self.START - timedelta(microseconds=1))
        assert pre_election_at(self.START)
        assert pre_election_at(self.END - timedelta(microseconds=1))
        assert not pre_election_at(self.END)
        assert list(Record.objects.values_list("kind", "actor")) == [
            ("period.entered", "system"),
            ("period.confirmed", amina.email),
        ]
        assert verify_live().ok

    def test_is_confirmed_once(self) -> None:
        period = self.period()
        confirm_period(period.pk, officer=cast.officer("Amina"))
        with pytest.raises(PeriodConfirmed):
            confirm_period(period.pk, officer=cast.officer("Bryn"))

    def test_nobody_confirms_one_that_is_not_there(self) -> None:
        with pytest.raises(PeriodUnknown):
            confirm_period(999_999, officer=cast.officer("Amina"))

    def test_somebody_who_left_confirms_nothing(self) -> None:
        period, amina = self.period(), cast.officer("Amina")
        with pytest.raises(DomainError) as refused:
            confirm_period(period.pk, officer=deactivate(amina.pk, by=None))
        assert refused.value.code == "officer_left"

    def test_one_that_ends_before_it_starts_is_refused(self) -> None:
        with pytest.raises(DomainError) as refused:
            enter_period("Backwards", self.END, self.START, officer=None)
        assert refused.value.code == "period_backwards"

    def test_the_database_refuses_a_confirmation_without_a_name(self) -> None:
        period = self.period()
        with pytest.raises(IntegrityError), transaction.atomic():
            Period.objects.filter(pk=period.pk).update(confirmed_at=self.START)
