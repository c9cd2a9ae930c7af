"""What a loaded policy is: frozen, with everything checked, and with the text it was read from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from moothall.policy.calendar import OfficeHours, PeriodRule, Term
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
    condition itself establishes. ``letters`` and ``notify`` say per measure or step which letter goes out and how the
    author is told. ``first`` names, per measure, the step that goes before it: what the author was asked or told
    ``first_within`` that window counts, ``wait`` is the time to answer a notice, and ``meanwhile`` is
    recommended until then. ``strike`` false: not counted on the ladder. ``reply`` replaces the route's reply. ``raises``
    false: the ladder leaves this clause alone.
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
    notify: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    lane: str = ""
    answered: bool = True
    reply: str = ""
    first: Mapping[str, str] = field(default_factory=dict)
    first_within: Term | None = None
    wait: Term | None = None
    meanwhile: str = "ignore"
    strike: bool = True
    raises: bool = True
    ban: BanRule | None = None
    line: int = 1

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition of the clause."""
        found = (self.when, self.unless, self.during, self.recommend_when, *self.needs.values())
        return tuple(each for each in found if each is not None)

    def second_person_for(self, measures: Sequence[str]) -> bool:
        """Return whether a second officer must confirm a decision with these measures under this clause."""
        return any(measure in self.second_person for measure in measures)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities in 0–1: from ``engage`` on a ground counts as found, from ``recommend`` on it may be recommended."""

    engage: float = 0.5
    recommend: float = 0.7


SIX_MONTHS: Final = Term(months=6)
SIX_WEEKS: Final = PeriodRule()


@dataclass(frozen=True, slots=True)
class BanRule:
    """How long a ban lasts and when it can be looked at again.

    ``length``: None with ``for_ever`` false is open-ended, with ``for_ever`` true it never ends. ``review`` ``on_request``
    from ``after`` on (no months and no days: at any time), ``automatic`` on that day, or ``none``; ``by`` whom. ``first`` is
    the step that goes before every block, ``wait`` how long the author has to make representations after a notice.
    """

    length: Term | None = None
    for_ever: bool = False
    review: str = "on_request"
    after: Term = SIX_MONTHS
    by: str = "different_officer"
    first: str = ""
    wait: Term | None = None


@dataclass(frozen=True, slots=True)
class RecordCount:
    """A name for a count of what stands against the author: ``of`` these acts, on these grounds (none: any), in a window."""

    name: str
    of: tuple[str, ...]
    grounds: tuple[str, ...] = ()
    within: Term | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder: what happens to somebody who breaks the rules again.

    It holds when this comment is the ``strikes``-th strike ``within`` the window, on any ground, on one of ``grounds``,
    or on the ``same_ground``; when there were at least ``bans`` earlier bans; and, with ``only_if_warned``, after a
    warning. ``counts`` says which earlier acts are strikes. It then raises the recommendation to ``measure``, after the
    step ``first`` where there is one; without a measure it is that step alone. With a ``ban`` of its own it also says which
    ban a block is as long as it holds, whoever or whatever leads to that block.
    """

    id: str
    title: str
    public: str
    strikes: int = 1
    within: Term | None = None
    grounds: tuple[str, ...] = ()
    same_ground: bool = False
    counts: tuple[str, ...] = ("hide", "delete", "block")
    only_if_warned: bool = False
    bans: int = 0
    measure: str = ""
    first: str = ""
    wait: Term | None = None
    second_person: bool = False
    notify: str = ""
    letters: Mapping[str, str] = field(default_factory=dict)
    ban: BanRule | None = None
    guide: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file sets beside its clauses. ``thresholds`` has an entry for every ground.

    ``reply_working_days`` None: no promise. ``hours`` are the office hours as published. ``second_person``: the measures a
    second officer confirms whatever the clause. ``notify``: measure to how the author is told where the clause does not
    say. ``going_live_second_person``: a second manager approves a change of the rules. ``repeat_days``: how far back a
    repeated text counts. ``repeat_posts``: on how many posts it stands where it stands on several.
    """

    thresholds: Mapping[str, Thresholds]
    ban: BanRule = BanRule()
    period: PeriodRule = SIX_WEEKS
    reply_working_days: int | None = None
    hours: OfficeHours | None = None
    second_person: tuple[str, ...] = ()
    notify: Mapping[str, str] = field(default_factory=dict)
    going_live_second_person: bool = False
    repeat_days: int = 90
    repeat_posts: int = 3


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
    counts: tuple[RecordCount, ...] = field(compare=False, repr=False, default=())
    ladder: tuple[Rung, ...] = field(compare=False, repr=False, default=())
    own_replies: Mapping[str, str] = field(compare=False, repr=False, default_factory=dict)
    #: Every name some condition uses: what is not among them need not be worked out.
    names: frozenset[str] = field(compare=False, repr=False, default=frozenset())
    #: Facts that some clause names as a ground: an officer who states one has found that ground.
    fact_grounds: frozenset[str] = field(compare=False, repr=False, default=frozenset())
    #: Grounds whose measures are no strikes: party politics always, and those that only clauses with ``strike: false`` name.
    no_strike: frozenset[str] = field(compare=False, repr=False, default=frozenset())

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
        own = {name: self.filled(text) for name, text in self.own_replies.items()}
        return own | {
            rule.reply: self.filled(rule.text) for rule in self.routes.values() if rule.text and rule.reply != "none"
        }

    def filled(self, text: str) -> str:
        """Return ``text`` with ``{contact.field}`` placeholders filled in; others, a letter's own, stay as they are."""
        for contact in self.contacts.values():
            for part in ("name", "phone", "url", "chat", "email", "hours"):
                text = text.replace(f"{{{contact.id}.{part}}}", getattr(contact, part))
        return text
