"""What the reader found, as JSON: the ``signals`` column of an archive that has been read before, and labels as signals.

The form is documented in docs/reference/command-line.md. Grounds that reached the reader's own threshold stand under
``grounds`` with their words (half-open offsets in the comment); what it saw more faintly stands under ``faint`` as a bare
probability.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, cast, get_args

from moothall.signals import Hint, Signals, Target
from moothall.words import GROUNDS, ROUTES, DomainError, Evidence, Signal

_TARGETS: Final = frozenset(get_args(Target))
_HINTS: Final = frozenset(get_args(Hint))
_ROUTES: Final = frozenset(ROUTES)
_GROUNDS: Final = frozenset(GROUNDS)
#: What is looked for where nothing else is said. Shared: never changed.
_ALL: Final = list(GROUNDS)


class SignalsBroken(DomainError):
    """The signals of the row cannot be understood."""

    code = "signals_broken"


def signals_as_dict(signals: Signals) -> dict[str, Any]:
    """Return the signals ready for JSON. Evidence is given by its place; the words are the comment's own.

    The words of hints and the places named are left out: they are for the officer who looks, and no rule can ask for them.
    """
    return {
        "route": signals.route,
        "also": list(signals.also),
        "grounds": {
            name: {
                "probability": signal.probability,
                "evidence": [[piece.start, piece.end] for piece in signal.evidence],
                "phase": signal.phase,
                "version": signal.version,
            }
            for name, signal in signals.grounds.items()
        },
        "faint": {
            name: signal.probability for name, signal in signals.all_grounds.items() if name not in signals.grounds
        },
        "criticism": signals.criticism,
        "unsure": signals.unsure,
        "off_topic": signals.off_topic,
        "target": signals.target,
        "conduct_in_office": signals.conduct_in_office,
        "hints": list(signals.hints),
        "language": signals.language,
        "route_probability": signals.route_probability,
        "criticism_probability": signals.criticism_probability,
        "model_version": signals.model_version,
        "looked_for": list(signals.looked_for),
    }


def checked(value: object, comment: str) -> dict[str, Any]:
    """Return the signals of one row in the full form, whatever optional parts were left out.

    ``value`` is an object, or its text in JSON. Raises SignalsBroken with the reason.
    """
    given = value if type(value) is dict else _object(value)
    get = given.get
    route, also = get("route") or "none", get("also") or []
    if route not in ROUTES or (also and not (isinstance(also, list | tuple) and set(also) <= _ROUTES)):
        raise SignalsBroken(f"route and also must be among {', '.join(ROUTES)}")
    grounds, faint = get("grounds") or {}, get("faint") or {}
    if not isinstance(grounds, dict) or not isinstance(faint, dict):
        raise SignalsBroken("grounds and faint must be objects with the grounds as keys")
    target = get("target")
    if target is not None and target not in _TARGETS:
        raise SignalsBroken(f"target must be among {', '.join(sorted(_TARGETS))}")
    hints = get("hints") or []
    if hints and not (isinstance(hints, list | tuple) and set(hints) <= _HINTS):
        raise SignalsBroken(f"hints must be among {', '.join(sorted(_HINTS))}")
    looked_for = get("looked_for")
    return {
        "route": route,
        "also": list(also),
        "grounds": {name: _ground(name, one, comment) for name, one in grounds.items() if one is not None},
        "faint": {name: _probability(name, one) for name, one in faint.items() if one is not None},
        "criticism": _flag(given, "criticism") or False,
        "unsure": _flag(given, "unsure") or False,
        "off_topic": _flag(given, "off_topic"),
        "target": target,
        "conduct_in_office": _flag(given, "conduct_in_office"),
        "hints": list(hints),
        "language": None if get("language") is None else str(given["language"]),
        "route_probability": _share("route", get("route_probability") or 0.0),
        "criticism_probability": _share("criticism", get("criticism_probability") or 0.0),
        "model_version": str(get("model_version") or ""),
        "looked_for": _ALL if looked_for is None else [str(name) for name in looked_for],
    }


def _object(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise SignalsBroken("the signals are not JSON") from None
    if not isinstance(value, dict):
        raise SignalsBroken("the row has no signals: they are an object, or its text in JSON")
    return value


def signals_from(found: Mapping[str, Any], comment: str) -> Signals:
    """Return the signals that stand in ``found``, in the form that ``checked`` returns."""
    grounds = {
        name: Signal(
            one["probability"],
            tuple([Evidence(start, end, comment[start:end]) for start, end in one["evidence"]]),
            one["phase"],
            one["version"],
        )
        for name, one in found["grounds"].items()
    }
    faint = {name: Signal(probability) for name, probability in found["faint"].items()}
    return Signals(
        route=found["route"],
        also=tuple(found["also"]),
        grounds=MappingProxyType(grounds),
        criticism=found["criticism"],
        unsure=found["unsure"],
        off_topic=found["off_topic"],
        target=cast(Target | None, found["target"]),
        conduct_in_office=found["conduct_in_office"],
        hints=tuple(found["hints"]),
        language=found["language"],
        all_grounds=MappingProxyType(grounds | faint),
        route_probability=found["route_probability"],
        criticism_probability=found["criticism_probability"],
        model_version=found["model_version"],
        looked_for=tuple(found["looked_for"]),
    )


def labels_as_signals(record: Mapping[str, Any], grounds: list[str], comment: str) -> dict[str, Any]:
    """Return a labelled row as signals: what is labelled is certain, and every ground that is not is known not to be there.

    ``target``, ``off_topic``, ``conduct_in_office`` and ``unsure`` count where the row has them. Raises SignalsBroken.
    """
    spans = record.get("spans") or []
    try:
        evidence = {
            name: [[span["start"], span["end"]] for span in spans if span["ground"] == name] for name in grounds
        }
    except (TypeError, KeyError):
        raise SignalsBroken("spans are a list of objects with start, end and ground") from None
    stated = {
        name: record[name]
        for name in ("criticism", "unsure", "off_topic", "conduct_in_office", "target")
        if record.get(name) not in (None, "")
    }
    return checked(
        {
            **stated,
            "route": record["route"],
            "grounds": {name: {"probability": 1.0, "evidence": evidence[name], "phase": "labels"} for name in grounds},
            "model_version": "labels",
        },
        comment,
    )


def _ground(name: object, value: object, comment: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        value = {"probability": value}
    evidence = []
    pieces: Any = value.get("evidence") or ()
    for piece in pieces:
        if isinstance(piece, dict):
            piece = (piece.get("start"), piece.get("end"))
        if not isinstance(piece, list | tuple) or len(piece) != 2 or not all(type(place) is int for place in piece):
            raise SignalsBroken(f"evidence of {name} is a list of pairs, start and end")
        start, end = piece
        if not 0 <= start <= end <= len(comment):
            raise SignalsBroken(f"evidence of {name} lies outside the comment")
        evidence.append([start, end])
    return {
        "probability": _probability(name, value.get("probability")),
        "evidence": evidence,
        "phase": str(value.get("phase") or ""),
        "version": str(value.get("version") or ""),
    }


def _probability(name: object, value: object) -> float:
    if name not in _GROUNDS:
        raise SignalsBroken(f"{str(name)[:40]!r} is no ground; grounds are {', '.join(GROUNDS)}")
    return value if type(value) is float and 0.0 <= value <= 1.0 else _share(name, value)


def _share(name: object, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise SignalsBroken(f"the probability of {name} must be a number from 0 to 1")
    return float(value)


def _flag(value: Mapping[str, Any], name: str) -> bool | None:
    given = value.get(name)
    if given is None or given is True or given is False:
        return given
    if str(given).strip().casefold() in ("true", "false"):
        return str(given).strip().casefold() == "true"
    raise SignalsBroken(f"{name} must be true or false")
