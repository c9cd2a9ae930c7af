"""What changed beside the rules: the page's other parts, replies, letters, contacts, what officers are asked, counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from moothall.policy.changes import Both, Change, Weight, changed, excerpt, now_and_before
from moothall.policy.changes_of_rules import pair_up
from moothall.policy.model import Contact, Policy, RecordCount, RouteRule, Section
from moothall.policy.reasons import ground_in_words, joined
from moothall.words import ACTS

_ROUTE: Final[Mapping[str, str]] = {
    "answer": "questions about council business",
    "customer_service": "people's own cases",
    "report_it": "street problems",
    "councillor": "political questions",
    "safeguard": "people at risk",
    "none": "everything else",
}
_CONTACT: Final[Mapping[str, str]] = {
    "name": "name",
    "phone": "telephone number",
    "url": "web address",
    "chat": "address of the live chat",
    "email": "e-mail address",
    "hours": "hours",
}
_ACT: Final[Mapping[str, str]] = {
    "warn": "warnings",
    "notice": "notices of intent",
    "hide": "hidden comments",
    "delete": "deleted comments",
    "block": "blocks",
}


def page_changes(both: Both) -> Iterator[Change]:
    """Yield what changed in everything but the clauses, the ladder and the settings."""
    yield from _names(both)
    yield from _sections(both)
    yield from _routes(both)
    yield from _texts(Weight.REPLIES, "reply", "reply", both.old.own_replies, both.new.own_replies)
    yield from _texts(Weight.TOLD, "letter", "letter", both.old.letters, both.new.letters)
    yield from _contacts(both)
    yield from _facts(both)
    yield from _counts(both)


def _names(both: Both) -> Iterator[Change]:
    old, new = both.old, both.new
    if old.introduction.split() != new.introduction.split():
        sentence = f"The introduction of the page says {now_and_before(old.introduction, new.introduction)}."
        yield Change(Weight.PUBLIC, "page", "changed", sentence)
    elif "introduction" in changed(old, new):
        sentence = f"The introduction of the page has {now_and_before(old.introduction, new.introduction)}."
        yield Change(Weight.PUBLIC, "page", "changed", sentence)
    for name, what in (("title", "The page"), ("council", "The council on the page")):
        if getattr(old, name) != getattr(new, name):
            sentence = f"{what} is now called “{getattr(new, name)}” instead of “{getattr(old, name)}”."
            yield Change(Weight.PUBLIC, "page", "changed", sentence)
    if old.version != new.version:
        sentence = f"The version is now “{new.version}” instead of “{old.version}”."
        yield Change(Weight.NAMES, "policy", "changed", sentence)
    if old.id != new.id:
        sentence = f"The rules are now filed as “{new.id}” instead of “{old.id}”: to the desk they are other rules."
        yield Change(Weight.NAMES, "policy", "changed", sentence)


def _sections(both: Both) -> Iterator[Change]:
    pairs = pair_up(both.old.sections, both.new.sections)
    for old, new in pairs:
        if old is not None and new is not None:
            yield from _section(old, new)
        elif new is not None:
            sentence = f"New part of the page: “{new.title}”, {excerpt(both.new.filled(new.public))}."
            yield Change(Weight.PUBLIC, "page", "new", sentence)
        elif old is not None:
            yield Change(Weight.PUBLIC, "page", "gone", f"The part “{old.title}” of the page is gone.")
    stood = [old.id for old, new in pairs if old is not None and new is not None]
    if stood != [section.id for section in both.old.sections if section.id in stood]:
        order = joined([f"“{section.title}”" for section in both.new.sections])
        yield Change(Weight.ORDER, "page", "order", f"The parts of the page stand in another order. Now: {order}.")


def _section(old: Section, new: Section) -> Iterator[Change]:
    for name in changed(old, new):
        weight = Weight.PUBLIC
        if name == "title":
            sentence = f"The part “{old.title}” of the page is now called “{new.title}”."
        elif name == "public":
            sentence = f"Under “{new.title}” the public reads {now_and_before(old.public, new.public)}."
        elif name == "guide":
            weight = Weight.OFFICERS
            sentence = f"The guide for officers on “{new.title}” says {now_and_before(old.guide, new.guide)}."
        elif name == "closing":
            sentence = f"“{new.title}” now stands {'after' if new.closing else 'before'} the rules."
        else:
            weight = Weight.NAMES
            sentence = (
                f"The {name} of the part “{new.title}” is now “{getattr(new, name)}” instead of “{getattr(old, name)}”."
            )
        yield Change(weight, "page", "changed", sentence)


def _routes(both: Both) -> Iterator[Change]:
    old, new = both.old.routes, both.new.routes
    for name in dict.fromkeys([*new, *old]):
        about = f"For {_ROUTE.get(name, name)}"
        if name not in new:
            yield Change(
                Weight.REPLIES, "reply", "gone", f"{about} the rules no longer say anything: nothing is replied."
            )
        elif name not in old:
            does = f"the reply is “{new[name].reply}”" if new[name].reply != "none" else "nothing is replied"
            yield Change(Weight.REPLIES, "reply", "new", f"{about} the rules now say what is done: {does}.")
        else:
            yield from _route(about, old[name], new[name])
    shown = [
        [name for name, rule in each.items() if rule.public and name in old and name in new] for each in (old, new)
    ]
    if sorted(shown[0]) == sorted(shown[1]) and shown[0] != shown[1]:
        order = joined([_ROUTE.get(name, name) for name in shown[1]])
        yield Change(Weight.ORDER, "page", "order", f"What we do with comments stands in another order. Now: {order}.")


def _route(about: str, old: RouteRule, new: RouteRule) -> Iterator[Change]:
    for name in changed(old, new):
        now, before = getattr(new, name), getattr(old, name)
        weight = Weight.REPLIES
        if name == "reply":
            sentence = f"{about} the reply is now “{now}” instead of “{before}”."
        elif name == "text":
            sentence = f"{about} the words of the reply are {now_and_before(before, now)}."
        elif name == "guide":
            weight = Weight.OFFICERS
            sentence = f"{about} the guide for officers says {now_and_before(before, now)}."
        elif name in ("public", "title"):
            weight = Weight.PUBLIC
            where = "the page says" if name == "public" else "the heading on the page is"
            sentence = f"{about} {where} {now_and_before(before, now)}."
        else:
            sentence = f"{about} the {name} is now “{now}” instead of “{before}”."
        yield Change(weight, "reply", "changed", sentence)


def _texts(weight: Weight, area: str, what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys([*new, *old]):
        if name not in new:
            yield Change(weight, area, "gone", f"The {what} “{name}” no longer has words of its own.")
        elif name not in old:
            yield Change(weight, area, "new", f"The {what} “{name}” now has words: {excerpt(new[name])}.")
        elif old[name].split() != new[name].split():
            yield Change(weight, area, "changed", f"The {what} “{name}” says {now_and_before(old[name], new[name])}.")
        elif old[name] != new[name] and area == "letter":
            # The lines of a letter are part of it.
            yield Change(
                weight, area, "changed", f"The {what} “{name}” has its lines broken elsewhere; the words are the same."
            )


def _contacts(both: Both) -> Iterator[Change]:
    old, new = both.old.contacts, both.new.contacts
    for id in dict.fromkeys([*new, *old]):
        if id not in new:
            yield Change(Weight.PUBLIC, "contact", "gone", f"The contact “{old[id].name}” is gone.")
        elif id not in old:
            yield Change(Weight.PUBLIC, "contact", "new", f"New contact: “{new[id].name}” ({_ways(new[id])}).")
        else:
            for name in changed(old[id], new[id]):
                now, before = getattr(new[id], name) or "none", getattr(old[id], name) or "none"
                sentence = f"The {_CONTACT.get(name, name)} of “{new[id].name}” is now {now} instead of {before}."
                yield Change(Weight.PUBLIC, "contact", "changed", sentence)


def _ways(contact: Contact) -> str:
    ways = [getattr(contact, part) for part in ("phone", "url", "chat", "email") if getattr(contact, part)]
    return ", ".join(ways) or "without a way to reach it"


def _facts(both: Both) -> Iterator[Change]:
    old, new = both.old.facts, both.new.facts
    for name in dict.fromkeys([*new, *old]):
        if name not in new:
            yield _fact("gone", f"Officers are no longer asked for these rules: “{old[name]}”")
        elif name not in old:
            yield _fact("new", f"Officers can now be asked for these rules: “{new[name]}”")
        elif old[name].split() != new[name].split():
            yield _fact("changed", f"Officers are now asked “{new[name]}” instead of “{old[name]}”")
    asked = [[name for name in each if name in old and name in new] for each in (old, new)]
    if asked[0] != asked[1] and _own(both.old) == _own(both.new):
        yield Change(Weight.ORDER, "fact", "order", "The questions to officers stand in another order.")


def _fact(kind: str, sentence: str) -> Change:
    return Change(Weight.OFFICERS, "fact", kind, f"{sentence}.")


def _own(policy: Policy) -> list[str]:
    return sorted(policy.facts)


def _counts(both: Both) -> Iterator[Change]:
    old, new = ({count.name: count for count in policy.counts} for policy in (both.old, both.new))
    for name in dict.fromkeys([*new, *old]):
        if name not in new:
            yield _count("gone", f"The count “{name}” of the author's record is gone")
        elif name not in old:
            yield _count("new", f"New count of the author's record: “{name}”, {_counted(new[name])}")
        elif _counted(old[name]) != _counted(new[name]):
            now, before = _counted(new[name]), _counted(old[name])
            yield _count("changed", f"The count “{name}” now means {now}; before: {before}")


def _count(kind: str, sentence: str) -> Change:
    return Change(Weight.AGAIN, "count", kind, f"{sentence}.")


def _counted(count: RecordCount) -> str:
    on = f" for {joined([ground_in_words(ground) for ground in sorted(count.grounds)], 'or')}" if count.grounds else ""
    within = f" within {count.within.in_words()}" if count.within else ""
    return joined([_ACT[act] for act in ACTS if act in count.of]) + on + within
