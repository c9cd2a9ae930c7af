"""Feed the loader of house rules damaged files until the time is up: each is taken, or refused with a reason.

    python tests/fuzz/loader.py [--minutes 10] [--seed N]

Starts from the shipped files and the test council's, and damages them: bytes, lines, words and whole parts are changed,
dropped, doubled and moved; some files are random from the start. A policy that still loads is shown, published, compared
with the original and held against a comment. Ends with 1 and the file that broke it, kept beside the seed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from moothall.policy import Circumstances, Facts, Policy, PolicyError, assess, differences, load, page, show
from moothall.policy.shipped import names, shipped
from moothall.policy.vocabulary import BUILT_IN
from moothall.words import Signal

COUNCILS = Path(__file__).parents[1] / "unit" / "policy" / "councils"
WORDS = [
    *(word.encode() for word in BUILT_IN),
    *b": | - | [ | ] | { | } | & | * | ! | | | > | ' | \" | # | ? | --- | << | % | @ | ` | ~ | \t | \x00 | \xff | \xc3\xa9 | \xf0\x9f".split(b" | "),
    *b"&& | || | == | >= | in | has(abuse) | [1].all(x, x) | 99999999999999999999 | 1e999 | .inf | 0x1f | 12 months".split(b" | "),
    *b"!!python/object | *a | &a | 2027-02-30 | 22:00 | true | null | criticism | hide | block | for_ever".split(b" | "),
]  # fmt: skip


class Read:
    """A comment in which a few things were found."""

    route, also, criticism, unsure, off_topic, target = "none", (), False, False, True, "staff"
    conduct_in_office, model_version = None, "fuzz"
    grounds = {"abuse": Signal(0.9), "spam": Signal(0.6), "party_political": Signal(0.95)}


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """Return the file with one to six things wrong in it."""
    if chance.random() < 0.03:
        return chance.randbytes(chance.randrange(300))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(raw) + 1)
        end = min(len(raw), at + chance.randrange(1, 40))
        kind = chance.randrange(7)
        if kind == 0:
            raw = raw[:at] + chance.choice(WORDS) + raw[at:]
        elif kind == 1:
            raw = raw[:at] + chance.choice(WORDS) + raw[end:]
        elif kind == 2:
            raw = raw[:at] + raw[end:]
        elif kind == 3:
            raw = raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
        else:
            lines = raw.split(b"\n")
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            if kind == 4:
                lines[one], lines[other] = lines[other], lines[one]
            elif kind == 5:
                lines[one:one] = lines[other : other + chance.randint(1, 12)]
            else:
                lines[one] = b" " * chance.randrange(9) + lines[one].lstrip()
            raw = b"\n".join(lines)
    return raw


def used(policy: Policy, original: Policy) -> None:
    """Do with a policy that still loads what anybody may do with it."""
    show(policy)
    page(policy)
    differences(original, policy)
    read = Read()
    for election in (True, False, None):
        found = assess(
            policy, read, Facts(repeats=3, history=[]), Circumstances(election, datetime(2027, 4, 20, tzinfo=UTC))
        )
        if not any(clause.grounds for clause in found.clauses) and found.measures != ("ignore",):
            raise AssertionError("something is allowed without a ground")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    originals = [shipped(name) for name in names()] + [load(path) for path in sorted(COUNCILS.glob("*.yaml"))]
    began, tried, taken, slowest = time.monotonic(), 0, 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        while time.monotonic() - began < options.minutes * 60:
            original = chance.choice(originals)
            raw = damaged(original.text.encode(), chance)
            file.write_bytes(raw)
            start = time.monotonic()
            try:
                used(load(file), original)
                taken += 1
            except PolicyError as refusal:
                if not refusal.errors or not all(fault["message"] and fault["line"] >= 1 for fault in refusal.errors):
                    raise AssertionError("refused without a reason") from None
            except BaseException:
                kept = Path.cwd() / f"broke-the-loader-{seed}-{tried}.yaml"
                kept.write_bytes(raw)
                traceback.print_exc()
                print(f"seed {seed}, file {tried}: kept as {kept.name}", file=sys.stderr)
                return 1
            tried += 1
            slowest = max(slowest, time.monotonic() - start)
    print(
        f"seed {seed}: {tried:,} damaged files, {taken:,} still loaded, none broke anything; the slowest took {slowest:.2f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
