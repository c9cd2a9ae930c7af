"""Whether two pictures show the same thing, and where: pairs of alike points that agree on one way to lay one over the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from moothall.signals.picture_features import LENGTH, Features

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]

_MOST_PAIRS: Final = 150
_STARTS: Final = 2
_BLOCK: Final = 8


@dataclass(frozen=True, slots=True)
class Fit:
    """A way to lay a reference over a query. ``matrix``: 2 × 3, from the reference's searched pixels to the query's."""

    matrix: NDArray[np.float64]
    asked: Whole
    held: Whole
    weight: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a query shows a reference, where it is laid over it.

    ``evidence``: weighted count of agreeing points, close ones counted once; ``share``: of the reference's points that
    should be seen there, the weighted share that is; ``surface``: of the blocks with something in them, the weighted share
    that agrees; ``different``: the share of visible blocks that plainly shows something else; ``seen``: the share of the
    reference that is in the query.
    """

    evidence: float
    plain: int
    share: float
    surface: float
    different: float
    seen: float
    box: tuple[float, float, float, float]


def fit(query: Features, reference: Features, asked: Whole, held: Whole, weights: Floats) -> Fit | None:
    """Return the way of laying ``reference`` over ``query`` that the most weight of pairs agrees on; None if nothing does.

    Each pair by itself says how: by its two sizes, angles and places. The others vote.
    """
    if len(asked) < 3:
        return None
    if len(asked) > _MOST_PAIRS:
        best = np.argpartition(-weights, _MOST_PAIRS)[:_MOST_PAIRS]
        asked, held, weights = asked[best], held[best], weights[best]
    there, here = query.points[asked], reference.points[held]
    scale = there[:, 2] / here[:, 2]
    turn = there[:, 3] - here[:, 3]
    # Points as complex numbers: a pair's map is one factor and one shift.
    factor = scale * np.exp(1j * turn).astype(np.complex64)
    target, source = there[:, 0] + 1j * there[:, 1], here[:, 0] + 1j * here[:, 1]
    steps = source[None, :] - source[:, None]
    off = np.abs(factor[:, None] * steps - (target[None, :] - target[:, None]))
    close = off < 5.0 + 0.16 * np.abs(steps) * scale[:, None]
    # How pairs differ in size and angle is the ratio of their factors.
    size, swing = np.log(scale), np.angle(factor[:, None] * factor.conj()[None, :])
    close &= (np.abs(size[:, None] - size[None, :]) < 0.55) & (np.abs(swing) < 0.45)
    votes = close @ weights
    best_fit: Fit | None = None
    tried = np.zeros(len(asked), bool)
    for start in np.argsort(-votes)[: 4 * _STARTS]:
        if tried[start] or close[start].sum() < 3:
            continue
        refined = _refine(there, here, close[start], weights)
        tried |= close[start]
        if refined is None:
            continue
        matrix, inside = refined
        total = float(weights[inside].sum())
        if best_fit is None or total > best_fit.weight:
            best_fit = Fit(matrix, asked[inside], held[inside], total)
    return best_fit


def _refine(there: Floats, here: Floats, inside: Any, weights: Floats) -> tuple[NDArray[np.float64], Any] | None:
    """Return the matrix and the pairs within it, from a first guess of the pairs: a similarity, then an affine map."""
    matrix = None
    for tolerance, free in ((12.0, False), (7.0, False), (6.0, True), (4.5, True)):
        if inside.sum() < 3:
            return None
        matrix = _solve(there[inside], here[inside], weights[inside], free and int(inside.sum()) >= 8)
        if matrix is None:
            return None
        away = here[:, :2] @ matrix[:, :2].T + (matrix[:, 2] - there[:, :2])
        inside = (away * away).sum(1) < tolerance * tolerance
    return (matrix, inside) if matrix is not None and inside.sum() >= 3 else None


