"""Public sets as training rows: each says something about a few heads only, and nothing about the others.

They are found in a folder the person who trains has; none of them is part of the project. What a set calls validation or trial
is never learned from: the figures on public sets are measured there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from moothall.words import GROUNDS

#: Licence as stated by each set; goes into the model's card.
LICENCES: Final = {
    "tweeteval_offensive": "released without restriction by its authors",
    "tweeteval_hate": "released without restriction by its authors",
    "davidson": "MIT",
    "hatemoji_build": "CC BY 4.0",
    "guest_misogyny": "MIT",
    "toxic_spans": "CC0",
    "context_toxicity": "Apache-2.0",
    "nhs_feedback": "MIT (NHS England)",
    "banking77": "CC BY 4.0",
}
#: At most so many texts of each set are learned from.
MOST: Final = {
    "tweeteval_offensive": 9000,
    "tweeteval_hate": 4000,
    "davidson": 2500,
    "hatemoji_build": 5000,
    "guest_misogyny": 2500,
    "toxic_spans": 5000,
    "context_toxicity": 1500,
    "nhs_feedback": 2000,
    "banking77": 1000,
}
#: Parts that are never learned from.
HELD_OUT: Final = frozenset({"validation", "val", "trial", "test"})
_SHORTEST: Final = 8


@dataclass(frozen=True, slots=True)
class PublicRow:
    """A text and what is known of it: heads on, heads off; of the others nothing. ``toxic``: the characters marked so."""

    text: str
    on: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    toxic: frozenset[int] | None = field(default=None)


def public_rows(folder: Path, pick: Any, most: Mapping[str, int] = MOST) -> Iterator[PublicRow]:
    """Yield rows of the sets in a folder (or its ``train``) as ``pick`` (a `random.Random`) has it; missing sets are left out."""
    folder = folder / "train" if (folder / "train").is_dir() else folder
    for name, limit in most.items():
        path = folder / f"{name}.jsonl"
        if not path.is_file():
            continue
        with path.open(encoding="utf-8") as lines:
            raw = [json.loads(line) for line in lines]
        pick.shuffle(raw)
        kept = 0
        for item in raw:
            if kept >= limit:
                break
            if item.get("split") in HELD_OUT or len(str(item["text"])) < _SHORTEST:
                continue
            row = _SAID[name](str(item["text"]), item)
            if row is not None:
                yield row
                kept += 1


def _row(text: str, on: set[str], off: set[str], toxic: frozenset[int] | None = None) -> PublicRow:
    return PublicRow(text, frozenset(on), frozenset(off - on), toxic)


def _either(head: str, there: bool) -> tuple[set[str], set[str]]:
    return ({head}, set()) if there else (set(), {head})


def _tweeteval_offensive(text: str, item: Mapping[str, Any]) -> PublicRow:
    return _row(text, *_either("offensive", item["label"] == 1))


def _tweeteval_hate(text: str, item: Mapping[str, Any]) -> PublicRow:
    return _row(text, *_either("hateful", item["label"] == 1))


def _davidson(text: str, item: Mapping[str, Any]) -> PublicRow | None:
    if item["label"] == "hate":
        return _row(text, {"hateful"}, set())
    if item["label"] == "neither":
        return _row(text, set(), {"hateful", "offensive", "abuse", "discrimination"})
    # "Offensive" there is mostly dialect: it teaches a bias, so it is left out.
    return None


def _hatemoji(text: str, item: Mapping[str, Any]) -> PublicRow:
    hateful = str(item["label"]) == "1"
    on, off = _either("hateful", hateful)
    (on if hateful else off).add("discrimination")
    return _row(text, on, off)


def _misogyny(text: str, item: Mapping[str, Any]) -> PublicRow:
    return _row(text, *_either("misogyny", item["label"] == "Misogynistic"))


def _toxic_spans(text: str, item: Mapping[str, Any]) -> PublicRow:
    return _row(text, {"offensive"}, set(), frozenset(item["label"]))


def _context_toxicity(text: str, item: Mapping[str, Any]) -> PublicRow | None:
    if item["label"] != 0:
        return None
    return _row(text, set(), {"offensive", "hateful", "abuse", "discrimination", "spam", "threat", "distress"})


def _nhs(text: str, item: Mapping[str, Any]) -> PublicRow:
    return _row(text, set(), {"offensive", "hateful", *GROUNDS} - {"profanity"})


def _banking(text: str, item: Mapping[str, Any]) -> PublicRow:
    own = " my " in f" {text.lower()} "
    return _row(text, {"route:customer_service" if own else "route:answer"}, {"offensive", *GROUNDS})


_SAID: Final[Mapping[str, Callable[[str, Mapping[str, Any]], PublicRow | None]]] = {
    "tweeteval_offensive": _tweeteval_offensive,
    "tweeteval_hate": _tweeteval_hate,
    "davidson": _davidson,
    "hatemoji_build": _hatemoji,
    "guest_misogyny": _misogyny,
    "toxic_spans": _toxic_spans,
    "context_toxicity": _context_toxicity,
    "nhs_feedback": _nhs,
    "banking77": _banking,
}
