from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from moothall.signals import Reader
from moothall.signals.encoder import HEADS, SHIPPED, WINDOW, Encoder, Given, ModelUnreadable, _windows
from moothall.signals.normalise import normalise
from moothall.words import GROUNDS, ROUTES

POST = "Bin collections move to a new timetable from Monday."


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def given(text: str, post: str | None = None) -> Given:
    return Given(normalise(text), post, frozenset())


def test_a_text_reads_the_same_alone_and_in_company(encoder: Encoder) -> None:
    texts = ["My bin was missed again", "Well done to the crew, " * 20, "You are a disgrace to your name, Gary", "ok"]
    together = encoder.hear([given(text, POST) for text in texts])
    for text, heard in zip(texts, together, strict=True):
        alone = encoder.hear([given(text, POST)])[0]
        assert (alone.probabilities == heard.probabilities).all()
        assert (alone.marks == heard.marks).all()


def test_probabilities_of_routes_sum_to_one(encoder: Encoder) -> None:
    (heard,) = encoder.hear([given("When is the tip open?")])
    assert heard.probabilities[: len(ROUTES)].sum() == pytest.approx(1, abs=1e-5)
    assert ((heard.probabilities >= 0) & (heard.probabilities <= 1)).all()
    assert len(heard.probabilities) == len(HEADS)


def test_the_post_is_part_of_what_is_read(encoder: Encoder) -> None:
    under = encoder.hear([given("Is it still on?", "The fireworks are on Friday"), given("Is it still on?", None)])
    assert (under[0].probabilities != under[1].probabilities).any()


def test_a_post_is_read_once_for_all_its_comments(encoder: Encoder) -> None:
    class Counting:
        def __init__(self, session: object) -> None:
            self.session, self.texts = session, 0

        def run(self, names: object, fed: dict[str, np.ndarray]) -> object:
            self.texts += len(fed["ids"])
            return self.session.run(names, fed)  # type: ignore[attr-defined]

    counting = Counting(encoder._session)
    encoder._session = counting
    try:
        encoder.hear([given(f"comment number {n}", "A post nobody has read yet") for n in range(5)])
        encoder.hear([given("one more", "A post nobody has read yet")])
    finally:
        encoder._session = counting.session
    assert counting.texts == 5 + 1 + 1


@pytest.mark.parametrize("pieces", [2, 3, WINDOW, WINDOW + 2, WINDOW + 3, 3 * WINDOW])
def test_windows_cover_every_piece(pieces: int) -> None:
    windows = _windows(pieces)
    covered = {piece for begin, end in windows for piece in range(begin, end)}
    assert covered == set(range(1, pieces - 1))
    assert all(end - begin <= WINDOW for begin, end in windows)


def test_what_offends_at_the_end_of_a_very_long_comment_is_found() -> None:
    dull = "The timetable on the page says one thing and the leaflet says another. " * 40
    read = Reader().read(dull + "You lot are thick as mince, the pack of idiots.", POST)
    assert read.all_grounds["abuse"].probability > 0.3


def test_words_that_carry_a_ground_are_shown_as_written() -> None:
    text = "My bin was missed again. You bone idle halfwits, ring me."
    signal = Reader().read(text, POST).grounds["abuse"]
    shown = " ".join(evidence.text for evidence in signal.evidence)
    assert "halfwits" in shown
    assert "bin" not in shown
    for evidence in signal.evidence:
        assert text[evidence.start : evidence.end] == evidence.text


def test_a_folder_without_a_model_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable, match="No model can be loaded"):
        Encoder(tmp_path)


def test_a_damaged_network_is_told_plainly(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "model")
    (tmp_path / "model" / "encoder.onnx").write_bytes(b"no network")
    with pytest.raises(ModelUnreadable, match="No model can be loaded"):
        Encoder(tmp_path / "model")


def test_a_model_for_other_labels_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "model")
    card = json.loads((SHIPPED / "card.json").read_text("utf-8"))
    card["heads"] = card["heads"][:-1]
    (tmp_path / "model" / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(ModelUnreadable, match="other labels"):
        Encoder(tmp_path / "model")


def test_the_shipped_model_is_small_enough_and_says_how_it_was_made() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 30_000_000
    about = Reader().about
    assert about["council_comments"] > 6_000
    assert "development" in about["calibrated_on"]
    assert set(Encoder().thresholds) == {*GROUNDS, "safeguard", "criticism"}


def test_a_risk_told_at_the_end_of_a_very_long_comment_is_not_averaged_away(encoder: Encoder) -> None:
    weary = "The bins were late again and the lamp is still dark, thank you for the timetable. " * 30
    risk = "I have saved up my tablets and I am going to kill myself tonight."
    head = HEADS.index("route:safeguard")
    alone, long = encoder.hear([given(risk, POST), given(weary + risk, POST)])
    assert alone.probabilities[head] > 0.5
    assert long.probabilities[head] > 0.3


def test_what_was_just_read_is_not_read_again(encoder: Encoder) -> None:
    class Broken:
        def run(self, *_: object) -> object:
            raise AssertionError("read again")

    first = encoder.hear([given("Once is enough", POST)])[0]
    session, encoder._session = encoder._session, Broken()
    try:
        again = encoder.hear([given("Once is enough", POST)])[0]
        with pytest.raises(AssertionError, match="read again"):
            encoder.hear([given("Once is enough", "Another post")])
    finally:
        encoder._session = session
    assert (again.probabilities == first.probabilities).all()
    assert (again.marks == first.marks).all()


def test_only_so_many_comments_are_kept(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moothall.signals.encoder._COMMENTS_KEPT", 3)
    encoder._comments.clear()
    encoder.hear([given(f"comment {number}") for number in range(6)])
    assert [key[0] for key in encoder._comments] == ["comment 3", "comment 4", "comment 5"]
