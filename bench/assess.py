"""How many comments a second one core holds against the house rules, trace included.

Prints the rate of ``assess`` beside three anchors that evaluate nothing but the same conditions: the CEL library it rests
on, cel-python, and a zen-engine decision table with a row for each clause. All in the same run, the median of five
rounds each, so that the ratios hold on any machine. The anchors know no grounds, measures, reasons, ladder or trace, and
zen-engine no third value: what is unknown is null to it.

    python bench/assess.py [POLICY] [--comments N]
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cel

from moothall.policy import Circumstances, Clause, Facts, Policy, assess, default_policy, load
from moothall.policy.facts import known_values
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
    programs = [cel.compile(source) for source in _sources(policy)]
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


def in_cel_python(policy: Policy, rows: Sequence[Row]) -> Callable[[], None]:
    """Return the same run in cel-python, values in its own types made beforehand."""
    import celpy
    from celpy import celtypes

    environment = celpy.Environment()
    programs = [environment.program(environment.compile(source)) for source in _sources(policy)]
    kinds = {bool: celtypes.BoolType, int: celtypes.IntType, str: celtypes.StringType}
    known = [{name: kinds[type(value)](value) for name, value in known_values(policy, *row).items()} for row in rows]

    def run() -> None:
        for values in known:
            for program in programs:
                try:
                    program.evaluate(values)
                except celpy.CELEvalError:
                    continue

    return run


def in_zen(policy: Policy, rows: Sequence[Row]) -> Callable[[], None]:
    """Return the same run as a zen-engine decision table that collects every clause whose conditions hold."""
    import zen

    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": "when", "name": "when"}],
        "outputs": [{"id": "clause", "name": "clause", "field": "clause"}],
        "rules": [
            {"_id": clause.id, "when": _in_zen_words(clause), "clause": f'"{clause.id}"'} for clause in policy.clauses
        ],
    }
    nodes = [("in", "inputNode", None), ("rules", "decisionTableNode", table), ("out", "outputNode", None)]
    graph = {
        "nodes": [
            {"id": id, "type": kind, "name": id, "position": {"x": 0, "y": 0}}
            | ({"content": content} if content else {})
            for id, kind, content in nodes
        ],
        "edges": [
            {"id": "1", "type": "edge", "sourceId": "in", "targetId": "rules"},
            {"id": "2", "type": "edge", "sourceId": "rules", "targetId": "out"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    known = [known_values(policy, *row) for row in rows]

    def run() -> None:
        for values in known:
            decision.evaluate(values)

    return run


def _sources(policy: Policy) -> list[str]:
    parts = [(clause.when, clause.during, clause.unless) for clause in policy.clauses]
    return [each.source for each in itertools.chain(*parts) if each is not None]


def _in_zen_words(clause: Clause) -> str:
    parts = [clause.when.source, *([clause.during.source] if clause.during else [])]
    parts += [f"!({clause.unless.source})"] if clause.unless else []
    joined = " && ".join(f"({part})" for part in parts)
    return re.sub(r"!(?!=)", " not ", joined.replace("&&", " and ").replace("||", " or "))


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
    print(f"{len(policy.clauses)} clauses, {len(rows)} comments, median of {ROUNDS} rounds, one core")
    print(f"assess with trace                    {with_trace:>10,.0f} comments/s")
    few = rows[: max(1, len(rows) // 20)]
    for name, run, count in (
        ("bare CEL (the library underneath)", bare(policy, rows), len(rows)),
        ("zen-engine decision table", in_zen(policy, few), len(few)),
        ("cel-python, the same conditions", in_cel_python(policy, few), len(few)),
    ):
        anchor = rate(count, run)
        print(f"{name:<36} {anchor:>10,.0f} comments/s, assess is {with_trace / anchor:.2f} of it")


if __name__ == "__main__":
    main()
