"""Write ``signals/lists/common_words.tsv``: how much each of the commonest words of comments says, in bits.

    python training/make_common_words.py

Counted over one half of the labelled comments that are no spam: the half that thresholds are chosen on (``bench/chatter``), so
that what is tested was not counted. What people wish and thank one another with says next to nothing, however rare it is in the
sample: those words are named here.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from math import log2
from pathlib import Path
from zlib import crc32

_HERE = Path(__file__).resolve().parent
_OUT = _HERE.parent / "src" / "moothall" / "signals" / "lists" / "common_words.tsv"
_AT_LEAST = 4
_COURTESY = (
    "merry happy christmas xmas new year years easter diwali eid mubarak hanukkah season seasons greetings festive holiday "
    "holidays birthday anniversary congratulations congrats well done thank thanks thankyou ta cheers please pls hi hello "
    "hiya morning afternoon evening dear all everyone everybody folks team staff crew crews lovely great brilliant fantastic "
    "amazing wonderful beautiful excellent good nice best wishes luck proud deserved agree agreed exactly true absolutely "
    "love blessed bless god rip peace rest sad condolences thoughts prayers family families friends safe stay enjoy fun "
    "photo photos picture pictures pic post sharing share keep up work job jobs joke waste money shocking disgusting "
    "disgraceful disgrace terrible appalling ridiculous pathetic useless rubbish typical again usual same old here go time "
    "about wow omg lol haha xx xxx x yes no ok okay welcome"
).split()


def main() -> None:
    """Count and write."""
    counts: Counter[str] = Counter()
    for path in sorted(_HERE.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            in_the_half = crc32(row["comment"].encode()) % 2 == 0
            if in_the_half and "spam" not in row["grounds"]:
                counts.update(re.findall(r"[a-z]+", re.sub(r"['’]", "", row["comment"].lower())))
    total = sum(counts.values())
    by_bits: dict[int, list[str]] = defaultdict(list)
    by_bits[1] = sorted(set(_COURTESY))
    for word, count in counts.items():
        if count >= _AT_LEAST and word not in _COURTESY:
            by_bits[round(log2(total / count))].append(word)
    lines = ["# bits\twords: how much each of the commonest words of comments says (training/make_common_words.py)"]
    lines += [f"{bits}\t{' '.join(sorted(words))}" for bits, words in sorted(by_bits.items())]
    _OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
