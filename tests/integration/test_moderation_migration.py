"""Decisions that were made before the tables changed are kept, and stay as they were made."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from moothall.moderation.actions import decide
from moothall.moderation.handing_in import hand_in
from moothall.moderation.models import Decision, HandIn
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def migrate(name: str) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([("moderation", name)])


def test_decisions_outlive_the_change_of_their_table_and_cannot_be_altered_after_it():
    cast.rules()
    comment = cast.comment(cast.channel(), "You numpty")
    choice = {"measures": ["hide"], "clause_id": "be-polite", "ground": "abuse", "expected_round": 1}
    made = decide(comment.pk, officer=cast.officer(), **choice)
    try:
        migrate("0001_initial")
    finally:
        migrate("0003_hand_ins")
    kept = Decision.objects.get()
    assert (kept.pk, kept.measures, kept.clause_text, kept.evidence) == (
        made.pk,
        "hide",
        made.clause_text,
        made.evidence,
    )
    for statement in ("UPDATE moderation_decision SET measures = 'ignore'", "DELETE FROM moderation_decision"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Decision.objects.get().measures == "hide"


def test_decisions_outlive_the_arrival_of_hand_ins_whose_tables_refuse_change_at_once():
    cast.rules()
    amina = cast.officer()
    comment = cast.comment(cast.channel(), "You numpty")
    choice = {"measures": ["hide"], "clause_id": "be-polite", "ground": "abuse", "expected_round": 1}
    made = decide(comment.pk, officer=amina, **choice)
    try:
        migrate("0002_second_person_and_steps")
        assert Decision.objects.get() == made
    finally:
        migrate("0003_hand_ins")
    assert Decision.objects.get().clause_text == made.clause_text
    row = hand_in(officer=amina, description="Our crest", address="https://x.example/", seen_at=made.decided_at)
    for statement in ("UPDATE moderation_handin SET description = 'other'", "DELETE FROM moderation_handin"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert HandIn.objects.get().description == row.description
