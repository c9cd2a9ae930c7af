"""The evidence pack of a copy seen elsewhere: one HTML file that fetches nothing, the same bytes each time.

Everything in it comes from rows that are never changed, and from no clock.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from django.template.loader import render_to_string

from moothall.desk.hand_in_words import place
from moothall.moderation.hand_in_state import HandInState, done_about
from moothall.moderation.models import HandIn, HandInPicture
from moothall.signals.picture_difference import Region
from moothall.signals.side_by_side import Differences, Piece, differences


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of the comparison: what is compared, and both sides in pieces."""

    what: str
    pieces: Differences


@dataclass(frozen=True, slots=True)
class SideBySide:
    """An account beside the council's: where each is, each name in pieces, what differs in words, why it looks alike."""

    theirs_on: str
    ours_on: str
    lines: tuple[Compared, ...]
    reasons: tuple[str, ...]

    @property
    def said(self) -> list[tuple[str, str]]:
        """Each difference in words, with what it is a difference of."""
        return [(line.what, phrase) for line in self.lines for phrase in line.pieces.said]


def side_by_side(hand_in: HandIn) -> SideBySide | None:
    """Return what was handed in beside the council's account that it was compared with; None where it was with none."""
    ours = hand_in.compared.get("ours")
    if not ours:
        return None
    pairs = (("Name", hand_in.name, ours["name"]), ("Handle", hand_in.handle, ours["handle"].removeprefix("@")))
    return SideBySide(
        theirs_on=place(hand_in.platform),
        ours_on=place(ours["platform"]),
        lines=tuple(Compared(what, _pieces(theirs, own)) for what, theirs, own in pairs if theirs or own),
        reasons=tuple(hand_in.compared.get("reasons", ())),
    )


def _pieces(theirs: str, ours: str) -> Differences:
    """Return both in pieces; where one is not known there is nothing to mark."""
    if theirs and ours:
        return differences(theirs, ours)
    left, right = ((Piece(text),) if text else () for text in (theirs, ours))
    return Differences(left, right, ())


@dataclass(frozen=True, slots=True)
class Marks:
    """Where two pictures differ: regions in thousandths of width and height; ``words``: the same to be read out.

    ``marked`` is False where they do not lie on each other, so that nothing can be said.
    """

    marked: bool
    regions: tuple[Region, ...]

    @property
    def words(self) -> str:
        """The places in words, each once, as ``at the top left, in the middle``."""
        return ", ".join(dict.fromkeys(_place_in_picture(region) for region in self.regions))


def marks(hand_in: HandIn) -> Marks | None:
    """Return where the picture seen differs from the original; None where there are not both."""
    if "marked" not in hand_in.compared:
        return None
    found = hand_in.compared["marked"]
    return Marks(found is not None, tuple((x, y, width, height) for x, y, width, height in found or ()))


def _place_in_picture(region: Region) -> str:
    x, y, width, height = region
    across = min(2, (x + width // 2) * 3 // 1000)
    down = min(2, (y + height // 2) * 3 // 1000)
    if across == down == 1:
        return "in the middle"
    if down == 1:
        return ("on the left", "", "on the right")[across]
    return ("at the top", "", "at the bottom")[down] + (" left", "", " right")[across]


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture as the pack shows it."""

    data: str
    picture: HandInPicture


def written(state: HandInState) -> bytes:
    """Return the pack as a file of UTF-8: twice the same for the same acts."""
    hand_in = state.hand_in
    context = {
        "state": state,
        "hand_in": hand_in,
        "compared": side_by_side(hand_in),
        "marks": marks(hand_in),
        "seen": _kept(hand_in.picture),
        "ours": _kept(hand_in.our_picture),
        "done": done_about(state),
    }
    return render_to_string("desk/hand_in/pack.html", context).encode()


def _kept(picture: HandInPicture | None) -> Kept | None:
    if picture is None:
        return None
    return Kept("data:image/png;base64," + base64.b64encode(bytes(picture.png)).decode(), picture)
