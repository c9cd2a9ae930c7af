"""Which remembered points look like those of a picture: an inverted index that also knows how common each point is.

Descriptors lie in cells around centres learnt from the references themselves; a search looks into the nearest few. For each
point it is counted in how many references one like it stands: what a house style puts on every poster weighs next to nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from moothall.signals.picture_features import LENGTH

#: From this cosine on two points look alike; from the higher one on they are taken for the same drawing.
ALIKE: Final = 0.9
_SAME: Final = 0.92
#: How many cells a search looks into.
_PROBES: Final = 3
_PER_CELL: Final = 250
_LEARN_FROM: Final = 20_000

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]


class Found(NamedTuple):
    """Pairs of a point asked for and a remembered one: row of the question, row in the index, cosine."""

    asked: Whole
    held: Whole
    cosine: Floats


def weight_of(shared: NDArray[np.int32]) -> Floats:
    """Return how much points count that stand in so many references: 1 for one, half at four, 0.02 at twenty."""
    return (1.0 / (1.0 + ((np.maximum(shared, 1) - 1) / 3.0) ** 2)).astype(np.float32)


class PointSearch:
    """The points of all references. ``owner``: each point's reference, by its number; ``shared``: in how many one like it stands."""

    def __init__(self) -> None:
        self.descriptors: NDArray[np.uint8] = np.zeros((0, 128), np.uint8)
        self.owner: NDArray[np.int32] = np.zeros(0, np.int32)
        self.row: NDArray[np.int32] = np.zeros(0, np.int32)
        self.shared: NDArray[np.int32] = np.zeros(0, np.int32)
        self._starts: Whole = np.zeros(2, np.int64)
        self._centres: Floats = np.zeros((1, 128), np.float32)
        self._learnt_at = 0

    def add(self, parts: list[tuple[int, NDArray[np.uint8]]]) -> None:
        """Take in references, each with its number and its descriptors; numbers must be new."""
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
        cell = self._cells(self.descriptors, 1)[:, 0]
        order = np.lexsort((self.owner, cell))
        self.descriptors, self.owner, self.row = self.descriptors[order], self.owner[order], self.row[order]
        self.shared, fresh, cell = self.shared[order], fresh[order], cell[order]
        self._starts = np.searchsorted(cell, np.arange(len(self._centres) + 1))
        for start, end in zip(self._starts[:-1], self._starts[1:], strict=True):
            if fresh[start:end].any():
                self._count(int(start), int(end), fresh[start:end])

    def find(self, asked: NDArray[np.uint8]) -> Found:
        """Return every pair that looks alike, as far as the cells looked into show it."""
        if not len(asked) or not len(self.owner):
            return Found(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        vectors = asked.astype(np.float32)
        cells = self._cells(asked, min(_PROBES, len(self._centres)))
        question = np.repeat(np.arange(len(asked)), cells.shape[1])
        flat = cells.ravel()
        order = np.argsort(flat, kind="stable")
        flat, question = flat[order], question[order]
        edges = np.flatnonzero(np.diff(flat, prepend=-1, append=-1))
        least = ALIKE * LENGTH * LENGTH
        rows: list[Whole] = []
        columns: list[Whole] = []
        cosines: list[Floats] = []
        for begin, end in zip(edges[:-1], edges[1:], strict=True):
            start, stop = self._starts[flat[begin]], self._starts[flat[begin] + 1]
            if start == stop:
                continue
            which = question[begin:end]
            product = vectors[which] @ self.descriptors[start:stop].astype(np.float32).T
            across, down = np.nonzero(product > least)
            rows.append(which[across])
            columns.append(down + start)
            cosines.append(product[across, down])
        if not rows:
            return Found(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        return Found(np.concatenate(rows), np.concatenate(columns), np.concatenate(cosines) / LENGTH**2)

    def _count(self, start: int, end: int, fresh: NDArray[np.bool_]) -> None:
        """Count for each point of a cell the references with one like it; only what came new is compared."""
        whole = self.descriptors[start:end].astype(np.float32)
        owner = self.owner[start:end]
        alike = whole[fresh] @ whole.T > _SAME * LENGTH * LENGTH
        first = np.flatnonzero(np.diff(owner, prepend=-1))
        in_reference = np.logical_or.reduceat(alike, first, axis=1)
        self.shared[start:end][fresh] = np.maximum(in_reference.sum(1), 1)
        if not fresh.all():
            mine = owner[fresh]
            begins = np.flatnonzero(np.diff(mine, prepend=-1))
            self.shared[start:end][~fresh] += (
                np.logical_or.reduceat(alike, begins, axis=0).sum(0)[~fresh].astype(np.int32)
            )

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
            if probes == 1:
                out[begin : begin + 4096, 0] = nearness.argmax(1)
            else:
                out[begin : begin + 4096] = np.argpartition(-nearness, probes - 1, axis=1)[:, :probes]
        return out
