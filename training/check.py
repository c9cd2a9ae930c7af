"""Check the labelled comments of this folder: format, labels, and that no split leaks into another.

Run it from anywhere: ``python training/check.py``. It prints counts per split, route and ground, then
every fault it found, and ends with 1 when there is a fault, else 0.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process, utils

from moothall.words import GROUNDS, PLATFORMS, ROUTES

Comment = dict[str, Any]

FOLDER = Path(__file__).resolve().parent
SPLITS = ("train", "development", "test")
REQUIRED: dict[str, type] = {
    "id": str,
    "council": str,
    "post": str,
    "platform": str,
    "date": str,
    "pre_election": bool,
    "repeats": int,
    "comment": str,
    "route": str,
    "grounds": list,
    "spans": list,
    "split": str,
}
OPTIONAL: dict[str, type] = {"criticism": bool, "slice": str}
#: Comments of two splits this much alike (0–100, words in any order) let the test set leak into training.
TOO_ALIKE = 88.0


def faults_of(row: Comment) -> Iterator[str]:
    """Yield, in words, each way in which one comment departs from the training format."""
    missing = [name for name in REQUIRED if name not in row]
    if missing:
        yield f"lacks {', '.join(missing)}"
        return
    for name, value in row.items():
        kind = REQUIRED.get(name) or OPTIONAL.get(name)
        if kind is None:
            yield f"has an unknown field {name}"
        elif type(value) is not kind:
            yield f"{name} is {type(value).__name__}, not {kind.__name__}"
            return
    for name, known in (("platform", PLATFORMS), ("route", ROUTES), ("split", SPLITS)):
        if row[name] not in known:
            yield f"{name} {row[name]!r} is unknown"
    if not row["comment"].strip():
        yield "comment is empty"
    if row["repeats"] < 0:
        yield "repeats is negative"
    yield from _faults_of_date(row["date"])
    yield from _faults_of_labels(row)


def _faults_of_date(text: str) -> Iterator[str]:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        yield f"date {text!r} is not ISO 8601"
        return
    if date.tzinfo is None:
        yield f"date {text!r} has no offset"


def _faults_of_labels(row: Comment) -> Iterator[str]:
    grounds = row["grounds"]
    if len(set(grounds)) != len(grounds):
        yield "a ground is named twice"
    for ground in grounds:
        if ground not in GROUNDS:
            yield f"ground {ground!r} is unknown"
    length = len(row["comment"])
    for span in row["spans"]:
        if set(span) != {"start", "end", "ground"}:
            yield f"span {span} must have start, end and ground"
        elif not 0 <= span["start"] < span["end"] <= length:
            yield f"span {span} lies outside the comment"
        elif span["ground"] not in grounds:
            yield f"span {span} is for a ground that the comment does not have"


def faults_between(rows: list[Comment]) -> Iterator[str]:
    """Yield each id used twice, council in two splits, and pair of near-equal comments across splits."""
    for name, times in Counter(row["id"] for row in rows).items():
        if times > 1:
            yield f"{name}: id used {times} times"
    splits: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        splits[row["council"]].add(row["split"])
    for council, found in splits.items():
        if len(found) > 1:
            yield f"{council}: in more than one split ({', '.join(sorted(found))})"
    for first, second in (("train", "development"), ("train", "test"), ("development", "test")):
        left = [row for row in rows if row["split"] == first]
        right = [row for row in rows if row["split"] == second]
        scores = process.cdist(
            [row["comment"] for row in left],
            [row["comment"] for row in right],
            scorer=fuzz.token_sort_ratio,
            processor=utils.default_process,
            score_cutoff=TOO_ALIKE,
        )
        for at, other in zip(*scores.nonzero(), strict=True):
            pair = f"{left[at]['id']} ({first}) and {right[other]['id']} ({second})"
            yield f"{pair}: {scores[at, other]:.0f} % alike"


def print_counts(rows: list[Comment]) -> None:
    """Print how many comments each split has per route and per ground, and how many have no ground at all."""
    print(f"{'':<18}" + "".join(f"{name:>13}" for name in (*SPLITS, "all")))

    def line(name: str, chosen: list[Comment]) -> None:
        counts = Counter(row["split"] for row in chosen)
        print(f"{name:<18}" + "".join(f"{counts[split]:>13}" for split in SPLITS) + f"{len(chosen):>13}")

    line("comments", rows)
    for route in ROUTES:
        line(route, [row for row in rows if row["route"] == route])
    print()
    line("no ground", [row for row in rows if not row["grounds"]])
    line("criticism", [row for row in rows if row.get("criticism")])
    for ground in GROUNDS:
        line(ground, [row for row in rows if ground in row["grounds"]])
    print()
    slices = Counter(word for row in rows for word in row.get("slice", "").split())
    print(f"{len({row['council'] for row in rows})} councils; slices:", end=" ")
    print(", ".join(f"{word} {times}" for word, times in slices.most_common()))


def main() -> int:
    """Check every comments-*.jsonl beside this file; return 1 when anything is wrong, else 0."""
    rows: list[Comment] = []
    faults: list[str] = []
    for path in sorted(FOLDER.glob("comments-*.jsonl")):
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(text)
            except ValueError as error:
                faults.append(f"{path.name} line {number}: {error}")
                continue
            wrong = list(faults_of(row))
            faults += [f"{path.name} line {number}: {fault}" for fault in wrong]
            if not wrong:
                rows.append(row)
    faults += faults_between(rows)
    print_counts(rows)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
