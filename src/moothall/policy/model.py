"""What a loaded policy is: frozen, with everything checked, and with the text it was read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moothall.policy.condition import Condition


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach somebody, shown on the page and filled into replies; empty where there is none."""

    id: str
    name: str
    phone: str = ""
    url: str = ""
    chat: str = ""
    email: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that states how the council behaves and decides nothing about a comment."""

    id: str
    title: str
    public: str
    guide: str = ""
    closing: bool = False


@dataclass(frozen=True, slots=True)
class RouteRule:
    """What the council does for a person whose comment has this route, and the words it replies with."""

    name: str
    reply: str
    title: str = ""
    public: str = ""
    guide: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered rule: what the public reads, what officers read, when it applies and what it allows.

    ``measures`` always begins with ``ignore`` and is in order of force. ``needs`` holds, per measure, a condition that
    must be known to be true before that measure is allowed. ``during`` is about the day and the place alone and binds
    officers too; ``unless`` lifts the clause when it is known to be true. ``proves`` names the ground that the
    condition itself establishes. ``letters`` says which letter goes with a measure.
    """

    id: str
    number: int
    kind: str
    title: str
    public: str
    guide: str
    when: Condition
    grounds: tuple[str, ...]
    measures: tuple[str, ...]
    recommends: str
    recommend_when: Condition | None = None
    unless: Condition | None = None
    during: Condition | None = None
    proves: str | None = None
    needs: Mapping[str, Condition] = field(default_factory=dict)
    second_person: tuple[str, ...] = ()
    reason_required: bool = False
    notify: str = "none"
    letters: Mapping[str, str] = field(default_factory=dict)
    lane: str = ""
    answered: bool = True
    line: int = 1

    def second_person_for(self, measures: Sequence[str]) -> bool:
        """Return whether a second officer must confirm a decision with these measures under this clause."""
        return any(measure in self.second_person for measure in measures)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities in 0–1: from ``engage`` on a ground counts as found, from ``recommend`` on it may be recommended."""

    engage: float = 0.5
    recommend: float = 0.7


@dataclass(frozen=True, slots=True)
class BanRule:
    """When a ban can be looked at again: ``after_months`` calendar months, and by whom."""

    review: str = "on_request"
    after_months: int = 6
    by: str = "different_officer"


@dataclass(frozen=True, slots=True)
class PeriodRule:
    """The pre-election period: it begins ``weeks`` before polling day and is opened by these kinds of election."""

    weeks: int = 6
    elections: tuple[str, ...] = ("local", "general")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file sets beside its clauses. ``thresholds`` has an entry for every ground."""

    thresholds: Mapping[str, Thresholds]
    ban: BanRule = BanRule()
    period: PeriodRule = PeriodRule()


@dataclass(frozen=True, slots=True)
class Policy:
    """The house rules of one council, as read from one file. Equal exactly when their texts are equal."""

    id: str
    version: str
    sha256: str
    text: str = field(repr=False)
    name: str = field(compare=False)
    title: str = field(compare=False)
    council: str = field(compare=False)
    introduction: str = field(compare=False, repr=False)
    clauses: tuple[Clause, ...] = field(compare=False, repr=False)
    contacts: Mapping[str, Contact] = field(compare=False, repr=False)
    routes: Mapping[str, RouteRule] = field(compare=False, repr=False)
    sections: tuple[Section, ...] = field(compare=False, repr=False)
    letters: Mapping[str, str] = field(compare=False, repr=False)
    facts: Mapping[str, str] = field(compare=False, repr=False)
    settings: Settings = field(compare=False, repr=False)

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        # Worker processes read the text again: what is compiled from it does not travel.
        from moothall.policy.loading import loads

        return loads, (self.text, self.name)

    def clause(self, id: str) -> Clause | None:
        """Return the clause with this id, or None."""
        for clause in self.clauses:
            if clause.id == id:
                return clause
        return None

    @property
    def replies(self) -> dict[str, str]:
        """Reply name to its words, contacts filled in; without the replies that have no words."""
        return {
            rule.reply: self.filled(rule.text) for rule in self.routes.values() if rule.text and rule.reply != "none"
        }

    def filled(self, text: str) -> str:
        """Return ``text`` with ``{contact.field}`` placeholders filled in; others, a letter's own, stay as they are."""
        for contact in self.contacts.values():
            for part in ("name", "phone", "url", "chat", "email", "hours"):
                text = text.replace(f"{{{contact.id}.{part}}}", getattr(contact, part))
        return text
