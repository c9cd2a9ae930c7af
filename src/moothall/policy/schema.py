"""A JSON Schema of the policy file, for editors: names as they are typed, and their meaning beside them.

It takes whatever the loader takes, and more: what a schema cannot see (conditions, placeholders, clauses nobody can reach)
``moothall policy check`` finds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from moothall.policy.condition import LONGEST
from moothall.policy.key import Key
from moothall.policy.keys import THINGS
from moothall.policy.vocabulary import CITABLE_GROUNDS

Schema = dict[str, Any]

_TIME: Final = r"(?:[01]?\d|2[0-3])[:.][0-5]\d"
_TERM: Final = r"\d{1,4} (?:day|week|month|year)s?"
_ID: Final = r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*"
#: Keys of a mapping whose names the file chooses.
_FREE_NAME: Final = {"pattern": r"^[a-z][a-z0-9_-]*$"}
_SOMETHING: Final = r"\S"


def schema() -> Schema:
    """Return the JSON Schema (2020-12) of the policy file, made from the table of keys. It may be laxer than the loader."""
    definitions = {name: _thing(name) for name in THINGS if name != "policy"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "House rules of a council",
        "description": "The policy file of Moothall, format 1. Every key is explained in docs/reference/policy.md.",
        **_thing("policy"),
        "$defs": definitions,
    }


def schema_as_json() -> str:
    """Return the schema as indented JSON with a line break at its end, as it stands in ``docs/reference``."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def _thing(name: str) -> Schema:
    thing = THINGS[name]
    required = [key.name for key in thing.keys if key.required]
    described = {} if name == "policy" else {"title": thing.title, "description": _plain(thing.meaning)}
    return {
        **described,
        "type": "object",
        "properties": {key.name: _key(key) for key in thing.keys},
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _key(key: Key) -> Schema:
    made: Schema = {"description": _meaning(key)}
    if key.default and key.kind in ("flag", "number", "choice", "term"):
        made["default"] = _written(key.default)
    return {**made, **_KINDS[key.kind](key)}


def _meaning(key: Key) -> str:
    # A word of the file keeps its small letter also at the beginning.
    first = key.meaning[0] if key.meaning.startswith("`") else key.meaning[0].upper()
    left_out = key.default or key.otherwise
    return _plain(f"{first}{key.meaning[1:]}." + (f" If left out: {left_out}." if left_out else ""))


def _plain(text: str) -> str:
    return text.replace("`", "")


def _written(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(key: Key) -> Schema:
    # A number or a date without quotes is a text to the loader.
    if key.required:
        return {"type": ["string", "number"], "pattern": _SOMETHING}
    return {"type": ["string", "number", "null"]}


def _pattern(inside: str, key: Key) -> Schema:
    """Return the schema of a text that is ``inside``, with blanks around it, or nothing where it is not required."""
    if key.required:
        return {"type": "string", "pattern": rf"^\s*(?:{inside})\s*$"}
    return {"type": ["string", "null"], "pattern": rf"^\s*(?:{inside})?\s*$"}


def _one_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\-", "-").replace(r"\ ", " ") for word in words)


def _choice(key: Key) -> Schema:
    if not key.values:
        return _pattern(_ID, key)
    # The list is for the editor; the pattern takes the same words with blanks around them, as the loader does.
    return {"anyOf": [{"enum": list(key.values)}, _pattern(_one_of(key.values), key)]}


def _word(words: Iterable[str], more: str = "") -> Schema:
    known = list(words)
    pattern = rf"^\s*(?:{more or _one_of(known)})\s*$"
    return {"anyOf": [{"enum": known}, {"type": "string", "pattern": pattern}]}


def _list_of(word: Schema) -> Schema:
    return {"type": "array", "items": word}


def _words(key: Key) -> Schema:
    word = _word(key.values)
    return {"anyOf": [_list_of(word), word]}


def _grounds(key: Key) -> Schema:
    word = _word(CITABLE_GROUNDS, r"[a-z][a-z0-9_]*")
    return {"anyOf": [_list_of(word), word]}


def _per(key: Key) -> Schema:
    one = _choice(key)
    return {
        "anyOf": [one, {"type": "object", "properties": dict.fromkeys(key.names, one), "additionalProperties": False}]
    }


def _mapping(key: Key, value: Schema) -> Schema:
    if key.names:
        return {"type": "object", "properties": dict.fromkeys(key.names, value), "additionalProperties": False}
    return {"type": "object", "propertyNames": _FREE_NAME, "additionalProperties": value}


def _number(key: Key) -> Schema:
    least, most = (int(key.least), int(key.most)) if key.whole else (key.least, key.most)
    return {"type": "integer" if key.whole else "number", "minimum": least, "maximum": most}


def _condition(key: Key) -> Schema:
    return {"type": ["string", "boolean"], "pattern": _SOMETHING, "maxLength": LONGEST}


def _term(key: Key) -> Schema:
    return _pattern("|".join([_TERM, *key.values]), key)


def _reference(key: Key) -> Schema:
    return {"$ref": f"#/$defs/{key.of}"}


_KINDS: Final[Mapping[str, Any]] = {
    "format": lambda key: {"anyOf": [{"enum": [1, "1"]}, {"type": "string", "pattern": r"^\s*1\s*$"}]},
    "id": lambda key: _pattern(_ID, key),
    "text": _text,
    "link": lambda key: _pattern(r"https?://[^\s\"'<>]+", key),
    "hours": lambda key: _pattern(rf"closed|{_TIME}\s*(?:-|–|to)\s*{_TIME}", key),
    "flag": lambda key: {"type": "boolean"},
    "number": _number,
    "term": _term,
    "choice": _choice,
    "words": _words,
    "grounds": _grounds,
    "flag_or_words": lambda key: {"anyOf": [{"type": "boolean"}, _list_of(_word(key.values))]},
    "per": _per,
    "condition": _condition,
    "conditions": lambda key: _mapping(key, _condition(key)),
    "texts": lambda key: _mapping(key, {"type": ["string", "number", "boolean"], "pattern": _SOMETHING}),
    "object": _reference,
    "objects": lambda key: _list_of(_reference(key)),
    "named": lambda key: _mapping(key, _reference(key)),
}
