"""What a comment says and shows: text, repeats, pictures, accounts like the council's. Pure: no database, no network."""

from typing import TYPE_CHECKING

from moothall.signals.evaluation import Report, evaluate
from moothall.signals.findings import Hint, Registers, Row, Signals, Target
from moothall.signals.lookalikes import LookAlike, LookAlikes, OwnAccount
from moothall.signals.pipeline import Reader
from moothall.signals.repeats import Entry, MemoryStore, RepeatIndex, RepeatMatch, RepeatStore, Tally
from moothall.signals.side_by_side import Differences, Piece, differences

if TYPE_CHECKING:
    from moothall.signals.picture_index import PictureIndex, PictureMatch, PictureMemory, PictureStore, Reference

__all__ = [
    "Differences",
    "Entry",
    "Hint",
    "LookAlike",
    "LookAlikes",
    "MemoryStore",
    "OwnAccount",
    "PictureIndex",
    "PictureMatch",
    "PictureMemory",
    "PictureStore",
    "Piece",
    "Reader",
    "Reference",
    "Registers",
    "RepeatIndex",
    "RepeatMatch",
    "RepeatStore",
    "Report",
    "Row",
    "Signals",
    "Tally",
    "Target",
    "differences",
    "evaluate",
]


def __getattr__(name: str) -> object:
    """Return what has to do with pictures only when it is asked for: reading text must not load OpenCV."""
    if name in ("PictureIndex", "PictureMatch", "PictureMemory", "PictureStore", "Reference"):
        from moothall.signals import picture_index

        return getattr(picture_index, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
