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
from moothall.policy.model import (
    BanRule,
    Clause,
    Contact,
    PeriodRule,
    Policy,
    RouteRule,
    Section,
    Settings,
    Thresholds,
)
from moothall.policy.vocabulary import BUILT_IN, CITABLE_GROUNDS, REPLIES, Name, nearest
from moothall.words import ROUTES

_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_PLACEHOLDER: Final = re.compile(r"\{([^{}\n]*)\}")
_CONTACT_PARTS: Final = ("name", "phone", "url", "chat", "email", "hours")
#: What the desk fills into a letter when it is written.
LETTER_WORDS: Final = (
    "channel",
    "clause_title",
    "clause_text",
    "decided_on",
    "ground",
    "policy_version",
    "reason",
    "review_from",
)
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
    vocabulary = {**BUILT_IN, **{fact: Name("flag", question) for fact, question in facts.items()}}
    settings = _read_settings(fields)
    letters = {key: value for key, _, value in _texts(fields, "letters", "the letters")}
    routes = _read_routes(fields)
    sections = _read_sections(fields)
    clauses = _read_clauses(fields, vocabulary, letters, text)
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
        facts=MappingProxyType(facts),
        settings=settings,
    )


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
        elif not isinstance(node, Scalar) or node.kind == "null" or not node.value.strip():
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
        if name in BUILT_IN:
            fields.faults.note(place, "taken_name", f"“{name}” already has a meaning; a fact needs a name of its own.")
        elif "-" in name:
            fields.faults.note(
                place, "bad_id", f"“{name}” cannot be used in a condition.", "Join words by _ and not by -."
            )
        elif name in ("true", "false", "null", "in") or name in ROUTES:
            fields.faults.note(place, "taken_name", f"“{name}” already has a meaning; a fact needs a name of its own.")
        else:
            facts[name] = question
    return facts


def _read_settings(fields: Fields) -> Settings:
    inner = fields.inner("settings", "the settings")
    if inner is None:
        return Settings(thresholds={ground: Thresholds() for ground in CITABLE_GROUNDS})
    general = Thresholds()
    own: dict[str, Thresholds] = {}
    for name, place, node in inner.keyed("thresholds", "the thresholds"):
        if name != "default" and name not in CITABLE_GROUNDS:
            fields.faults.unknown(place, "unknown_ground", "ground", name, ["default", *CITABLE_GROUNDS])
        elif not isinstance(node, Table):
            fields.faults.note(node.place, "wrong_kind", "A threshold has engage and recommend, each from 0 to 1.")
        else:
            each = Fields(node, "a threshold", fields.faults)
            base = general if name != "default" else Thresholds()
            # Zero would find every ground in every comment.
            engage = each.number("engage", base.engage, 0.01, 1)
            found = Thresholds(engage, each.number("recommend", max(base.recommend, engage), 0.01, 1))
            each.close()
            if found.recommend < found.engage:
                message = "A measure cannot be recommended below the threshold at which its clause applies."
                fields.faults.note(node.place, "threshold_order", message)
            if name == "default":
                general = found
            else:
                own[name] = found
    ban = inner.inner("ban", "the ban")
    ban_rule = BanRule()
    if ban is not None:
        ban_rule = BanRule(
            ban.choice("review", ("on_request", "automatic", "none"), "unknown_value", "review", ban_rule.review),
            int(ban.number("after_months", ban_rule.after_months, 0, 120, whole=True)),
            ban.choice("by", ("different_officer", "any_officer", "panel"), "unknown_value", "reviewer", ban_rule.by),
        )
        ban.close()
    period = inner.inner("period", "the period")
    period_rule = PeriodRule()
    if period is not None:
        elections = period.choices("elections", ("local", "general"), "unknown_value", "election")
        period_rule = PeriodRule(
            int(period.number("weeks", period_rule.weeks, 0, 26, whole=True)),
            elections or period_rule.elections,
        )
        period.close()
    inner.close()
    return Settings({ground: own.get(ground, general) for ground in CITABLE_GROUNDS}, ban_rule, period_rule)


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
    fields: Fields, vocabulary: Mapping[str, Name], letters: Mapping[str, str], text: str
) -> list[Clause]:
    clauses: list[Clause] = []
    seen: dict[str, int] = {}
    for number, each in enumerate(fields.tables("clauses", "a clause", required=True), start=1):
        id = _slug(each, "id", "a clause")
        place = each.place("id")
        if id and id in seen:
            message = f"There are two clauses with the id “{id}”; the first is in line {seen[id]}."
            each.faults.note(place, "duplicate_id", message)
        elif id:
            seen[id] = place.line
        clause = read_clause(each, id, number, vocabulary, letters, text)
        each.close()
        if clause is not None:
            clauses.append(clause)
    return clauses


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

    for key in ("introduction", "sections", "routes", "clauses", "letters"):
        if key in table.entries:
            walk(table.entries[key][1], [*filled, *LETTER_WORDS] if key == "letters" else filled)
