"""What may stand in one cell of a register: days, times, postcodes, addresses. Text to value, and value to text."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from moothall.council.postcodes import PostcodeFaulty, postcode
from moothall.policy.calendar import LONDON, at_midnight

#: What stands between several values in one cell.
BETWEEN: Final = "|"


class Misread(ValueError):
    """A value cannot be read: a sentence for people and a code for programs."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.message, self.code = message, code


def plain(text: str) -> str:
    """Return text as it is compared: lower case, single blanks."""
    return " ".join(text.casefold().split())


def ward_key(ward: str) -> str:
    """Return a ward's name as it is compared: ``Mill & Weir Ward`` and ``mill and weir`` are one."""
    return plain(ward.replace("&", " and ")).removesuffix(" ward")


def handle_key(handle: str) -> str:
    """Return a handle as it is compared: without ``@``, in lower case."""
    return plain(handle).lstrip("@")


def write(value: Any, *, last_day: bool = False) -> str:
    """Return a value as text. A moment at midnight in London is its day; as an end, ``last_day``, the day before."""
    if value is None:
        return ""
    if isinstance(value, list):
        return BETWEEN.join(value)
    if isinstance(value, datetime):
        here = value.astimezone(LONDON)
        if here.timetz().replace(tzinfo=None) == time():
            return (here.date() - timedelta(days=last_day)).isoformat()
        return here.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def read_day(text: str) -> date:
    """Return the day that ``2027-03-25`` or ``25/03/2027`` names. Raises Misread."""
    british = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text)
    try:
        if british:
            day, month, year = map(int, british.groups())
            found = date(year, month, day)
        else:
            found = date.fromisoformat(text)
    except ValueError:
        raise Misread(f"“{text}” is not a day. Write 2027-03-25 or 25/03/2027.", "not_a_day") from None
    if not 1900 <= found.year <= 2199:
        raise Misread(f"The year {found.year} must be a mistake.", "not_a_day")
    return found


def _moment(text: str) -> datetime | None:
    """Return the moment that a text stands for, None for a day alone."""
    if "T" not in text and ":" not in text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Misread(f"“{text}” is not a moment. Write 2027-03-25 or 2027-03-25T09:30.", "not_a_day") from None
    if not 1900 <= found.year <= 2199:
        raise Misread(f"The year {found.year} must be a mistake.", "not_a_day")
    return found if found.tzinfo else found.replace(tzinfo=LONDON)


def read_start(text: str) -> datetime:
    """Return the moment from which something is in force whose first day, or moment, is given. Raises Misread."""
    return _moment(text) or at_midnight(read_day(text))


def read_end(text: str) -> datetime:
    """Return the moment at which something ends whose last day is given, the midnight after it, or a moment. Raises Misread."""
    return _moment(text) or at_midnight(read_day(text) + timedelta(days=1))


def read_handle(text: str) -> str:
    """Return a handle without the ``@`` in front. Raises Misread."""
    if not (handle := text.lstrip("@ ")):
        raise Misread("Handle is missing.", "missing")
    return handle


def read_clock(text: str) -> time:
    """Return the time of day that ``09:30`` or ``9.30`` names. Raises Misread."""
    match = re.fullmatch(r"(\d{1,2})[:.](\d{2})", text)
    try:
        if match is None:
            raise ValueError
        return time(int(match[1]), int(match[2]))
    except ValueError:
        raise Misread(f"“{text}” is not a time of day. Write 09:30.", "not_a_time") from None


def read_postcode(text: str) -> str:
    """Return the postcode as it is written. Raises Misread."""
    try:
        return postcode(text)
    except PostcodeFaulty as error:
        raise Misread(error.message, error.code) from None


def read_email(text: str) -> str:
    """Return the e-mail address when it can be one. Raises Misread."""
    try:
        validate_email(text)
    except ValidationError:
        raise Misread(f"“{text}” is not an e-mail address.", "not_an_email") from None
    return text


def read_web_page(text: str) -> str:
    """Return the address when it can be that of a web page. Raises Misread."""
    try:
        parts = urlsplit(text)
        right = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in text
    except ValueError:
        right = False
    if not right:
        raise Misread(f"“{text}” is not the address of a web page. It begins with https://.", "not_an_address")
    return text


def read_phone(text: str) -> str:
    """Return the telephone number when it can be one. Raises Misread."""
    if not re.fullmatch(r"\+?[0-9][0-9 ()-]{4,}(?: ?(?:ext\.?|x) ?[0-9]{1,6})?", text):
        raise Misread(f"“{text}” is not a telephone number.", "not_a_phone")
    return text
