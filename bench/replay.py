"""How long a replay of a million pre-read comments under two policies takes on two cores, and whether its memory is flat.

    python bench/replay.py [--rows 1000000] [--format jsonl|parquet] [--processes 2]

The comments are made up, with a fixed seed; one in eleven carries a ground, as on a council's pages. The old rules are
those that ship, the new ones the same with a clause on swearing and lower thresholds. Beside the time on the clock stands the
processor time of all processes, which is the same on a busy machine. Peak memory is that of the
command and of its processes together, read from /proc, at a quarter of the rows and at all of them. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import polars

from moothall.policy import default_policy
from moothall.words import GROUNDS, ROUTES

_SWEARING = """
  - id: no-swearing
    kind: swearing
    title: No strong swearing
    public: |
      We may hide comments with strong swearing in them.
    when: profanity
    grounds: [profanity]
    measures: [hide]
"""
_WORDS = ("the", "council", "again", "bins", "road", "nothing", "done", "about", "lights", "park", "useless", "thanks")


def comments(count: int) -> Iterator[dict[str, object]]:
    """Yield invented comments with what a reader might have found in them, the same each time."""
    chance = random.Random(11)
    for number in range(1, count + 1):
        comment = " ".join(chance.choices(_WORDS, k=chance.randint(5, 35)))
        names = chance.sample(GROUNDS, chance.randint(1, 2)) if chance.random() < 0.09 else []
        faint = [name for name in chance.sample(GROUNDS, chance.choice((0, 0, 1, 2))) if name not in names]
        signals = {
            "route": chance.choice(ROUTES[1:]),
            "grounds": {
                name: {"probability": round(chance.uniform(0.3, 1), 4), "evidence": [[0, len(comment.split()[0])]]}
                for name in names
            },
            "faint": {name: round(chance.uniform(0.05, 0.3), 4) for name in faint},
            "criticism": chance.random() < 0.2,
            "unsure": chance.random() < 0.05,
            "off_topic": chance.choice((True, False, None)),
            "target": chance.choice(("resident", "staff", "politician", "unknown")) if names else None,
            "model_version": "bench",
        }
        day = 1 + number * 27 // (count + 1)
        yield {
            "id": number,
            "comment": comment,
            "platform": chance.choice(("facebook", "x", "instagram")),
            "date": f"2026-{1 + number % 12:02}-{day:02}T{number % 24:02}:{number % 60:02}:00+00:00",
            "pre_election": number % 9 == 0,
            "repeats": chance.choice((0, 0, 0, 0, 0, 0, 0, 1, 3)),
            "signals": signals,
        }


def archive(folder: Path, kind: str, count: int) -> Path:
    """Write the comments as a file of that kind and return its path."""
    lines = folder / "comments.jsonl"
    with lines.open("w", encoding="utf-8") as file:
        for row in comments(count):
            if kind == "parquet":
                row["signals"] = json.dumps(row["signals"])
            file.write(json.dumps(row) + "\n")
    if kind == "jsonl":
        return lines
    path = folder / "comments.parquet"
    polars.scan_ndjson(lines).sink_parquet(path, row_group_size=50_000)
    lines.unlink()
    return path


def new_rules(folder: Path) -> Path:
    """Write the shipped rules with a clause more and lower thresholds, and return the path."""
    text = default_policy().text.replace("{engage: 0.5, recommend: 0.7}", "{engage: 0.4, recommend: 0.6}")
    path = folder / "new-rules.yaml"
    path.write_text(text.rstrip("\n") + "\n" + _SWEARING, encoding="utf-8")
    return path


class Memory:
    """Watches the memory of a process and its children; ``peak`` is the largest sum of resident set sizes, in MB."""

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.2):
            self.peak = max(self.peak, sum(_resident(pid) for pid in _family(self._pid)))


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1024**2
    except (OSError, IndexError):
        return 0.0


def measured(path: Path, rules: Path, out: Path, processes: int) -> tuple[float, float, float, dict[str, int]]:
    """Run one replay and return its seconds, the processor time of all its processes, its peak memory in MB, and what
    changed."""
    command = [sys.executable, "-m", "moothall", "replay", str(path), "--policy", str(rules), "--out", str(out)]
    began, used = time.perf_counter(), _processor_time()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*command, "--processes", str(processes)], stdout=quiet, stderr=quiet)
    memory = Memory(process.pid)
    code = process.wait()
    seconds, busy = time.perf_counter() - began, _processor_time() - used
    memory.end()
    if code:
        raise SystemExit(f"the replay ended with exit code {code}")
    return seconds, busy, memory.peak, json.loads((out / "summary.json").read_text("utf-8"))["changes"]


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print one line for a quarter of the rows and one for all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", choices=("jsonl", "parquet"), default="jsonl")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    print(f"{given.format}, {given.processes} processes, {os.cpu_count()} cores")
    print(f"{'comments':>10} {'seconds':>8} {'processor':>9} {'comments/s':>11} {'peak MB':>8}  changes")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rules = new_rules(folder)
        for count in (given.rows // 4, given.rows):
            path = archive(folder, given.format, count)
            seconds, busy, memory, changes = measured(path, rules, folder / f"out-{count}", given.processes)
            told = ", ".join(f"{change} {times:,}" for change, times in changes.items())
            print(f"{count:10,} {seconds:8.1f} {busy:9.1f} {count / seconds:11,.0f} {memory:8.0f}  {told}", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
