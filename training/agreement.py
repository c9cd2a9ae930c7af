"""How far a second writer, who labelled 500 comments of the test split blind, agrees with the first: python training/agreement.py

`second-labels.json` beside this file holds the second labels: id, route, grounds, criticism. The labels of the comment files were
not changed afterwards: what is printed is agreement before any talk.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from moothall.words import GROUNDS, ROUTES

FOLDER = Path(__file__).parent


def kappa(first: list[bool], second: list[bool]) -> float:
    """Return Cohen's kappa of two yes-or-no labellings: agreement beyond what chance gives, 1 at most."""
    total = len(first)
    seen = sum(a == b for a, b in zip(first, second, strict=True)) / total
    yes, other = sum(first) / total, sum(second) / total
    chance = yes * other + (1 - yes) * (1 - other)
    return 1.0 if chance == 1 else (seen - chance) / (1 - chance)


def f1(first: list[bool], second: list[bool]) -> float:
    """Return the F1 of one labelling measured against the other (the same either way round)."""
    both = sum(a and b for a, b in zip(first, second, strict=True))
    return 2 * both / max(sum(first) + sum(second), 1)


def rows_by_id() -> dict[str, dict[str, Any]]:
    """Return every labelled comment by its id."""
    lines = (line for path in sorted(FOLDER.glob("comments-*.jsonl")) for line in path.read_text("utf-8").splitlines())
    return {row["id"]: row for row in map(json.loads, lines)}


def main() -> None:
    """Print agreement per ground and for routes, criticism and whole comments."""
    known = rows_by_id()
    second = json.loads((FOLDER / "second-labels.json").read_text("utf-8"))
    first = [known[row["id"]] for row in second]
    print(f"{len(second)} comments\n{'ground':<18}{'first':>7}{'second':>8}{'F1':>8}{'kappa':>8}")
    scores = []
    for ground in GROUNDS:
        a = [ground in row["grounds"] for row in first]
        b = [ground in row["grounds"] for row in second]
        scores.append(f1(a, b))
        print(f"{ground:<18}{sum(a):>7}{sum(b):>8}{scores[-1]:>8.3f}{kappa(a, b):>8.3f}")
    print(f"{'macro-F1':<33}{sum(scores) / len(scores):>8.3f}")
    same = [a["route"] == b["route"] for a, b in zip(first, second, strict=True)]
    print(f"same route         {sum(same) / len(same):.3f}")
    for route in ROUTES:
        a, b = [row["route"] == route for row in first], [row["route"] == route for row in second]
        print(f"  {route:<18}{sum(a):>5}{sum(b):>8}{f1(a, b):>8.3f}{kappa(a, b):>8.3f}")
    a, b = [bool(row["criticism"]) for row in first], [bool(row["criticism"]) for row in second]
    print(f"criticism          {sum(a)} and {sum(b)}, F1 {f1(a, b):.3f}, kappa {kappa(a, b):.3f}")
    alike = [set(a["grounds"]) == set(b["grounds"]) for a, b in zip(first, second, strict=True)]
    print(f"same grounds       {sum(alike) / len(alike):.3f}")


if __name__ == "__main__":
    main()
