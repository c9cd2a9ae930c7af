"""Two officers at the same moment: one of them acts, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from moothall.council.actions import (
    EntryExists,
    IncidentRunning,
    PeriodConfirmed,
    PeriodSuperseded,
    PreviewUnknown,
    ProposalClosed,
    add_entry,
    apply_import,
    confirm_election_period,
    correct_period,
    enter_election,
    preview_import,
    propose_rules,
    put_proposal_in_force,
    start_incident,
)
from moothall.council.models import Councillor, Incident, Period, PolicyVersion, RegisterImport
from moothall.policy import default_policy
from moothall.records.queries import verify_live
from moothall.team.models import Officer
from moothall.words import DomainError
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def at_once(act: Callable[[Officer], object]) -> list[type[DomainError] | None]:
    """Let two managers act in the same moment; return what each got, None for no refusal, in an order that can be compared."""
    managers = [cast.officer("Bryn", "manager"), cast.officer("Cai", "manager")]
    gate, got = threading.Barrier(2), []

    def run(officer: Officer) -> None:
        try:
            gate.wait()
            act(officer)
            got.append(None)
        except DomainError as error:
            got.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(manager,)) for manager in managers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert verify_live().ok
    return sorted(got, key=str, reverse=True)


def test_proposed_rules_come_into_force_once() -> None:
    proposal = propose_rules(default_policy().text, officer=cast.officer("Dilys", "manager"), note="The first rules.")
    assert at_once(lambda officer: put_proposal_in_force(proposal.pk, officer=officer)) == [None, ProposalClosed]
    assert PolicyVersion.objects.count() == 1


def test_a_period_is_confirmed_once() -> None:
    poll = date(2027, 5, 6)
    election = enter_election(kind="local", name="Borough council 2027", poll_date=poll, officer=None)
    assert at_once(lambda officer: confirm_election_period(election.pk, officer=officer)) == [None, PeriodConfirmed]


def test_a_period_is_corrected_once_a_round() -> None:
    now = timezone.now()
    period = Period.objects.create(election="Borough council", starts_at=now, ends_at=now + timedelta(days=9))

    def correct(officer: Officer) -> None:
        correct_period(
            period.pk, officer=officer, starts_at=now, ends_at=now + timedelta(days=8), reason="The poll is earlier."
        )

    assert at_once(correct) == [None, PeriodSuperseded]


def test_an_entry_is_added_once() -> None:
    def add(officer: Officer) -> None:
        add_entry("councillors", {"name": "Cllr Cox", "ward": "Weir", "until": "2099-01-01"}, officer=officer)

    assert at_once(add) == [None, EntryExists]
    assert Councillor.objects.count() == 1


def test_an_incident_starts_once() -> None:
    assert at_once(lambda officer: start_incident("Flood.", officer=officer)) == [None, IncidentRunning]
    assert Incident.objects.count() == 1


def test_a_file_is_applied_once_by_a_double_click() -> None:
    amina = cast.officer("Amina")
    token = preview_import("councillors", b"name,ward\nCllr Cox,Weir\n", mode="add", officer=amina).token
    assert token is not None
    assert at_once(lambda officer: apply_import(token, officer=amina)) == [None, PreviewUnknown]
    assert RegisterImport.objects.count() == 1