def _solve(there: Floats, here: Floats, weights: Floats, free: bool) -> NDArray[np.float64] | None:
    """Return the least-squares map of the points, an affine one where ``free``; None where it would squash the picture."""
    force = weights.astype(np.float64) + 0.02
    force /= force.sum()
    source, target = here[:, :2].astype(np.float64), there[:, :2].astype(np.float64)
    middle, goal = force @ source, force @ target
    source, target = source - middle, target - goal
    crossed = (target * force[:, None]).T @ source
    spread = (source * force[:, None]).T @ source
    if free:
        spread += 1e-6 * np.trace(spread) * np.eye(2)
        if not np.linalg.det(spread):
            return None
        turn = crossed @ np.linalg.inv(spread)
    else:
        total = np.trace(spread)
        if total <= 0:
            return None
        a, b = (crossed[0, 0] + crossed[1, 1]) / total, (crossed[1, 0] - crossed[0, 1]) / total
        turn = np.array([[a, -b], [b, a]])
    area = float(np.linalg.det(turn))
    # The two stretches of a 2 × 2 map, from the sum of their squares and their product.
    square = float((turn * turn).sum())
    root = max(square * square - 4 * area * area, 0.0) ** 0.5
    most, least = ((square + root) / 2) ** 0.5, max((square - root) / 2, 0.0) ** 0.5
    if area <= 0 or least < 0.04 or most > 12 or most > 2.2 * least:
        return None
    return np.column_stack([turn, goal - turn @ middle])


def agreement(query: Features, reference: Features, matrix: NDArray[np.float64], weights: Floats) -> Agreement:
    """Return how far the query shows the reference where ``matrix`` lays it. ``weights``: of each of the reference's points."""
    projected = reference.points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    grown = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    sizes = reference.points[:, 2] * grown
    margin = 6
    inside = (projected[:, 0] > margin) & (projected[:, 1] > margin)
    inside &= (projected[:, 0] < query.width - margin) & (projected[:, 1] < query.height - margin)
    expected = inside & (sizes > 2.6)
    rows = np.flatnonzero(inside)
    evidence, plain, met = 0.0, 0, 0.0
    if len(rows) and len(query.points):
        met_rows = rows[_seen_again(query, reference, projected, sizes, rows, matrix)]
        met = float(weights[met_rows[expected[met_rows]]].sum())
        evidence, plain = _counted_once(projected[met_rows], weights[met_rows])
    due = float(weights[expected].sum())
    surface, different, seen = _surface(query, reference, matrix, weights)
    corners = np.array([(0, 0), (reference.width, 0), (reference.width, reference.height), (0, reference.height)])
    shown = corners @ matrix[:, :2].T + matrix[:, 2]
    low = np.clip(shown.min(0), 0, (query.width, query.height))
    high = np.clip(shown.max(0), 0, (query.width, query.height))
    box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
    return Agreement(evidence, plain, met / (due + 4.0), surface, different, seen, box)


def _seen_again(query: Features, reference: Features, projected: Any, sizes: Any, rows: Whole, matrix: Any) -> Any:
    """Return which of the reference's points have one like them in the query, where they should be."""
    spots = projected[rows].astype(np.float32)
    order = np.argsort(query.points[:, 0])
    along = query.points[order, 0]
    first, last = np.searchsorted(along, spots[:, 0] - 5), np.searchsorted(along, spots[:, 0] + 5)
    counts = last - first
    ours = np.repeat(np.arange(len(rows)), counts)
    theirs = order[np.arange(len(ours)) - np.repeat(np.cumsum(counts) - counts - first, counts)]
    near = np.abs(query.points[theirs, 1] - spots[ours, 1]) < 5
    ours, theirs = ours[near], theirs[near]
    ratio = query.points[theirs, 2] / sizes[rows[ours]]
    turn = float(np.arctan2(matrix[1, 0], matrix[0, 0]))
    swing = np.abs((query.points[theirs, 3] - reference.points[rows[ours], 3] - turn + np.pi) % (2 * np.pi) - np.pi)
    keep = (ratio > 0.6) & (ratio < 1.7) & (swing < 0.5)
    ours, theirs = ours[keep], theirs[keep]
    product = np.einsum(
        "ij,ij->i",
        reference.descriptors[rows[ours]].astype(np.float32),
        query.descriptors[theirs].astype(np.float32),
    )
    met = np.zeros(len(rows), bool)
    met[ours[product > 0.74 * LENGTH * LENGTH]] = True
    return met


