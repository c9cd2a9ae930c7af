"""How the model is made: from label files by one call, with fixed seeds. Needs PyTorch, which running does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np

from moothall.signals.calibration import calibrate, draft, thresholds
from moothall.signals.disguise import disguised
from moothall.signals.encoder import Card, Encoder, Floats, Given, Thresholds, Words
from moothall.signals.findings import Registers
from moothall.signals.lessons import council_lessons, cue_names, public_lessons
from moothall.signals.pipeline import Reading, add_encoder_signals, ask_encoder, cues_of, read_before_the_encoder
from moothall.signals.public_data import LICENCES, public_rows
from moothall.words import DomainError

Told = Callable[[str], None]
_SEED: Final = 20261124
#: Without comments marked for development, this part of the councils is held out instead, for calibration and thresholds.
_HELD_OUT: Final = 5
#: So many of the council comments are learned from a second time with a word disguised.
_DISGUISED: Final = 0.1


class NothingToLearn(DomainError):
    """There are no labelled comments with split "train" in that folder."""

    code = "nothing_to_learn"


class TrainerMissing(DomainError):
    """Training needs PyTorch and more, which running does not. Install them with: pip install 'moothall[train]'"""

    code = "trainer_missing"


@dataclass(frozen=True, slots=True)
class Learned:
    """What training reports: how many comments of whose making, and the thresholds found."""

    council_comments: int
    public_texts: int
    thresholds: Mapping[str, Thresholds]


def labelled(folder: Path, split: str | None = None) -> list[dict[str, Any]]:
    """Return the labelled comments in the ``*.jsonl`` of a folder, in order of file and line; of one split if named."""
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            rows += [json.loads(line) for line in lines if line.strip()]
    return [row for row in rows if split is None or row.get("split") == split]


def train(
    folder: Path,
    out: Path,
    public_data: Path | None = None,
    *,
    seed: int = _SEED,
    rounds: int | None = None,
    kept: Path | None = None,
    told: Told = lambda _: None,
) -> Learned:
    """Make a model from the label files in ``folder`` and write it to ``out``.

    Learns from split "train" alone; calibration and thresholds come from split "development" (where there is none, from a
    fifth of the councils, which are then not learned from). ``public_data``: a folder with public sets to learn from first;
    what was learned from them is kept in the folder ``kept``, if named, and found there again. ``rounds``: how often the
    council comments are gone through. Raises NothingToLearn, TrainerMissing.
    """
    rows = labelled(folder, "train")
    if not rows:
        raise NothingToLearn
    try:
        from moothall.signals import learning
    except ImportError as error:
        raise TrainerMissing from error
    learning.steady()
    held = labelled(folder, "development")
    if not held:
        rows, held = _apart(rows, seed)
    words = Words(learning.begin_from() / "tokenizer.json")
    pick = Random(seed)
    masked = [other for row in rows if pick.random() < _DISGUISED and (other := disguised(row, pick)) is not None]
    lessons = council_lessons([*rows, *masked], words)
    texts = list(public_rows(public_data, Random(seed))) if public_data else []
    public = public_lessons(texts, words)
    cues = cue_names(lessons)
    told(f"{len(rows)} council comments, {len(public)} public texts, {len(cues)} cues")
    network = learning.new_network(len(cues), seed)
    if public:
        learning.carried(network, learning.public_stage(public, words, seed, kept, told))
    told("council comments")
    course = learning.THEN if rounds is None else replace(learning.THEN, rounds=rounds)
    learning.teach(network, lessons, cues, words, course, seed, beside=public, told=told)
    learning.export(network, len(cues), out)
    about = {
        "begun_from": "all-MiniLM-L6-v2 (Apache-2.0)",
        "council_comments": len(rows),
        "public_texts": len(public),
        "public_sets": dict(LICENCES) if public else {},
        "calibrated_on": f"{len(held)} comments of split {held[0].get('split')}" if held else "nothing",
        "seed": seed,
        "rounds": course.rounds,
    }
    return Learned(len(rows), len(public), settle(out, cues, held, about, told))


def settle(
    folder: Path, cues: tuple[str, ...], held: Sequence[Mapping[str, Any]], about: dict[str, Any], told: Told
) -> Mapping[str, Thresholds]:
    """Write the card of a network in ``folder``, with calibration and thresholds from comments held out; return the latter."""
    card = draft(cues)
    card.write(folder / "card.json")
    if held:
        told(f"calibration on {len(held)} comments held out")
        encoder = Encoder(folder)
        labels = np.stack([lesson.labels for lesson in council_lessons(held, encoder.words)])
        slope, offset = calibrate(_scores(encoder, held), labels)
        card = Card(cues, slope, offset, card.thresholds, about)
        card.write(folder / "card.json")
        encoder = Encoder(folder)
        found, probabilities = _found(encoder, held)
        card = Card(cues, slope, offset, thresholds(probabilities, labels, found), about)
    else:
        card = Card(cues, card.slope, card.offset, card.thresholds, about)
    card.write(folder / "card.json")
    return card.thresholds


def _scores(encoder: Encoder, rows: Sequence[Mapping[str, Any]]) -> Floats:
    """Return uncalibrated scores (comments × heads)."""
    readings = [_reading(row) for row in rows]
    return encoder.scores([Given(one.normal, one.post, cues_of(one)) for one in readings])


def _reading(row: Mapping[str, Any]) -> Reading:
    return read_before_the_encoder(row["comment"], row.get("post"), row.get("repeats"), Registers())


def _found(encoder: Encoder, rows: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, float]], Floats]:
    """Return what the pipeline gives each ground, lists and encoder together, and the encoder's probabilities."""
    readings = [_reading(row) for row in rows]
    heard = ask_encoder(encoder, readings)
    found = []
    for reading, one in zip(readings, heard, strict=True):
        add_encoder_signals(reading, one, encoder)
        found.append({name: signal.probability for name, signal in reading.found.items()})
    return found, np.stack([one.probabilities for one in heard])


def _apart(rows: list[dict[str, Any]], seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return rows to learn from and rows held out; comments of one council stay together."""
    councils = sorted({str(row["council"]) for row in rows})
    Random(seed).shuffle(councils)
    apart = set(councils[: len(councils) // _HELD_OUT])
    return [row for row in rows if row["council"] not in apart], [row for row in rows if row["council"] in apart]
