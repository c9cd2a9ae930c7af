"""What a comment says and shows: text and repeats. Pure: no database, no network."""

from moothall.signals.evaluation import Report, evaluate
from moothall.signals.findings import Hint, Registers, Row, Signals, Target
from moothall.signals.pipeline import Reader
from moothall.signals.repeats import Entry, MemoryStore, RepeatIndex, RepeatMatch, RepeatStore, Tally

__all__ = [
    "Entry",
    "Hint",
    "MemoryStore",
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
    "evaluate",
]
