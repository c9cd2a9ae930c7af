"""An account that looks like the council's, laid out beside it: what differs is marked, and said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moothall.signals import Piece, differences


@dataclass(frozen=True, slots=True)
class Pair:
    """A name or a handle of both accounts. ``said``: each difference in words; capitals are none."""

    what: str
    theirs: tuple[Piece, ...]
    ours: tuple[Piece, ...]
    said: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether both are the same to the letter."""
        return self.theirs == self.ours


@dataclass(frozen=True, slots=True)
class LookAlikeView:
    """Both accounts as they were called when the comment was read, and why one looks like the other."""

    platform: str
    ours_on: str
    pairs: list[Pair]
    reasons: list[str]


def look_alike(reading: Mapping[str, Any]) -> LookAlikeView | None:
    """Return what a stored assessment found out about the author's account; None where it looked like none."""
    found = reading.get("look_alike")
    if not found:
        return None
    theirs, ours = found["theirs"], found["ours"]
    pairs = [_pair("Name", theirs["name"], ours["name"])]
    if theirs["handle"] or ours["handle"]:
        pairs.append(_pair("Handle", theirs["handle"].removeprefix("@"), ours["handle"]))
    return LookAlikeView(theirs["platform"], ours["platform"], pairs, list(found["reasons"]))


def _pair(what: str, theirs: str, ours: str) -> Pair:
    if not theirs or not ours:
        # One of the two has none: there is nothing to compare.
        return Pair(
            what, tuple(Piece(each) for each in [theirs] if each), tuple(Piece(each) for each in [ours] if each), ()
        )
    found = differences(theirs, ours)
    return Pair(what, found.theirs, found.ours, found.said)
