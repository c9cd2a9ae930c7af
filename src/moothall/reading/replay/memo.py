"""Assess once what comes back again and again: comments in which the reader found no ground at all.

Nothing is assumed about what the rules look at. What is remembered was assessed from its key alone: whatever is not in the
key stands there as something that refuses to be looked at. Rules that reach for it get it put into the key, or the comment
is assessed in full. So what is remembered cannot differ from what would be worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date, datetime
from datetime import tzinfo as Zone
from operator import itemgetter
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo

from moothall.policy import Circumstances, Facts, Signals
from moothall.reading.replay.facts import KEYED, circumstances_from
from moothall.reading.replay.outcome import Compared

#: Beyond this many entries everything is forgotten, so that memory stays flat.
MOST_KEPT: Final = 100_000
_LONDON: Final = ZoneInfo("Europe/London")
#: What the reader says of a comment and rules may look at; its probabilities of route and criticism they may not.
_PLAIN: Final = (
    "route",
    "criticism",
    "unsure",
    "off_topic",
    "target",
    "conduct_in_office",
    "language",
    "model_version",
)
_LISTS: Final = ("also", "hints", "looked_for")
_plain_values = itemgetter(*_PLAIN)

Compare = Callable[[Signals, Facts, Facts, Circumstances], Compared]


class NotInKey(Exception):
    """The rules looked at something that the key does not hold; ``part`` says what."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def _refusing(name: str) -> Callable[..., NoReturn]:
    def refuse(self: Any, *_: object) -> NoReturn:
        raise NotInKey(object.__getattribute__(self, "part"))

    refuse.__name__ = name
    return refuse


class _Unknown:
    """Something that is there and must not be looked at."""

    def __init__(self, part: str) -> None:
        object.__setattr__(self, "part", part)

    __getattribute__ = _refusing("__getattribute__")


for _name in (
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__str__", "__repr__", "__format__"),
    *("__add__", "__radd__", "__sub__", "__rsub__", "__iter__", "__len__", "__contains__", "__getitem__", "__int__"),
    *("__float__", "__index__", "__call__"),
):
    setattr(_Unknown, _name, _refusing(_name))


class _Moment:
    """A moment of which the day in London can be asked, and nothing else."""

    tzinfo = _LONDON

    def __init__(self, day: date | _Unknown) -> None:
        self._day = day

    def astimezone(self, zone: Zone) -> _Moment:
        """Return the same moment in London, the only place whose day is known."""
        if zone is not _LONDON:
            raise NotInKey("moment")
        return self

    def date(self) -> date | _Unknown:
        """Return the day, or what stands for a day nobody may look at."""
        return self._day

    def __getattr__(self, name: str) -> NoReturn:
        raise NotInKey("moment")


for _name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__str__", "__repr__", "__format__",
              "__add__", "__radd__", "__sub__", "__rsub__"):  # fmt: skip
    setattr(_Moment, _name, lambda *_: _moment_looked_at())


def _moment_looked_at() -> NoReturn:
    raise NotInKey("moment")


class _Bare:
    """Signals without a ground, made from the key: what the key does not hold cannot be looked at."""

    grounds: Final[Mapping[str, Any]] = {}

    def __init__(self, known: tuple[Any, ...], faint: Hashable) -> None:
        for name, value in zip((*_PLAIN, *_LISTS), known, strict=True):
            setattr(self, name, value)
        if faint is not None:
            # Which grounds were seen faintly is known; how faintly is not.
            self.all_grounds = {name: _Unknown("probability") for name in faint}  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> NoReturn:
        raise NotInKey("faint" if name == "all_grounds" else name)


class _Key:
    """What is asked of a comment, as one hashable value, and the inputs made from that value alone."""

    def __init__(self, found: Mapping[str, Any], facts: Sequence[Mapping[str, Any]], around: Mapping[str, Any]) -> None:
        lists = (tuple(found["also"]), tuple(found["hints"]), tuple(found["looked_for"]))
        self.signals = (*_plain_values(found), *lists)
        self.facts = tuple([_facts_key(one) for one in facts])
        self.around = tuple(sorted(around.items()))

    def inputs(self, faint: Hashable, moment: object, *, recorded: bool) -> tuple[Any, ...]:
        """Return signals, facts for the old rules and the new, and circumstances."""
        history = () if recorded else None
        made = [Facts(**dict(named), stated=dict(stated), history=history) for named, stated in self.facts]
        return _Bare(self.signals, faint), *made, circumstances_from(dict(self.around), moment)


def _facts_key(facts: Mapping[str, Any]) -> tuple[tuple[tuple[str, Any], ...], tuple[tuple[str, bool], ...]]:
    stated = facts.get("stated")
    named = tuple([(name, facts[name]) for name in KEYED if name in facts])
    return named, tuple(sorted(stated.items())) if stated else ()


class Memo:
    """Remembers what comments without a ground come to. ``hits`` and ``misses`` count."""

    def __init__(self, compare: Compare, most: int = MOST_KEPT) -> None:
        self._compare = compare
        self._most = most
        self._held: dict[Hashable, Compared | str | None] = {}
        self.hits = self.misses = 0

    def compared(
        self,
        found: Mapping[str, Any],
        facts: Sequence[Mapping[str, Any]],
        around: Mapping[str, Any],
        moment: str | None,
        *,
        recorded: bool = False,
    ) -> Compared | None:
        """Return what a comment without a ground comes to, None where it must be assessed in full.

        ``found``: its signals in the form of ``readings.checked``; ``facts``: what is known for the old rules and for the
        new; ``around``: the circumstances; ``moment``: ISO 8601 with its zone. ``recorded``: nothing stands against the
        author, as against not knowing what does.
        """
        asked = _Key(found, facts, around)
        key: tuple[Any, ...] = (asked.signals, asked.facts, asked.around, moment is None, recorded)
        parts: dict[str, Any] = {}
        while True:
            held = self._held.get(key, self)
            if isinstance(held, Compared):
                self.hits += 1
                return held
            if held is None:
                return None
            if held is self:
                self.misses += 1
                made = self._tried(asked, parts, dated=moment is not None, recorded=recorded)
                if len(self._held) >= self._most:
                    self._held.clear()
                self._held[key] = made
                if isinstance(made, Compared):
                    return made
                continue
            # What the rules looked at beside: it belongs into the key.
            if held == "faint":
                parts["faint"] = frozenset(found["faint"])
            elif held == "day" and moment is not None:
                parts["day"] = datetime.fromisoformat(moment).astimezone(_LONDON).date()
            key = (*key, held, parts.get(str(held)))

    def _tried(self, asked: _Key, parts: Mapping[str, Any], *, dated: bool, recorded: bool) -> Compared | str | None:
        """Return what comes of the key alone, else the part that it lacks, or None where no part would do."""
        day = parts.get("day") or _Unknown("day")
        try:
            return self._compare(*asked.inputs(parts.get("faint"), _Moment(day) if dated else None, recorded=recorded))
        except NotInKey as reached:
            return reached.part if reached.part in ("faint", "day") and reached.part not in parts else None
