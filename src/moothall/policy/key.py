"""What is known of one key of the policy file, and of one kind of object in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: What a key takes. ``words``: a list, or a single word; ``per``: one word for all, or a mapping with a word for each of
#: ``names``; ``texts``, ``conditions``, ``named``: a mapping whose keys are ``names``, or free where there are none.
Kind = Literal[
    "format",
    "id",
    "text",
    "link",
    "hours",
    "flag",
    "number",
    "term",
    "choice",
    "words",
    "grounds",
    "flag_or_words",
    "per",
    "condition",
    "conditions",
    "texts",
    "object",
    "objects",
    "named",
]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of one object of the file.

    ``default`` is what stands for the key when it is left out, as it would be written; ``otherwise`` says it in words where
    no written value does. ``example`` is YAML that can stand after ``key: ``; for an object, a list or a mapping of objects
    the example is made from the keys of ``of``. ``values``: the words it takes (for a term: the words beside a stretch of
    time); ``names``: the keys of a mapping; ``least`` and ``most``: the range of a number; ``instead_of``: the key that
    says the same, of which only one may stand.
    """

    name: str
    kind: Kind
    meaning: str
    example: str = ""
    default: str = ""
    otherwise: str = ""
    required: bool = False
    values: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    least: float = 0
    most: float = 0
    whole: bool = True
    of: str = ""
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of object in the file: what it is, and its keys in the order in which they are explained."""

    title: str
    meaning: str
    keys: tuple[Key, ...]


#: How the author is told, as it is explained wherever the file says it.
WAYS: Final = (
    "how the author is told: `none` (not at all), `dm` (direct message), `public_note` (a note under the comment)"
)
