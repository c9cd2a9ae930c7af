"""Entering elections, changing them while their dates move, and calling them off."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from moothall.council.acting import called, must_be_active, one_writer_at_a_time, reason_given
from moothall.council.models import ELECTION_KINDS, Election
from moothall.council.queries.elections import ElectionUnknown
from moothall.records.actions import append
from moothall.team.models import Officer
from moothall.words import DomainError

_FIELDS: Final = ("kind", "name", "poll_date", "notice_on", "called_on", "ward", "source")
#: What decides when the period runs, and whether one runs at all: a change of it needs a reason.
_WEIGHTY: Final = frozenset({"kind", "poll_date", "called_on", "ward"})


class ElectionFaulty(DomainError):
    """Something is wrong with what was entered about this election."""

    code = "election_faulty"


class ElectionThere(DomainError):
    """This election has been entered already."""

    code = "election_there"


class ElectionCalledOff(DomainError):
    """This election has been called off."""

    code = "election_called_off"


def enter_election(
    *,
    kind: str,
    name: str,
    poll_date: date,
    officer: Officer | None,
    notice_on: date | None = None,
    called_on: date | None = None,
    ward: str = "",
    source: str = "",
) -> Election:
    """Enter an election and return it. From now on the period it opens is computed from it.

    ``kind`` is one of ``ELECTION_KINDS``; ``ward`` is empty for a poll of the whole area; ``source`` says where the dates
    come from. Raises ElectionFaulty (codes ``kind_unknown``, ``name_missing``, ``notice_after_poll``, ``called_after_poll``,
    ``too_long``), ElectionThere, OfficerLeft.
    """
    must_be_active(officer)
    entered = {
        "kind": kind,
        "name": name,
        "poll_date": poll_date,
        "notice_on": notice_on,
        "called_on": called_on,
        "ward": ward,
        "source": source,
    }
    with transaction.atomic():
        one_writer_at_a_time(Election)
        election = Election(**_checked(entered))
        _must_be_new(election)
        election.save()
        append(
            "election.entered",
            actor=called(officer),
            subject=f"election:{election.pk}",
            payload={"after": _as_record(election)},
        )
    return election


def change_election(election_id: int, *, officer: Officer | None, reason: str = "", **fields: Any) -> Election:
    """Change some fields of an election, named as in ``enter_election``, and return it; others stay as they are.

    A changed kind, polling day, day it was called, or ward needs a reason, and so does another day of notice than the one
    entered. Raises ElectionUnknown, ElectionCalledOff, ElectionFaulty, ElectionThere, ReasonMissing, OfficerLeft.
    """
    must_be_active(officer)
    if unknown := set(fields) - set(_FIELDS):
        raise TypeError(f"an election has no {', '.join(sorted(unknown))}")
    with transaction.atomic():
        one_writer_at_a_time(Election)
        election = _standing(election_id)
        before = _as_record(election)
        for name, value in _checked({name: getattr(election, name) for name in _FIELDS} | fields).items():
            setattr(election, name, value)
        after = _as_record(election)
        changed = [name for name in _FIELDS if before[name] != after[name]]
        if not changed:
            return election
        if _WEIGHTY & set(changed) or ("notice_on" in changed and before["notice_on"] is not None):
            reason = reason_given(reason, "Say why: a change of this kind moves the pre-election period.")
        _must_be_new(election)
        election.save()
        append(
            "election.changed",
            actor=called(officer),
            subject=f"election:{election.pk}",
            payload={
                "before": {name: before[name] for name in changed},
                "after": {name: after[name] for name in changed},
            },
            sealed={"reason": reason.strip()} if reason.strip() else None,
        )
    return election


def call_off_election(election_id: int, *, officer: Officer, reason: str) -> Election:
    """Call an election off (a candidate has died, the poll was cancelled) and return it. Its period ends now.

    The poll that takes its place is entered as another election. Raises ElectionUnknown, ElectionCalledOff, ReasonMissing,
    OfficerLeft.
    """
    must_be_active(officer)
    reason = reason_given(reason)
    with transaction.atomic():
        one_writer_at_a_time(Election)
        election = _standing(election_id)
        election.called_off_at, election.called_off_by, election.called_off_reason = timezone.now(), officer, reason
        election.save(update_fields=["called_off_at", "called_off_by", "called_off_reason"])
        append(
            "election.called_off",
            actor=officer.email,
            subject=f"election:{election.pk}",
            payload={},
            sealed={"reason": reason},
            at=election.called_off_at,
        )
    return election


def _standing(election_id: int) -> Election:
    election = Election.objects.filter(pk=election_id).first()
    if election is None:
        raise ElectionUnknown
    if election.called_off_at is not None:
        raise ElectionCalledOff
    return election


def _checked(entered: dict[str, Any]) -> dict[str, Any]:
    """Return what was entered with blanks trimmed. Raises ElectionFaulty."""
    found = dict(entered)
    for field in ("name", "ward", "source"):
        found[field] = " ".join(str(found[field] or "").split())
        if len(found[field]) > (300 if field == "source" else 120) or "\0" in found[field]:
            raise ElectionFaulty(f"The {field} of the election is too long.", "too_long")
    if found["kind"] not in ELECTION_KINDS:
        raise ElectionFaulty(
            f"There is no kind of election “{found['kind']}”. Kinds: {', '.join(ELECTION_KINDS)}.", "kind_unknown"
        )
    if not found["name"]:
        raise ElectionFaulty("Give the election a name, such as “Borough council 2027”.", "name_missing")
    poll, notice, called_on = found["poll_date"], found["notice_on"], found["called_on"]
    if notice is not None and notice >= poll:
        raise ElectionFaulty("The notice of election is published before polling day.", "notice_after_poll")
    if called_on is not None and called_on >= poll:
        raise ElectionFaulty("An election is called before its polling day.", "called_after_poll")
    return found


def _must_be_new(election: Election) -> None:
    """Raise ElectionThere where one of this kind is entered for that day and place; other polls and referendums may be many."""
    if election.kind in ("other", "referendum"):
        return
    others = Election.objects.filter(kind=election.kind, poll_date=election.poll_date, called_off_at__isnull=True)
    wards = others.exclude(pk=election.pk).values_list("ward", flat=True)
    if election.ward.casefold() in {ward.casefold() for ward in wards}:
        raise ElectionThere


def _as_record(election: Election) -> dict[str, Any]:
    values = {name: getattr(election, name) for name in _FIELDS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
