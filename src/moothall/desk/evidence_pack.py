"""The evidence pack of a copy seen elsewhere: one HTML file that fetches nothing, the same bytes each time.

Everything in it comes from rows that are never changed, and from no clock.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from django.template.loader import render_to_string

from moothall.desk.look_alike import LookAlikeView, look_alike
from moothall.moderation.hand_in_state import HandInState, done_about
from moothall.moderation.models import HandIn, HandInPicture
from moothall.signals.picture_difference import Region


def side_by_side(hand_in: HandIn) -> LookAlikeView | None:
    """Return what was handed in beside the council's account that it was compared with; None where it was with none."""
    if "ours" not in hand_in.compared:
        return None
    theirs = {"platform": hand_in.platform, "name": hand_in.name, "handle": hand_in.handle}
    return look_alike({"look_alike": hand_in.compared | {"theirs": theirs}})


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
