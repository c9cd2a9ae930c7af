"""Public sets as training rows: each says something about a few heads only, and nothing about the others.

They are found in a folder the person who trains has; none of them is part of the project.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from moothall.signals.normalise import normalise
from moothall.words import GROUNDS

#: Grounds of which general social-media text that is not labelled for them holds next to nothing.
_RARE: Final = (
    "contempt",
    "copyright",
    "brand_misuse",
    "personal_info",
    "party_political",
    "distress",
    "threat",
    "defamation",
)
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


@dataclass(frozen=True, slots=True)
class PublicRow:
    """A text and what is known of it: heads that are on, heads that are off. Of all other heads nothing is known."""

    text: str
    on: frozenset[str]
    off: frozenset[str]


def public_rows(folder: Path, most_per_set: int, pick: Any) -> Iterator[PublicRow]:
    """Yield rows from the sets in a folder, at most so many per set, chosen by ``pick`` (a `random.Random`)."""
    for name in LICENCES:
        path = folder / f"{name}.jsonl"
        if not path.is_file():
            continue
        with path.open(encoding="utf-8") as lines:
            raw = [json.loads(line) for line in lines]
        pick.shuffle(raw)
        kept = 0
        for item in raw:
            row = _row(name, item)
            if row is not None and len(row.text) >= 8:
                yield row
                kept += 1
                if kept >= most_per_set:
                    break


def _row(name: str, item: dict[str, Any]) -> PublicRow | None:
    text, label = str(item["text"]), item.get("label")
    off = set(_RARE)
    on: set[str] = set()
    if name == "tweeteval_offensive":
        # Politics of another country: silent on criticism and parties.
        off -= {"party_political", "defamation"}
        (on if label == 1 else off).add("abuse")
    elif name == "tweeteval_hate":
        (on if label == 1 else off).add("discrimination")
        off -= {"party_political", "threat"}
    elif name == "davidson":
        if label == "hate":
            on |= {"discrimination"}
            off -= {"threat"}
        elif label == "neither":
            off |= {"abuse", "discrimination", "spam"}
        else:
            # "Offensive" there is mostly dialect: it teaches a bias, so it is left out.
            return None
    elif name == "hatemoji_build":
        hateful = str(label) == "1"
        (on if hateful else off).add("discrimination")
        if hateful and item.get("type") == "threatening":
            on.add("threat")
        off -= on | ({"threat", "distress"} if hateful else set())
    elif name == "guest_misogyny":
        (on if label == "Misogynistic" else off).add("discrimination")
        off -= {"distress"}
    elif name == "toxic_spans":
        if not label:
            return None
        on.add("abuse")
        off -= {"threat", "distress", "defamation", "party_political"}
    elif name == "context_toxicity":
        if label != 0:
            return None
        off |= {"abuse", "discrimination", "spam"}
    elif name == "nhs_feedback":
        off |= set(GROUNDS) - {"profanity"}
    elif name == "banking77":
        off |= {
            "abuse",
            "discrimination",
            *_RARE,
            "route:report_it",
            "route:councillor",
            "route:safeguard",
        }
        own = " my " in f" {normalise(text).text} "
        on.add("route:customer_service" if own else "route:answer")
        off.add("route:answer" if own else "route:customer_service")
        off.add("route:none")
    return PublicRow(text, frozenset(on), frozenset(off - on))
