"""Counts of a replay that can be added up: what a part of the archive came to, and the first examples in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from moothall.reading.replay.outcome import CHANGES, Compared

#: Probabilities are counted in twentieths.
BINS: Final = 20
#: Per clause: under how many comments it applies under the old rules and the new, and how many it changes, and how.
PER_CLAUSE: Final = ("old", "new", "newly_down", "newly_up", "newly_allowed", "no_longer_allowed", "other")
#: So many comments that criticise and would newly come down are shown; all stand in the differences.
CRITICISM_SHOWN: Final = 20
_LONGEST_SHOWN: Final = 1_200
_BEFORE_THE_WORDS: Final = 300


@dataclass(slots=True)
class Histogram:
    """Probabilities of one ground: ``named`` reached the reader's own threshold, ``faint`` did not.

    ``engage`` and ``recommend``: how many reach these thresholds of the old and of the new rules.
    """

    named: list[int] = field(default_factory=lambda: [0] * BINS)
    faint: list[int] = field(default_factory=lambda: [0] * BINS)
    engage: list[int] = field(default_factory=lambda: [0, 0])
    recommend: list[int] = field(default_factory=lambda: [0, 0])


class Tally:
    """What some comments came to. Tallies of parts, added in order, are the tally of the whole."""

    def __init__(self, examples: int = 5) -> None:
        self.rows = 0
        self.examples_wanted = examples
        self.refused: dict[str, tuple[int, int]] = {}
        self.moves: Counter[str] = Counter()
        self.changes: Counter[str] = Counter()
        self.differs: Counter[str] = Counter()
        self.allowed: Counter[str] = Counter()
        self.criticism: Counter[str] = Counter()
        self.clauses: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(PER_CLAUSE))
        self.grounds: defaultdict[str, Histogram] = defaultdict(Histogram)
        self.examples: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.criticism_examples: list[dict[str, Any]] = []

    def refuse(self, code: str, number: int) -> None:
        """Count a row that was refused."""
        self.rows += 1
        count, first = self.refused.get(code, (0, number))
        self.refused[code] = (count + 1, first)

    def add(self, found: Compared, times: int = 1) -> None:
        """Count comments that came to the same."""
        self.rows += times
        self.moves[">".join(found.recommended)] += times
        for side, ids in enumerate(found.clauses):
            for id in ids:
                self.clauses[id][side] += times
        if not found.change:
            return
        self.changes[found.change] += times
        for name in found.differs:
            self.differs[name] += times
        self.allowed["more"] += times * found.more_allowed
        self.allowed["fewer"] += times * found.less_allowed
        for place, ids in ((2, found.down), (3, found.up), (4, found.gained), (5, found.lost)):
            for id in ids:
                self.clauses[id][place] += times
        if found.change == "other":
            for id in found.rests_on:
                self.clauses[id][6] += times

    def show(self, found: Compared, line: Mapping[str, Any], comment: str) -> None:
        """Keep a comment as an example where there are not enough of its kind yet."""
        keys = [f"{found.change} {id}" for id in found.rests_on or ("",)]
        wanted = [key for key in keys if len(self.examples[key]) < self.examples_wanted]
        criticism = line["lawful_criticism"] and found.change == "newly_down"
        if not wanted and not (criticism and len(self.criticism_examples) < CRITICISM_SHOWN):
            return
        example = {**line, **excerpt(comment, found.evidence)}
        for key in wanted:
            self.examples[key].append(example)
        if criticism and len(self.criticism_examples) < CRITICISM_SHOWN:
            self.criticism_examples.append(example)

    def merge(self, later: Tally) -> None:
        """Add the tally of the part that follows."""
        self.rows += later.rows
        for code, (count, first) in later.refused.items():
            held, earliest = self.refused.get(code, (0, first))
            self.refused[code] = (held + count, earliest)
        for mine, theirs in (
            (self.moves, later.moves),
            (self.changes, later.changes),
            (self.differs, later.differs),
            (self.allowed, later.allowed),
            (self.criticism, later.criticism),
        ):
            mine.update(theirs)
        for id, counts in later.clauses.items():
            self.clauses[id] = _added(self.clauses[id], counts)
        for name, counted in later.grounds.items():
            held_counts = self.grounds[name]
            for part in ("named", "faint", "engage", "recommend"):
                setattr(held_counts, part, _added(getattr(held_counts, part), getattr(counted, part)))
        for key, found in later.examples.items():
            self.examples[key] += found[: self.examples_wanted - len(self.examples[key])]
        self.criticism_examples += later.criticism_examples[: CRITICISM_SHOWN - len(self.criticism_examples)]

    def as_dict(self) -> dict[str, Any]:
        """Return the tally ready for JSON."""
        return {
            "rows": self.rows,
            "examples_wanted": self.examples_wanted,
            "refused": {code: list(pair) for code, pair in self.refused.items()},
            "moves": dict(self.moves),
            "changes": dict(self.changes),
            "differs": dict(self.differs),
            "allowed": dict(self.allowed),
            "criticism": dict(self.criticism),
            "clauses": dict(self.clauses),
            "grounds": {name: [one.named, one.faint, one.engage, one.recommend] for name, one in self.grounds.items()},
            "examples": {key: found for key, found in self.examples.items() if found},
            "criticism_examples": self.criticism_examples,
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Tally:
        """Return the tally that ``as_dict`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        tally = cls(value["examples_wanted"])
        tally.rows = value["rows"]
        tally.refused = {code: (count, first) for code, (count, first) in value["refused"].items()}
        for name in ("moves", "changes", "differs", "allowed", "criticism"):
            getattr(tally, name).update(value[name])
        tally.clauses.update(value["clauses"])
        tally.grounds.update({name: Histogram(*parts) for name, parts in value["grounds"].items()})
        tally.examples.update(value["examples"])
        tally.criticism_examples = value["criticism_examples"]
        return tally

    @property
    def differing(self) -> int:
        """How many comments come out differently."""
        return sum(self.changes[change] for change in CHANGES)


def _added(one: Iterable[int], other: Iterable[int]) -> list[int]:
    return [mine + theirs for mine, theirs in zip(one, other, strict=True)]


def excerpt(comment: str, evidence: Iterable[tuple[str, int, int]]) -> dict[str, Any]:
    """Return the comment, cut around the first words that show something, and where those words stand in what is left."""
    places = sorted({(start, end) for _, start, end in evidence if start < end})
    begin, end = 0, len(comment)
    if len(comment) > _LONGEST_SHOWN:
        begin = max(0, (places[0][0] if places else 0) - _BEFORE_THE_WORDS)
        end = min(len(comment), begin + _LONGEST_SHOWN)
    marks: list[list[int]] = []
    for start, stop in places:
        start, stop = max(start, begin) - begin, min(stop, end) - begin
        if start >= stop:
            continue
        if marks and start <= marks[-1][1]:
            marks[-1][1] = max(marks[-1][1], stop)
        else:
            marks.append([start, stop])
    return {
        "comment": ("…" if begin else "") + comment[begin:end] + ("…" if end < len(comment) else ""),
        "marks": [[start + bool(begin), stop + bool(begin)] for start, stop in marks],
    }
