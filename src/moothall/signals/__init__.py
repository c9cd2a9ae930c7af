"""What a comment says and shows: text, repeats, and accounts that look like the council's. Pure: no database, no network."""

from moothall.signals.evaluation import Report, evaluate
from moothall.signals.findings import Hint, Registers, Row, Signals, Target
from moothall.signals.lookalikes import LookAlike, LookAlikes, OwnAccount
from moothall.signals.pipeline import Reader
from moothall.signals.repeats import Entry, MemoryStore, RepeatIndex, RepeatMatch, RepeatStore, Tally
from moothall.signals.side_by_side import Differences, Piece, differences

__all__ = [
    "Differences",
    "Entry",
    "Hint",
    "LookAlike",
    "LookAlikes",
    "MemoryStore",
    "OwnAccount",
    "Piece",
    "Reader",
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
