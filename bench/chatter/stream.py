"""A stream of comments in order of time, with the truth beside each."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zlib import crc32

from rapidfuzz import fuzz

from chatter import grammar
from chatter.variations import contact, vary

_TRAINING = Path(__file__).resolve().parents[2] / "training"
_START = datetime(2026, 9, 1, tzinfo=UTC)
_DAYS = 75
#: From how alike on, per cent, two labelled comments under one post are twins.
_TWIN = 70


@dataclass(slots=True)
class Item:
    """One comment. ``campaign`` is None unless it belongs to one; ``first`` marks a campaign's first comment.

    ``kind``: distractor, a kind of hard negative, or a family of variation; ``strength`` 1–3 for variations, else 0.
    """

    text: str
    author: str
    post: str
    at: datetime
    kind: str
    campaign: str | None = None
    strength: int = 0
    accounts: int = 1
    first: bool = False
    id: int = 0


@lru_cache(maxsize=2)
def written(part: int) -> tuple[list[str], list[str], list[str]]:
    """Return the spam, the other comments and the posts of one half of the labelled comments.

    They hold twins: one comment under one post twice, with a few words changed so that another label holds. Of these the first
    is taken: two residents who write almost the same letter for letter are no distractors.
    """
    spam, other, posts = [], [], {}
    under: dict[str, list[str]] = {}
    for path in sorted(_TRAINING.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if crc32(row["comment"].encode()) % 2 == part:
                beside = under.setdefault(row.get("post") or "", [])
                twin = any(fuzz.ratio(row["comment"], each, score_cutoff=_TWIN) for each in beside)
                beside.append(row["comment"])
                if not twin:
                    (spam if "spam" in row["grounds"] else other).append(row["comment"])
            if row.get("post") and crc32(row["post"].encode()) % 2 == part:
                posts[row["post"]] = None
    return spam, other, list(posts)


def remarks(split: str) -> list[tuple[str, str, bool]]:
    """Return comments of a split with the post each was written under, and whether it is spam: the reader learned from train."""
    rows = (json.loads(line) for path in sorted(_TRAINING.glob("*.jsonl")) for line in path.open(encoding="utf-8"))
    return [
        (row["comment"], row["post"], "spam" in row["grounds"])
        for row in rows
        if row.get("post") and row["split"] == split
    ]


def make(seed: int, part: int, distractors: int, hard: int, campaigns: int) -> tuple[list[Item], dict[str, str]]:
    """Return a stream, its items numbered from 0 in order of time, and the posts' texts by post.

    ``hard``: how many of each of the five kinds of hard negative. ``part`` 0 or 1: the half of texts and patterns used.
    """
    chance = random.Random(seed)
    spam, other, texts = (list(each) for each in written(part))
    for each in (spam, other, texts):
        chance.shuffle(each)
    posts = {f"post-{number}": text for number, text in enumerate(texts)}
    born = {post: chance.uniform(0, _DAYS - 5) for post in posts}
    places = sorted(posts)
    residents = max(2_000, distractors // 3)

    def resident() -> str:
        return f"resident-{int(residents * chance.random() ** 2)}"

    def under(post: str) -> datetime:
        return _START + timedelta(days=born[post] + min(5.0, chance.expovariate(1.0)))

    items: list[Item] = []
    for base in _bases(chance, spam, other, campaigns):
        items += _campaign(chance, base, len(items), places)
    for number in range(distractors):
        post = chance.choice(places)
        text = other[number] if number < len(other) // 2 else grammar.chatter(chance)
        items.append(Item(text, resident(), post, under(post), "distractor"))
    for kind, text_of, chosen in _hard(chance, part, places, posts):
        # Who writes one greeting or complaint twice has repeated it: of these each is written by an account of its own.
        once = iter(chance.sample(range(residents), hard)) if kind in ("greetings", "same complaint") else None
        for _ in range(hard):
            post = chance.choice(chosen)
            author = f"resident-{next(once)}" if once else resident()
            items.append(Item(text_of(post), author, post, under(post), kind))
    items.sort(key=lambda item: item.at)
    known: set[str] = set()
    for number, item in enumerate(items):
        item.id = number
        if item.campaign is not None:
            item.first = item.campaign not in known
            known.add(item.campaign)
    return items, posts


def _bases(chance: random.Random, spam: list[str], other: list[str], campaigns: int) -> Iterator[str]:
    # The second half of the other comments never stands in the stream as a distractor.
    pools = [[t for t in pool if len(t.split()) >= 6] for pool in (spam, other[len(other) // 2 :])]
    for number in range(campaigns):
        pool = pools[0] if number % 5 < 3 and pools[0] else pools[1]
        text = pool.pop()
        if number % 3 == 0:
            text = f"{text} {contact(chance)}"
        yield text


def _campaign(chance: random.Random, base: str, number: int, places: list[str]) -> list[Item]:
    accounts = 1 if chance.random() < 0.6 else chance.randrange(2, 7)
    size = max(2 * accounts, chance.randrange(3, 16)) if accounts > 1 else chance.randrange(3, 14)
    pause = chance.choice((0.02, 0.3, 2.0))
    at = _START + timedelta(days=chance.uniform(0, _DAYS - 30))
    under = chance.sample(places, size)
    found = []
    for index in range(size):
        text, kind, strength = (base, "first", 0) if index == 0 else vary(chance, base)
        author = f"account-{number}-{index % accounts if index < accounts else chance.randrange(accounts)}"
        # Some posts are used twice: accounts that act together meet there.
        post = under[index] if chance.random() < 0.85 else under[0]
        found.append(Item(text, author, post, at, kind, f"campaign-{number}", strength, accounts))
        at += timedelta(days=chance.expovariate(1 / pause))
    return found


def _hard(
    chance: random.Random, part: int, places: list[str], posts: dict[str, str]
) -> list[tuple[str, Callable[[str], str], list[str]]]:
    festive, grievances = chance.sample(places, 6), chance.sample(places, 40)
    quoted = [post for post in chance.sample(places, min(len(places), 120)) if len(posts[post].split()) >= 8]
    return [
        ("greetings", lambda _: grammar.greeting(chance, part), festive),
        ("another street", lambda _: grammar.question(chance, part), places),
        ("same complaint", lambda _: grammar.complaint(chance, part), grievances),
        ("common phrases", lambda _: grammar.phrase(chance, part), places),
        ("quoted post", lambda post: grammar.quotation(chance, posts[post]), quoted),
    ]
