"""What a triage came to: counts per route, clause and recommended measure, rows refused, rows a second."""

from __future__ import annotations

from collections import Counter
from time import monotonic

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from moothall.reading.rows import RefusedRow, Unread
from moothall.reading.triage import Result
from moothall.words import MEASURES, ROUTES


class Summary:
    """Counts results as they pass. ``rows`` counts all, ``refused`` by the code of the refusal."""

    def __init__(self) -> None:
        self.rows = 0
        self.routes: Counter[str] = Counter()
        self.clauses: Counter[str] = Counter()
        self.recommended: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.unsure = 0
        self.images = 0
        self._first_refused: dict[str, int] = {}
        self._began = monotonic()

    def add(self, result: Result | RefusedRow) -> None:
        """Count one result."""
        self.rows += 1
        if isinstance(result, RefusedRow):
            self.refused[result.code] += 1
            self._first_refused.setdefault(result.code, result.number)
            return
        found = result.assessment
        self.routes[found.route] += 1
        self.recommended[found.recommended] += 1
        self.clauses.update([clause.id for clause in found.clauses])
        self.unsure += found.unsure
        self.images += result.row.image is not None

    @property
    def rows_a_second(self) -> float:
        """Rows per second since the summary began."""
        return self.rows / max(monotonic() - self._began, 1e-6)

    def shown(self, unread: Unread | None = None) -> RenderableType:
        """Return the summary for a rich console. ``unread``: optional values that counted as not known."""
        table = Table(show_edge=False, pad_edge=False)
        table.add_column("rows")
        table.add_column(f"{self.rows:,}", justify="right")
        for kind, counts in (
            ("route", {route: self.routes[route] for route in ROUTES if self.routes[route]}),
            ("clause", dict(self.clauses.most_common())),
            ("recommended", {name: self.recommended[name] for name in MEASURES if self.recommended[name]}),
        ):
            for name, count in counts.items():
                table.add_row(f"{kind} {name}", f"{count:,}")
            table.add_section()
        if self.unsure:
            table.add_row("unsure, for a person", f"{self.unsure:,}")
        for code, count in self.refused.most_common():
            table.add_row(f"refused, {code} (first: row {self._first_refused[code]})", f"{count:,}")
        if not self.refused:
            table.add_row("refused", "0")
        table.add_row("rows a second", f"{self.rows_a_second:,.0f}")
        notes = []
        for column, count in (unread.counts if unread else Counter[str]()).items():
            first = unread.first[column] if unread else ""
            notes.append(f"{count:,} values of {column} were not understood and count as not known (first: {first}).")
        if self.images:
            notes.append(f"{self.images:,} rows name an image; pictures are not looked at yet.")
        return Group(table, *[Text(note) for note in notes])
