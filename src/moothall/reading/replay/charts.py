"""The charts of a report, as SVG that stands in the page: no script, nothing fetched, readable in print and without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import sqrt
from typing import Final

from moothall.reading.replay.tally import BINS

_WIDTH: Final = 680
_LEFT: Final = 12
_PLOT: Final = _WIDTH - 2 * _LEFT
_HEIGHT: Final = 120
_LABELS: Final = 72


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold drawn into a histogram: where it stands (0–1), its words, and whose it is: ``old``, ``new`` or ``both``."""

    at: float
    words: str
    whose: str


def histogram(title: str, named: Sequence[int], faint: Sequence[int], marks: Sequence[Mark]) -> str:
    """Return how many comments have which probability, in twentieths, with thresholds drawn where they stand.

    Heights grow with the square root, so that few comments can be seen beside many; each bar bears its number.
    """
    most = max([one + other for one, other in zip(named, faint, strict=True)] + [1])
    base = _LABELS + _HEIGHT
    width = _PLOT / BINS
    shapes = []
    for place, (strong, weak) in enumerate(zip(named, faint, strict=True)):
        if not strong + weak:
            continue
        whole = max(2.0, sqrt((strong + weak) / most) * _HEIGHT)
        part = whole * strong / (strong + weak)
        x = _LEFT + place * width
        if weak:
            shapes.append(_bar("faint", x, base - whole, width, whole - part))
        if strong:
            shapes.append(_bar("named", x, base - part, width, part))
        shapes.append(_words(x + width / 2, base - whole - 4, _short(strong + weak), "count", "middle"))
    for row, mark in enumerate(sorted(marks, key=lambda one: (one.at, one.whose))):
        x = _LEFT + mark.at * _PLOT
        y = 13 + 15 * row
        shapes.append(
            f'<line class="{mark.whose}" x1="{x:.1f}" y1="{y - 9}" x2="{x:.1f}" y2="{base}"/>'
            + _words(
                x - 5 if mark.at > 0.78 else x + 5, y, mark.words, mark.whose, "end" if mark.at > 0.78 else "start"
            )
        )
    axis = [f'<line class="axis" x1="{_LEFT}" y1="{base}" x2="{_WIDTH - _LEFT}" y2="{base}"/>']
    for tenth in range(0, 11, 2):
        axis.append(_words(_LEFT + tenth / 10 * _PLOT, base + 16, f"{tenth / 10:.1f}", "tick", "middle"))
    return _svg(title, base + 22, [*shapes, *axis])


def two_ways(title: str, rows: Sequence[tuple[str, int, int]]) -> str:
    """Return, per row of words, bars to the left (the second number) and to the right (the first) of a middle line."""
    most = max([number for _, right, left in rows for number in (right, left)] + [1])
    middle, reach = 480, 150
    shapes = []
    for place, (words, right, left) in enumerate(rows):
        y = 34 + place * 30
        shapes.append(_words(0, y + 14, words if len(words) <= 40 else words[:39] + "…", "row", "start"))
        for number, kind, direction in ((right, "down", 1), (left, "up", -1)):
            length = number / most * reach
            if number:
                shapes.append(_bar(kind, middle if direction > 0 else middle - length, y, max(length, 2), 20))
                at = middle + direction * (max(length, 2) + 6)
                shapes.append(_words(at, y + 14, f"{number:,}", "count", "start" if direction > 0 else "end"))
    bottom = 34 + len(rows) * 30
    shapes += [
        f'<line class="axis" x1="{middle}" y1="24" x2="{middle}" y2="{bottom}"/>',
        _words(middle + 8, 16, "would newly come down", "tick", "start"),
        _words(middle - 8, 16, "would now stay up", "tick", "end"),
    ]
    return _svg(title, bottom + 4, shapes)


def _svg(title: str, height: float, shapes: Sequence[str]) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {height:.0f}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title>{''.join(shapes)}</svg>"
    )


def _bar(kind: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{x + 0.5:.1f}" y="{y:.1f}" width="{max(width - 1, 1):.1f}" height="{height:.1f}"/>'


def _words(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _short(number: int) -> str:
    if number < 10_000:
        return str(number)
    return f"{number / 1000:.0f}k" if number < 1_000_000 else f"{number / 1_000_000:.1f}m"
