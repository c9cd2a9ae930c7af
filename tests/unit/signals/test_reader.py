from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.signals import Reader, Registers, Row
from moothall.words import GROUNDS, ROUTES

READER = Reader()
POST = "Bin collections move to a new timetable from Monday. Check your day online."


def test_strong_swearing_is_found_in_every_disguise_with_its_words(reader: Reader, strong_text: str) -> None:
    read = reader.read(strong_text)
    assert "profanity" in read.grounds
    for evidence in read.grounds["profanity"].evidence:
        assert strong_text[evidence.start : evidence.end] == evidence.text


def test_mild_words_are_not_strong_swearing(reader: Reader, mild_text: str) -> None:
    assert "profanity" not in reader.read(mild_text).grounds


def test_names_that_contain_a_strong_word_trip_nothing(reader: Reader, names_text: str) -> None:
    read = reader.read(f"When does the bus to {names_text} run on Sundays?")
    assert not read.grounds


def test_figures_of_speech_are_never_surely_threats(reader: Reader, figures_text: str) -> None:
    read = reader.read(figures_text)
    assert "threat" not in read.grounds or read.unsure


def test_criticism_of_the_council_is_never_a_ground(reader: Reader, lawful_text: str) -> None:
    read = reader.read(lawful_text, POST)
    assert "criticism" not in GROUNDS
    assert not read.grounds or read.unsure


def test_a_plain_threat_is_found(reader: Reader, threats_text: str) -> None:
    assert "threat" in reader.read(threats_text).all_grounds


def test_somebody_elses_details_are_personal_information(reader: Reader, private_text: str) -> None:
    assert "personal_info" in reader.read(private_text).grounds


def test_ones_own_and_an_offices_details_are_not(reader: Reader, not_private_text: str) -> None:
    assert "personal_info" not in reader.read(not_private_text).grounds


def test_one_text_on_several_posts_off_their_topic_is_spam(reader: Reader) -> None:
    text = "Lovely puppies looking for a forever family, see our kennel page"
    assert "spam" in reader.read(text, POST, repeats=3).grounds
    assert "spam" not in reader.read("Bins missed again on our collection day", POST, repeats=3).grounds


def test_without_a_post_nothing_is_off_topic(reader: Reader) -> None:
    assert reader.read("Lovely puppies looking for a family").off_topic is None
    assert reader.read("My recycling bin was missed", POST).off_topic is False


def test_a_name_on_the_register_of_active_cases_weighs(reader: Reader) -> None:
    informed = Reader(Registers(active_cases=("Dorian Sark",)))
    text = "Dorian Sark is guilty as sin, lock him up"
    found = informed.read(text).grounds["contempt"]
    assert found.evidence[0].text == "Dorian Sark"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Under the Freedom of Information Act I request the contract", "foi"),
        ("I want to make a subject access request", "own_data"),
        ("I wish to make a formal complaint, then the ombudsman", "complaint"),
        ("I am a journalist at the Echo, who can I ring?", "press"),
    ],
)
def test_what_an_officer_may_want_to_know_is_hinted(reader: Reader, text: str, hint: str) -> None:
    assert hint in reader.read(text).hints


def test_a_party_called_reform_is_not_the_verb(reader: Reader) -> None:
    assert "party_political" in reader.read("Vote Reform on 6 May!").grounds
    assert "party_political" not in reader.read("When will you reform the parking permits?").grounds


def test_reading_many_is_reading_each(reader: Reader) -> None:
    rows = [Row("My bin was missed", POST), Row("Thanks all", POST, 1)]
    assert reader.read_many(rows) == [
        reader.read("My bin was missed", POST),
        reader.read("Thanks all", POST, repeats=1),
    ]
    assert reader.read_many([{"comment": "My bin was missed", "post": POST}]) == reader.read_many(rows[:1])


def test_another_process_reads_the_same() -> None:
    text = "Whoever dumped this on Mill Lane is scum, when will it be cleared?"
    code = (
        "from moothall.signals import Reader\n"
        f"r = Reader().read({text!r})\n"
        "print(r.route, sorted((n, s.probability) for n, s in r.all_grounds.items()))"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    read = READER.read(text)
    assert runs == {f"{read.route} {sorted((n, s.probability) for n, s in read.all_grounds.items())}\n"}


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.one_of(st.none(), st.text(max_size=60)), st.one_of(st.none(), st.integers(0, 9)))
def test_whatever_is_written_the_signals_are_sound(text: str, post: str | None, repeats: int | None) -> None:
    read = READER.read(text, post, repeats=repeats)
    assert read == READER.read(text, post, repeats=repeats)
    assert read.route in ROUTES
    assert set(read.grounds) <= set(read.all_grounds) <= set(GROUNDS)
    for signal in read.all_grounds.values():
        assert 0 <= signal.probability <= 1
        for evidence in signal.evidence:
            assert 0 <= evidence.start < evidence.end <= len(text)
            assert text[evidence.start : evidence.end] == evidence.text


def test_a_few_words_are_never_enough_for_the_model_to_be_sure(reader: Reader) -> None:
    for text in ("Outstanding, thanks", "Check my page", "Nothing at all"):
        read = reader.read(text)
        assert read.unsure or not read.grounds


def test_a_very_long_comment_is_read_too(reader: Reader) -> None:
    read = reader.read("The bins were missed again. " * 2_300)
    assert read.route in ROUTES


@pytest.mark.parametrize(
    "comment",
    [
        "What a waste of money, useless council",
        "Useless council, what a joke you lot are",
        "This council could not run a bath. Hopeless, the whole town hall.",
    ],
)
def test_hard_words_for_the_council_as_a_body_are_criticism_and_never_surely_abuse(
    reader: Reader, comment: str
) -> None:
    signals = reader.read(comment, "The budget consultation opens today.")
    assert "abuse" not in signals.grounds or (signals.criticism and signals.unsure)


@pytest.mark.parametrize("word", ["ha", "lol", "abc", "well done", "a b"])
def test_a_word_said_a_hundred_times_does_not_become_an_offence(reader: Reader, word: str) -> None:
    signals = reader.read(f"{word} " * 100, "The lido opens on Saturday.")
    # Threats are named early: a faint doubt may show, and nothing that could lead to a measure.
    assert not signals.grounds or (signals.unsure and set(signals.grounds) == {"threat"})
    assert signals.route != "safeguard"


def test_reading_leaves_nothing_behind_and_reports_to_nobody(tmp_path: Path) -> None:
    # The runtime is silent where it takes itself to be in a test: so none of what tells it that is handed on.
    folders = {
        name: tmp_path / name for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    }
    for folder in folders.values():
        folder.mkdir()
    environment = {"PATH": os.environ["PATH"], **{name: str(folder) for name, folder in folders.items()}}
    code = (
        "import os\nfrom moothall.signals import Reader\nReader().read('Hello')\n"
        "print([os.readlink(f'/proc/self/fd/{one}') for one in os.listdir('/proc/self/fd') if 'socket' in "
        "os.path.realpath(f'/proc/self/fd/{one}')])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not [found for folder in folders.values() for found in folder.rglob("*")]
