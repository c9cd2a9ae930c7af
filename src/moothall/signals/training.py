"""How the model is made: from label files by one call, with fixed seeds. Needs scikit-learn, which running does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from moothall.signals.features import BUCKETS, featurise
from moothall.signals.findings import Registers
from moothall.signals.model import HEADS, LinearModel, Thresholds, save
from moothall.signals.pipeline import BEFORE_THE_MODEL, Reading
from moothall.signals.public_data import LICENCES, PublicRow, public_rows
from moothall.words import GROUNDS, ROUTES, DomainError

Told = Callable[[str], None]
Line = tuple[NDArray[np.float64], float]
_FOLDS: Final = 5
#: Of lawful comments held out in training, at most this share may reach the certainty that lets a measure be recommended.
_LAWFUL_SURE: Final = 0.002
_PUBLIC_WEIGHT: Final = 0.04
#: Grounds that public sets know much of: what they teach goes in first, and council comments correct it.
_TAUGHT_FIRST: Final = ("abuse", "discrimination")
_FIRST_SCALE: Final = 0.2
_SMOOTHING: Final = 3e-5


class NothingToLearn(DomainError):
    """There are no labelled comments with split "train" in that folder."""

    code = "nothing_to_learn"


class TrainerMissing(DomainError):
    """Training needs scikit-learn. Install it with: pip install 'moothall[train]'"""

    code = "trainer_missing"


@dataclass(frozen=True, slots=True)
class Learned:
    """What training reports: how many comments of whose making, and the thresholds found."""

    council_comments: int
    public_texts: int
    thresholds: Mapping[str, Thresholds]


def labelled(folder: Path, split: str | None = None) -> list[dict[str, Any]]:
    """Return the labelled comments in the ``*.jsonl`` of a folder, in order of file and line; of one split if named."""
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            rows += [json.loads(line) for line in lines if line.strip()]
    return [row for row in rows if split is None or row.get("split") == split]


def train(
    folder: Path,
    out: Path,
    public_data: Path | None = None,
    *,
    seed: int = 20261123,
    most_per_set: int = 1500,
    told: Told = lambda _: None,
) -> Learned:
    """Make a model from the label files in ``folder`` and write it to ``out``.

    Learns from split "train" alone. ``public_data``: a folder with public sets to learn from besides. Calibration and
    thresholds come from folds held out by council. Raises NothingToLearn, TrainerMissing.
    """
    rows = labelled(folder, "train")
    if not rows:
        raise NothingToLearn
    public = list(public_rows(public_data, most_per_set, Random(seed))) if public_data else []
    told(f"{len(rows)} council comments, {len(public)} public texts")
    council_values, found = _council_matrix(rows)
    public_values = _matrix([_features_of(row.text, None, None)[0] for row in public])
    labels = _council_labels(rows)
    known = _public_labels(public)
    first = _first_lesson(public_values, known, seed)
    margins = np.zeros((len(rows), len(HEADS)), np.float32)
    groups = _folds([str(row["council"]) for row in rows], seed)
    for fold in range(_FOLDS):
        told(f"fold {fold + 1} of {_FOLDS}")
        held = groups == fold
        weights, bias = _fit(council_values[~held], labels[~held], public_values, known, first, seed)
        margins[held] = council_values[held] @ weights + bias
    slope, offset = _calibrate(margins, labels)
    weights, bias = _fit(council_values, labels, public_values, known, first, seed)
    weights = weights.astype(np.float16).astype(np.float32)
    draft = LinearModel(weights, bias, slope, offset, {g: Thresholds(0.5, 0.8) for g in GROUNDS}, "draft")
    thresholds = _thresholds(draft, margins, labels, found)
    about = {
        "council_comments": len(rows),
        "public_texts": len(public),
        "public_sets": dict(LICENCES) if public else {},
        "seed": seed,
        "folds": _FOLDS,
    }
    save(out, weights, bias, slope, offset, thresholds, about)
    return Learned(len(rows), len(public), thresholds)


def _features_of(text: str, post: str | None, repeats: int | None) -> tuple[Any, Reading]:
    reading = Reading(text, post, repeats, Registers(), None)
    for _, phase in BEFORE_THE_MODEL:
        phase(reading)
    return featurise(reading.normal.text, reading.flags), reading


def _matrix(features: Sequence[Any]) -> Any:
    sparse = _scipy_sparse()
    lengths = [0, *np.cumsum([len(item.buckets) for item in features])]
    if not features:
        return sparse.csr_matrix((0, BUCKETS), dtype=np.float32)
    matrix = sparse.csr_matrix(
        (
            np.concatenate([f.values for f in features]),
            np.concatenate([f.buckets for f in features]),
            lengths,
        ),
        shape=(len(features), BUCKETS),
    )
    matrix.sum_duplicates()
    return matrix


def _council_matrix(rows: Sequence[Mapping[str, Any]]) -> tuple[Any, list[Reading]]:
    both = [_features_of(row["comment"], row.get("post"), row.get("repeats")) for row in rows]
    return _matrix([features for features, _ in both]), [reading for _, reading in both]


def _council_labels(rows: Sequence[Mapping[str, Any]]) -> NDArray[np.int8]:
    labels = np.zeros((len(rows), len(HEADS)), np.int8)
    for i, row in enumerate(rows):
        labels[i, ROUTES.index(row["route"])] = 1
        for ground in row["grounds"]:
            labels[i, HEADS.index(ground)] = 1
        given = row.get("criticism")
        labels[i, -1] = -1 if given is None else int(given)
    return labels


def _public_labels(rows: Sequence[PublicRow]) -> NDArray[np.int8]:
    labels = np.full((len(rows), len(HEADS)), -1, np.int8)
    for i, row in enumerate(rows):
        for head in row.on:
            labels[i, HEADS.index(head)] = 1
        for head in row.off:
            labels[i, HEADS.index(head)] = 0
    return labels


def _folds(groups: Sequence[str], seed: int) -> NDArray[np.int64]:
    """Return a fold per row; comments of one council stay together, so that none speaks for itself."""
    names = sorted(set(groups))
    Random(seed).shuffle(names)
    place = {name: i % _FOLDS for i, name in enumerate(names)}
    return np.array([place[group] for group in groups])


def _fit(
    council: Any,
    labels: NDArray[np.int8],
    public: Any,
    known: NDArray[np.int8],
    first: Mapping[int, Line],
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weights and bias per head; a public text counts little beside a council comment."""
    sparse = _scipy_sparse()
    weights = np.zeros((BUCKETS, len(HEADS)), np.float32)
    bias = np.full(len(HEADS), -6.0, np.float32)
    for column in range(len(HEADS)):
        mine, theirs = labels[:, column] >= 0, known[:, column] >= 0
        values, truth = council[mine], labels[mine, column]
        weight = np.ones(len(truth))
        if column in first:
            # One more feature: what the public sets would say. Being linear, it folds into the weights afterwards.
            said = _FIRST_SCALE * (values @ first[column][0] + first[column][1])
            values = sparse.hstack([values, sparse.csr_matrix(said[:, None])], format="csr")
        elif theirs.any():
            values = sparse.vstack([values, public[theirs]], format="csr")
            truth = np.concatenate([truth, known[theirs, column]])
            weight = np.concatenate([weight, np.full(theirs.sum(), _PUBLIC_WEIGHT)])
        if len(set(truth.tolist())) < 2:
            continue
        # Rare labels are lifted, but not to equality: a lawful comment wrongly found is the worse error.
        share = weight[truth == 1].sum() / weight.sum()
        weight[truth == 1] *= min(0.25 / max(share, 1e-6), 6.0) if share < 0.25 else 1.0
        line, constant = _line(values, truth, weight, _SMOOTHING, seed)
        if column in first:
            trust = line[-1] * _FIRST_SCALE
            line, constant = line[:-1] + trust * first[column][0], constant + trust * first[column][1]
        weights[:, column], bias[column] = line, constant
    return weights, bias


