"""A small policy to write faults into, and what a detector may have found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from moothall.policy import Assessment, Circumstances, Facts, Fault, Policy, PolicyError, assess, loads
from moothall.words import Evidence, Signal

SMALL = """\
format: 1
id: small
version: "1"
title: Rules
council: Thornbury-on-Wold
facts:
  confusing: Could people be confused?
clauses:
  - id: polite
    title: Be polite
    public: Be polite.
    when: abuse
    grounds: [abuse]
    measures: [hide, delete]
"""


@dataclass(frozen=True)
class Read:
    """Signals as a detector hands them in."""

    route: str = "none"
    also: Sequence[str] = ()
    grounds: Mapping[str, Signal] = field(default_factory=dict)
    criticism: bool = False
    unsure: bool = False
    off_topic: bool | None = None
    target: str | None = None
    conduct_in_office: bool | None = None
    model_version: str = "test"


def signal(probability: float = 0.9, words: str = "these words") -> Signal:
    return Signal(probability, (Evidence(0, len(words), words),), "lexicon", "1")


def held(
    policy: Policy,
    *grounds: str,
    facts: Facts | None = None,
    pre_election: bool | None = None,
    probability: float = 0.9,
    **read: object,
) -> Assessment:
    """Return the assessment of a comment in which these grounds were found with the given probability."""
    found = Read(grounds={ground: signal(probability) for ground in grounds}, **read)  # type: ignore[arg-type]
    return assess(policy, found, facts or Facts(), Circumstances(pre_election))


def faults_in(text: str) -> list[Fault]:
    """Return the faults the loader finds, none for a policy it takes. Anything but a PolicyError goes through."""
    try:
        loads(text)
    except PolicyError as refusal:
        return refusal.errors or [{"line": 0, "column": 0, "message": "", "hint": "", "code": "none_given"}]
    return []
