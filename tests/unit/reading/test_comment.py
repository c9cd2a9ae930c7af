"""One comment, read and held against the rules; control characters never move the evidence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moothall.policy import Circumstances, Facts, default_policy
from moothall.reading import read_and_assess, without_controls
from moothall.signals import Reader, Signals
from moothall.words import ACCOUNT_PHASE, Evidence, Signal

TEXTS = st.text(alphabet=st.sampled_from("ab \n\t\0\x07\x1b\x7f\x85\ud800é😀"), max_size=30)


@given(TEXTS)
def test_only_control_characters_go_and_every_other_keeps_its_place(text: str) -> None:
    cleaned = without_controls(text)
    offsets = cleaned.offsets if cleaned.offsets is not None else tuple(range(len(text)))
    assert [text[place] for place in offsets] == list(cleaned.text)
    assert cleaned.text == "".join(one for one in text if one in "ab \n\té😀")
    cleaned.text.encode()


@given(TEXTS, st.data())
def test_evidence_is_counted_in_the_comment_as_given(text: str, data: st.DataObject) -> None:
    cleaned = without_controls(text)
    if not cleaned.text:
        return
    start = data.draw(st.integers(0, len(cleaned.text) - 1))
    end = data.draw(st.integers(start + 1, len(cleaned.text)))
    words = cleaned.text[start:end]
    found = Signals("none", grounds={"abuse": Signal(0.9, (Evidence(start, end, words),))})
    (moved,) = cleaned.restore(found).grounds["abuse"].evidence
    assert moved.text == text[moved.start : moved.end]
    assert without_controls(moved.text).text == words


def test_nul_characters_hide_nothing_and_move_no_evidence() -> None:
    comment = "\0\0You are an id\0iot, Amina"
    signals, assessment = read_and_assess(Reader(), default_policy(), comment, "Tip hours")
    assert "abuse" in signals.grounds
    pieces = [piece for ground in assessment.grounds for piece in ground.evidence]
    assert pieces
    assert all(comment[piece.start : piece.end] == piece.text for piece in pieces)


def test_what_is_known_beside_the_text_reaches_the_rules() -> None:
    _, assessment = read_and_assess(
        Reader(),
        default_policy(),
        "When is the tip open on Sunday?",
        facts=Facts(repeats=0, campaign="c-1"),
        circumstances=Circumstances(pre_election=False),
    )
    assert assessment.campaign == "c-1"
    assert assessment.measures == ("ignore",)
    assert assessment.policy_version == default_policy().version


class Stated:
    """A reader that found the council's brand misused in the words."""

    def read(self, comment: str, post: str | None = None, *, repeats: int | None = None) -> Signals:
        return Signals("none", grounds={"brand_misuse": Signal(0.8, phase="encoder")})


def test_a_ground_found_beside_the_text_counts_where_the_words_do_not_show_it() -> None:
    beside = {"brand_misuse": Signal(0.97, phase=ACCOUNT_PHASE)}
    question = "When is the tip open on Sunday?"
    signals, assessment = read_and_assess(Reader(), default_policy(), question, beside=beside)
    assert signals.grounds == beside
    assert [clause.id for clause in assessment.clauses] == ["our-identity"]
    signals, _ = read_and_assess(Stated(), default_policy(), question, beside=beside)
    assert signals.grounds["brand_misuse"].phase == "encoder"