def _counted_once(spots: Any, weights: Floats) -> tuple[float, int]:
    """Return the weight and number of points, those within the same 5 pixels counted once."""
    best: dict[tuple[int, int], float] = {}
    for (x, y), weight in zip((spots // 5).astype(int).tolist(), weights.tolist(), strict=True):
        best[x, y] = max(best.get((x, y), 0.0), weight)
    return sum(best.values()), len(best)


def _surface(query: Features, reference: Features, matrix: Any, weights: Floats) -> tuple[float, float, float]:
    """Return the weighted share of blocks that agree, the share that was changed, and how much of the reference is seen."""
    # Both are compared at the size at which neither is blown up: the small copies' grids, the finer of the two maps.
    from_query = query.width / query.small.shape[1]
    from_reference = reference.width / reference.small.shape[1]
    to_small = np.vstack([matrix, [0, 0, 1]]) @ np.diag([from_reference, from_reference, 1])
    to_small = np.diag([1 / from_query, 1 / from_query, 1]) @ to_small
    height, width = reference.small.shape
    laid = cv2.warpAffine(query.small, to_small[:2], (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    own = reference.small
    grown = float(np.sqrt(abs(np.linalg.det(to_small[:2, :2]))))
    if grown < 0.8:
        # Shown small: the reference loses the detail that the query cannot have.
        own = np.asarray(cv2.GaussianBlur(own, (0, 0), 0.5 / grown), np.uint8)
    mask = cv2.warpAffine(
        np.full(query.small.shape, 255, np.uint8),
        to_small[:2],
        (width, height),
        flags=cv2.WARP_INVERSE_MAP,
        borderValue=0,
    )
    one, other = own.astype(np.float32), laid.astype(np.float32)
    size = (_BLOCK, _BLOCK)

    def mean(values: Any) -> Any:
        return cv2.boxFilter(values, cv2.CV_32F, size)[_BLOCK // 2 :: _BLOCK // 2, _BLOCK // 2 :: _BLOCK // 2]

    one_mean, other_mean, whole = mean(one), mean(other), mean(mask.astype(np.float32)) > 250
    one_spread = np.maximum(mean(one * one) - one_mean**2, 0)
    other_spread = np.maximum(mean(other * other) - other_mean**2, 0)
    together = mean(one * other) - one_mean * other_mean
    likeness = np.abs(together) / np.sqrt((one_spread + 9) * (other_spread + 9))
    common = _commonness(reference, weights, one_mean.shape)
    busy = whole & (one_spread > 30)
    force = common * busy
    total = float(force.sum())
    if total < 1e-6:
        return 0.0, 0.0, float(whole.mean())
    agrees = float((force * np.clip((likeness - 0.3) / 0.5, 0, 1)).sum())
    return agrees / (total + 3.0), _changed(whole, busy, likeness, other_spread), float(whole.mean())


def _changed(whole: Any, busy: Any, likeness: Any, other_spread: Any) -> float:
    """Return the share of the visible blocks that plainly show something else: not alike, or drawn on where nothing was.

    Single blocks do not count: a slip of a pixel at a sharp edge looks like that.
    """
    changed = (whole & np.where(busy, likeness < 0.25, other_spread > 250)).astype(np.uint8)
    changed = cv2.morphologyEx(changed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return float(changed.sum() / max(1, whole.sum()))


def _commonness(reference: Features, weights: Floats, shape: tuple[int, int]) -> Any:
    """Return for each block of the reference the mean weight of its points: low where every poster looks the same."""
    height, width = shape
    across = reference.small.shape[1] / reference.width / (_BLOCK // 2)
    columns = np.clip((reference.points[:, 0] * across).astype(int), 0, width - 1)
    rows = np.clip((reference.points[:, 1] * across).astype(int), 0, height - 1)
    sums: Any = np.zeros(shape, np.float32)
    counts: Any = np.zeros(shape, np.float32)
    np.add.at(sums, (rows, columns), weights)
    np.add.at(counts, (rows, columns), 1)
    near = (9, 9)
    sums, counts = cv2.boxFilter(sums, -1, near, normalize=False), cv2.boxFilter(counts, -1, near, normalize=False)
    return (sums + 0.15) / (counts + 0.5)
