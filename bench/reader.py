"""How many comments a second the reader reads on one core, beside what repairing text alone would cost.

python bench/reader.py [FILE.jsonl …]      files in the training format; default: training/
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import decancer_py
import ftfy

ROOT = Path(__file__).parents[1]


def per_second(work: Callable[[], object], items: int) -> float:
    """Return items per second of processor time, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return items / best


def main() -> None:
    """Print the figures as a table."""
    begun = time.perf_counter()
    from moothall.signals import Reader
    from moothall.signals.features import featurise

    reader = Reader()
    loaded = time.perf_counter() - begun
    paths = [Path(name) for name in sys.argv[1:]] or sorted((ROOT / "training").glob("*.jsonl"))
    rows = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]
    texts = [row["comment"] for row in rows]
    read = per_second(lambda: reader.read_many(rows), len(rows))
    repair = per_second(lambda: [decancer_py.parse(ftfy.fix_text(text)) for text in texts], len(rows))
    plain = per_second(lambda: [featurise(text.lower(), ()) for text in texts], len(rows))
    singles = []
    for row in rows:
        begun = time.perf_counter()
        reader.read(row["comment"], row.get("post"))
        singles.append(time.perf_counter() - begun)
    singles.sort()
    print(f"{len(rows)} comments, {sum(map(len, texts)) / len(texts):.0f} characters on average")
    print(f"import and load                      {loaded:.2f} s")
    print(f"whole reader                         {read:,.0f} comments/s")
    print(f"one comment, p95                     {1000 * singles[int(0.95 * len(singles))]:.2f} ms")
    print(f"ftfy + decancer alone                {repair:,.0f}/s   reader at {read / repair:.2f} of it")
    print(f"featurising alone                    {plain:,.0f}/s   reader at {read / plain:.2f} of it")


if __name__ == "__main__":
    main()
