"""Read one comment and hold it against the policy: the one place where signals and policy meet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Protocol

from moothall.policy import Assessment, Circumstances, Facts, Policy, assess
from moothall.signals import Signals
from moothall.words import Evidence, Signal

#: Control characters but tab and line ends, and halves of characters that no encoding can write.
_DROPPED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NOTHING_KNOWN: Final = Facts()
_ANY_DAY: Final = Circumstances()
_NOTHING_BESIDE: Final[Mapping[str, Signal]] = MappingProxyType({})


class CommentReader(Protocol):
    """What reads one comment: ``moothall.signals.Reader``, or a stand-in for it."""

    def read(self, comment: str, post: str | None = None, *, repeats: int | None = None) -> Signals: ...


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text without control characters. ``offsets[i]`` is where character i stood; None: nothing was dropped."""

    given: str
    text: str
    offsets: tuple[int, ...] | None = None

    def restore(self, signals: Signals) -> Signals:
        """Return the signals with their evidence counted in the comment as given."""
        if self.offsets is None:
            return signals
        return replace(
            signals,
            grounds=self._restored(signals.grounds),
            all_grounds=self._restored(signals.all_grounds),
            hint_words=MappingProxyType({hint: self._moved(piece) for hint, piece in signals.hint_words.items()}),
            places=tuple(self._moved(piece) for piece in signals.places),
        )

    def _restored(self, found: Mapping[str, Signal]) -> Mapping[str, Signal]:
        return MappingProxyType(
            {
                name: replace(signal, evidence=tuple(self._moved(piece) for piece in signal.evidence))
                for name, signal in found.items()
            }
        )

    def _moved(self, piece: Evidence) -> Evidence:
        if self.offsets is None or piece.start >= piece.end:
            return piece
        start, end = self.offsets[piece.start], self.offsets[piece.end - 1] + 1
        return Evidence(start, end, self.given[start:end])


def without_controls(text: str) -> Cleaned:
    """Return the text without NUL, other control characters (tab and line ends stay) and lone surrogates."""
    dropped = [found.start() for found in _DROPPED.finditer(text)]
    if not dropped:
        return Cleaned(text, text)
    offsets = [i for before, after in pairwise([-1, *dropped, len(text)]) for i in range(before + 1, after)]
    return Cleaned(text, "".join([text[i] for i in offsets]), tuple(offsets))


def read_and_assess(
    reader: CommentReader,
    policy: Policy,
    comment: str,
    post: str | None = None,
    *,
    facts: Facts = _NOTHING_KNOWN,
    circumstances: Circumstances = _ANY_DAY,
    beside: Mapping[str, Signal] = _NOTHING_BESIDE,
) -> tuple[Signals, Assessment]:
    """Return what was read in one comment and what the policy makes of it.

    ``facts``: what is known beside the text; ``beside``: grounds found there, which count where the text shows them not.
    Evidence is counted in code points of the comment as given, control characters included.
    """
    cleaned = without_controls(comment)
    signals = cleaned.restore(reader.read(cleaned.text, post, repeats=facts.repeats))
    if beside:
        grounds = MappingProxyType({**beside, **signals.grounds})
        signals = replace(signals, grounds=grounds, all_grounds=MappingProxyType({**signals.all_grounds, **grounds}))
    return signals, assess(policy, signals, facts, circumstances)
