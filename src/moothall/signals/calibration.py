"""From scores to probabilities and thresholds: found on comments that the network did not learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moothall.signals.encoder import HEADS, TARGETS, Card, Thresholds
from moothall.words import GROUNDS, ROUTES

Floats = NDArray[np.float32]
#: Of lawful comments held out, at most this share may reach, by any ground, the certainty that lets a measure be recommended.
LAWFUL_SURE: Final = 0.003
_FEWEST: Final = 5
_LEAST_SURE: Final = 0.6
_MOST_SURE: Final = 0.97
#: Of comments held out that threaten or speak of somebody at risk, so many are to be found.
DANGER_FOUND: Final = 0.93
#: No ground waits for more than this to be named: what is seen is shown, and only certainty is acted on.
_STEPS: Final = np.arange(0.10, 0.61, 0.02)
_DANGER_STEPS: Final = np.array(
    [0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.12, 0.15, 0.18, 0.22, 0.26, 0.3, 0.35, 0.4, 0.5]
)


def calibrate(scores: Floats, labels: Floats) -> tuple[Floats, Floats]:
    """Return a slope and an offset per head (Platt's method), from scores and labels (comments × heads; −1: not known).

    Routes share one slope (a temperature) and so do targets: they compete with each other.
    """
    slope, offset = np.ones(len(HEADS), np.float32), np.zeros(len(HEADS), np.float32)
    groups = [range(len(ROUTES)), range(HEADS.index(f"target:{TARGETS[0]}"), HEADS.index(f"target:{TARGETS[-1]}") + 1)]
    for group in groups:
        known = labels[:, group[0]] >= 0
        slope[list(group)] = _temperature(scores[known][:, list(group)], labels[known][:, list(group)])
    for column in range(len(HEADS)):
        if any(column in group for group in groups):
            continue
        known = labels[:, column] >= 0
        truth = labels[known, column]
        if truth.sum() < _FEWEST or truth.sum() > len(truth) - _FEWEST:
            continue
        slope[column], offset[column] = _platt(scores[known, column], truth)
    return slope, offset


def _temperature(scores: Floats, labels: Floats) -> float:
    """Return the factor under which the softmax of the scores is likeliest."""
    if len(scores) < _FEWEST:
        return 1.0
    at = labels.argmax(axis=1)

    def loss(factor: float) -> float:
        shifted = factor * scores.astype(np.float64)
        shifted -= shifted.max(axis=1, keepdims=True)
        sums: NDArray[np.float64] = np.log(np.exp(shifted).sum(axis=1))
        return float((sums - shifted[np.arange(len(at)), at]).mean())

    return min((float(factor) for factor in np.arange(0.3, 2.01, 0.05)), key=loss)


def _platt(scores: Floats, truth: Floats) -> tuple[float, float]:
    """Return slope and offset of a logistic curve by Newton's method, with Platt's softened targets."""
    positive, negative = float(truth.sum()), float(len(truth) - truth.sum())
    aim = np.where(truth == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    x = np.stack([scores.astype(np.float64), np.ones(len(scores))], axis=1)
    line = np.array([1.0, 0.0])
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(x @ line, -30, 30)))
        gradient = x.T @ (chance - aim) + 1e-3 * (line - np.array([1.0, 0.0]))
        curve = (x * (chance * (1 - chance))[:, None]).T @ x + 1e-3 * np.eye(2)
        step = np.linalg.solve(curve, gradient)
        line -= np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-6:
            break
    return max(float(line[0]), 0.05), float(line[1])


def thresholds(probabilities: Floats, labels: Floats, found: Sequence[Mapping[str, float]]) -> dict[str, Thresholds]:
    """Return the thresholds, from readings held out.

    ``probabilities``: comments × heads. ``found``: per comment what the whole pipeline gives each ground. ``named`` is where
    F1 is best; ``sure`` lies above all but a few of the lawful, for it lets a measure be recommended.
    """
    together = np.array([[one.get(ground, 0.0) for ground in GROUNDS] for one in found], np.float32)
    truth = labels[:, [HEADS.index(ground) for ground in GROUNDS]] == 1
    politics = GROUNDS.index("party_political")
    weighty = [k for k, ground in enumerate(GROUNDS) if ground not in ("party_political", "profanity")]
    lawful = ~np.delete(truth, politics, axis=1).any(axis=1)
    limits = {ground: Thresholds(_best(together[:, k], truth[:, k]), _MOST_SURE) for k, ground in enumerate(GROUNDS)}
    # One certainty for all grounds: the lowest at which so few of the lawful comments reach it by any of them.
    highest = np.sort(together[lawful][:, weighty].max(axis=1))[::-1]
    allowed = int(LAWFUL_SURE * len(highest))
    sure = float(highest[allowed]) + 0.005 if len(highest) > allowed else _LEAST_SURE
    sure = min(max(sure, _LEAST_SURE), _MOST_SURE)
    for ground in GROUNDS:
        limits[ground] = Thresholds(limits[ground].named, max(sure, limits[ground].named))
    limits["profanity"] = Thresholds(0.5, 0.9)
    threat, risk = _for_danger(together[:, GROUNDS.index("threat")], probabilities, labels)
    limits["threat"] = Thresholds(threat, max(sure, threat))
    limits["safeguard"] = Thresholds(risk, risk)
    column = HEADS.index("criticism")
    told = labels[:, column] >= 0
    critical = _best(probabilities[told, column], labels[told, column] == 1)
    limits["criticism"] = Thresholds(critical, critical)
    return limits


def _for_danger(threat: Floats, probabilities: Floats, labels: Floats) -> tuple[float, float]:
    """Return the thresholds of the ground ``threat`` and of the route ``safeguard``.

    Of comments that hold a threat or speak of somebody at risk nearly all must be found by one or the other; among the
    thresholds that do, those that cost least elsewhere. Where none do, those that find most.
    """
    routes = probabilities[:, : len(ROUTES)]
    risk = routes[:, ROUTES.index("safeguard")]
    otherwise = np.where(np.arange(len(ROUTES)) == ROUTES.index("safeguard"), -1, routes).argmax(axis=1)
    right = labels[:, : len(ROUTES)].argmax(axis=1)
    there = labels[:, HEADS.index("threat")] == 1
    at_risk = labels[:, ROUTES.index("safeguard")] == 1
    danger = there | at_risk
    best = (-1.0, -1.0, 0.5, 0.5)
    for low in _DANGER_STEPS:
        over = threat >= low
        f1 = 2 * float((over & there).sum()) / max(float(over.sum() + there.sum()), 1.0)
        for limit in _DANGER_STEPS:
            routed = np.where(risk >= limit, ROUTES.index("safeguard"), otherwise)
            found = float(((over | (risk >= limit)) & danger).sum()) / max(float(danger.sum()), 1.0)
            worth = f1 / len(GROUNDS) + float((routed == right).mean())
            best = max(best, (min(found, DANGER_FOUND), worth, float(low), float(limit)))
    return best[2], best[3]


def _best(scores: Floats, there: NDArray[np.bool_]) -> float:
    """Return the threshold with the best F1, the middle of the best where several are."""
    values = []
    for limit in _STEPS:
        over = scores >= limit
        values.append(2 * float((over & there).sum()) / max(float(over.sum() + there.sum()), 1.0))
    if max(values) == 0:
        return 0.5
    best = [limit for limit, value in zip(_STEPS, values, strict=True) if value >= max(values) - 0.002]
    return float(best[len(best) // 2])


def draft(cues: tuple[str, ...]) -> Card:
    """Return a card without calibration, to read with until there is one."""
    limits = {name: Thresholds(0.5, 0.8) for name in (*GROUNDS, "safeguard", "criticism")}
    return Card(cues, np.ones(len(HEADS), np.float32), np.zeros(len(HEADS), np.float32), limits, {})
