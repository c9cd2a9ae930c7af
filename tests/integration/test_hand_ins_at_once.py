"""Two officers at a hand-in in the same moment: one acts, the other is told; the same thing pressed twice is kept once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from moothall.moderation import hand_in_acts as acts
from moothall.moderation.hand_in_acts import SomebodyWasQuicker
from moothall.moderation.models import HandIn, HandInAct, HandInPicture
from moothall.records.models import Record
from moothall.records.queries import verify_live
from moothall.words import DomainError
from tests.integration import cast
from tests.integration.test_hand_ins import Upload, account, clause, png, say, timezone

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def at_once(*both: Callable[[], Any]) -> list[Any]:
    """Let two act in the same moment; return what each got."""
    gate, got = threading.Barrier(2), []

    def run(act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            got.append(act())
        except DomainError as error:
            got.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert verify_live().ok
    return got


def test_of_two_decisions_in_one_moment_one_is_made_and_the_other_is_told():
    cast.rules()
    amina, bryn = cast.officer(), cast.officer("Bryn")
    row = account(amina)
    say(row, amina)
    chosen = {"clause_id": clause(), "expected_number": 2}
    got = at_once(
        lambda: acts.decide(row.pk, officer=amina, measures=["block"], **chosen).what,
        lambda: acts.decide(row.pk, officer=bryn, measures=["ignore"], **chosen).what,
    )
    assert sorted(got, key=str) == sorted(["decided", SomebodyWasQuicker], key=str)
    assert HandInAct.objects.filter(what="decided").count() == 1


def test_one_thing_handed_in_twice_in_one_moment_is_kept_once():
    cast.rules()
    amina, seen = cast.officer(), timezone.now()
    got = at_once(*[lambda: account(amina, seen_at=seen, picture=Upload(png())).pk] * 2)
    assert len(set(got)) == 1
    assert (HandIn.objects.count(), HandInPicture.objects.count()) == (1, 1)
    assert Record.objects.filter(kind="hand_in.made").count() == 1
