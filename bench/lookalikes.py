"""How many look-alike accounts are named, and how many innocent ones, beside rapidfuzz and a confusables skeleton.

    python bench/lookalikes.py [--part test] [--misses]

The accounts stand in lookalikes.tsv; the councils of the parts are not the same. rapidfuzz is given the better of name and
handle, folded, and the threshold with which it does best (F1) on the development part. The skeleton names an account whose
name or handle is the council's once characters that look alike are one. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from rapidfuzz import fuzz

from moothall.signals.lookalikes import LookAlikes, OwnAccount, outline
from moothall.signals.normalise import fold_character

Case = tuple[bool, str, str, OwnAccount]
PARTS = ("development", "test")


def cases(part: str) -> list[Case]:
    """Return the accounts of a part: whether it is a look-alike, its name, its handle, the council's account."""
    found, own = [], None
    for line in (Path(__file__).parent / "lookalikes.tsv").read_text(encoding="utf-8").splitlines():
        kind, *rest = line.split("\t")
        if kind == "@":
            own = OwnAccount(rest[1], rest[2], "x") if rest[0] == part else None
        elif kind in ("+", "-") and own is not None:
            found.append((kind == "+", rest[0], rest[1], own))
    return found


def ours(case: Case) -> float:
    """Return 1.0 where Moothall names the account."""
    return float(LookAlikes([case[3]]).compare(case[1], case[2], "x") is not None)


def skeleton(case: Case) -> float:
    """Return 1.0 where name or handle is the council's once characters that look alike are one."""
    own = case[3]
    return float(outline(case[1]) == outline(own.name) or outline(case[2]) == outline(own.handle))


def anchor(scorer: Callable[[str, str], float]) -> Callable[[Case], float]:
    """Return how alike rapidfuzz finds an account, 0–100."""

    def fold(text: str) -> str:
        return "".join(fold_character(character) for character in text).lower()

    def score(case: Case) -> float:
        own = case[3]
        return max(scorer(fold(case[1]), fold(own.name)), scorer(fold(case[2]), fold(own.handle)))

    return score


def figures(some: list[Case], score: Callable[[Case], float], least: float) -> tuple[float, float, float]:
    """Return precision, recall and F1 at a threshold."""
    named = [case for case in some if score(case) >= least]
    right = sum(case[0] for case in named)
    precision = right / len(named) if named else 0.0
    recall = right / sum(case[0] for case in some)
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def speed(some: list[Case]) -> float:
    """Return the milliseconds that one comparison with eight accounts of the council takes."""
    own = [OwnAccount(case[3].name, case[3].handle, f"platform {n}") for n, case in enumerate(some[:1] * 8)]
    ready = LookAlikes(own)
    started = time.perf_counter()
    for case in some:
        ready.compare(case[1], case[2], "x")
    return (time.perf_counter() - started) * 1000 / len(some)


def main() -> None:
    """Print the figures of a part, and what is missed and wrongly named in it where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--misses", action="store_true")
    asked = parser.parse_args()
    development = cases("development")
    rows: list[tuple[str, Callable[[Case], float], float]] = [("moothall", ours, 1.0)]
    rows.append(("confusables skeleton, equal", skeleton, 1.0))
    for scorer in (fuzz.ratio, fuzz.token_sort_ratio, fuzz.token_set_ratio, fuzz.WRatio):
        score = anchor(scorer)
        best = max(range(40, 101), key=lambda least, s=score: figures(development, s, least)[2])
        rows.append((f"rapidfuzz {scorer.__name__} from {best}", score, best))
    for part in asked.part or PARTS:
        some = cases(part)
        likes = sum(case[0] for case in some)
        print(f"{part}: {likes} look-alikes, {len(some) - likes} innocent")
        for name, score, least in rows:
            print("  {:34} precision {:.3f}  recall {:.3f}  F1 {:.3f}".format(name, *figures(some, score, least)))
        print(f"  one comparison with eight accounts: {speed(some):.2f} ms")
        for like, name, handle, _ in [case for case in some if (ours(case) > 0) != case[0]] if asked.misses else []:
            print("  missed" if like else "  wrong ", name, f"@{handle}")


if __name__ == "__main__":
    main()
