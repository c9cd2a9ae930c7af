"""The process is killed with SIGKILL at every line of handing in and of deciding: each has happened whole, or not at all."""

from __future__ import annotations

import pytest

from moothall.moderation import hand_in_acts, handing_in
from moothall.moderation.models import HandIn, HandInAct, HandInPicture
from moothall.records.models import Record
from moothall.records.queries import verify_live
from tests.integration import cast
from tests.integration.test_hand_ins import Upload, account, clause, png, say, state, timezone
from tests.killed import killed_at_line

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

WALKED = (handing_in.__file__, hand_in_acts.__file__)


def test_handing_in_happens_whole_or_not_at_all_and_only_once():
    cast.rules()
    amina, seen = cast.officer(), timezone.now()
    number, kept = 1, []
    while killed_at_line(
        number, lambda: account(amina, seen_at=seen, picture=Upload(png()), our_picture=Upload(png("red"))), WALKED
    ):
        rows = HandIn.objects.count()
        kept.append(rows)
        assert HandInPicture.objects.count() == 2 * rows
        assert Record.objects.filter(kind="hand_in.made").count() == rows
        number += 1
    assert number > 40
    assert set(kept) <= {0, 1}
    assert HandIn.objects.count() == 1
    assert verify_live().ok


def test_a_decision_happens_whole_or_not_at_all():
    cast.rules()
    amina = cast.officer()
    row = account(amina)
    say(row, amina)

    def decide() -> None:
        hand_in_acts.decide(row.pk, officer=amina, measures=["block"], clause_id=clause(), expected_number=2)

    number = 1
    while killed_at_line(number, decide, WALKED):
        decisions = HandInAct.objects.filter(what="decided").count()
        assert Record.objects.filter(kind="hand_in.decided").count() == decisions
        if decisions:
            break
        number += 1
    assert number > 20
    assert state(row).stage == "to_do"
    assert verify_live().ok
