"""How the reader does on public sets: parts of them that it has not learned from, and sets it has not seen at all.

MOOTHALL_PUBLIC_DATA=/path/to/sets python bench/public_checks.py

Each set has its own idea of what is wrong, and none is about a council. Two answers are therefore given where both make sense:
the head that learned that set's own label (used for nothing else), and the reader's grounds as officers get them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from moothall.policy import Circumstances, Facts, assess
from moothall.policy.shipped import shipped
from moothall.signals import Reader, Registers
from moothall.signals.encoder import HEADS, Encoder, Given, Heard
from moothall.signals.lexicon import cues as cue_words
from moothall.signals.lexicon import strong_words, words_of
from moothall.signals.normalise import normalise
from moothall.signals.pipeline import cues_of, read_before_the_encoder

_HOSTILE = ("abuse", "profanity", "discrimination", "threat", "distress")


def rows_of(folder: Path, name: str, *parts: str) -> list[dict[str, Any]]:
    """Return the rows of a set, of some of its parts if named."""
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if not parts or row.get("split") in parts]


def heard(encoder: Encoder, texts: Sequence[str]) -> list[Heard]:
    """Return what the encoder makes of texts without a post."""
    readings = [read_before_the_encoder(text, None, None, Registers()) for text in texts]
    return encoder.hear([Given(one.normal, None, cues_of(one)) for one in readings])


def macro_f1(said: Sequence[bool], true: Sequence[bool]) -> float:
    """Return the mean of the F1 of "yes" and of "no"."""
    a, b = np.array(said), np.array(true)
    scores = []
    for side in (True, False):
        right = ((a == side) & (b == side)).sum()
        scores.append(2 * right / max(((a == side).sum() + (b == side).sum()), 1))
    return float(np.mean(scores))


def area(scores: Sequence[float], true: Sequence[bool]) -> float:
    """Return the area under the ROC curve: how often a text that is it scores above one that is not."""
    values, there = np.array(scores), np.array(true)
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1, len(values) + 1)
    for value in np.unique(values):
        ranks[values == value] = ranks[values == value].mean()
    positive = there.sum()
    return float((ranks[there].sum() - positive * (positive + 1) / 2) / (positive * (len(there) - positive)))


def offensive(folder: Path, reader: Reader, encoder: Encoder) -> None:
    """tweeteval offensive, its validation part."""
    rows = rows_of(folder, "tweeteval_offensive", "val", "validation")
    texts, true = [row["text"] for row in rows], [row["label"] == 1 for row in rows]
    head = [one.of("offensive") >= 0.5 for one in heard(encoder, texts)]
    grounds = [bool(set(_HOSTILE) & set(one.grounds)) for one in reader.read_many([{"comment": t} for t in texts])]
    print(f"tweeteval offensive, validation ({len(rows)}): macro-F1 {macro_f1(head, true):.3f} by its own head, "
          f"{macro_f1(grounds, true):.3f} by the grounds")  # fmt: skip


def hateful_emoji(folder: Path, reader: Reader, encoder: Encoder) -> None:
    """HatemojiBuild, its validation part."""
    rows = rows_of(folder, "hatemoji_build", "val", "validation")
    texts, true = [row["text"] for row in rows], [str(row["label"]) == "1" for row in rows]
    head = [one.of("hateful") >= 0.5 for one in heard(encoder, texts)]
    grounds = [bool(set(_HOSTILE) & set(one.grounds)) for one in reader.read_many([{"comment": t} for t in texts])]
    print(f"hatemoji, validation ({len(rows)}): accuracy {np.mean(np.array(head) == true):.3f} by its own head, "
          f"{np.mean(np.array(grounds) == true):.3f} by the grounds")  # fmt: skip


def unhealthy(folder: Path, encoder: Encoder) -> None:
    """Unhealthy Comments Corpus, validation: never learned from; news-site comments."""
    path = folder.parent / "measure" / "unhealthy_conversations_val.jsonl"
    if not path.is_file():
        print("unhealthy-conversations: not there", file=sys.stderr)
        return
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = heard(encoder, [row["text"] for row in rows])
    grounds = [HEADS.index(name) for name in ("abuse", "discrimination", "threat", "offensive")]
    scores = [float(one.probabilities[grounds].max()) for one in found]
    names = list(rows[0]["label"]) if isinstance(rows[0]["label"], dict) else []
    for name in names:
        true = [float(row["label"][name]) >= 0.5 for row in rows]
        if 0 < sum(true) < len(true):
            print(f"unhealthy-conversations, validation ({len(rows)}), {name}: AUC {area(scores, true):.3f}")


def feedback(folder: Path, reader: Reader) -> None:
    """Feedback to the National Health Service: lawful throughout, much of it criticism (part of it was learned from)."""
    rows = [row for row in rows_of(folder, "nhs_feedback") if str(row["label"]) in ("4", "5")]
    rules = shipped()
    touched = named = 0
    for read in reader.read_many([{"comment": row["text"]} for row in rows]):
        named += bool(read.grounds) and not read.unsure
        touched += assess(rules, read, Facts(), Circumstances()).recommended != "ignore"
    print(f"NHS feedback, negative and very negative ({len(rows)}): a measure recommended for {touched}, "
          f"a ground named without doubt in {named}")  # fmt: skip


def toxic_spans(folder: Path, encoder: Encoder) -> None:
    """SemEval-2021 toxic spans, trial part: character F1 per text, as that task counts it, beside a lexicon's."""
    rows = rows_of(folder, "toxic_spans", "trial")
    found = heard(encoder, [row["text"] for row in rows])
    ours, listed = [], []
    for row, one in zip(rows, found, strict=True):
        normal = normalise(row["text"])
        true = set(row["label"])
        said: set[int] = set()
        if one.of("offensive") >= 0.5:
            for start, end in one.spans("toxic", normal.text, most=6):
                shown = normal.evidence(start, end)
                said |= set(range(shown.start, shown.end))
        words = words_of(normal.text)
        insults: set[int] = set()
        for evidence in strong_words(normal, words):
            insults |= set(range(evidence.start, evidence.end))
        for word in words:
            if "insult" in cue_words(word.text, [type(word)(word.text, 0, len(word.text))]):
                shown = normal.evidence(word.start, word.end)
                insults |= set(range(shown.start, shown.end))
        ours.append(_character_f1(said, true))
        listed.append(_character_f1(insults, true))
    print(f"toxic spans, trial ({len(rows)}): character F1 {np.mean(ours):.3f}, a lexicon {np.mean(listed):.3f}")


def _character_f1(said: set[int], true: set[int]) -> float:
    if not true:
        return float(not said)
    return 2 * len(said & true) / (len(said) + len(true)) if said else 0.0


def main() -> None:
    """Print one line a set."""
    where = os.environ.get("MOOTHALL_PUBLIC_DATA")
    if not where:
        print("left out: set MOOTHALL_PUBLIC_DATA to the folder that holds train/ and measure/", file=sys.stderr)
        return
    folder = Path(where) / "train"
    if not folder.is_dir():
        print(f"left out: there is no {folder}", file=sys.stderr)
        return
    reader, encoder = Reader(), Encoder()
    print(f"model {reader.version}")
    offensive(folder, reader, encoder)
    hateful_emoji(folder, reader, encoder)
    unhealthy(folder, encoder)
    feedback(folder, reader)
    toxic_spans(folder, encoder)


if __name__ == "__main__":
    main()
