"""How good the reader is, on labelled comments it was not taught on."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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
class Slice:
    """One kind of comment: how many, how many with all grounds right, how many lawful, how many of these named surely."""

    comments: int
    right: int
    lawful: int
    flagged_surely: int

    def as_dict(self) -> dict[str, int]:
        """Return the slice for JSON."""
        return {
            "comments": self.comments,
            "grounds_all_right": self.right,
            "lawful": self.lawful,
            "lawful_flagged_surely": self.flagged_surely,
        }


@dataclass(frozen=True, slots=True)
class Bin:
    """Probabilities of about one size: how many, their mean, and how often the ground was there."""

    count: int
    said: float
    seen: float


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
    slices: Mapping[str, Slice] = field(default_factory=dict)
    calibration: tuple[Bin, ...] = ()
    #: 95 % intervals of each ground's F1 and, as ``macro``, of their mean: comments drawn again a thousand times.
    margins: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def macro_f1(self) -> float:
        """The mean F1 over the grounds that occur."""
        held = [score.f1 or 0.0 for score in self.grounds.values() if score.right + score.missed]
        return sum(held) / len(held) if held else 0.0

    @property
    def calibration_error(self) -> float:
        """The mean distance between what is said and what is seen, weighed by how often it is said."""
        total = sum(one.count for one in self.calibration)
        return sum(one.count * abs(one.said - one.seen) for one in self.calibration) / total if total else 0.0

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
            "slices": {name: one.as_dict() for name, one in self.slices.items()},
            "calibration_error": round(self.calibration_error, 4),
            "calibration": [
                {"count": one.count, "said": round(one.said, 4), "seen": round(one.seen, 4)} for one in self.calibration
            ],
            "margins": {name: [round(low, 4), round(high, 4)] for name, (low, high) in self.margins.items()},
        }

    def table(self) -> str:
        """Return the report as text for people."""
        lines = [f"{self.comments} comments, model {self.model_version}", ""]
        lines.append(f"{'ground':<18}{'there':>7}{'found':>7}{'precision':>11}{'recall':>9}{'F1':>8}")
        lines += [_line(name, score) for name, score in self.grounds.items()]
        reach = "({:.3f}–{:.3f} at 95 %)".format(*self.margins["macro"]) if "macro" in self.margins else ""
        lines += [f"{'macro-F1':<18}{'':>27}{self.macro_f1:>8.3f} {reach}", ""]
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
            f"calibration: said and seen differ by     {self.calibration_error:.3f}",
        ]
        return "\n".join(lines)


#: Bounds of the bins in which probabilities are compared with what is there; below the first nothing is shown to anybody.
_BINS: Final = (0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 1.001)
_DRAWN: Final = 1000


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
        is_lawful = not there - {"party_political"}
        named = bool(set(read.grounds) - {"party_political"})
        wrongly = is_lawful and named and not read.unsure
        lawful += is_lawful
        flagged += is_lawful and named
        surely += wrongly
        for word in (*str(row.get("slice") or "").split(), _length(row["comment"])):
            held = slices.setdefault(word, [0, 0, 0, 0])
            for index, one in enumerate((True, there == set(read.grounds), is_lawful, wrongly)):
                held[index] += one
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
        slices={name: Slice(*held) for name, held in sorted(slices.items())},
        calibration=_calibration(rows, readings),
        margins=_margins(rows, readings),
    )


def _length(comment: str) -> str:
    words = len(comment.split())
    return "up_to_10_words" if words <= 10 else "11_to_40_words" if words <= 40 else "over_40_words"


def _calibration(rows: Sequence[Mapping[str, Any]], readings: Sequence[Signals]) -> tuple[Bin, ...]:
    said: list[float] = []
    seen: list[bool] = []
    for row, read in zip(rows, readings, strict=True):
        for name, signal in read.all_grounds.items():
            said.append(signal.probability)
            seen.append(name in row["grounds"])
    chances, there = np.array(said), np.array(seen, dtype=float)
    bins = []
    for low, high in itertools.pairwise(_BINS):
        inside = (chances >= low) & (chances < high)
        if inside.any():
            bins.append(Bin(int(inside.sum()), float(chances[inside].mean()), float(there[inside].mean())))
    return tuple(bins)


def _margins(rows: Sequence[Mapping[str, Any]], readings: Sequence[Signals]) -> dict[str, tuple[float, float]]:
    """Return the 2.5th and 97.5th percentile of each F1 and of their mean over comments drawn with replacement."""
    if not rows:
        return {}
    truth = np.array([[name in row["grounds"] for name in GROUNDS] for row in rows])
    found = np.array([[name in read.grounds for name in GROUNDS] for read in readings])
    occurs = truth.sum(axis=0) > 0
    draws = np.random.default_rng(20261124).integers(0, len(rows), (_DRAWN, len(rows)))
    values = np.stack([_f1s(truth[draw], found[draw]) for draw in draws])
    with_mean = np.column_stack([values, values[:, occurs].mean(axis=1) if occurs.any() else np.zeros(_DRAWN)])
    low, high = np.percentile(with_mean, [2.5, 97.5], axis=0)
    return {
        name: (float(low[at]), float(high[at]))
        for at, name in enumerate((*GROUNDS, "macro"))
        if name == "macro" or occurs[at]
    }


def _f1s(truth: NDArray[np.bool_], found: NDArray[np.bool_]) -> NDArray[np.float64]:
    total = truth.sum(axis=0) + found.sum(axis=0)
    f1s: NDArray[np.float64] = 2 * (truth & found).sum(axis=0) / np.maximum(total, 1)
    return f1s


def side_by_side(reports: Sequence[Report]) -> str:
    """Return the figures of several models on the same comments as one table for people."""
    lines = [
        f"{'':<42}" + "".join(f"{number + 1:>12}" for number in range(len(reports))),
        _beside("macro-F1", [report.macro_f1 for report in reports]),
        *[_beside(f"  {name}", [report.grounds[name].f1 for report in reports]) for name in GROUNDS],
        _beside("route accuracy", [report.route_accuracy for report in reports]),
        _beside("threats and people at risk found", [report.danger.recall for report in reports]),
        _beside("lawful named", [_share(report.lawful_flagged, report.lawful) for report in reports]),
        _beside("lawful named without doubt", [_share(r.lawful_flagged_surely, r.lawful) for r in reports]),
        _beside("queued as unsure", [_share(report.unsure, report.comments) for report in reports]),
        "",
        *[f"{number + 1}: {report.model_version}" for number, report in enumerate(reports)],
    ]
    return "\n".join(lines)


def _beside(what: str, values: Sequence[float | None]) -> str:
    return f"{what:<42}" + "".join(f"{_shown(value):>12}" for value in values)


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
