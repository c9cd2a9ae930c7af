from __future__ import annotations

from datetime import UTC, datetime, timedelta

from moothall.signals.repeat_memory import Entry, MemoryStore

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def entry(id: int, campaign: str = "", author: str = "dee", post: str = "p1", at: datetime = MONDAY) -> Entry:
    return Entry(id, f"text {id}", f"text{id}", author, post, at, campaign or f"c-{id}")


def keys(id: int) -> list[int]:
    """Five keys that no other id has."""
    return [(id * 5 + n + 1) * 0x9E3779B97F4A7C15 % 2**63 for n in range(5)]


def test_what_shares_most_keys_comes_first_and_one_key_is_not_enough() -> None:
    store = MemoryStore()
    store.add(entry(1), keys(1))
    store.add(entry(2), keys(1)[:4] + keys(2)[:1])
    store.add(entry(3), keys(1)[:1] + keys(3)[:4])
    assert [found.id for found in store.candidates(keys(1), MONDAY)] == [1, 2]


def test_nothing_is_lost_while_the_store_grows() -> None:
    store = MemoryStore()
    for id in range(10_000):
        store.add(entry(id), keys(id))
    found = sum(store.candidates(keys(id), MONDAY) == [entry(id)] for id in range(10_000))
    assert found >= 9_990


def test_a_key_that_everybody_has_returns_the_newest() -> None:
    store = MemoryStore()
    for id in range(100):
        store.add(entry(id), keys(0))
    assert [found.id for found in store.candidates(keys(0), MONDAY)] == list(range(99, 91, -1))


def test_the_same_id_is_replaced_and_counted_once() -> None:
    store = MemoryStore()
    store.add(entry(1, "c-1", post="p1"), keys(1))
    store.add(entry(2, "c-1", post="p2"), keys(2))
    store.add(entry(2, "c-1", post="p3"), keys(3))
    tally = store.tally("c-1")
    assert (tally.comments, set(tally.posts), set(tally.authors)) == (2, {"p1", "p3"}, {"dee"})
    assert store.candidates(keys(2), MONDAY) == []


def test_the_old_are_pruned_and_no_longer_counted() -> None:
    store = MemoryStore()
    for id in range(4):
        store.add(entry(id, "c-0", post=f"p{id}", at=MONDAY + timedelta(days=id)), keys(id))
    store.prune(MONDAY + timedelta(days=2))
    assert len(store) == 2
    assert set(store.tally("c-0").posts) == {"p2", "p3"}
    assert store.candidates(keys(0), MONDAY - timedelta(days=9)) == []


def test_what_is_older_than_asked_for_is_not_returned() -> None:
    store = MemoryStore()
    store.add(entry(1), keys(1))
    assert store.candidates(keys(1), MONDAY + timedelta(seconds=1)) == []
