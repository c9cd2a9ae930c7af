"""What the encoder learns from: labelled comments and public texts as numbers. Made without PyTorch, so that tests can look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from moothall.signals.encoder import HEADS, MARKS, TARGETS, Given, Words
from moothall.signals.findings import Registers
from moothall.signals.pipeline import cues_of, read_before_the_encoder
from moothall.signals.public_data import PublicRow
from moothall.words import GROUNDS, ROUTES

Floats = NDArray[np.float32]
_UNKNOWN: Final = -1.0
_RAREST_CUE: Final = 8


@dataclass(frozen=True, slots=True)
class Lesson:
    """One text to learn from.

    ``ids``: its pieces; ``given``: what the encoder is handed at run time; ``labels``: 1, 0 or −1 (not known) per head;
    ``marks``: the same per piece and mark.
    """

    ids: NDArray[np.int64]
    given: Given
    labels: Floats
    marks: Floats

    @property
    def post(self) -> str:
        """The post's text, empty where there is none."""
        return self.given.post or ""


def council_lessons(rows: Sequence[Mapping[str, Any]], words: Words) -> list[Lesson]:
    """Return the lessons of labelled comments in the training format."""
    return [_council_lesson(row, words) for row in rows]


def _council_lesson(row: Mapping[str, Any], words: Words) -> Lesson:
    given, ids, places = _given(row["comment"], row.get("post"), row.get("repeats"), words)
    labels = np.full(len(HEADS), _UNKNOWN, np.float32)
    labels[: len(ROUTES)] = 0
    labels[ROUTES.index(row["route"])] = 1
    labels[HEADS.index(GROUNDS[0]) : HEADS.index(GROUNDS[0]) + len(GROUNDS)] = 0
    for ground in row["grounds"]:
        labels[HEADS.index(ground)] = 1
    if row.get("criticism") is not None:
        labels[HEADS.index("criticism")] = float(row["criticism"])
    told = [word[7:] for word in str(row.get("slice") or "").split() if word.startswith("target_")]
    if len(told) == 1 and told[0] in TARGETS:
        for target in TARGETS:
            labels[HEADS.index(f"target:{target}")] = float(target == told[0])
    marks = np.full((len(ids), len(MARKS)), _UNKNOWN, np.float32)
    for index, place in enumerate(places):
        if place is None:
            continue
        marks[index, : len(GROUNDS)] = 0
        for span in row["spans"]:
            if place[0] < span["end"] and place[1] > span["start"]:
                marks[index, GROUNDS.index(span["ground"])] = 1
    return Lesson(ids, given, labels, marks)


def public_lessons(rows: Iterable[PublicRow], words: Words) -> list[Lesson]:
    """Return the lessons of public texts: most heads are not known of them."""
    lessons = []
    for row in rows:
        given, ids, places = _given(row.text, None, None, words)
        labels = np.full(len(HEADS), _UNKNOWN, np.float32)
        if any(head.startswith("route:") for head in row.on):
            labels[: len(ROUTES)] = 0
        for head in row.off:
            labels[HEADS.index(head)] = 0
        for head in row.on:
            labels[HEADS.index(head)] = 1
        marks = np.full((len(ids), len(MARKS)), _UNKNOWN, np.float32)
        if row.toxic is not None:
            for index, place in enumerate(places):
                if place is not None:
                    marks[index, MARKS.index("toxic")] = float(any(at in row.toxic for at in range(*place)))
        lessons.append(Lesson(ids, given, labels, marks))
    return lessons


def _given(
    comment: str, post: str | None, repeats: int | None, words: Words
) -> tuple[Given, NDArray[np.int64], list[tuple[int, int] | None]]:
    """Return what the encoder is handed, its pieces, and the span of the comment as given behind each piece."""
    reading = read_before_the_encoder(comment, post, repeats, Registers())
    given = Given(reading.normal, post, cues_of(reading))
    pieces = words.pieces([reading.normal.text])[0]
    places: list[tuple[int, int] | None] = []
    for start, end in pieces.places.tolist():
        if start < 0:
            places.append(None)
            continue
        shown = reading.normal.evidence(start, end)
        places.append((shown.start, shown.end))
    return given, pieces.ids, places


def cue_names(lessons: Sequence[Lesson]) -> tuple[str, ...]:
    """Return the cues often enough seen to be learned from, in alphabetical order."""
    seen = Counter(name for lesson in lessons for name in lesson.given.cues)
    return tuple(sorted(name for name, count in seen.items() if count >= _RAREST_CUE))
