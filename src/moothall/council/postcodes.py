"""British postcodes: whether a text is one, and how it is written.

After the format the Royal Mail has published for its Postcode Address File: which letters stand where. Whether a
postcode is in use is another question, which only its file can answer.
"""

from __future__ import annotations

import re
from typing import Final

from moothall.words import DomainError

_FIRST: Final = "[A-PR-UWYZ]"
_SECOND: Final = "[A-HK-Y]"
_OUTWARD: Final = (
    rf"{_FIRST}[0-9]|{_FIRST}[0-9][0-9]|{_FIRST}[0-9][ABCDEFGHJKPSTUW]|"
    rf"{_FIRST}{_SECOND}[0-9]|{_FIRST}{_SECOND}[0-9][0-9]|{_FIRST}{_SECOND}[0-9][ABEHMNPRVWXY]"
)
_POSTCODE: Final = re.compile(rf"(?P<outward>GIR(?=0AA)|{_OUTWARD})(?P<inward>[0-9][ABD-HJLNP-UW-Z]{{2}})")
_LONGEST: Final = 20


class PostcodeFaulty(DomainError):
    """This is not a British postcode. One looks like ZE1 0AB."""

    code = "postcode_faulty"


def postcode(text: str) -> str:
    """Return the postcode as it is written, in capitals with one space: ``ze10ab`` gives ``ZE1 0AB``.

    Raises PostcodeFaulty.
    """
    match = _POSTCODE.fullmatch("".join(text[:_LONGEST].split()).upper()) if len(text) <= _LONGEST else None
    if match is None:
        raise PostcodeFaulty(f"“{text[:_LONGEST].strip()}” is not a British postcode. One looks like ZE1 0AB.")
    return f"{match['outward']} {match['inward']}"