def _first_lesson(public: Any, known: NDArray[np.int8], seed: int) -> dict[int, Line]:
    """Return, for the heads that public sets know well, what they teach by themselves."""
    lessons: dict[int, Line] = {}
    for column in (HEADS.index(name) for name in _TAUGHT_FIRST):
        told = known[:, column] >= 0
        truth = known[told, column]
        if len(set(truth.tolist())) == 2:
            lessons[column] = _line(public[told], truth, np.ones(len(truth)), 1e-4, seed)
    return lessons


def _line(values: Any, truth: NDArray[np.int8], weight: NDArray[np.float64], smoothing: float, seed: int) -> Line:
    """Return the weights and the constant of a logistic regression."""
    try:
        from sklearn.linear_model import SGDClassifier
    except ImportError as error:
        raise TrainerMissing from error
    model = SGDClassifier(loss="log_loss", alpha=smoothing, max_iter=25, tol=None, average=True, random_state=seed)
    model.fit(values, truth, sample_weight=weight)
    return model.coef_[0], float(model.intercept_[0])


def _calibrate(
    margins: NDArray[np.float32], labels: NDArray[np.int8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return Platt's slope and offset per head from margins of comments held out."""
    from sklearn.linear_model import LogisticRegression

    slope, offset = np.ones(len(HEADS), np.float32), np.zeros(len(HEADS), np.float32)
    for column in range(len(HEADS)):
        known = labels[:, column] >= 0
        truth = labels[known, column]
        if truth.sum() < 5:
            offset[column] = -3.0
            continue
        fitted = LogisticRegression(C=1.0).fit(margins[known, column : column + 1], truth)
        slope[column] = max(float(fitted.coef_[0, 0]), 0.02)
        offset[column] = float(fitted.intercept_[0])
    return slope, offset


def _thresholds(
    draft: LinearModel, margins: NDArray[np.float32], labels: NDArray[np.int8], found: Sequence[Reading]
) -> dict[str, Thresholds]:
    """Return thresholds from held-out readings, lists and model together.

    ``named`` is where F is best; ``sure`` lies above all but a few of the lawful, for it lets a measure be recommended.
    """
    together = np.zeros((len(found), len(GROUNDS)), np.float32)
    for i, reading in enumerate(found):
        own = draft.calibrated(margins[i])
        for k, ground in enumerate(GROUNDS):
            listed = reading.found.get(ground)
            chance = float(own[HEADS.index(ground)])
            if ground == "profanity" and listed is None:
                chance = 0.0
            together[i, k] = max(chance, listed.probability if listed else 0.0)
    truth = labels[:, len(ROUTES) : len(ROUTES) + len(GROUNDS)]
    lawful = truth.sum(axis=1) - truth[:, GROUNDS.index("party_political")] == 0
    limits: dict[str, Thresholds] = {}
    for k, ground in enumerate(GROUNDS):
        scores, there = together[:, k], truth[:, k] == 1
        named = _best(scores, there, precision=1.2)
        worst = np.sort(scores[lawful])[::-1]
        allowed = int(_LAWFUL_SURE * lawful.sum())
        above = float(worst[allowed]) + 0.01 if len(worst) > allowed else named
        limits[ground] = Thresholds(named, float(min(0.97, max(named, above, 0.65))))
    limits["profanity"] = Thresholds(0.5, 0.9)
    # Of the routes only this one has a threshold: too low, and every long story heads the queue.
    at_risk = np.array([draft.calibrated(row)[ROUTES.index("safeguard")] for row in margins], np.float32)
    limit = _best(at_risk, labels[:, ROUTES.index("safeguard")] == 1, precision=1.0)
    limits["safeguard"] = Thresholds(limit, limit)
    told = labels[:, -1] >= 0
    chances = np.array([draft.calibrated(row)[-1] for row in margins[told]], np.float32)
    critical = _best(chances, labels[told, -1] == 1, precision=1.0)
    limits["criticism"] = Thresholds(critical, critical)
    return limits


def _best(scores: NDArray[np.float32], there: NDArray[np.bool_], *, precision: float) -> float:
    """Return the threshold with the best F, in which precision weighs so many times as much as recall."""
    best, at, square = -1.0, 0.5, 1 / precision**2
    for limit in np.arange(0.1 if precision == 1 else 0.24, 0.86, 0.02):
        over = scores >= limit
        right = float((over & there).sum())
        value = (1 + square) * right / (square * there.sum() + over.sum() or 1)
        if value > best + 1e-9:
            best, at = value, float(limit)
    return at


def _scipy_sparse() -> Any:
    try:
        from scipy import sparse  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        raise TrainerMissing from error
    return sparse


__all__ = ["Learned", "NothingToLearn", "TrainerMissing", "labelled", "train"]
