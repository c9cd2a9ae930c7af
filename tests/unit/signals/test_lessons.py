"""What the encoder learns from, without learning: PyTorch is not needed for any of it."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from moothall.signals.calibration import LAWFUL_SURE, calibrate, thresholds
from moothall.signals.disguise import disguised
from moothall.signals.encoder import HEADS, MARKS, SHIPPED, Words
from moothall.signals.lessons import council_lessons, cue_names, public_lessons
from moothall.signals.public_data import PublicRow, public_rows
from moothall.words import GROUNDS


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(SHIPPED / "tokenizer.json")


ROW = {
    "comment": "Missed again. Ring me, you 🤡 bone idle halfwits",
    "post": "Bin days change",
    "route": "customer_service",
    "grounds": ["abuse"],
    "criticism": True,
    "spans": [{"start": 27, "end": 47, "ground": "abuse"}],
    "slice": "dialect target_staff",
}


def test_a_labelled_comment_says_something_about_every_label(words: Words) -> None:
    (lesson,) = council_lessons([ROW], words)
    labels = dict(zip(HEADS, lesson.labels.tolist(), strict=True))
    assert labels["route:customer_service"] == 1
    assert labels["route:none"] == 0
    assert labels["abuse"] == 1
    assert labels["spam"] == 0
    assert labels["criticism"] == 1
    assert labels["target:staff"] == 1
    assert labels["target:resident"] == 0
    assert labels["offensive"] == -1


def test_the_marked_words_are_marked_piece_by_piece(words: Words) -> None:
    (lesson,) = council_lessons([ROW], words)
    marked = lesson.marks[:, MARKS.index("abuse")]
    assert marked[0] == marked[-1] == -1
    assert 0 < (marked == 1).sum() < (marked == 0).sum() + (marked == 1).sum()
    pieces = words.pieces([lesson.given.normal.text])[0]
    for piece, (start, end) in enumerate(pieces.places.tolist()):
        if start >= 0:
            shown = lesson.given.normal.evidence(start, end)
            assert (marked[piece] == 1) == (shown.start < 47 and shown.end > 27)


def test_a_public_text_says_nothing_of_what_its_set_does_not_know(words: Words) -> None:
    (lesson,) = public_lessons(
        [PublicRow("you fool", frozenset({"offensive"}), frozenset({"spam"}), frozenset({4}))], words
    )
    labels = dict(zip(HEADS, lesson.labels.tolist(), strict=True))
    assert labels["offensive"] == 1
    assert labels["spam"] == 0
    assert labels["abuse"] == labels["route:none"] == labels["criticism"] == -1
    toxic = lesson.marks[:, MARKS.index("toxic")].tolist()
    assert 1.0 in toxic
    assert 0.0 in toxic
    assert (lesson.marks[:, : len(GROUNDS)] == -1).all()


def test_parts_held_out_by_public_sets_are_never_learned_from(tmp_path: Path) -> None:
    rows = [
        {"text": f"a text of the set, number {n}", "label": 1, "split": part}
        for n, part in enumerate(["train", "val"] * 5)
    ]
    (tmp_path / "tweeteval_offensive.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = list(public_rows(tmp_path, Random(1)))
    assert len(found) == 5
    assert all(int(row.text.rsplit(" ", 1)[1]) % 2 == 0 for row in found)


def test_only_cues_seen_often_are_learned_from(words: Words) -> None:
    lessons = council_lessons([ROW] * 9 + [{**ROW, "comment": "Dziękuję bardzo 07700 900123?"}], words)
    names = cue_names(lessons)
    assert names == tuple(sorted(names))
    assert "asks" not in names
    assert any(name.startswith("length") for name in names)


def _labels(count: int) -> np.ndarray:
    labels = np.zeros((count, len(HEADS)), np.float32)
    labels[:, 0] = 0
    labels[:, 5] = 1
    return labels


def test_calibration_brings_boasting_scores_down_to_what_is_seen() -> None:
    rng = np.random.default_rng(1)
    labels = _labels(4000)
    abuse = HEADS.index("abuse")
    labels[:, abuse] = rng.random(4000) < 0.3
    scores = np.zeros((4000, len(HEADS)), np.float32)
    true = np.where(labels[:, abuse] == 1, rng.normal(1, 1, 4000), rng.normal(-1, 1, 4000))
    scores[:, abuse] = 6 * true
    slope, offset = calibrate(scores, labels)
    said = 1 / (1 + np.exp(-(slope[abuse] * scores[:, abuse] + offset[abuse])))
    high = said > 0.7
    assert abs(said[high].mean() - labels[high, abuse].mean()) < 0.04
    assert slope[abuse] < 0.6


def test_the_surer_threshold_lies_above_the_lawful() -> None:
    rng = np.random.default_rng(2)
    labels = _labels(2000)
    abuse = HEADS.index("abuse")
    labels[:600, abuse] = 1
    found = [{"abuse": float(p)} for p in np.where(labels[:, abuse] == 1, rng.beta(8, 2, 2000), rng.beta(2, 8, 2000))]
    limits = thresholds(np.zeros((2000, len(HEADS)), np.float32), labels, found)
    lawful = [one["abuse"] for one, row in zip(found, labels, strict=True) if row[abuse] == 0]
    assert sum(p >= limits["abuse"].sure for p in lawful) <= LAWFUL_SURE * len(lawful)
    assert 0.3 < limits["abuse"].named <= limits["abuse"].sure < 0.98


def test_a_disguised_comment_keeps_its_labels_and_its_spans_fit() -> None:
    pick = Random(5)
    seen = set()
    for _ in range(60):
        other = disguised(ROW, pick)
        if other is None:
            continue
        seen.add(other["comment"])
        assert other["grounds"] == ROW["grounds"]
        (span,) = other["spans"]
        shown = other["comment"][span["start"] : span["end"]]
        assert shown.startswith("🤡")
        assert other["comment"][: span["start"]] == ROW["comment"][:27]
    assert len(seen) > 10


def test_in_a_lawful_comment_any_word_may_be_disguised() -> None:
    lawful = {"comment": "When does the library open?", "spans": [], "grounds": []}
    changed = {disguised(lawful, Random(seed))["comment"] for seed in range(1, 40) if disguised(lawful, Random(seed))}
    assert any("library" not in text for text in changed)
    assert any("library" in text for text in changed)
