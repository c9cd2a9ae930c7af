"""From the text of a policy file to a Policy, or to every fault in it at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

from moothall.policy.clauses import read_clause
from moothall.policy.document import LARGEST_FILE, FaultList, Place, Scalar, Table, read_document
from moothall.policy.errors import PolicyError
from moothall.policy.fields import Fields
from moothall.policy.model import BanRule, Clause, Contact, Policy, RecordCount, RouteRule, Rung, Section
from moothall.policy.rungs import check_rungs, read_rung
from moothall.policy.settings import read_counts, read_settings
from moothall.policy.vocabulary import BUILT_IN, FACTS, REPLIES, Name, nearest
from moothall.words import GROUNDS, POLITICS, ROUTES

_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_CONTACT_PARTS: Final = ("name", "phone", "url", "chat", "email", "hours")
#: What the desk fills into a letter when it is written.
LETTER_WORDS: Final = (
    "ban_ends",
    "channel",
    "clause_title",
    "clause_text",
    "decided_on",
    "ground",
    "policy_version",
    "reason",
    "respond_by",
    "review_from",
)
#: Replies that belong to no route: what somebody is told about a complaint, or about the review of a ban.
_OWN_REPLIES: Final = ("signpost-complaints", "signpost-review", "signpost-review_date")
_START: Final = Place(1, 1)


def load(path: str | Path) -> Policy:
    """Return the policy in the file at ``path``. Raises PolicyError for a file that is not there, no text or faulty."""
    where = Path(path)
    name = str(path)
    faults = FaultList()
    raw = b""
    try:
        if where.is_dir():
            faults.note(_START, "directory", "This is a directory, not a policy file.")
        else:
            with where.open("rb") as file:
                raw = file.read(LARGEST_FILE + 4)
    except FileNotFoundError:
        faults.note(_START, "no_such_file", "There is no such file.")
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "its name is not valid"
        faults.note(_START, "unreadable", f"The file cannot be read: {reason}.")
    if faults:
        raise PolicyError(faults, name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        if len(raw) > LARGEST_FILE:
            faults.note(_START, "too_large", f"The file is larger than {LARGEST_FILE // 1024} KiB.")
            raise PolicyError(faults, name) from None
        before = raw[: problem.start]
        place = Place(before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1)
        faults.note(place, "not_utf8", "The file is not UTF-8 text from here on.", "Save it as UTF-8.")
        raise PolicyError(faults, name) from None
    return loads(text, name=name)


@cache
def default_policy() -> Policy:
    """Return the policy that ships with Moothall: the house rules of the invented borough of Thornbury-on-Wold."""
    file = resources.files("moothall.policy") / "house-rules.yaml"
    return loads(file.read_text(encoding="utf-8"), name="house-rules.yaml")


def loads(text: str, name: str = "policy") -> Policy:
    """Return the policy in ``text``; ``name`` stands for the file in messages. Raises PolicyError with every fault."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    faults = FaultList()
    table = read_document(text, faults)
    policy = None
    if table is not None:
        policy = _read_policy(table, text, name, faults)
    if faults or policy is None:
        raise PolicyError(faults, name)
    return policy


def _read_policy(table: Table, text: str, name: str, faults: FaultList) -> Policy:
    fields = Fields(table, "the policy", faults)
    _check_format(fields)
    id = _slug(fields, "id", "the policy")
    version = fields.text("version", required=True)
    if len(version) > 60 or not version.isprintable():
        fields.faults.note(fields.place("version"), "version", "“version” is one line of at most 60 characters.")
    title = fields.text("title", required=True)
    council = fields.text("council", required=True)
    introduction = fields.text("introduction")
    contacts = _read_contacts(fields)
    facts = _read_facts(fields)
    counts = read_counts(fields, facts)
    vocabulary = {
        **BUILT_IN,
        **{fact: Name("flag", question, (), "fact") for fact, question in facts.items()},
        **{count.name: Name("count", _counted_in_words(count), (), "record") for count in counts},
    }
    settings = read_settings(fields)
    letters = {key: value for key, _, value in _texts(fields, "letters", "the letters")}
    routes = _read_routes(fields)
    replies = _read_replies(fields)
    sections = _read_sections(fields)
    clauses = _read_clauses(fields, vocabulary, letters, settings.ban, text)
    ladder = _read_ladder(fields, facts, letters, settings.ban, clauses)
    names = frozenset(name for clause in clauses for each in clause.conditions for name in each.names)
    used = [*names, *(ground for clause in clauses for ground in clause.grounds)]
    asked = {name: FACTS[name] for name in FACTS if name in used and name not in facts}
    _check_placeholders(table, contacts, faults)
    fields.close()
    return Policy(
        id=id,
        version=version,
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        text=text,
        name=name,
        title=title,
        council=council,
        introduction=introduction,
        clauses=tuple(clauses),
        contacts=MappingProxyType(contacts),
        routes=MappingProxyType(routes),
        sections=tuple(sections),
        letters=MappingProxyType(letters),
        facts=MappingProxyType(facts | asked),
        settings=settings,
        counts=tuple(counts),
        ladder=tuple(ladder),
        own_replies=MappingProxyType(replies),
        names=names,
        fact_grounds=frozenset(ground for clause in clauses for ground in clause.grounds if ground not in GROUNDS),
        no_strike=_no_strike(clauses),
    )


