"""How many comments a second one core holds against the house rules, trace included.

Prints the rate of ``assess`` beside the bare CEL evaluation of the same conditions, in the same run and the median of
five rounds each, so that the ratio holds on any machine.

    python bench/assess.py [POLICY] [--comments N]
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cel

from moothall.policy import Circumstances, Facts, Policy, assess, default_policy, load
from moothall.policy.assessment import known_values
from moothall.words import GROUNDS, ROUTES, Evidence, Signal

ROUNDS = 5


@dataclass(frozen=True)
class Read:
    route: str
    grounds: Mapping[str, Signal]
    criticism: bool
    unsure: bool
    off_topic: bool | None
    target: str | None
    also: Sequence[str] = ()
    conduct_in_office: bool | None = None
    model_version: str = "bench"


Row = tuple[Read, Facts, Circumstances]


def comments(count: int) -> list[Row]:
    """Return ``count`` comments of which one in eleven carries a ground, as on a council's pages."""
    chance = random.Random(7)
    evidence = (Evidence(3, 9, "thing!"),)
    rows = []
    for _ in range(count):
        names = chance.sample(GROUNDS, chance.randint(1, 2)) if chance.random() < 0.09 else []
        rows.append(
            (
                Read(
                    route=chance.choice(ROUTES[1:]),
                    grounds={name: Signal(chance.uniform(0.5, 1), evidence, "encoder", "1") for name in names},
                    criticism=chance.random() < 0.2,
                    unsure=chance.random() < 0.05,
                    off_topic=chance.choice([True, False, None]),
                    target=chance.choice(["resident", "staff", "politician", "unknown"]) if names else None,
                ),
                Facts(repeats=chance.choice([0, 0, 0, 0, 1, 3]), platform="facebook"),
                Circumstances(pre_election=chance.choice([True, False, None])),
            )
        )
    return rows


def bare(policy: Policy, rows: Sequence[Row]) -> Callable[[], None]:
    """Return a run of every condition over every comment with nothing around it: no grounds, trace or reasons."""
    conditions = [(clause.when, clause.during, clause.unless) for clause in policy.clauses]
    programs = [cel.compile(each.source) for each in itertools.chain(*conditions) if each is not None]
    known = [known_values(policy, *row) for row in rows]

    def run() -> None:
        for values in known:
            context = cel.Context(variables=values)
            for program in programs:
                try:
                    program.execute(context)
                except RuntimeError:
                    continue

    return run


def rate(count: int, run: Callable[[], None]) -> float:
    """Return comments per second, the median of the rounds."""
    rates = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        rates.append(count / (time.perf_counter() - start))
    return statistics.median(rates)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("policy", nargs="?")
    parser.add_argument("--comments", type=int, default=10_000)
    options = parser.parse_args()
    policy = load(options.policy) if options.policy else default_policy()
    rows = comments(options.comments)

    def whole() -> None:
        for read, facts, circumstances in rows:
            assess(policy, read, facts, circumstances)

    with_trace = rate(len(rows), whole)
    only_cel = rate(len(rows), bare(policy, rows))
    print(f"{len(policy.clauses)} clauses, {len(rows)} comments, median of {ROUNDS} rounds, one core")
    print(f"assess with trace  {with_trace:>10,.0f} comments/s")
    print(f"bare CEL           {only_cel:>10,.0f} comments/s")
    print(f"ratio              {with_trace / only_cel:>10.2f}")


if __name__ == "__main__":
    main()
