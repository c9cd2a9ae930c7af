"""What counts as a change, of which kind, under which clause, and what is shown of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.reading.replaying import SWEARING, found, new, old, replayed, row

from moothall.reading.replay import Options


def test_the_same_rules_change_nothing(tmp_path: Path) -> None:
    came, differences = replayed(tmp_path, [row(1, signals=found("abuse")), row(2)], old())
    assert differences == []
    assert came.as_dict()["unchanged"] == 2


def test_other_words_for_the_public_change_nothing(tmp_path: Path) -> None:
    rules = new(("title: Be polite", "title: Be kind"), ("public: Be polite.", "public: Be kind to each other."))
    assert replayed(tmp_path, [row(1, signals=found("abuse"))], rules)[1] == []


@pytest.mark.parametrize(
    ("change", "rules", "differs"),
    [
        ("newly_down", new(more=SWEARING), "recommended"),
        ("newly_allowed", new(more=SWEARING.replace("measures", "recommends: ignore\n    measures")), "measures"),
    ],
)
def test_a_new_clause_brings_comments_down_or_lets_officers_act(
    change: str, rules: object, differs: str, tmp_path: Path
) -> None:
    came, (line,) = replayed(tmp_path, [row("a", signals=found("profanity")), row("b")], rules)  # type: ignore[arg-type]
    assert (line["id"], line["row"], line["change"]) == ("a", 1, change)
    assert differs in line["differs"]
    assert line["old"]["measures"] == ["ignore"]
    assert line["new"]["measures"] == ["ignore", "hide"]
    assert [clause["id"] for clause in line["new"]["clauses"]] == ["no-swearing"]
    assert line["old"]["why"] != line["new"]["why"] != ""
    assert line["evidence"] == [{"ground": "profanity", "start": 4, "end": 11}]
    assert came.as_dict()["clauses"]["no-swearing"][change] == 1
    assert came.as_dict()["allowed"] == {"in_more_ways": 1, "in_fewer_ways": 0}


def test_a_clause_taken_away_lets_comments_stay_up(tmp_path: Path) -> None:
    rules = new(("when: abuse", "when: threat"), ("grounds: [abuse]", "grounds: [threat]"))
    came, (line,) = replayed(tmp_path, [row(1, signals=found("abuse"))], rules)
    assert line["change"] == "newly_up"
    assert came.as_dict()["clauses"]["polite"]["newly_up"] == 1
    assert came.as_dict()["recommended"]["old"]["hide"] == came.as_dict()["recommended"]["new"]["ignore"] == 1


def test_a_measure_taken_away_is_no_longer_allowed(tmp_path: Path) -> None:
    came, (line,) = replayed(tmp_path, [row(1, signals=found("abuse"))], new(("[hide, delete]", "[hide]")))
    assert line["change"] == "no_longer_allowed"
    assert came.as_dict()["clauses"]["polite"]["no_longer_allowed"] == 1


def test_a_stronger_recommendation_is_another_change(tmp_path: Path) -> None:
    rules = new(("measures: [hide, delete]", "measures: [hide, delete]\n    recommends: delete"))
    came, (line,) = replayed(tmp_path, [row(1, signals=found("abuse"))], rules)
    assert line["change"] == "other"
    assert came.as_dict()["moves"] == {"hide>delete": 1}


def test_a_threshold_decides_and_the_histogram_shows_where_it_stands(tmp_path: Path) -> None:
    rules = new(("{engage: 0.5, recommend: 0.7}", "{engage: 0.4, recommend: 0.6}"))
    rows = [row(number, signals=found("abuse", number / 100)) for number in (39, 40, 45, 65, 70)]
    rows.append(row(6, signals={"faint": {"abuse": 0.1}}))
    came, differences = replayed(tmp_path, rows, rules)
    assert [(line["id"], line["change"]) for line in differences] == [
        (40, "newly_allowed"),
        (45, "newly_allowed"),
        (65, "newly_down"),
    ]
    ground = came.as_dict()["grounds"]["abuse"]
    assert ground["old"] == {"engage": 0.5, "recommend": 0.7, "found": 2, "certain_enough": 1}
    assert ground["new"] == {"engage": 0.4, "recommend": 0.6, "found": 4, "certain_enough": 2}
    assert {place: number for place, number in enumerate(ground["twentieths"]) if number} == {
        7: 1,
        8: 1,
        9: 1,
        13: 1,
        14: 1,
    }
    assert ground["below_the_reader"][2] == sum(ground["below_the_reader"]) == 1


class TestLawfulCriticism:
    def test_is_counted_first_when_the_reader_hears_it_and_the_old_rules_leave_it_up(self, tmp_path: Path) -> None:
        rows = [
            row(1, signals=found("profanity", criticism=True)),
            row(2, signals=found("profanity")),
            row(3, signals={"criticism": True}),
        ]
        came, differences = replayed(tmp_path, rows, new(more=SWEARING))
        assert [line["lawful_criticism"] for line in differences] == [True, False]
        assert came.as_dict()["lawful_criticism"] == {
            "seen": 2,
            "newly_down": 1,
            "newly_allowed": 0,
            "down_under_both": 0,
            "harder": 0,
        }

    def test_is_not_what_the_old_rules_take_down_already(self, tmp_path: Path) -> None:
        came, _ = replayed(tmp_path, [row(1, signals=found("abuse", criticism=True))], new(more=SWEARING))
        assert came.criticism_newly_down == 0

    def test_is_what_a_person_has_labelled_whatever_the_reader_hears(self, tmp_path: Path) -> None:
        lawful = {"route": "none", "grounds": [], "criticism": True}
        rows = [
            row(1, signals=found("profanity"), **lawful),
            row(2, signals=found("profanity", criticism=True), **lawful | {"grounds": ["abuse"]}),
            row(3, signals=found("profanity"), **lawful | {"grounds": ["party_political"]}),
            row(4, signals=found("profanity"), **lawful | {"grounds": ["party_political"]}, pre_election=True),
            row(5, signals=found("abuse"), **lawful),
        ]
        came, differences = replayed(tmp_path, rows, new(more=SWEARING))
        assert [line["id"] for line in differences if line["lawful_criticism"]] == [1, 3]
        assert came.as_dict()["lawful_criticism"]["down_under_both"] == 1


def test_examples_are_the_first_of_their_kind_with_the_words_that_show_it(tmp_path: Path) -> None:
    rows = [row(number, signals=found("profanity")) for number in range(1, 30)]
    came, differences = replayed(tmp_path, rows, new(more=SWEARING), Options(processes=1, examples=3, rows_in_part=2))
    assert len(differences) == 29
    shown = came.tally.examples["newly_down no-swearing"]
    assert [example["row"] for example in shown] == [1, 2, 3]
    assert [shown[0]["comment"][start:end] for start, end in shown[0]["marks"]] == ["useless"]


def test_a_long_comment_is_cut_around_the_words(tmp_path: Path) -> None:
    comment = "x" * 5_000 + " useless " + "y" * 5_000
    rows = [row(1, comment, signals=found("profanity", words=(5_001, 5_008)))]
    came, _ = replayed(tmp_path, rows, new(more=SWEARING))
    (example,) = came.tally.examples["newly_down no-swearing"]
    assert len(example["comment"]) < 1_300
    assert [example["comment"][start:end] for start, end in example["marks"]] == ["useless"]
