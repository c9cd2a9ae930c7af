"""The weekend of the demo is frozen: its mix, its labels, its bytes, and its absence from all training."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rapidfuzz import fuzz, process

from moothall import words

REPOSITORY = Path(__file__).parents[3]
DEMO = REPOSITORY / "src" / "moothall" / "project" / "demo"
TRAINING = REPOSITORY / "training"

#: A change of the fixture is a decision: whoever makes it changes these on purpose, and says why.
FROZEN = {
    "posts.jsonl": "4e79e65d6cd998e26d8ed3cbf1ba81e81b722b536485f4d9ad5228cf380ff298",
    "weekend.jsonl": "18555f7039befd7af2516b22568af3a23d2fadfe2a2eb38aff91185794192276",
}
MIX = {
    "safeguarding": 3,
    "legal": 4,
    "abuse": 9,
    "spam": 12,
    "personal_data": 5,
    "service": 30,
    "question": 26,
    "political": 14,
    "praise": 6,
    "criticism": 31,
}
SAME_QUESTION = {
    "p01": {"c002", "c018", "c043", "c070", "c089", "c107"},
    "p11": {"c005", "c030", "c060", "c093", "c109"},
    "p05": {"c001", "c045", "c066", "c127", "c138"},
}
#: rapidfuzz ratio (0-100) of normalised text above which two comments count as nearly the same.
NEAR = 85
FRIDAY_FIVE_O_CLOCK = 64 * 60


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the JSON objects of a file with one on each line, blank lines left out."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def normalised(text: str) -> str:
    """Return the words of a text in lower case with single spaces, without punctuation and emoji."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


POSTS = rows_of(DEMO / "posts.jsonl")
COMMENTS = rows_of(DEMO / "weekend.jsonl")
POST_BY_ID = {post["id"]: post for post in POSTS}
COMMENT_BY_ID = {comment["id"]: comment for comment in COMMENTS}


def of(category: str) -> list[dict[str, Any]]:
    """Return the comments of a category, oldest first."""
    return [comment for comment in COMMENTS if comment["category"] == category]


def near_identical_groups() -> list[list[dict[str, Any]]]:
    """Return the groups, of two comments and more, that are linked by nearly the same text; the largest first."""
    texts = [normalised(comment["message"]) for comment in COMMENTS]
    near = process.cdist(texts, texts, scorer=fuzz.ratio) > NEAR
    groups: list[list[dict[str, Any]]] = []
    left = set(range(len(texts)))
    while left:
        group = {left.pop()}
        border = set(group)
        while border:
            border = {int(other) for one in border for other in np.flatnonzero(near[one])} & left
            group |= border
            left -= border
        if len(group) > 1:
            groups.append([COMMENTS[number] for number in sorted(group)])
    return sorted(groups, key=len, reverse=True)


@pytest.mark.parametrize("name", sorted(FROZEN))
def test_the_files_are_the_frozen_ones(name: str) -> None:
    assert hashlib.sha256((DEMO / name).read_bytes()).hexdigest() == FROZEN[name]


def test_there_are_140_comments_in_the_mix_of_a_monday_morning() -> None:
    assert len(COMMENTS) == 140
    assert Counter(comment["category"] for comment in COMMENTS) == MIX


def test_every_row_has_the_documented_fields_and_its_own_id() -> None:
    fields = {
        "id", "post", "parent", "author", "message", "minutes_before",
        "category", "route", "grounds", "criticism", "repeats",
    }  # fmt: skip
    assert all(set(comment) == fields for comment in COMMENTS)
    assert all(set(post) == {"id", "message", "minutes_before", "permalink"} for post in POSTS)
    assert [comment["id"] for comment in COMMENTS] == [f"c{number:03}" for number in range(1, 141)]
    assert [post["id"] for post in POSTS] == [f"p{number:02}" for number in range(1, 15)]
    assert len({post["permalink"] for post in POSTS}) == len(POSTS)


def test_labels_are_words_of_the_vocabulary() -> None:
    for comment in COMMENTS:
        assert comment["route"] in words.ROUTES, comment["id"]
        assert set(comment["grounds"]) <= set(words.GROUNDS), comment["id"]
        assert len(set(comment["grounds"])) == len(comment["grounds"]), comment["id"]
        assert isinstance(comment["criticism"], bool), comment["id"]


def test_an_author_has_one_name_and_a_name_one_author() -> None:
    pairs = {(comment["author"]["id"], comment["author"]["name"]) for comment in COMMENTS}
    assert len({identity for identity, _ in pairs}) == len({name for _, name in pairs}) == len(pairs)
    assert 90 <= len(pairs) <= 105


def test_comments_come_over_the_weekend_after_their_post_and_their_parent() -> None:
    times = [comment["minutes_before"] for comment in COMMENTS]
    assert times == sorted(times, reverse=True)
    assert 0 < times[-1] < times[0] <= FRIDAY_FIVE_O_CLOCK
    for comment in COMMENTS:
        assert comment["minutes_before"] < POST_BY_ID[comment["post"]]["minutes_before"], comment["id"]
        if comment["parent"] is not None:
            parent = COMMENT_BY_ID[comment["parent"]]
            assert parent["post"] == comment["post"], comment["id"]
            assert parent["minutes_before"] > comment["minutes_before"], comment["id"]


