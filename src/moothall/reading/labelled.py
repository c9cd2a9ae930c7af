"""Labelled comments, in the training format: read them, and say what the rules would have recommended for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moothall.policy import Circumstances, Facts, Policy, assess
from moothall.reading.files import CommentFile
from moothall.reading.records import Broken, Record
from moothall.reading.rows import UnknownColumns
from moothall.signals import Signals
from moothall.words import GROUNDS, MEASURES, ROUTES

_NEEDED = ("comment", "route", "grounds")


@dataclass(slots=True)
class Labelled:
    """Labelled rows of one or more files; ``refused`` says in words which lines could not be used."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def taught(self) -> int:
        """How many of the rows a model was meant to learn from."""
        return sum(row.get("split") == "train" for row in self.rows)


def labelled_comments(paths: Iterable[Path]) -> Labelled:
    """Return the labelled comments of all files. Raises UnknownColumns for a file without a single label."""
    found = Labelled()
    for path in paths:
        before = len(found.rows)
        seen: dict[str, None] = {}
        with CommentFile(str(path)) as file:
            for number, record in enumerate(file.records(), 1):
                if not isinstance(record, Broken):
                    seen.update(dict.fromkeys(record))
                fault = _fault(record)
                if fault:
                    found.refused.append(f"{path}, row {number}: {fault}")
                elif not isinstance(record, Broken):
                    found.rows.append(record)
        if seen and len(found.rows) == before and not seen.keys() >= set(_NEEDED):
            raise UnknownColumns(list(seen), needed="comment, route and grounds, as in the training format")
    return found


def _fault(record: Record | Broken) -> str:
    if isinstance(record, Broken):
        return record.message
    missing = [name for name in _NEEDED if name not in record]
    if missing:
        return f"no {', '.join(missing)}"
    if not isinstance(record["comment"], str) or not record["comment"].strip():
        return "the comment is empty or not text"
    if record["route"] not in ROUTES:
        return f"{record['route']!r} is no route; routes are {', '.join(ROUTES)}"
    grounds = record["grounds"]
    if not isinstance(grounds, list) or not set(map(str, grounds)) <= set(GROUNDS):
        return f"{grounds!r} are not all grounds; grounds are {', '.join(GROUNDS)}"
    return ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules recommend for labelled comments: per measure, and how often for comments that are lawful.

    ``lawful`` counts comments labelled with no ground (outside a period, party politics is none), ``touched`` those of
    them for which anything but ``ignore`` is recommended, ``criticism`` and ``criticism_touched`` those of either that
    criticise the council.
    """

    policy_version: str
    recommended: Mapping[str, int]
    lawful: int
    touched: int
    criticism: int
    criticism_touched: int

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome for JSON."""
        return {
            "policy_version": self.policy_version,
            "recommended": dict(self.recommended),
            "lawful": self.lawful,
            "lawful_touched": self.touched,
            "lawful_criticism": self.criticism,
            "lawful_criticism_touched": self.criticism_touched,
        }

    def table(self) -> str:
        """Return the outcome as text for people."""
        shown = ", ".join(f"{name} {count}" for name, count in self.recommended.items() if count)
        return "\n".join(
            [
                f"under the rules of version {self.policy_version}: {shown}",
                f"lawful comments with a measure recommended  {self.touched} of {self.lawful}",
                f"  of these criticism of the council         {self.criticism_touched} of {self.criticism}",
            ]
        )


def outcome(rows: Sequence[Mapping[str, Any]], readings: Sequence[Signals], policy: Policy) -> Outcome:
    """Return what ``policy`` recommends for labelled rows, given what was read in each."""
    recommended = Counter[str]()
    lawful = touched = criticism = criticism_touched = 0
    for row, signals in zip(rows, readings, strict=True):
        facts = Facts(repeats=row.get("repeats"), platform=row.get("platform"))
        found = assess(policy, signals, facts, Circumstances(pre_election=row.get("pre_election")))
        recommended[found.recommended] += 1
        in_period = row.get("pre_election") is True
        if not set(row["grounds"]) - (set() if in_period else {"party_political"}):
            hit = found.recommended != "ignore"
            lawful += 1
            touched += hit
            criticism += bool(row.get("criticism"))
            criticism_touched += hit and bool(row.get("criticism"))
    counts = {measure: recommended[measure] for measure in MEASURES}
    return Outcome(policy.version, counts, lawful, touched, criticism, criticism_touched)
