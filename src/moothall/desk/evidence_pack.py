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
from moothall.signals.side_by_side import Differences, differences


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
    percent: int | None

    @property
    def said(self) -> list[tuple[str, str]]:
        """Each difference in words, with what it is a difference of."""
        return [(line.what, phrase) for line in self.lines for phrase in line.pieces.said]


def side_by_side(hand_in: HandIn) -> SideBySide | None:
    """Return what was handed in beside the council's account that it was compared with; None where it was with none."""
    ours = hand_in.compared.get("ours")
    if not ours:
        return None
    similarity = hand_in.compared.get("similarity")
    pairs = (("Name", hand_in.name, ours["name"]), ("Handle", hand_in.handle, ours["handle"].removeprefix("@")))
    return SideBySide(
        theirs_on=place(hand_in.platform),
        ours_on=place(ours["platform"]),
        lines=tuple(Compared(what, differences(theirs, own)) for what, theirs, own in pairs if theirs or own),
        reasons=tuple(hand_in.compared.get("reasons", ())),
        percent=similarity // 10 if similarity is not None else None,
    )


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
        "seen": _kept(hand_in.picture),
        "ours": _kept(hand_in.our_picture),
        "done": done_about(state),
    }
    return render_to_string("desk/hand_in/pack.html", context).encode()


def _kept(picture: HandInPicture | None) -> Kept | None:
    if picture is None:
        return None
    return Kept("data:image/png;base64," + base64.b64encode(bytes(picture.png)).decode(), picture)