def _counted_in_words(count: RecordCount) -> str:
    window = f" within {count.within.in_words()}" if count.within else ""
    return f"how often the author's record holds {', '.join(count.of)}{window}"


def _no_strike(clauses: list[Clause]) -> frozenset[str]:
    """Return the grounds that are no strike: politics, and those that no counting clause names."""
    counting = {ground for clause in clauses if clause.strike for ground in clause.grounds}
    named = {ground for clause in clauses for ground in clause.grounds}
    return frozenset({*POLITICS, *(named - counting)})


def _check_format(fields: Fields) -> None:
    if fields.text("format", required=True, default="1") != "1":
        fields.faults.note(
            fields.place("format"), "format", "This version of Moothall reads format 1.", "Write “format: 1”."
        )


def _slug(fields: Fields, key: str, what: str) -> str:
    value = fields.text(key, required=True)
    if value and not _SLUG.fullmatch(value):
        message = f"“{value[:60]}” cannot be an id: small letters and figures, joined by - or _."
        fields.faults.note(fields.place(key), "bad_id", message)
        return ""
    return value


def _texts(fields: Fields, key: str, what: str) -> list[tuple[str, Place, str]]:
    found = []
    for name, place, node in fields.keyed(key, what):
        if not _SLUG.fullmatch(name):
            message = f"“{name[:60]}” cannot be an id: small letters and figures, joined by - or _."
            fields.faults.note(place, "bad_id", message)
        elif not isinstance(node, Scalar) or node.kind in ("null", "bool") or not node.value.strip():
            fields.faults.note(node.place, "wrong_kind", "Here text is expected.")
        else:
            found.append((name, place, node.value.strip()))
    return found


def _read_contacts(fields: Fields) -> dict[str, Contact]:
    contacts: dict[str, Contact] = {}
    for id, place, node in fields.keyed("contacts", "the contacts"):
        if not isinstance(node, Table) or not _SLUG.fullmatch(id):
            fields.faults.note(place, "wrong_kind", "A contact is an id with name, phone, url, chat, email or hours.")
            continue
        each = Fields(node, f"the contact “{id}”", fields.faults)
        contacts[id] = Contact(
            id=id,
            name=each.text("name", required=True),
            phone=each.text("phone"),
            url=_link(each, "url"),
            chat=_link(each, "chat"),
            email=each.text("email"),
            hours=each.text("hours"),
        )
        each.close()
    return contacts


def _link(fields: Fields, key: str) -> str:
    address = fields.text(key)
    # The public page makes a link of it: nothing but a web address may stand there.
    if address and not re.fullmatch(r"https?://[^\s\"'<>]+", address):
        fields.faults.note(fields.place(key), "bad_link", "Here a web address is expected, beginning with https://.")
        return ""
    return address


def _read_facts(fields: Fields) -> dict[str, str]:
    facts: dict[str, str] = {}
    for name, place, question in _texts(fields, "facts", "the facts"):
        taken = (name in BUILT_IN and name not in FACTS) or name in ("true", "false", "null", "in") or name in ROUTES
        if taken:
            fields.faults.note(place, "taken_name", f"“{name}” already has a meaning; a fact needs a name of its own.")
        elif "-" in name:
            fields.faults.note(
                place, "bad_id", f"“{name}” cannot be used in a condition.", "Join words by _ and not by -."
            )
        else:
            facts[name] = question
    return facts


def _read_routes(fields: Fields) -> dict[str, RouteRule]:
    routes = {"safeguard": RouteRule("safeguard", "signpost-safeguard")}
    for name, place, node in fields.keyed("routes", "the routes"):
        if name not in ROUTES:
            fields.faults.unknown(place, "unknown_route", "route", name, ROUTES)
        elif not isinstance(node, Table):
            fields.faults.note(node.place, "wrong_kind", "A route has a reply, a title, and the words of the reply.")
        else:
            each = Fields(node, f"the route “{name}”", fields.faults)
            rule = RouteRule(
                name=name,
                reply=each.choice("reply", REPLIES, "unknown_reply", "reply", "none"),
                title=each.text("title"),
                public=each.text("public"),
                guide=each.text("guide"),
                text=each.text("text"),
            )
            each.close()
            if name == "safeguard" and rule.reply != "signpost-safeguard":
                message = "A person at risk is helped first: the reply of this route is signpost-safeguard."
                fields.faults.note(each.place("reply"), "safeguard", message)
            routes[name] = rule
    return routes


