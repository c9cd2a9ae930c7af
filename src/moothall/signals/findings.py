"""What reading one comment yields, and what may be handed to the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from moothall.words import GROUNDS, Evidence, Signal

if TYPE_CHECKING:
    from moothall.signals.picture_index import PictureIndex

Target = Literal["resident", "staff", "politician", "group", "unknown"]
Hint = Literal["foi", "own_data", "complaint", "press"]


@dataclass(frozen=True, slots=True)
class Signals:
    """Everything the reader found in one comment. It says what is there, never what should be done about it.

    ``grounds`` holds the signals over their thresholds; ``all_grounds`` every one of at least 0.05, for those who look
    closer. Evidence offsets are half-open, in code points of the comment as given. None means: not known.
    """

    route: str
    also: tuple[str, ...] = ()
    grounds: Mapping[str, Signal] = field(default_factory=lambda: MappingProxyType({}))
    criticism: bool = False
    unsure: bool = False
    off_topic: bool | None = None
    target: Target | None = None
    conduct_in_office: bool | None = None
    hints: tuple[Hint, ...] = ()
    language: str | None = None
    all_grounds: Mapping[str, Signal] = field(default_factory=lambda: MappingProxyType({}))
    route_probability: float = 0.0
    criticism_probability: float = 0.0
    model_version: str = ""
    #: The words behind each hint, and the places a reported problem may be at.
    hint_words: Mapping[str, Evidence] = field(default_factory=lambda: MappingProxyType({}))
    places: tuple[Evidence, ...] = ()
    #: What was looked for: a ground of these that is not in ``grounds`` is not there, as far as the reader can tell.
    looked_for: tuple[str, ...] = GROUNDS


@dataclass(frozen=True, slots=True)
class Registers:
    """What the council has set down and no model can know: names of active cases, candidates, councillors, users.

    ``active_cases``: names and protected names that belong to a case before a court. ``candidates`` and ``councillors``:
    people's names. ``authorised``: handles that may use the council's brand. ``own_pictures``: the index of its pictures.
    """

    active_cases: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    councillors: tuple[str, ...] = ()
    authorised: tuple[str, ...] = ()
    own_pictures: PictureIndex | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One comment to read: the text, the text of the post it stands under, under how many other posts its author has put
    near-identical text (None: not known), and its picture: a path, a file's bytes or a Pillow image."""

    comment: str
    post: str | None = None
    repeats: int | None = None
    image: object | None = None
