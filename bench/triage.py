"""Rows a second and peak memory of ``moothall triage``, beside a plain keyword filter over the same file.

    python bench/triage.py [--rows 20000] [--formats jsonl csv array parquet] [--no-repeats]

The alternative is what a team would write in an afternoon: polars reads the file and a fixed list of words is looked for.
It finds words, not rules; it is here to show what the rest costs. Each figure is one run in a process of its own; nothing
is asserted.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars

_ENDINGS = {"jsonl": "jsonl", "csv": "csv", "array": "json", "parquet": "parquet"}
_POSTS = (
    "Bin collections move by a day after the bank holiday.",
    "Market Street is closed on Sunday for the half marathon.",
    "Tell us what you think of the new local plan.",
    "The library on Priory Road opens again on Monday.",
)
_BEGINNINGS = (
    "When will the {thing} on {street} be mended?",
    "Thank you to the crew who sorted out the {thing} near {street}.",
    "Another waste of money, {count} thousand on a {thing}.",
    "How do I apply for a {thing} permit, I live on {street}?",
    "Who voted for this? {street} never wanted a {thing}.",
    "The officer I spoke to about the {thing} was useless.",
    "Lovely afternoon on {street}.",
    "You are all idiots at the town hall.",
)
_REPEATED = "Win a voucher worth 50 pounds today, follow the link on my page"
_WORDS = (
    "again", "always", "asked", "autumn", "because", "bins", "blocked", "bridge", "buses", "car", "centre", "children",
    "church", "closed", "corner", "council", "cycling", "dark", "dogs", "evening", "every", "families", "few", "flooded",
    "garden", "gate", "grass", "half", "hours", "houses", "kerb", "late", "leaves", "library", "lorries", "many", "market",
    "meeting", "money", "morning", "mud", "neighbours", "never", "noise", "office", "park", "pavement", "people", "playing",
    "pond", "promised", "quiet", "rain", "road", "rubbish", "safe", "school", "seen", "shops", "signs", "slow", "station",
    "summer", "ten", "together", "too", "town", "traffic", "trees", "under", "village", "waiting", "walk", "walls", "water",
    "week", "whole", "winter", "without", "wonder", "work", "wrong", "year", "yesterday",
)  # fmt: skip
_THINGS = ("street light", "drain", "bench", "footpath", "parking bay", "hedge", "bus shelter", "bin store")
_STREETS = ("Mill Lane", "Priory Road", "Station Road", "Orchard Close", "Weaver's Row", "Castle Hill")
_ALTERNATIVE = """
import sys
import polars
path, kind, out = sys.argv[1:]
read = {"jsonl": polars.scan_ndjson, "csv": polars.scan_csv, "parquet": polars.scan_parquet}.get(kind)
frame = read(path) if read else polars.read_json(path).lazy()
words = ["idiot", "useless", "scum", "voucher", "kill", "vote for", "waste of money"]
frame.with_columns(
    hit=polars.any_horizontal([polars.col("comment").str.to_lowercase().str.contains(w, literal=True) for w in words])
).select("id", "hit").collect().write_ndjson(out)
"""


def comments(count: int) -> Iterator[dict[str, object]]:
    """Yield invented comments of about twenty words, the same each time; one in fifty repeats another word for word."""
    chance = random.Random(17)
    for number in range(1, count + 1):
        if chance.random() < 0.02:
            comment = _REPEATED
        else:
            beginning = chance.choice(_BEGINNINGS).format(
                thing=chance.choice(_THINGS), street=chance.choice(_STREETS), count=chance.randint(2, 90)
            )
            comment = f"{beginning} {' '.join(chance.choices(_WORDS, k=chance.randint(3, 24))).capitalize()}."
        post = chance.randrange(len(_POSTS))
        yield {
            "id": number,
            "comment": comment,
            "post": _POSTS[post],
            "post_id": f"p{post}",
            "author": f"a{chance.randrange(max(1, count // 8))}",
        }


def written(folder: Path, kind: str, count: int) -> Path:
    """Write the comments as a file of that kind and return its path."""
    path = folder / f"comments.{_ENDINGS[kind]}"
    if kind == "parquet":
        polars.DataFrame(list(comments(count))).write_parquet(path)
        return path
    with path.open("w", encoding="utf-8", newline="") as file:
        if kind == "csv":
            rows = csv.DictWriter(file, ["id", "comment", "post", "post_id", "author"])
            rows.writeheader()
            rows.writerows(comments(count))
        else:
            begin, between, end = ("[", ",\n", "]\n") if kind == "array" else ("", "\n", "\n")
            file.write(begin)
            for place, row in enumerate(comments(count)):
                file.write((between if place else "") + json.dumps(row))
            file.write(end)
    return path


def measured(command: list[str]) -> tuple[float, float, int]:
    """Run a command and return seconds, peak resident memory in MB, and its exit status."""
    began = time.perf_counter()
    process = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(process, 0)
    return time.perf_counter() - began, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def main() -> int:
    """Print one line per file format and programme."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--formats", nargs="+", choices=list(_ENDINGS), default=["jsonl"])
    parser.add_argument("--no-repeats", action="store_true")
    given = parser.parse_args()
    extra = ["--no-repeats"] if given.no_repeats else []
    print(f"{given.rows:,} rows, {os.cpu_count()} cores, one process each")
    print(f"{'format':8} {'programme':28} {'seconds':>8} {'rows/s':>10} {'peak MB':>8}")
    status = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in given.formats:
            path = written(folder, kind, given.rows)
            out = str(folder / "out.jsonl")
            runs = {
                "moothall triage": [sys.executable, "-m", "moothall", "triage", str(path), "--out", out, *extra],
                "polars and seven words": [sys.executable, "-c", _ALTERNATIVE, str(path), kind, out],
            }
            for programme, command in runs.items():
                seconds, memory, code = measured(command)
                status = status or code
                if code:
                    print(f"{kind:8} {programme:28} failed with exit code {code}", flush=True)
                    continue
                rate = given.rows / seconds
                print(f"{kind:8} {programme:28} {seconds:8.1f} {rate:10,.0f} {memory:8.0f}", flush=True)
            path.unlink()
    return status


if __name__ == "__main__":
    sys.exit(main())
