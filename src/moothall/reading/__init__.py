"""Signals and policy together: read one comment, triage a file."""

from moothall.reading.comment import CommentReader, read_and_assess, without_controls
from moothall.reading.files import CommentFile
from moothall.reading.report import Summary
from moothall.reading.rows import CommentRow, RefusedRow
from moothall.reading.triage import Result, triage

__all__ = [
    "CommentFile",
    "CommentReader",
    "CommentRow",
    "RefusedRow",
    "Result",
    "Summary",
    "read_and_assess",
    "triage",
    "without_controls",
]
