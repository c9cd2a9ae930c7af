"""Typed fields out of a policy file's tree: each is taken once, and whatever is wrong is noted and read on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from moothall.policy.calendar import Term
from moothall.policy.document import FaultList, Listing, Node, Place, Scalar, Table
from moothall.policy.vocabulary import nearest

#: A stretch of time as it is written, and how many months or days its unit has.
_TERM: Final = re.compile(r"(\d{1,4}) (day|week|month|year)s?", re.ASCII)
_UNITS: Final = {"day": ("days", 1), "week": ("days", 7), "month": ("months", 1), "year": ("months", 12)}
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "timestamp": "a date",
    "str": "text",
}


class Fields:
    """The fields of one mapping. What nobody took is an unknown key, noted by ``close``."""

    def __init__(self, table: Table, what: str, faults: FaultList) -> None:
        self.table = table
        self.what = what
        self.faults = faults
        self._known: list[str] = []

    def take(self, key: str) -> Node | None:
        self._known.append(key)
        found = self.table.entries.get(key)
        return found[1] if found else None

    def place(self, key: str) -> Place:
        found = self.table.entries.get(key)
        return found[1].place if found else self.table.place

    def close(self) -> None:
        for key, (place, _) in self.table.entries.items():
            if key not in self._known:
                message = f"“{key[:60]}” is not a known key of {self.what}."
                self.faults.note(place, "unknown_key", message, nearest(key, self._known))

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        """Return a text without the blanks around it; a date or a number is taken as it is written."""
        node = self.take(key)
        if isinstance(node, Scalar) and node.kind != "null":
            if node.kind == "bool":
                self.wrong(node, "text", "Put it in quotes.")
                return default
            if node.value.strip():
                return node.value.strip()
        elif node is not None and not isinstance(node, Scalar):
            self.wrong(node, "text")
            return default
        if required and key not in self.table.refused:
            self.faults.note(self.place(key), "missing", f"“{key}” is missing: {self.what} needs it.")
        return default

    def given(self, key: str) -> bool:
        """Return whether something stands under the key, usable or not."""
        return key in self.table.entries or key in self.table.refused

    def scalar(self, key: str, *, required: bool = False) -> Scalar | None:
        node = self.take(key)
        if isinstance(node, Scalar) and node.kind != "null":
            return node
        if node is not None:
            self.wrong(node, "text")
        elif required and key not in self.table.refused:
            self.faults.note(self.table.place, "missing", f"“{key}” is missing: {self.what} needs it.")
        return None

    def flag(self, key: str, default: bool = False) -> bool:
        node = self.take(key)
        if node is None:
            return default
        if isinstance(node, Scalar) and node.kind == "bool":
            return node.value.lower() == "true"
        self.wrong(node, "true or false")
        return default

    def number(self, key: str, default: float, least: float, most: float, *, whole: bool = False) -> float:
        node = self.take(key)
        if node is None:
            return default
        if isinstance(node, Scalar) and node.kind in (("int",) if whole else ("int", "float")):
            try:
                value = float(node.value.replace("_", ""))
            except ValueError:
                value = float("nan")
            if least <= value <= most:
                return value
        kind = "a whole number" if whole else "a number"
        if isinstance(node, Scalar) and node.kind in ("int", "float"):
            message = f"Here {kind} from {least:g} to {most:g} is expected, not {node.value[:20]}."
            self.faults.note(node.place, "out_of_range", message)
        else:
            self.wrong(node, f"{kind} from {least:g} to {most:g}")
        return default

    def choice(self, key: str, known: Iterable[str], code: str, what: str, default: str = "") -> str:
        value = self.text(key, default=default)
        if value != default and value not in known:
            self.faults.unknown(self.place(key), code, what, value, list(known))
            return default
        return value

    def term(
        self, key: str, *, but: Mapping[str, Term | None] | None = None, default: Term | None = None
    ) -> Term | None:
        """Return a stretch of time written as ``30 days``, ``6 weeks``, ``12 months`` or ``1 year``; ``but``: other words."""
        written = self.text(key)
        if not written:
            return default
        if but is not None and written in but:
            return but[written]
        found = _TERM.fullmatch(written)
        if found is None or int(found.group(1)) == 0:
            words = ", ".join(["30 days", "6 weeks", "12 months", "1 year", *(but or ())])
            message = f"“{written[:40]}” is no stretch of time."
            self.faults.note(self.place(key), "bad_term", message, f"Write it as one of: {words}.")
            return default
        unit, size = _UNITS[found.group(2)]
        return Term(**{unit: size * int(found.group(1))})

    def per(
        self, key: str, names: Sequence[str], all_of: Sequence[str], known: Iterable[str], code: str, what: str
    ) -> dict[str, str]:
        """Return one word for each of some names: a mapping says it for each, a single word for ``all_of``."""
        possible = list(known)
        node = self.table.entries.get(key)
        if node is None or not isinstance(node[1], Table):
            word = self.choice(key, possible, code, what)
            return dict.fromkeys(all_of, word) if word else {}
        self.take(key)
        inner = Fields(node[1], f"“{key}”", self.faults)
        chosen = {name: word for name in names if (word := inner.choice(name, possible, code, what))}
        inner.close()
        return chosen

    def names(self, key: str) -> list[tuple[Place, str]]:
        """Return a list of words with their places; a single word counts as a list of one."""
        node = self.take(key)
        if node is None:
            return []
        if isinstance(node, Scalar) and node.kind != "null":
            return [(node.place, node.value.strip())]
        if not isinstance(node, Listing):
            self.wrong(node, "a list of words")
            return []
        words = []
        for item in node.items:
            if isinstance(item, Scalar) and item.kind != "null":
                words.append((item.place, item.value.strip()))
            else:
                self.wrong(item, "a word")
        return words

    def choices(self, key: str, known: Iterable[str], code: str, what: str) -> tuple[str, ...]:
        """Return the words of a list that are known, once each; the others are noted with the nearest known."""
        possible = list(known)
        taken: list[str] = []
        for place, word in self.names(key):
            if word not in possible:
                self.faults.unknown(place, code, what, word, possible)
            elif word not in taken:
                taken.append(word)
        return tuple(taken)

    def tables(self, key: str, what: str, *, required: bool = False) -> list[Fields]:
        """Return the mappings of a list."""
        node = self.take(key)
        if node is None:
            if required and key not in self.table.refused:
                self.faults.note(self.table.place, "missing", f"“{key}” is missing: {self.what} needs it.")
            return []
        if not isinstance(node, Listing):
            self.wrong(node, "a list")
            return []
        found = []
        for item in node.items:
            if isinstance(item, Table):
                found.append(Fields(item, what, self.faults))
            else:
                self.wrong(item, "a mapping of keys to values")
        return found

    def inner(self, key: str, what: str) -> Fields | None:
        """Return the fields of a mapping inside this one, or None where there is none."""
        node = self.take(key)
        if node is None:
            return None
        if isinstance(node, Table):
            return Fields(node, what, self.faults)
        self.wrong(node, "a mapping of keys to values")
        return None

    def keyed(self, key: str, what: str) -> list[tuple[str, Place, Node]]:
        """Return the entries of a mapping whose keys the file itself chooses."""
        fields = self.inner(key, what)
        if fields is None:
            return []
        return [(name, place, node) for name, (place, node) in fields.table.entries.items()]

    def wrong(self, node: Node, wanted: str, hint: str = "") -> None:
        found = "a list" if isinstance(node, Listing) else "a mapping"
        if isinstance(node, Scalar):
            found = _KINDS[node.kind]
        self.faults.note(node.place, "wrong_kind", f"Here {wanted} is expected, not {found}.", hint)