def _read_replies(fields: Fields) -> dict[str, str]:
    replies: dict[str, str] = {}
    for name, place, node in fields.keyed("replies", "the replies"):
        if name not in _OWN_REPLIES:
            fields.faults.unknown(place, "unknown_reply", "reply with words of its own", name, list(_OWN_REPLIES))
        elif not isinstance(node, Scalar) or node.kind in ("null", "bool") or not node.value.strip():
            fields.faults.note(node.place, "wrong_kind", "Here text is expected.")
        else:
            replies[name] = node.value.strip()
    return replies


def _read_sections(fields: Fields) -> list[Section]:
    sections: list[Section] = []
    for each in fields.tables("sections", "a section"):
        id = _slug(each, "id", "a section")
        if id and id in [section.id for section in sections]:
            each.faults.note(each.place("id"), "duplicate_id", f"There are two sections with the id “{id}”.")
        place = each.choice("place", ("opening", "closing"), "unknown_value", "place", "opening")
        sections.append(
            Section(
                id=id,
                title=each.text("title", required=True),
                public=each.text("public", required=True),
                guide=each.text("guide"),
                closing=place == "closing",
            )
        )
        each.close()
    return sections


def _read_clauses(
    fields: Fields, vocabulary: Mapping[str, Name], letters: Mapping[str, str], ban: BanRule, text: str
) -> list[Clause]:
    clauses: list[Clause] = []
    seen: dict[str, int] = {}
    tables = fields.tables("clauses", "a clause", required=True)
    if not tables and fields.given("clauses"):
        message = "There is no clause: under such rules nothing could ever be done."
        fields.faults.note(fields.place("clauses"), "missing", message, "Write one clause at least.")
    for number, each in enumerate(tables, start=1):
        id = _slug(each, "id", "a clause")
        place = each.place("id")
        if id and id in seen:
            message = f"There are two clauses with the id “{id}”; the first is in line {seen[id]}."
            each.faults.note(place, "duplicate_id", message)
        elif id:
            seen[id] = place.line
        clause = read_clause(each, id, number, vocabulary, letters, ban, text)
        each.close()
        if clause is not None:
            clauses.append(clause)
    return clauses


def _read_ladder(
    fields: Fields, facts: Mapping[str, str], letters: Mapping[str, str], ban: BanRule, clauses: list[Clause]
) -> list[Rung]:
    rungs: list[Rung] = []
    places: dict[str, Fields] = {}
    taken = {clause.id for clause in clauses}
    for each in fields.tables("ladder", "a rung of the ladder"):
        id = _slug(each, "id", "a rung of the ladder")
        if id and id in taken:
            message = f"There is a clause or a rung with the id “{id}” already."
            each.faults.note(each.place("id"), "duplicate_id", message)
        taken.add(id)
        places[id] = each
        rungs.append(read_rung(each, id, facts, letters, ban))
    if not fields.faults:
        check_rungs(rungs, clauses, places)
    return rungs


def _check_placeholders(table: Table, contacts: Mapping[str, Contact], faults: FaultList) -> None:
    """Note every ``{…}`` in a text for people that nothing will fill."""
    filled = [
        f"{contact.id}.{part}" for contact in contacts.values() for part in _CONTACT_PARTS if getattr(contact, part)
    ]

    def walk(node: object, known: list[str]) -> None:
        if isinstance(node, Scalar):
            for match in _PLACEHOLDER.finditer(node.value):
                if match.group(1) not in known:
                    message = f"Nothing fills the placeholder “{{{match.group(1)[:60]}}}”."
                    faults.note(node.place, "unfilled_placeholder", message, nearest(match.group(1), known))
        elif isinstance(node, Table):
            for _, inner in node.entries.values():
                walk(inner, known)
        elif node is not None:
            for item in getattr(node, "items", ()):
                walk(item, known)

    more = {"letters": LETTER_WORDS, "replies": ("review_from", "ban_ends")}
    for key in ("title", "council", "contacts"):
        if key in table.entries:
            walk(table.entries[key][1], [])
    for key in ("introduction", "sections", "routes", "clauses", "ladder", "letters", "replies"):
        if key in table.entries:
            walk(table.entries[key][1], [*filled, *more.get(key, ())])