def test_only_the_two_spam_clusters_and_the_repeat_on_the_subject_are_near_identical() -> None:
    advert, scam, repeat = near_identical_groups()
    assert (len(advert), len({row["post"] for row in advert}), len({row["author"]["id"] for row in advert})) == (
        8,
        6,
        2,
    )
    assert (len(scam), len({row["post"] for row in scam}), len({row["author"]["id"] for row in scam})) == (4, 4, 1)
    assert (len(repeat), len({row["post"] for row in repeat}), len({row["author"]["id"] for row in repeat})) == (
        3,
        3,
        1,
    )
    assert {row["id"] for row in [*advert, *scam]} == {row["id"] for row in of("spam")}
    assert all(row["category"] == "criticism" and row["grounds"] == [] for row in repeat)
    assert all("road" in POST_BY_ID[row["post"]]["message"] or "resurface" in POST_BY_ID[row["post"]]["message"]
               for row in repeat)  # fmt: skip


def test_repeats_counts_the_other_posts_with_nearly_the_same_text_of_the_author() -> None:
    repeats = dict.fromkeys(COMMENT_BY_ID, 0)
    for group in near_identical_groups():
        for row in group:
            posts = {other["post"] for other in group if other["author"] == row["author"]}
            repeats[row["id"]] = len(posts - {row["post"]})
    assert {comment["id"]: comment["repeats"] for comment in COMMENTS} == repeats


@pytest.mark.parametrize("post", sorted(SAME_QUESTION))
def test_different_residents_ask_the_same_question_in_other_words(post: str) -> None:
    asked = [COMMENT_BY_ID[identity] for identity in SAME_QUESTION[post]]
    assert {row["post"] for row in asked} == {post}
    assert {row["category"] for row in asked} == {"question"}
    assert len({row["author"]["id"] for row in asked}) == len(asked)


def test_labels_follow_from_the_category() -> None:
    assert all(row["route"] == "safeguard" for row in of("safeguarding"))
    assert [row["id"] for row in COMMENTS if row["route"] == "safeguard"] == [row["id"] for row in of("safeguarding")]
    assert Counter(tuple(row["grounds"]) for row in of("legal")) == {
        ("defamation",): 2, ("contempt",): 1, ("copyright",): 1,
    }  # fmt: skip
    assert all({"abuse", "discrimination"} & set(row["grounds"]) for row in of("abuse"))
    assert all(row["grounds"] == ["spam"] for row in of("spam"))
    assert all(row["grounds"] == ["personal_info"] for row in of("personal_data"))
    assert Counter(row["route"] for row in of("service")) == {"report_it": 18, "customer_service": 12}
    assert all(row["route"] == "answer" for row in of("question"))
    assert all(row["route"] == "councillor" for row in of("political"))
    assert all((row["route"], row["grounds"], row["criticism"]) == ("none", [], False) for row in of("praise"))


def test_criticism_bears_no_ground_and_politics_none_but_party_politics() -> None:
    assert all(row["criticism"] and row["grounds"] == [] for row in of("criticism"))
    assert all(set(row["grounds"]) <= {"party_political"} for row in of("political"))


def test_telephones_postcodes_and_addresses_cannot_be_anybodys() -> None:
    text = "\n".join(row["message"] for row in [*POSTS, *COMMENTS])
    telephones = re.findall(r"(?:\+44|\b0)[\d ]{9,}\d", text)
    assert telephones
    assert all(re.fullmatch(r"01632 960\d{3}|(?:\+44 |0)7700 900\d{3}", number) for number in telephones)
    postcodes = re.findall(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", text)
    assert postcodes
    assert all(postcode.startswith("ZZ99 ") for postcode in postcodes)
    assert all(plate.startswith("ZZ") for plate in re.findall(r"\b[A-Z]{2}\d{2} [A-Z]{3}\b", text))
    assert all(host.endswith(".example") for host in re.findall(r"[\w-]+\.(?:example|com|uk|org|net|co|info)\b", text))


def test_no_comment_of_the_weekend_or_one_near_it_is_in_training() -> None:
    files = sorted(TRAINING.rglob("*.jsonl"))
    if not files:
        pytest.skip("there is no training/*.jsonl here")
    places: list[str] = []
    texts: list[str] = []
    for path in files:
        for number, row in enumerate(rows_of(path), start=1):
            places.append(f"{path.name}, row {number}")
            texts.append(normalised(str(row.get("comment") or row.get("text") or "")))
    ours = [normalised(comment["message"]) for comment in COMMENTS]
    likeness = process.cdist(ours, texts, scorer=fuzz.ratio, score_cutoff=NEAR)
    found = [f"{COMMENTS[one]['id']} is like {places[other]}" for one, other in np.argwhere(likeness > NEAR)]
    assert found == []
