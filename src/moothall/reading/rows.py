"""Records into rows: which column is which, and what each value means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from moothall.reading.comment import without_controls
from moothall.reading.records import Broken, Record
from moothall.words import DomainError

#: The names a column of comments may have; the first that is there is taken.
COMMENT_COLUMNS: Final = ("comment", "text", "message", "body")
OTHER_COLUMNS: Final = (
    "id",
    "post",
    "post_id",
    "author",
    "platform",
    "date",
    "image",
    "pre_election",
    "repeats",
)
COLUMNS: Final = frozenset(COMMENT_COLUMNS + OTHER_COLUMNS)
_NEEDED: Final = f"{COMMENT_COLUMNS[0]} (or {', '.join(COMMENT_COLUMNS[1:-1])} or {COMMENT_COLUMNS[-1]})"
LONGEST_COMMENT: Final = 64 * 1024
_LOOKED_AT: Final = 100
_LONDON: Final = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class CommentRow:
    """One comment to triage. ``number`` counts rows from 1; ``id`` is as given, of whatever type, or the number.

    ``post_id`` is the post's identity (its text where no id is given). None: not known.
    """

    number: int
    id: Any
    comment: str
    post: str | None = None
    post_id: str | None = None
    author: str | None = None
    platform: str | None = None
    date: datetime | None = None
    image: Path | None = None
    pre_election: bool | None = None
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that could not be triaged, and why."""

    number: int
    id: Any
    code: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """Return the object that stands in the output in place of a result."""
        return {"id": self.id, "row": self.number, "error": {"code": self.code, "message": self.message}}


@dataclass(slots=True)
class Unread:
    """Optional values that could not be understood and count as not known: how many per column, and the first."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, column: str, number: int, value: object) -> None:
        """Count one value."""
        self.counts[column] += 1
        self.first.setdefault(column, f"row {number}: {str(value)[:40]!r}")


class UnknownColumns(DomainError):
    """The columns needed are not there."""

    code = "unknown_columns"

    def __init__(self, seen: Sequence[str], needed: str = _NEEDED) -> None:
        shown = ", ".join(name[:40] for name in seen[:20]) or "none"
        if len(seen) > 20:
            shown += f" and {len(seen) - 20} more"
        super().__init__(f"the columns needed are not there. Columns seen: {shown}. Needed: {needed}")


def rows(
    records: Iterable[Record | Broken], *, folder: Path | None = None, unread: Unread | None = None
) -> Iterator[CommentRow | RefusedRow]:
    """Yield a row or a refusal for every record, in order.

    ``folder``: where relative image paths start. ``unread``: gathers optional values that could not be understood.
    Raises UnknownColumns when none of the first hundred records has a column of comments.
    """
    reading = _Rows(folder or Path(), unread or Unread())
    waiting: list[tuple[int, Record | Broken]] = []
    seen: dict[str, None] = {}
    settled = False
    for number, record in enumerate(records, 1):
        if not settled:
            waiting.append((number, record))
            if not isinstance(record, Broken):
                seen.update(dict.fromkeys(record))
                settled = "comment" in reading.columns(record)
            if not settled:
                if len(waiting) >= _LOOKED_AT and seen:
                    raise UnknownColumns(list(seen))
                continue
            for earlier in waiting:
                yield reading.row(*earlier)
            waiting.clear()
        else:
            yield reading.row(number, record)
    if seen and not settled:
        raise UnknownColumns(list(seen))
    for earlier in waiting:
        yield reading.row(*earlier)


class _Rows:
    def __init__(self, folder: Path, unread: Unread) -> None:
        self._folder = folder
        self._unread = unread
        self._last: tuple[tuple[str, ...], dict[str, str]] = ((), {})

    def columns(self, record: Record) -> dict[str, str]:
        """Return which of the record's own names stands for which column."""
        names = tuple(record)
        if names != self._last[0]:
            folded: dict[str, str] = {}
            for name in names:
                folded.setdefault(name.strip().casefold(), name)
            found: dict[str, str] = {column: folded[column] for column in OTHER_COLUMNS if column in folded}
            for column in COMMENT_COLUMNS:
                if column in folded:
                    found["comment"] = folded[column]
                    break
            self._last = (names, found)
        return self._last[1]

    def row(self, number: int, record: Record | Broken) -> CommentRow | RefusedRow:
        if isinstance(record, Broken):
            return RefusedRow(number, number, record.code, record.message)
        columns = self.columns(record)
        given = {column: record[name] for column, name in columns.items()}
        id = given.get("id")
        if id is None or id == "" or (isinstance(id, float) and not isfinite(id)):
            id = number
        comment = given.get("comment")
        refusal = _refusal(comment, "comment" in given)
        if refusal or not isinstance(comment, str):
            return RefusedRow(number, id, *(refusal or ("comment_not_text", "the comment is not text")))
        post = _text(given.get("post"))
        image = _text(given.get("image"))
        return CommentRow(
            number=number,
            id=id,
            comment=comment,
            post=post,
            post_id=_text(given.get("post_id")) or post,
            author=_text(given.get("author")),
            platform=(_text(given.get("platform")) or "").strip().casefold() or None,
            date=self._date(number, given.get("date")),
            image=self._folder / image if image else None,
            pre_election=self._truth(number, given.get("pre_election")),
            repeats=self._count(number, given.get("repeats")),
        )

    def _date(self, number: int, value: object) -> datetime | None:
        found: datetime | None = None
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, date):
            found = datetime(value.year, value.month, value.day, tzinfo=_LONDON)
        elif isinstance(value, str) and value.strip():
            try:
                found = datetime.fromisoformat(value.strip())
            except ValueError:
                self._unread.add("date", number, value)
        elif value is not None and value != "":
            self._unread.add("date", number, value)
        if found is not None and not 1900 <= found.year <= 2200:
            # Near the ends of the calendar no day can be added; such a date is a slip of the pen.
            self._unread.add("date", number, value)
            found = None
        if found is not None and found.tzinfo is None:
            found = found.replace(tzinfo=_LONDON)
        return found

    def _truth(self, number: int, value: object) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().casefold()
        if word in ("true", "false"):
            return word == "true"
        if word:
            self._unread.add("pre_election", number, value)
        return None

    def _count(self, number: int, value: object) -> int | None:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            count = int(str(value).strip().removesuffix(".0"))
        except ValueError:
            count = -1
        if count < 0 or isinstance(value, bool):
            self._unread.add("repeats", number, value)
            return None
        return count


def _refusal(comment: object, there: bool) -> tuple[str, str] | None:
    if not there:
        return "comment_missing", f"the row has no comment; it is looked for in {', '.join(COMMENT_COLUMNS)}"
    if comment is None or comment == "":
        return "comment_empty", "the comment is empty"
    if not isinstance(comment, str):
        return "comment_not_text", f"the comment is of type {type(comment).__name__}, not text"
    size = len(comment)
    if 4 * size > LONGEST_COMMENT:
        size = len(comment.encode("utf-8", "surrogatepass"))
        if size > LONGEST_COMMENT:
            return "comment_too_long", f"the comment has {size:,} bytes; at most {LONGEST_COMMENT:,} (64 KiB) are read"
    if not without_controls(comment).text.strip():
        return "comment_empty", "the comment is empty"
    return None


def _text(value: object) -> str | None:
    """Return a value as text without control characters, None where it is absent or empty."""
    if value is None or value == "":
        return None
    return without_controls(value if isinstance(value, str) else str(value)).text or None
