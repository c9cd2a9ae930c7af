"""The words that fired, marked in the comment as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from moothall.desk import wording


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the comment with the grounds that its words show, none for plain text."""

    text: str
    grounds: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The grounds in short words, to stand behind the stretch."""
        return " + ".join(wording.GROUND_SHORT.get(ground, ground) for ground in self.grounds)

    @property
    def spoken(self) -> str:
        """The grounds in full, for somebody who hears the page."""
        return ", ".join(wording.ground(ground) for ground in self.grounds)


def segments(text: str, grounds: Sequence[Mapping[str, Any]]) -> list[Segment]:
    """Cut ``text`` where the evidence of ``grounds`` begins and ends; joined together again it is ``text``.

    ``grounds`` are those of a stored assessment; offsets are half-open, in code points. Spans may overlap: a stretch
    under several carries each of them. Evidence whose words are not at its place (the comment was edited since) is left
    out: to mark other words would be worse than to mark none.
    """
    spans: list[tuple[int, int, str]] = []
    for ground in grounds:
        for evidence in ground.get("evidence") or ():
            start, end = int(evidence["start"]), int(evidence["end"])
            if 0 <= start < end <= len(text) and text[start:end] == evidence["text"]:
                spans.append((start, end, ground["name"]))
    edges = sorted({0, len(text), *(start for start, _, _ in spans), *(end for _, end, _ in spans)})
    made: list[Segment] = []
    for start, end in pairwise(edges):
        over = tuple(dict.fromkeys(name for first, last, name in spans if first <= start and end <= last))
        if made and made[-1].grounds == over:
            made[-1] = Segment(made[-1].text + text[start:end], over)
        else:
            made.append(Segment(text[start:end], over))
    return made
