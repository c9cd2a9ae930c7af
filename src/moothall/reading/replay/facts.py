"""What is known of a comment beside its text, on its way to a worker: plain JSON, and the facts made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

from moothall.policy import Act, Circumstances, Facts
from moothall.policy.calendar import london_day
from moothall.reading.rows import CommentRow
from moothall.words import ACTS, DomainError

#: Columns beside triage's that say something about a comment; each is optional.
FACT_COLUMNS: Final = ("repeat_times", "identical", "same_issue", "campaign_posts", "facts", "author_history")
CIRCUMSTANCE_COLUMNS: Final = ("election_notice", "poll_in_days", "office_open", "incident")
_COUNTS: Final = frozenset({"repeat_times", "same_issue", "campaign_posts", "poll_in_days"})
#: What a memo may hold of the facts; a record of acts is looked at one by one.
KEYED: Final = tuple(one.name for one in fields(Facts) if one.name not in ("stated", "history"))


class FactsBroken(DomainError):
    """What the row says beside the comment cannot be understood."""

    code = "facts_broken"


def given_facts(row: CommentRow, further: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row itself says, without what is not known. Raises FactsBroken."""
    known: dict[str, Any] = {"repeats": row.repeats, "platform": row.platform}
    for name in ("repeat_times", "identical", "same_issue", "campaign_posts"):
        known[name] = _value(name, further.get(name))
    if further.get("campaign") not in (None, ""):
        known["campaign"] = str(further["campaign"])
    stated = _from_text("facts", further.get("facts"))
    if stated:
        if not isinstance(stated, Mapping) or not all(isinstance(one, bool) for one in stated.values()):
            raise FactsBroken('facts is an object of names with true or false, as {"misinformation": true}')
        known["stated"] = dict(stated)
    history = _from_text("author_history", further.get("author_history"))
    if history is not None:
        known["history"] = _history(history)
    return {name: value for name, value in known.items() if value is not None}


def circumstances_given(row: CommentRow, further: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a row says of its day, without what is not known. Raises FactsBroken."""
    known = {name: _value(name, further.get(name)) for name in CIRCUMSTANCE_COLUMNS}
    known["pre_election"] = row.pre_election
    return {name: value for name, value in known.items() if value is not None}


def facts_from(known: Mapping[str, Any], history: Sequence[Act] | None = None) -> Facts:
    """Return the facts in ``known``; ``history`` where it holds none."""
    given = dict(known)
    acts = given.pop("history", None)
    if acts is not None:
        history = [Act(date.fromisoformat(day), measure, ground) for day, measure, ground in acts]
    return Facts(**given, history=history)


def circumstances_from(known: Mapping[str, Any], moment: Any) -> Circumstances:
    """Return the circumstances in ``known``, on the day of ``moment`` (a datetime; None: not known)."""
    return Circumstances(**known, date=moment)


def _from_text(name: str, given: object) -> object:
    """Return a value as it is, or read from its JSON where it came as text, as in csv. Raises FactsBroken."""
    if not isinstance(given, str):
        return given
    if not given.strip():
        return None
    try:
        return json.loads(given)
    except ValueError:
        raise FactsBroken(f"{name} is not JSON: {given[:40]!r}") from None


def _value(name: str, given: object) -> int | bool | None:
    if given is None or given == "":
        return None
    if name in _COUNTS:
        if isinstance(given, str) and given.strip().isdecimal():
            given = int(given)
        if type(given) is int and given >= 0:
            return given
        raise FactsBroken(f"{name} must be a whole number, 0 or more")
    if isinstance(given, bool):
        return given
    if str(given).strip().casefold() in ("true", "false"):
        return str(given).strip().casefold() == "true"
    raise FactsBroken(f"{name} must be true or false")


def _history(given: object) -> list[list[str]]:
    """Return the acts against an author as day, measure and ground."""
    acts = []
    try:
        for act in given:  # type: ignore[attr-defined]
            when = str(act["date"])
            day = date.fromisoformat(when) if len(when) == 10 else london_day(datetime.fromisoformat(when))
            if act["measure"] not in ACTS:
                raise FactsBroken(f"author_history: {act['measure']!r} is none of {', '.join(ACTS)}")
            acts.append([day.isoformat(), act["measure"], str(act.get("ground") or "")])
    except (TypeError, KeyError, ValueError, AttributeError):
        raise FactsBroken("author_history is a list of objects with date, measure and ground") from None
    return acts
