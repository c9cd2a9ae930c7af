"""A policy file's text as a tree that knows the line and column of everything in it.

Only plain YAML is taken: mappings, lists and scalars. Tags, anchors, aliases, merge keys and several documents in
one file are refused, so that a file can neither construct objects nor grow when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from moothall.policy.errors import Fault
from moothall.policy.vocabulary import nearest

#: A policy is a document of some pages; nothing larger is one.
LARGEST_FILE: Final = 256 * 1024
DEEPEST: Final = 12
_TAG: Final = "tag:yaml.org,2002:"
_IN_PLAIN_WORDS: Final = {
    "but found another document": "a second document begins",
    "mapping values are not allowed here": "a colon makes a key of what is already a value",
    "found character '\\t' that cannot start any token": "there is a tab",
}
_PLAIN: Final = ("str", "int", "float", "bool", "null", "timestamp")


@dataclass(frozen=True, slots=True)
class Place:
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as written. ``kind`` is str, int, float, bool, null or timestamp; ``style`` YAML's quote or ``|`` ``>``."""

    place: Place
    value: str
    kind: str
    style: str
    last_line: int


@dataclass(frozen=True, slots=True)
class Listing:
    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    place: Place
    entries: dict[str, tuple[Place, Node]] = field(default_factory=dict)
    #: Keys whose value was refused: they are there, so nobody should be told that they are missing.
    refused: set[str] = field(default_factory=set)


Node = Scalar | Listing | Table


class FaultList(list[Fault]):
    """The faults found so far."""

    def note(self, place: Place, code: str, message: str, hint: str = "") -> None:
        """Note a fault, once."""
        fault: Fault = {
            "line": place.line,
            "column": place.column,
            "message": message,
            "hint": hint,
            "code": code,
        }
        if fault not in self:
            self.append(fault)

    def unknown(self, place: Place, code: str, what: str, name: str, known: tuple[str, ...] | list[str]) -> None:
        """Note a name that is not known, with the nearest one that is."""
        self.note(place, code, f"“{name[:60]}” is not a known {what}.", nearest(name, known))


def read_document(text: str, faults: FaultList) -> Table | None:
    """Return the file as a tree, or None where it is no plain YAML mapping; whatever is wrong is noted in ``faults``."""
    start = Place(1, 1)
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_FILE:
        faults.note(start, "too_large", f"The file is larger than {LARGEST_FILE // 1024} KiB.")
        return None
    if "\x00" in text:
        before = text[: text.index("\x00")]
        place = Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        faults.note(place, "nul_character", "There is a NUL character in the file: it is not a text file.")
        return None
    yaml = YAML(typ="safe", pure=True)
    # Anchors are refused below; an anchor used twice needs no warning beside that.
    yaml.composer.warn_double_anchors = False
    try:
        root = yaml.compose(text)
    except RecursionError:
        faults.note(start, "too_deep", f"The file is nested deeper than {DEEPEST} levels.")
        return None
    except ReaderError as problem:
        before = text[: problem.position] if isinstance(problem.position, int) else ""
        place = Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        faults.note(place, "yaml_character", "There is a character here that YAML does not allow.")
        return None
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark is not None else start
        what = _IN_PLAIN_WORDS.get(problem.problem or "", problem.problem or problem.context or "it is not YAML")
        faults.note(place, "yaml_syntax", f"The YAML cannot be read here: {what}.", _yaml_hint(what))
        return None
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as problem:
        # The parser answers some malformed input with errors of its own inside; to the writer it is all one.
        faults.note(start, "yaml_syntax", f"The YAML cannot be read: {type(problem).__name__}.")
        return None
    if root is None:
        faults.note(start, "empty", "The file is empty.")
        return None
    tree = _convert(root, faults, set(), 1)
    if tree is not None and not isinstance(tree, Table):
        faults.note(
            tree.place,
            "not_a_policy",
            "The file must be a mapping of keys to values.",
            "Begin with “format: 1”.",
        )
        return None
    return tree


def _yaml_hint(problem: str) -> str:
    if "a colon makes" in problem:
        return "A text with a colon in it needs quotes around it; or this line is indented too far or not far enough."
    if "expected <block end>" in problem or "could not find expected" in problem:
        return "Look at the indent here, and above for a quote or bracket that was opened and never closed."
    if "unexpected end of stream" in problem:
        return "A quote or bracket was opened somewhere above and never closed."
    if "there is a tab" in problem:
        return "Indent with spaces, not with tabs."
    if "alias" in problem:
        return "A text that begins with * needs quotes around it."
    return ""


def _convert(
    node: ScalarNode | SequenceNode | MappingNode, faults: FaultList, seen: set[int], depth: int
) -> Node | None:
    mark = node.start_mark
    place = Place(mark.line + 1, mark.column + 1)
    # An alias makes the same node come by twice; that is also where an alias bomb would grow.
    if id(node) in seen or getattr(node, "anchor", None):
        faults.note(place, "alias", "Anchors and aliases (& and *) are not used in a policy.", "Write the value out.")
        return None
    seen.add(id(node))
    if depth > DEEPEST:
        faults.note(place, "too_deep", f"The file is nested deeper than {DEEPEST} levels.")
        return None
    kind = str(node.tag).removeprefix(_TAG)
    if isinstance(node, ScalarNode):
        if kind not in _PLAIN:
            if kind in ("merge", "value"):
                faults.note(place, "tag", f"“{node.value[:20]}” has no meaning in a policy.", "Put it in quotes.")
            else:
                faults.note(place, "tag", "YAML tags (words that begin with !) are not used in a policy.")
            return None
        return Scalar(place, str(node.value), kind, node.style or "", node.end_mark.line + 1)
    if kind not in ("seq", "map"):
        faults.note(place, "tag", "YAML tags (words that begin with !) are not used in a policy.")
        return None
    if isinstance(node, MappingNode):
        table = Table(place)
        for key, value in node.value:
            here = Place(key.start_mark.line + 1, key.start_mark.column + 1)
            name = _convert(key, faults, seen, depth + 1)
            converted = _convert(value, faults, seen, depth + 1)
            if name is None:
                continue
            if not isinstance(name, Scalar):
                faults.note(here, "key", "A key must be a plain word.")
            elif name.value in table.entries:
                first = table.entries[name.value][0].line
                faults.note(here, "duplicate_key", f"“{name.value[:60]}” is already there, in line {first}.")
            elif converted is None:
                table.refused.add(name.value)
            else:
                table.entries[name.value] = (here, converted)
        return table
    items = [_convert(item, faults, seen, depth + 1) for item in node.value]
    return Listing(place, tuple(item for item in items if item is not None))
