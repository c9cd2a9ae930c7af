"""How good the reader is, on labelled comments it was not taught on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from moothall.signals.findings import Signals
from moothall.signals.pipeline import Reader
from moothall.words import GROUNDS, ROUTES


@dataclass(frozen=True, slots=True)
class Score:
    """Right, wrongly found and missed, for one label."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """The share of what was found that is right; None where nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """The share of what is there that was found; None where nothing is there."""
        return self.right / (self.right + self.missed) if self.right + self.missed else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; None where the label does not occur."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if self.right + self.missed else (0.0 if total else None)

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the score for JSON: counts, and figures rounded to four places."""
        return {
            "support": self.right + self.missed,
            "found": self.right + self.wrong,
            "precision": _rounded(self.precision),
            "recall": _rounded(self.recall),
            "f1": _rounded(self.f1),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one evaluation. Lawful: a comment with no ground; one with party politics alone counts as lawful."""

    comments: int
    grounds: Mapping[str, Score]
    routes: Mapping[str, Score]
    route_accuracy: float
    lawful: int
    lawful_flagged: int
    lawful_flagged_surely: int
    criticism: Score
    unsure: int
    danger: Score
    model_version: str
    slices: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def macro_f1(self) -> float:
        """The mean F1 over the grounds that occur."""
        held = [score.f1 or 0.0 for score in self.grounds.values() if score.right + score.missed]
        return sum(held) / len(held) if held else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "comments": self.comments,
            "model_version": self.model_version,
            "macro_f1_grounds": round(self.macro_f1, 4),
            "route_accuracy": round(self.route_accuracy, 4),
            "lawful": self.lawful,
            "lawful_flagged": self.lawful_flagged,
            "lawful_flagged_rate": _share(self.lawful_flagged, self.lawful),
            "lawful_flagged_surely": self.lawful_flagged_surely,
            "lawful_flagged_surely_rate": _share(self.lawful_flagged_surely, self.lawful),
            "unsure": self.unsure,
            "danger": self.danger.as_dict(),
            "criticism": self.criticism.as_dict(),
            "grounds": {name: score.as_dict() for name, score in self.grounds.items()},
            "routes": {name: score.as_dict() for name, score in self.routes.items()},
            "slices": {name: {"comments": n, "grounds_all_right": right} for name, (n, right) in self.slices.items()},
        }

    def table(self) -> str:
        """Return the report as text for people."""
        lines = [f"{self.comments} comments, model {self.model_version}", ""]
        lines.append(f"{'ground':<18}{'there':>7}{'found':>7}{'precision':>11}{'recall':>9}{'F1':>8}")
        lines += [_line(name, score) for name, score in self.grounds.items()]
        lines += [f"{'macro-F1':<18}{'':>34}{self.macro_f1:>8.3f}", ""]
        lines.append(f"{'route':<18}{'there':>7}{'found':>7}{'precision':>11}{'recall':>9}{'F1':>8}")
        lines += [_line(name, score) for name, score in self.routes.items()]
        lines += [f"{'accuracy':<18}{'':>34}{self.route_accuracy:>8.3f}", ""]
        low, high = interval(self.lawful_flagged_surely, self.lawful)
        lines += [
            f"lawful comments with a ground named      {self.lawful_flagged} of {self.lawful}",
            f"  of these without doubt                 {self.lawful_flagged_surely} of {self.lawful}"
            f" ({low:.1%}–{high:.1%} at 95 %)",
            f"threats and people at risk found         {self.danger.right} of {self.danger.right + self.danger.missed}",
            f"criticism: precision, recall             {_shown(self.criticism.precision)}, {_shown(self.criticism.recall)}",
            f"queued as unsure                         {self.unsure} of {self.comments}",
        ]
        return "\n".join(lines)


def evaluate(rows: Sequence[Mapping[str, Any]], reader: Reader | None = None) -> Report:
    """Return the report for labelled rows in the training format. The reader is the shipped one unless given."""
    reader = reader or Reader()
    return compare(rows, reader.read_many(rows), reader.version)


def compare(rows: Sequence[Mapping[str, Any]], readings: Sequence[Signals], version: str) -> Report:
    """Return the report for labelled rows beside what was read in each."""
    grounds = {name: Counter[str]() for name in GROUNDS}
    routes = {name: Counter[str]() for name in ROUTES}
    criticism, danger, slices = Counter[str](), Counter[str](), dict[str, list[int]]()
    right_routes = lawful = flagged = surely = 0
    for row, read in zip(rows, readings, strict=True):
        there = set(row["grounds"])
        for name in GROUNDS:
            grounds[name][_outcome(name in there, name in read.grounds)] += 1
        for name in ROUTES:
            routes[name][_outcome(row["route"] == name, read.route == name)] += 1
        right_routes += row["route"] == read.route
        if row.get("criticism") is not None:
            criticism[_outcome(bool(row["criticism"]), read.criticism)] += 1
        at_risk = "threat" in there or row["route"] == "safeguard"
        danger[_outcome(at_risk, "threat" in read.grounds or read.route == "safeguard")] += 1
        if not there - {"party_political"}:
            lawful += 1
            named = bool(set(read.grounds) - {"party_political"})
            flagged += named
            surely += named and not read.unsure
        for word in str(row.get("slice") or "").split():
            held = slices.setdefault(word, [0, 0])
            held[0] += 1
            held[1] += there == set(read.grounds)
    return Report(
        comments=len(rows),
        grounds={name: _score(counts) for name, counts in grounds.items()},
        routes={name: _score(counts) for name, counts in routes.items()},
        route_accuracy=right_routes / len(rows) if rows else 0.0,
        lawful=lawful,
        lawful_flagged=flagged,
        lawful_flagged_surely=surely,
        criticism=_score(criticism),
        unsure=sum(read.unsure for read in readings),
        danger=_score(danger),
        model_version=version,
        slices={name: (held[0], held[1]) for name, held in sorted(slices.items())},
    )


def interval(hits: int, of: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = share + z * z / (2 * of)
    reach = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - reach) / (1 + z * z / of)), min(1.0, (middle + reach) / (1 + z * z / of))


def _outcome(there: bool, found: bool) -> str:
    return ("right" if there else "wrong") if found else ("missed" if there else "rest")


def _score(counts: Counter[str]) -> Score:
    return Score(counts["right"], counts["wrong"], counts["missed"])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _line(name: str, score: Score) -> str:
    there, found = score.right + score.missed, score.right + score.wrong
    return f"{name:<18}{there:>7}{found:>7}{_shown(score.precision):>11}{_shown(score.recall):>9}{_shown(score.f1):>8}"
