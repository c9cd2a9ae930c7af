"""The registers: which columns each has, what may stand in them, and what makes an entry this one and no other.

A form on the desk and a row of a CSV file are the same thing here: text, column by column. ``read`` turns it into an entry's
values or says what is wrong; ``texts`` turns an entry back, so that what is written out reads in again to no change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from moothall.council.cells import BETWEEN as BETWEEN
from moothall.council.cells import (
    Misread,
    handle_key,
    plain,
    read_clock,
    read_day,
    read_email,
    read_end,
    read_handle,
    read_phone,
    read_postcode,
    read_start,
    read_web_page,
    ward_key,
    write,
)
from moothall.council.models import (
    ActiveCase,
    AuthorisedUser,
    Candidate,
    Councillor,
    Entry,
    SpecialDay,
    WardPostcode,
)
from moothall.words import PLATFORMS, DomainError


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one column of an entry; ``column`` is empty where it is about the entry as a whole."""

    column: str
    message: str
    code: str


class EntryFaulty(DomainError):
    """Something is wrong with what was entered. ``problems`` says what, column by column."""

    code = "entry_faulty"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in a file, its label on a form, and how its text is read.

    ``many``: several values, with ``|`` or a new line between them. ``choices``: value → label where only these may stand.
    ``empty`` is the value of an empty cell; ``field`` is the name in the database where it is another one.
    """

    name: str
    label: str
    help: str = ""
    required: bool = False
    many: bool = False
    longest: int = 120
    choices: Mapping[str, str] | None = None
    parse: Callable[[str], Any] = str
    empty: Any = ""
    field: str = ""

    @property
    def stored_as(self) -> str:
        """The field of the model that holds it."""
        return self.field or self.name

    def read(self, text: str) -> Any:
        """Return the value that ``text`` stands for. Raises Misread."""
        if self.many:
            parts = dict.fromkeys(" ".join(part.split()) for part in re.split(r"[|\r\n]", text))
            return [self._one(part) for part in parts if part]
        text = text.strip() if self.longest > 300 else " ".join(text.split())
        if not text:
            if self.required:
                raise Misread(f"{self.label} is missing.", "missing")
            return self.empty
        return self._one(text)

    def _one(self, text: str) -> Any:
        if len(text) > self.longest:
            raise Misread(f"{self.label} may have {self.longest} characters; this has {len(text)}.", "too_long")
        if any((ord(character) < 32 and character not in "\n\r\t") or character == "\x7f" for character in text):
            raise Misread(f"{self.label} holds a control character.", "control_character")
        if self.choices is not None and text.casefold() not in self.choices:
            raise Misread(f"{self.label} is one of: {', '.join(self.choices)}.", "not_a_choice")
        return self.parse(text.casefold() if self.choices is not None else text)


@dataclass(frozen=True, slots=True)
class Register:
    """One register. ``key`` makes, of an entry's values, what two entries may not share at one time.

    ``check`` says what is wrong with values that are each right by themselves.
    """

    name: str
    title: str
    what: str
    model: type[Entry]
    columns: tuple[Column, ...]
    key: Callable[[Mapping[str, Any]], tuple[str, ...]]
    check: Callable[[Mapping[str, Any]], list[Problem]] = lambda values: []

    def column(self, name: str) -> Column | None:
        """Return the column with this name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def read(self, texts: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
        """Return the values by field that a row of texts stands for, and what is wrong; absent columns are empty."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for column in self.columns:
            try:
                values[column.stored_as] = column.read(texts.get(column.name, ""))
            except Misread as error:
                problems.append(Problem(column.name, error.message, error.code))
        if not problems:
            problems += self.check(values)
            starts_at, ends_at = values.get("starts_at"), values.get("ends_at")
            if starts_at is not None and ends_at is not None and ends_at <= starts_at:
                problems.append(Problem(self.columns[-1].name, "It ends before it starts.", "ends_before_it_starts"))
        return values, problems

    def key_of(self, values: Mapping[str, Any]) -> str:
        """Return the key of an entry with these values: the same for the same thing written a little differently."""
        return "\n".join(plain(part) for part in self.key(values))

    def found_by(self, values: Mapping[str, Any]) -> str:
        """Return the text in which a search looks."""
        parts: list[str] = []
        for column in self.columns:
            value = values[column.stored_as]
            parts += value if isinstance(value, list) else [write(value)]
        return "\n".join(part.casefold() for part in parts if part)


def texts(entry: Entry) -> dict[str, str]:
    """Return an entry as text, column by column, as ``Register.read`` takes it."""
    register = REGISTER_OF[type(entry)]
    return {
        column.name: write(getattr(entry, column.stored_as), last_day=column.stored_as == "ends_at")
        for column in register.columns
    }


def _case_names_somebody(values: Mapping[str, Any]) -> list[Problem]:
    if values["names"] or values["protected_names"]:
        return []
    return [Problem("names", "Give at least one name, or one protected name.", "missing")]


def _opens_and_closes(values: Mapping[str, Any]) -> list[Problem]:
    opens, closes = values["opens"], values["closes"]
    if (opens is None) != (closes is None):
        return [Problem("opens", "Give both times, or neither for a day on which the office is shut.", "missing")]
    if opens is not None and closes <= opens:
        return [Problem("closes", "The office closes after it opens.", "closes_before_it_opens")]
    return []


_FROM: Final = Column(
    "from",
    "From",
    "first day, such as 2027-03-25; empty: ever since",
    longest=40,
    parse=read_start,
    empty=None,
    field="starts_at",
)
_UNTIL: Final = Column(
    "until",
    "Until",
    "last day, such as 2027-05-06; empty: until further notice",
    longest=40,
    parse=read_end,
    empty=None,
    field="ends_at",
)

_ALL: Final = (
    Register(
        "active_cases",
        "Active cases",
        "Cases before a court. Comments that name somebody in one go to the top of the queue.",
        ActiveCase,
        (
            Column("reference", "Reference", "the court's or the order's", required=True),
            Column("names", "Names", "people and places the case is known by", many=True),
            Column("protected_names", "Protected names", "names that may not be published at all", many=True),
            Column("note", "Note", "for officers", longest=2000),
            _FROM,
            _UNTIL,
        ),
        key=lambda values: (values["reference"],),
        check=_case_names_somebody,
    ),
    Register(
        "candidates",
        "Candidates and parties",
        "Who stands in an election. In the pre-election period comments that name them are looked at for politics.",
        Candidate,
        (
            Column("name", "Name", required=True),
            Column("also_known_as", "Also known as", "other names, as on the ballot paper", many=True),
            Column(
                "kind",
                "Kind",
                "candidate or party; empty: candidate",
                choices=MappingProxyType({"candidate": "Candidate", "party": "Party"}),
                empty="candidate",
            ),
            Column("party", "Party"),
            Column("ward", "Ward"),
            Column("election", "Election"),
            _FROM,
            _UNTIL,
        ),
        key=lambda values: (values["kind"], values["name"], ward_key(values["ward"]), values["election"]),
    ),
    Register(
        "councillors",
        "Councillors",
        "Elected members and how to reach them. Political questions are signposted to them by ward.",
        Councillor,
        (
            Column("name", "Name", required=True),
            Column("ward", "Ward", required=True),
            Column("party", "Party"),
            Column("email", "E-mail", parse=read_email, longest=254),
            Column("web_page", "Web page", parse=read_web_page, longest=300),
            Column("phone", "Telephone", parse=read_phone, longest=40),
            _FROM,
            _UNTIL,
        ),
        key=lambda values: (values["name"], ward_key(values["ward"])),
    ),
    Register(
        "wards",
        "Wards by postcode",
        "In which ward a postcode lies.",
        WardPostcode,
        (
            Column("postcode", "Postcode", "such as ZE1 0AB", required=True, parse=read_postcode),
            Column("ward", "Ward", required=True),
            _FROM,
            _UNTIL,
        ),
        key=lambda values: (values["postcode"],),
    ),
    Register(
        "authorised",
        "Authorised users and partners",
        "Who may use the council's name and pictures: what they post is no misuse of the brand.",
        AuthorisedUser,
        (
            Column("name", "Name", required=True),
            Column(
                "platform",
                "Platform",
                required=True,
                choices=MappingProxyType({name: name.capitalize() for name in PLATFORMS}),
            ),
            Column("handle", "Handle", "with or without @", required=True, parse=read_handle),
            Column("purpose", "What for", required=True, longest=300),
            _FROM,
            _UNTIL,
        ),
        key=lambda values: (values["platform"], handle_key(values["handle"])),
    ),
    Register(
        "special_days",
        "Closed days and special opening",
        "Days on which the office is shut or opens at other times. Bank holidays of England and Wales are known already.",
        SpecialDay,
        (
            Column("day", "Day", "such as 2027-12-24", required=True, parse=read_day),
            Column("opens", "Opens", "such as 09:30; empty: shut", parse=read_clock, empty=None),
            Column("closes", "Closes", "such as 12:00; empty: shut", parse=read_clock, empty=None),
            Column("reason", "Reason"),
        ),
        key=lambda values: (values["day"].isoformat(),),
        check=_opens_and_closes,
    ),
)
#: Every register by its name.
REGISTERS: Final[Mapping[str, Register]] = MappingProxyType({register.name: register for register in _ALL})
REGISTER_OF: Final[Mapping[type[Entry], Register]] = MappingProxyType({register.model: register for register in _ALL})
