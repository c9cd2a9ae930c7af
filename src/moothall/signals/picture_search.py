"""Which remembered points look like those of a picture: an inverted index that also knows how common each point is.

Descriptors lie in cells around centres learnt from the references themselves; a search looks into the nearest few. For each
point it is counted in how many references one like it stands: what a house style puts on every poster weighs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from moothall.signals.picture_features import LENGTH

#: From this cosine on two points look alike; from the higher one on they are taken for the same drawing.
ALIKE: Final = 0.9
_SAME: Final = 0.92
#: How many cells a search looks into.
_PROBES: Final = 2
_PER_CELL: Final = 500
#: What stands in more references than this says nothing about which of them is shown; a search passes it over.
_COMMON: Final = 16
_LEARN_FROM: Final = 20_000
#: So many pairs of points are compared at once: where many pictures have one pattern, a cell of theirs has thousands of points.
_TOGETHER: Final = 8_000_000

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]


class Found(NamedTuple):
    """Pairs of a point asked for and a remembered one: row of the question, row in the index."""

    asked: Whole
    held: Whole


def weight_of(shared: NDArray[np.int32]) -> Floats:
    """Return how much points count that stand in so many references: 1 for one, half at four, 0.02 at twenty."""
    return (1.0 / (1.0 + ((np.maximum(shared, 1) - 1) / 3.0) ** 2)).astype(np.float32)


class PointSearch:
    """The points of all references.

    ``owner``: each point's reference, by its number; ``row``: which of its points it is; ``shared``: in how many references
    one like it stands. All in the order of their cells.
    """

    def __init__(self) -> None:
        self.descriptors: NDArray[np.uint8] = np.zeros((0, 128), np.uint8)
        self.owner: NDArray[np.int32] = np.zeros(0, np.int32)
        self.row: NDArray[np.int32] = np.zeros(0, np.int32)
        self.shared: NDArray[np.int32] = np.zeros(0, np.int32)
        self._cell: Whole = np.zeros(0, np.int64)
        self._starts: Whole = np.zeros(2, np.int64)
        self._telling: Whole = np.zeros(0, np.int64)
        self._telling_starts: Whole = np.zeros(2, np.int64)
        self._centres: Floats = np.zeros((1, 128), np.float32)
        self._learnt_at = 0

    def add(self, parts: list[tuple[int, NDArray[np.uint8]]]) -> None:
        """Take in references, each with its number and its descriptors; numbers must be new and growing."""
        if not parts:
            return
        new = np.concatenate([descriptors for _, descriptors in parts])
        owner = np.concatenate([np.full(len(descriptors), number, np.int32) for number, descriptors in parts])
        row = np.concatenate([np.arange(len(descriptors), dtype=np.int32) for _, descriptors in parts])
        fresh = np.concatenate([np.zeros(len(self.owner), bool), np.ones(len(new), bool)])
        self.descriptors = np.concatenate([self.descriptors, new])
        self.owner = np.concatenate([self.owner, owner])
        self.row = np.concatenate([self.row, row])
        self.shared = np.concatenate([self.shared, np.ones(len(new), np.int32)])
        if len(self.owner) > 3 * self._learnt_at:
            self._learn()
            self._cell = self._cells(self.descriptors, 1)[:, 0]
        else:
            self._cell = np.concatenate([self._cell, self._cells(new, 1)[:, 0]])
        order = np.lexsort((self.owner, self._cell))
        self.descriptors, self.owner, self.row = self.descriptors[order], self.owner[order], self.row[order]
        self.shared, fresh, self._cell = self.shared[order], fresh[order], self._cell[order]
        edges = np.arange(len(self._centres) + 1)
        self._starts = np.searchsorted(self._cell, edges)
        for start, end in pairwise(self._starts.tolist()):
            if fresh[start:end].any():
                self._count(start, end, fresh[start:end])
        self._telling = np.flatnonzero(self.shared <= _COMMON)
        self._telling_starts = np.searchsorted(self._cell[self._telling], edges)

    def find(self, asked: NDArray[np.uint8]) -> Found:
        """Return every pair that looks alike, as far as the cells looked into show it; points that say nothing are left out."""
        if not len(asked) or not len(self._telling):
            return Found(np.zeros(0, np.int64), np.zeros(0, np.int64))
        vectors = asked.astype(np.float32)
        cells = self._cells(asked, min(_PROBES, len(self._centres)))
        question = np.repeat(np.arange(len(asked)), cells.shape[1])
        flat = cells.ravel()
        order = np.argsort(flat, kind="stable")
        flat, question = flat[order], question[order]
        edges = np.flatnonzero(np.diff(flat, prepend=-1, append=-1))
        least = ALIKE * LENGTH * LENGTH
        asked_rows: list[Whole] = []
        held_rows: list[Whole] = []
        for begin, end in pairwise(edges.tolist()):
            start, stop = self._telling_starts[flat[begin]], self._telling_starts[flat[begin] + 1]
            if start == stop:
                continue
            which, held = question[begin:end], self._telling[start:stop]
            product = vectors[which] @ self.descriptors[held].astype(np.float32).T
            alike = np.flatnonzero(product > least)
            if len(alike):
                across, down = np.divmod(alike, len(held))
                asked_rows.append(which[across])
                held_rows.append(held[down])
        if not asked_rows:
            return Found(np.zeros(0, np.int64), np.zeros(0, np.int64))
        return Found(np.concatenate(asked_rows), np.concatenate(held_rows))

    def _count(self, start: int, end: int, fresh: NDArray[np.bool_]) -> None:
        """Count for each point of a cell the references with one like it; only what came new is compared."""
        whole = self.descriptors[start:end].astype(np.float32)
        owner = self.owner[start:end]
        first = np.flatnonzero(np.diff(owner, prepend=-1))
        new = np.flatnonzero(fresh)
        for part in _parts(owner[new], max(1, _TOGETHER // len(whole))):
            rows = new[part]
            alike = whole[rows] @ whole.T > _SAME * LENGTH * LENGTH
            in_reference = np.logical_or.reduceat(alike, first, axis=1)
            self.shared[start + rows] = np.maximum(in_reference.sum(1), 1)
            if len(new) < len(whole):
                begins = np.flatnonzero(np.diff(owner[rows], prepend=-1))
                counted = np.logical_or.reduceat(alike, begins, axis=0).sum(0).astype(np.int32)
                self.shared[start:end][~fresh] += counted[~fresh]

    def _learn(self) -> None:
        """Learn the centres: a few rounds of k-means on a fixed sample."""
        chance = np.random.default_rng(7)
        total = len(self.owner)
        sample = self.descriptors[chance.choice(total, min(total, _LEARN_FROM), replace=False)].astype(np.float32)
        wanted = max(1, min(total // _PER_CELL, 4096, len(sample) // 4))
        centres = sample[chance.choice(len(sample), wanted, replace=False)]
        for _ in range(4):
            nearest = (sample @ centres.T - 0.5 * (centres**2).sum(1)).argmax(1)
            sums = np.zeros_like(centres)
            np.add.at(sums, nearest, sample)
            counts = np.bincount(nearest, minlength=wanted)[:, None]
            centres = np.where(counts > 0, sums / np.maximum(counts, 1), centres).astype(np.float32)
        self._centres = centres
        self._learnt_at = total

    def _cells(self, descriptors: NDArray[np.uint8], probes: int) -> Whole:
        half = 0.5 * (self._centres**2).sum(1)
        out = np.zeros((len(descriptors), probes), np.int64)
        for begin in range(0, len(descriptors), 4096):
            nearness = descriptors[begin : begin + 4096].astype(np.float32) @ self._centres.T - half
            every = np.arange(len(nearness))
            for probe in range(probes):
                out[begin : begin + 4096, probe] = best = nearness.argmax(1)
                nearness[every, best] = -np.inf
        return out


def _parts(owner: NDArray[np.int32], most: int) -> Iterator[slice]:
    """Yield slices of rows that lie together by owner, ``most`` long where no owner has more: an owner is never divided."""
    edges = [*np.flatnonzero(np.diff(owner, prepend=-1)).tolist(), len(owner)]
    begin = 0
    for end, following in pairwise(edges[1:]):
        if following - begin > most:
            yield slice(begin, end)
            begin = end
    if begin < len(owner):
        yield slice(begin, len(owner))
