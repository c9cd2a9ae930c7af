"""What a replay came to: for programs, and in a few lines on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from moothall.policy import Policy
from moothall.reading.replay.outcome import CHANGES
from moothall.reading.replay.tally import PER_CLAUSE, Tally
from moothall.words import GROUNDS, MEASURES

CHANGE_IN_WORDS: Final[Mapping[str, str]] = {
    "newly_down": "would newly come down",
    "newly_up": "would now stay up",
    "newly_allowed": "may be acted on in more ways, and stay up unless an officer decides",
    "no_longer_allowed": "may be acted on in fewer ways",
    "other": "differ in something else",
}


@dataclass(frozen=True, slots=True)
class Replayed:
    """One archive under two policies. ``first`` and ``last``: the dates of the comments, None where none bears one.

    ``unread``: optional values, by column, that were not understood and count as not known. ``read_before``: readings kept
    from an earlier replay were used.
    """

    archive: str
    archive_sha256: str | None
    kind: str
    reader: str
    old: Policy
    new: Policy
    tally: Tally
    today: date
    first: datetime | None = None
    last: datetime | None = None
    images: int = 0
    unread: Mapping[str, int] = field(default_factory=dict)
    resumed: bool = False
    read_before: bool = False

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return sum(count for count, _ in self.tally.refused.values())

    @property
    def compared(self) -> int:
        """How many comments were held against both policies."""
        return self.tally.rows - self.refused

    @property
    def criticism_newly_down(self) -> int:
        """How many comments that lawfully criticise the council would newly come down."""
        return self.tally.criticism["newly_down"]

    @property
    def criticism_harder(self) -> int:
        """How many comments with criticism in them would be met by a stronger measure than before."""
        return self.tally.criticism["harder"]

    @property
    def harder(self) -> dict[str, int]:
        """Return where a stronger measure is recommended than before, as ``hide → block``, and how often."""
        moves = {tuple(move.split(">")): times for move, times in self.tally.moves.items() if times}
        return {
            f"{before} → {after}": moves[before, after]
            for before in MEASURES[1:]
            for after in MEASURES[MEASURES.index(before) + 1 :]
            if (before, after) in moves
        }

    def recommended(self, side: int) -> dict[str, int]:
        """Return per measure how often it is recommended under the old rules (0) or the new (1)."""
        counts = dict.fromkeys(MEASURES, 0)
        for move, times in self.tally.moves.items():
            counts[move.split(">")[side]] += times
        return counts

    def clause_ids(self) -> list[str]:
        """Return the clauses of both policies in their order, those of the new one first, and ``""`` where none applies."""
        ids = [*[one.id for one in self.new.clauses], *[one.id for one in self.old.clauses]]
        return [*dict.fromkeys(ids), *[id for id in self.tally.clauses if id not in ids]]

    def title(self, id: str) -> str:
        """Return a clause's title, the new one where both policies have it."""
        clause = self.new.clause(id) or self.old.clause(id)
        return clause.title if clause else id

    def as_dict(self) -> dict[str, Any]:
        """Return the summary ready for JSON."""
        tally = self.tally
        return {
            "archive": {
                "name": self.archive,
                "sha256": self.archive_sha256,
                "kind": self.kind,
                "first": self.first.isoformat() if self.first else None,
                "last": self.last.isoformat() if self.last else None,
            },
            "made_on": self.today.isoformat(),
            "old": _identity(self.old),
            "new": _identity(self.new),
            "reader": self.reader,
            "comments": self.compared,
            "refused": {code: {"rows": rows, "first": first} for code, (rows, first) in tally.refused.items()},
            "not_understood": dict(self.unread),
            "lawful_criticism": {
                name: tally.criticism[name]
                for name in ("seen", "newly_down", "newly_allowed", "down_under_both", "harder")
            },
            "unchanged": self.compared - tally.differing,
            "changes": {change: tally.changes[change] for change in CHANGES},
            "allowed": {"in_more_ways": tally.allowed["more"], "in_fewer_ways": tally.allowed["fewer"]},
            "differs_in": dict(sorted(tally.differs.items())),
            "recommended": {"old": self.recommended(0), "new": self.recommended(1)},
            "moves": dict(sorted(tally.moves.items())),
            "clauses": {
                id: {"title": self.title(id), **dict(zip(PER_CLAUSE, tally.clauses[id], strict=True))}
                for id in self.clause_ids()
            },
            "grounds": {name: self._ground(name) for name in GROUNDS if name in tally.grounds},
        }

    def _ground(self, name: str) -> dict[str, Any]:
        counted = self.tally.grounds[name]
        sides = {}
        for side, (key, policy) in enumerate((("old", self.old), ("new", self.new))):
            thresholds = policy.settings.thresholds[name]
            sides[key] = {
                "engage": thresholds.engage,
                "recommend": thresholds.recommend,
                "found": counted.engage[side],
                "certain_enough": counted.recommend[side],
            }
        return {"twentieths": counted.named, "below_the_reader": counted.faint, **sides}

    def shown(self) -> RenderableType:
        """Return the summary for a rich console: lawful criticism first, in red."""
        parts: list[RenderableType] = [self._criticism(), self._changes()]
        clauses = self._clauses()
        if clauses is not None:
            parts.append(clauses)
        parts += [Text(note) for note in self.notes()]
        return Group(*parts)

    def notes(self) -> list[str]:
        """Return what else there is to know, one sentence each."""
        notes = []
        for code, (rows, first) in self.tally.refused.items():
            notes.append(f"{counted(rows, 'row')} refused, {code} (first: row {first}).")
        for column, times in self.unread.items():
            notes.append(f"{counted(times, 'value')} of {column} not understood; they count as not known.")
        if self.images:
            notes.append(f"{counted(self.images, 'row')} name an image; pictures are not looked at yet.")
        if self.kind == "labelled" and not self.reader:
            notes.append(
                "The labels were taken for what stands in the comments. They seldom say at whom a comment is aimed: "
                "clauses that ask for the target recommend nothing where it is not given."
            )
        return notes

    def _criticism(self) -> RenderableType:
        number = self.criticism_newly_down
        harder = ""
        if self.criticism_harder:
            harder = (
                f"\n{counted(self.criticism_harder, 'comment')} with criticism in them would meet a stronger measure"
            )
        if not number:
            words = Text("Lawful criticism that would newly come down: none", "bold")
            words.append(harder, "bold red")
            return Panel(words, border_style="red" if harder else "green")
        words = Text(f"Lawful criticism that would newly come down: {number:,}{harder}", "bold red")
        for example in self.tally.criticism_examples[:3]:
            words.append(f"\nrow {example['row']}: {_one_line(example['comment'])}", "red")
        if number > 3:
            words.append("\n… all of them stand in differences.jsonl, marked lawful_criticism", "red")
        return Panel(words, border_style="red")

    def _changes(self) -> RenderableType:
        table = Table(show_edge=False, pad_edge=False)
        table.add_column("comments")
        table.add_column(f"{self.compared:,}", justify="right")
        for change in CHANGES:
            table.add_row(CHANGE_IN_WORDS[change], f"{self.tally.changes[change]:,}")
        for move, times in self.harder.items():
            table.add_row(f"would meet a stronger measure: {move}", f"{times:,}")
        table.add_row("come out as before", f"{self.compared - self.tally.differing:,}")
        return Group(table, Text(""))

    def _clauses(self) -> RenderableType | None:
        changed = [id for id in self.clause_ids() if any(self.tally.clauses[id][2:])]
        if not changed:
            return None
        table = Table(show_edge=False, pad_edge=False)
        table.add_column("clause")
        for heading in ("newly down", "now up", "newly allowed", "no longer", "other"):
            table.add_column(heading, justify="right")
        for id in changed:
            table.add_row(Text(id), *[f"{number:,}" if number else "" for number in self.tally.clauses[id][2:]])
        return Group(table, Text(""))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 row``, ``2,000 rows``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _identity(policy: Policy) -> dict[str, str]:
    return {"id": policy.id, "version": policy.version, "council": policy.council, "sha256": policy.sha256}


def _one_line(text: str) -> str:
    shown = "".join([character if character.isprintable() else " " for character in text[:100]])
    return shown + "…" if len(text) > 100 else shown
