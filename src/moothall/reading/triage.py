"""Rows into results: read every comment, count its repeats within the file, hold it against the policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
            comments.append((cleaned, repeats_of(row, cleaned.text, index)))
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


def repeats_of(row: CommentRow, text: str, index: RepeatIndex | None) -> Facts:
    """Return what is known of a row beside its text: where it stands, and how often its author has posted the like.

    Without an index, or where author or post is not known, nothing is counted; a row's own ``repeats`` wins.
    """
    facts = Facts(repeats=row.repeats, platform=row.platform)
    if index is None:
        return facts
    # The row's number, not its id: two rows may carry the same id and are two comments all the same.
    match = index.seen(text, id=row.number, author=row.author, post=row.post_id, at=row.date)
    campaign = match.campaign if match else None
    if row.repeats is not None or row.author is None or row.post_id is None:
        return replace(facts, campaign=campaign)
    return replace(
        facts,
        campaign=campaign,
        repeats=match.other_posts if match else 0,
        repeat_times=match.times if match else 1,
        identical=match is not None and match.similarity == 1.0,
        campaign_posts=match.posts if match else 1,
    )
