"""Rows into results: read every comment, count its repeats within the file, hold it against the policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol

from moothall.policy import Assessment, Circumstances, Facts, Policy, assess
from moothall.reading.comment import Cleaned, without_controls
from moothall.reading.rows import CommentRow, RefusedRow
from moothall.signals import MemoryStore, RepeatIndex, Row, Signals

#: So many comments are read in one go: enough for the reader to work in batches, few enough to follow a live pipe.
_BATCH: Final = 256
#: So many comments are remembered to find repeats in a file; older ones are forgotten, so that memory stays bounded.
REMEMBERED: Final = 50_000


class BatchReader(Protocol):
    """What reads many comments: ``moothall.signals.Reader``, or a stand-in for it."""

    def read_many(self, rows: Sequence[Row]) -> list[Signals]: ...


@dataclass(frozen=True, slots=True)
class Result:
    """One comment with what was read in it and what the policy makes of it."""

    row: CommentRow
    signals: Signals
    assessment: Assessment

    def as_dict(self) -> dict[str, Any]:
        """Return the object of the triage output, ready for JSON, keys in the documented order."""
        return {"id": self.row.id, **self.assessment.as_dict()}


def triage(
    rows: Iterable[CommentRow | RefusedRow], reader: BatchReader, policy: Policy, *, count_repeats: bool = True
) -> Iterator[Result | RefusedRow]:
    """Yield one result or refusal per row, in order, holding no more than a batch and the window of repeats.

    A row's own ``repeats`` wins. Else they are counted among the rows before it, where author and post are known;
    with ``count_repeats`` false nothing is counted and no campaign is named.
    """
    index = RepeatIndex(MemoryStore(max_entries=REMEMBERED)) if count_repeats else None
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        yield from _results(batch, reader, policy, index)


def _results(
    batch: Sequence[CommentRow | RefusedRow], reader: BatchReader, policy: Policy, index: RepeatIndex | None
) -> Iterator[Result | RefusedRow]:
    comments: list[tuple[Cleaned, Facts]] = []
    for row in batch:
        if isinstance(row, CommentRow):
            cleaned = without_controls(row.comment)
            repeats, campaign = _repeats(row, cleaned.text, index)
            comments.append((cleaned, Facts(repeats=repeats, campaign=campaign, platform=row.platform)))
    posts = [row.post for row in batch if isinstance(row, CommentRow)]
    read = reader.read_many(
        [Row(cleaned.text, post, facts.repeats) for (cleaned, facts), post in zip(comments, posts, strict=True)]
    )
    ready = iter(zip(comments, read, strict=True))
    for row in batch:
        if isinstance(row, RefusedRow):
            yield row
            continue
        (cleaned, facts), found = next(ready)
        signals = cleaned.restore(found)
        circumstances = Circumstances(pre_election=row.pre_election, date=row.date)
        yield Result(row, signals, assess(policy, signals, facts, circumstances))


def _repeats(row: CommentRow, text: str, index: RepeatIndex | None) -> tuple[int | None, str | None]:
    """Return under how many other posts this author has put such a text (None: not known), and the campaign."""
    if index is None:
        return row.repeats, None
    # The row's number, not its id: two rows may carry the same id and are two comments all the same.
    match = index.seen(text, id=row.number, author=row.author, post=row.post_id, at=row.date)
    campaign = match.campaign if match else None
    if row.repeats is not None:
        return row.repeats, campaign
    if row.author is None or row.post_id is None:
        return None, campaign
    return (match.other_posts if match else 0), campaign
