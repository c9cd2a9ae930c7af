"""One part of an archive: read what must be read, hold each comment against both policies, count, and keep what differs.

Pure: the same part gives the same bytes in any process on any machine, alone or beside others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

from moothall.policy import Act, Circumstances, Facts, Signals, assess, loads
from moothall.reading.comment import without_controls
from moothall.reading.replay.archive import Kind, labels_of
from moothall.reading.replay.facts import circumstances_from, facts_from
from moothall.reading.replay.memo import Memo
from moothall.reading.replay.outcome import Compared, compared
from moothall.reading.replay.readings import (
    checked,
    labels_as_signals,
    signals_as_dict,
    signals_from,
)
from moothall.reading.replay.record import AuthorRecords
from moothall.reading.replay.tally import BINS, Tally
from moothall.signals import Reader, Row
from moothall.words import MEASURES, DomainError

#: One row on its way to a worker: a JSON list of number, id, comment, post, date, circumstances, facts, facts under the
#: new rules where they differ, author, further columns. A refused row is number, id, code, message.
Item = list[Any]
REFUSED: Final = 4
FURTHER: Final = 9


class OtherVersion(DomainError):
    """The workers run another version of Moothall: the results would not be the same."""

    code = "other_version"


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything a worker must know beside the rows: small, and the same for every part.

    ``read``: the reader reads the comments; else signals or labels are taken from the rows. ``keep``: the readings are
    returned as well. ``assess`` false: nothing but the readings is wanted. ``reader`` and ``moothall`` are the versions
    that must be there.
    """

    old: str
    new: str
    kind: Kind
    read: bool
    keep: bool
    assess: bool
    examples: int
    reader: str
    moothall: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one part came to: its tally ready for JSON, the lines of the differences, and the readings as lines."""

    tally: Mapping[str, Any]
    differences: bytes
    readings: bytes


def run_part(setup: Setup, payload: bytes) -> Part:
    """Return what one part comes to. ``payload`` is a JSON list of items. Raises OtherVersion."""
    return _comparison(setup).part(json.loads(payload))


@lru_cache(maxsize=2)
def _comparison(setup: Setup) -> Comparison:
    """One a process and replay: reading the rules and loading the reader takes longer than a thousand comments."""
    if version("moothall") != setup.moothall:
        raise OtherVersion(f"this worker runs Moothall {version('moothall')}, the replay {setup.moothall}")
    return Comparison(setup)


class Comparison:
    """Both policies, the reader where it is needed, and what is remembered of comments without a ground."""

    def __init__(self, setup: Setup, *, remember: bool = True) -> None:
        self._setup = setup
        self.old, self.new = loads(setup.old, "the old rules"), loads(setup.new, "the new rules")
        self._reader = Reader() if setup.read else None
        if self._reader is not None and self._reader.version != setup.reader:
            raise OtherVersion(f"this worker reads with {self._reader.version}, the replay with {setup.reader}")
        self.memo = Memo(self._both) if remember else None
        self._thresholds = [
            {name: (one.engage, one.recommend) for name, one in policy.settings.thresholds.items()}
            for policy in (self.old, self.new)
        ]

    def _both(self, signals: Signals, old: Facts, new: Facts, circumstances: Circumstances) -> Compared:
        return compared(assess(self.old, signals, old, circumstances), assess(self.new, signals, new, circumstances))

    def part(
        self,
        items: Sequence[Item],
        readings: Sequence[Mapping[str, Any]] | None = None,
        records: AuthorRecords | None = None,
    ) -> Part:
        """Return what these rows come to.

        ``readings``: the rows as they were read before, in the form that ``Part.readings`` has. ``records``: what stands
        against the authors so far; it gains what these rows add, so that parts must come in order.
        """
        tally = Tally(self._setup.examples)
        differences: list[bytes] = []
        lines: list[bytes] = []
        same: Counter[int] = Counter()
        seen: dict[int, Compared] = {}
        found_in = self._found(items) if readings is None else [_read_before(one) for one in readings]
        for item, found in zip(items, found_in, strict=True):
            if self._setup.keep:
                lines.append(_line(_reading(item, found)))
            if isinstance(found, DomainError):
                tally.refuse(found.code, item[0])
                continue
            if not self._setup.assess:
                continue
            result = self._compared(item, found, records)
            self._count_grounds(tally, found)
            # The same few outcomes come again and again: they are added up at the end.
            same[id(result)] += 1
            seen[id(result)] = result
            criticism = self._criticism(tally, item, found, result)
            if result.change:
                line = _difference(item, result, criticism and result.change == "newly_down")
                differences.append(_line(line))
                tally.show(result, line, item[2])
        for key, times in same.items():
            tally.add(seen[key], times)
        return Part(tally.as_dict(), b"".join(differences), b"".join(lines))

    def _found(self, items: Sequence[Item]) -> list[dict[str, Any] | DomainError]:
        """Return, per row, what was found in it, in the form of ``readings.checked``, or why the row is refused."""
        found: list[dict[str, Any] | DomainError] = []
        if self._reader is None:
            for item in items:
                try:
                    found.append(self._given(item))
                except DomainError as refusal:
                    found.append(refusal)
            return found
        kept = [item for item in items if len(item) > REFUSED]
        texts = [without_controls(item[2]) for item in kept]
        rows = [Row(text.text, item[3], item[6].get("repeats")) for text, item in zip(texts, kept, strict=True)]
        read = iter([text.restore(one) for text, one in zip(texts, self._reader.read_many(rows), strict=True)])
        for item in items:
            refused = len(item) == REFUSED
            found.append(DomainError(item[3], item[2]) if refused else signals_as_dict(next(read)))
        return found

    def _given(self, item: Item) -> dict[str, Any]:
        if len(item) == REFUSED:
            raise DomainError(item[3], item[2])
        further = item[FURTHER]
        if self._setup.kind == "read":
            return checked(further.get("signals"), item[2])
        grounds, fault = labels_of(further)
        if grounds is None:
            raise DomainError(fault, "label_missing" if fault.startswith("the row") else "label_unknown")
        return labels_as_signals(further, grounds, item[2])

    def _compared(self, item: Item, found: Mapping[str, Any], records: AuthorRecords | None) -> Compared:
        _, _, comment, _, moment, around, facts, new_facts, author, _ = item
        known = (facts, facts if new_facts is None else new_facts)
        recorded = records is not None and author is not None and "history" not in facts
        acts: tuple[Sequence[Act] | None, Sequence[Act] | None] = (None, None)
        if records is not None and recorded:
            acts = records.of(author)
        result = None
        # What the reader named, and what stands against somebody, is looked at one by one.
        if self.memo is not None and not found["grounds"] and "history" not in facts and not any(acts):
            result = self.memo.compared(found, known, around, moment, recorded=recorded)
        if result is None:
            date = None if moment is None else datetime.fromisoformat(moment)
            old, new = [facts_from(one, history) for one, history in zip(known, acts, strict=True)]
            result = self._both(signals_from(found, comment), old, new, circumstances_from(around, date))
        if records is not None and recorded:
            records.add(author, moment, result.acts)
        return result

    def _criticism(self, tally: Tally, item: Item, found: Mapping[str, Any], result: Compared) -> bool:
        """Count a comment that lawfully criticises the council, and return whether it is one.

        Where a person has labelled it, the label says so; else the reader does, of a comment that the old rules leave up.
        """
        grounds = labels_of(item[FURTHER])[0] if "grounds" in item[FURTHER] else None
        if grounds is not None:
            lawful = not set(grounds) - (set() if item[5].get("pre_election") is True else {"party_political"})
            said = _true(item[FURTHER].get("criticism")) and lawful
        else:
            said = found["criticism"] and result.recommended[0] == "ignore"
        # Criticism in which something else was found is not lawful criticism; that it is met harder must be seen all the same.
        if (said or found["criticism"]) and _harder(result):
            tally.criticism["harder"] += 1
        if not said:
            return False
        tally.criticism["seen"] += 1
        if result.recommended[1] != "ignore":
            tally.criticism["newly_down" if result.recommended[0] == "ignore" else "down_under_both"] += 1
        elif result.more_allowed:
            tally.criticism["newly_allowed"] += 1
        return True

    def _count_grounds(self, tally: Tally, found: Mapping[str, Any]) -> None:
        for name, probability in found["faint"].items():
            if probability:
                tally.grounds[name].faint[_bin(probability)] += 1
        for name, one in found["grounds"].items():
            held, probability = tally.grounds[name], one["probability"]
            held.named[_bin(probability)] += 1
            for side, thresholds in enumerate(self._thresholds):
                engage, recommend = thresholds[name]
                held.engage[side] += probability >= engage
                held.recommend[side] += probability >= recommend


def _bin(probability: float) -> int:
    # Rounded first: 0.15 is a little less than three twentieths, and belongs to the fourth.
    return min(int(round(probability * BINS, 6)), BINS - 1)


def _true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().casefold() == "true")


def _reading(item: Item, found: Mapping[str, Any] | DomainError) -> dict[str, Any]:
    """Return a row of the archive as a row that need not be read again; of its author no more than a mark."""
    if isinstance(found, DomainError):
        error = {"code": found.code, "message": found.message}
        return {"row": item[0], "id": item[1], "comment": "", "error": error}
    number, id, comment, post, moment, around, facts, new_facts, author, further = item
    row = {"row": number, "id": id, "comment": comment, "post": post, "date": moment, "author": author, **around}
    row |= {name: value for name, value in facts.items() if name not in ("stated", "history")}
    if "stated" in facts:
        row["facts"] = facts["stated"]
    if "history" in facts:
        acts = [{"date": day, "measure": measure, "ground": ground} for day, measure, ground in facts["history"]]
        row["author_history"] = acts
    if new_facts is not None:
        row["new_facts"] = new_facts
    labels = {name: further[name] for name in ("route", "grounds", "criticism") if name in further}
    return {**row, **labels, "signals": found}


def _read_before(reading: Mapping[str, Any]) -> dict[str, Any] | DomainError:
    if "error" in reading:
        return DomainError(reading["error"]["message"], reading["error"]["code"])
    signals: dict[str, Any] = reading["signals"]
    return signals


def _harder(result: Compared) -> bool:
    """Return whether a stronger measure is recommended where one was recommended before."""
    before, after = result.recommended
    return before != "ignore" and MEASURES.index(after) > MEASURES.index(before)


def _difference(item: Item, result: Compared, criticism: bool) -> dict[str, Any]:
    return {
        "id": item[1],
        "row": item[0],
        "change": result.change,
        "differs": list(result.differs),
        "lawful_criticism": criticism,
        "old": result.old,
        "new": result.new,
        "evidence": [{"ground": name, "start": start, "end": end} for name, start, end in result.evidence],
    }


def _line(value: Mapping[str, Any]) -> bytes:
    try:
        return _compact(value).encode() + b"\n"
    except UnicodeEncodeError:
        # Half a surrogate pair can be escaped, but not written as UTF-8.
        return json.dumps(value).encode() + b"\n"


_compact: Final[Callable[[object], str]] = json.JSONEncoder(ensure_ascii=False).encode
