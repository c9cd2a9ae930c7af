"""The report for people: one HTML page that stands alone. No script, nothing fetched, for screen and for print.

Residents' words are folded away under a warning; what criticises the council lawfully and would newly come down is said first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any, Final

from moothall.policy import Policy, differences
from moothall.reading.replay.charts import Mark, histogram, two_ways
from moothall.reading.replay.outcome import CHANGES
from moothall.reading.replay.style import STYLE
from moothall.reading.replay.summary import Replayed, counted
from moothall.words import GROUNDS, MEASURES

_GROUND: Final = {
    "personal_info": "personal information",
    "brand_misuse": "misuse of the council's brand",
    "party_political": "party politics",
    "profanity": "strong swearing",
}
#: More sentences than this are folded: two councils' files differ in nearly everything.
_MANY: Final = 12
_HEADING: Final[Mapping[str, str]] = {
    "newly_down": "Would newly come down",
    "newly_up": "Would now stay up",
    "newly_allowed": "An officer may newly act",
    "no_longer_allowed": "An officer may no longer act",
    "other": "Something else differs",
}
_FIELD: Final[Mapping[str, str]] = {
    "recommended": "the measure recommended",
    "measures": "the measures allowed",
    "clauses": "which clauses apply, or what they allow",
    "reply": "the reply",
    "reply_due": "when a reply is due",
    "urgency": "the place in the queue",
    "step": "the step that comes first",
    "leading": "the clause it is put under",
    "rung": "the rung of the ladder",
    "second_person": "whether a second officer confirms",
    "notify": "how the author is told",
    "letter": "the letter",
    "ban": "how long a block lasts, or its review",
    "review": "what somebody who asks for a review is told",
}
_KIND: Final = {
    "comments": "read by the reader for this report",
    "labelled": "labelled by people",
    "read": "read by the reader before",
}


def report(found: Replayed) -> str:
    """Return the whole page."""
    title = f"{found.new.version} tried against {found.old.version}"
    body = [
        _opening(found),
        _criticism(found),
        _rules_change(found),
        _numbers(found),
        _by_clause(found),
        _moves(found),
        _rest(found),
        _examples(found),
        _thresholds(found),
        _reading(found),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n"
        '<a class="skip" href="#report">Skip to the report</a>\n'
        f'<main id="report">\n{"".join(part for part in body if part)}</main>\n</body>\n</html>\n'
    )


def _opening(found: Replayed) -> str:
    same = found.old.council == found.new.council
    between = ""
    if found.first and found.last:
        first, last = _day(found.first.date()), _day(found.last.date())
        between = f" of {first}" if first == last else f" from {first} to {last}"
    councils = (
        escape(found.new.council) if same else f"{escape(found.new.council)}, against {escape(found.old.council)}"
    )
    return (
        f'<p class="council">{councils}</p>\n<h1>What the new house rules would change</h1>\n'
        f'<p class="lead">Version <b>{escape(found.new.version)}</b> tried against version <b>{escape(found.old.version)}</b>, '
        f"on {counted(found.compared, 'comment')}{between}. Nothing was done to any of them.</p>\n"
    )


def _criticism(found: Replayed) -> str:
    number, seen = found.criticism_newly_down, found.tally.criticism["seen"]
    among = f"{counted(seen, 'comment')} in this archive criticise{'s' if seen == 1 else ''} the council lawfully"
    further = []
    if found.tally.criticism["newly_allowed"]:
        times = found.tally.criticism["newly_allowed"]
        further.append(f"For {counted(times, 'such comment')} an officer may newly act, though nothing is recommended.")
    if found.tally.criticism["down_under_both"]:
        times = found.tally.criticism["down_under_both"]
        further.append(f"{counted(times, 'such comment')} would come down under both versions.")
    if found.criticism_harder:
        harder = counted(found.criticism_harder, "comment")
        further.append(f"{harder} with criticism in them would meet a stronger measure than before: look at them.")
    more = "".join(f"<p>{escape(words)}</p>\n" for words in further)
    tone = "some" if found.criticism_harder else "none"
    heading = '<h2 id="criticism">Lawful criticism that would newly come down: '
    if not number:
        return (
            f'<section class="criticism {tone}" aria-labelledby="criticism">\n{heading}none</h2>\n'
            f"<p>{escape(among)}; the new rules would touch none that the old ones leave up.</p>\n{more}</section>\n"
        )
    shown = "".join(_example(found, one) for one in found.tally.criticism_examples)
    left = number - len(found.tally.criticism_examples)
    rest = f"<p>{left:,} more: in differences.jsonl, marked <code>lawful_criticism</code>.</p>\n" if left else ""
    return (
        f'<section class="criticism some" aria-labelledby="criticism">\n{heading}{number:,}</h2>\n'
        f"<p>Criticism of the council is never a reason to take anything down. {escape(among)}; of these the new rules "
        f"would take down {number:,} that the old ones leave up. Look at each before these rules go live.</p>\n"
        f"{more}{shown}{rest}</section>\n"
    )


def _rules_change(found: Replayed) -> str:
    """Return what the new file says differently: the cause of everything below."""
    sentences = differences(found.old, found.new)
    said = "".join(f"<li>{escape(sentence)}</li>\n" for sentence in sentences)
    body = f"<ul>\n{said}</ul>\n" if sentences else "<p>The two files are the same.</p>\n"
    if len(sentences) > _MANY:
        body = f"<details><summary>{len(sentences)} changes</summary>\n{body}</details>\n"
    return f'<section aria-labelledby="rules">\n<h2 id="rules">What the rules say differently</h2>\n{body}</section>\n'


def _numbers(found: Replayed) -> str:
    changes = found.tally.changes
    tiles = [
        ("down", changes["newly_down"], "would newly come down", "a measure is recommended where nothing was"),
        ("up", changes["newly_up"], "would now stay up", "nothing is recommended where a measure was"),
        ("may", changes["newly_allowed"], "an officer may newly act on", "allowed, not recommended"),
        ("may", changes["no_longer_allowed"], "an officer may no longer act on", "or in fewer ways"),
        ("down", sum(found.harder.values()), "would meet a stronger measure", _harder(found)),
        (
            "other",
            changes["other"],
            "differ in something else",
            "a stronger measure, reply, place in the queue, a step",
        ),
        ("same", found.compared - found.tally.differing, "come out as before", _percent(found)),
    ]
    cells = "".join(
        f'<li class="{kind}"><b>{number:,}</b> <span>{escape(words)}</span> <small>{escape(small)}</small></li>\n'
        for kind, number, words, small in tiles
    )
    heading = '<section aria-labelledby="numbers">\n<h2 id="numbers">In numbers</h2>\n'
    return f'{heading}<ul class="tiles">\n{cells}</ul>\n</section>\n'


def _harder(found: Replayed) -> str:
    return ", ".join(f"{move} {times:,}" for move, times in found.harder.items()) or "than the old rules recommend"


def _percent(found: Replayed) -> str:
    if not found.compared:
        return "no comments"
    share = 100 * (found.compared - found.tally.differing) / found.compared
    return f"{share:.1f}% of all" if share < 100 or not found.tally.differing else "nearly all"


def _by_clause(found: Replayed) -> str:
    changed = [id for id in found.clause_ids() if any(found.tally.clauses[id])]
    if not changed:
        return ""
    sides = {id: found.tally.clauses[id][2:4] for id in changed}
    bars = [(found.title(id), down, up) for id, (down, up) in sides.items() if down or up]
    chart = ""
    if bars:
        described = "; ".join(f"{title}: {down} newly down, {up} now up" for title, down, up in bars)
        chart = f"<figure>{two_ways(f'By clause: {described}', bars)}</figure>\n"
    heads = ("applies, old", "applies, new", "newly down", "now stay up", "newly allowed", "no longer allowed", "other")
    rows = "".join(
        f'<tr><th scope="row">{escape(found.title(id))}{_only_in(found, id)}</th>'
        + "".join(f"<td>{number:,}</td>" if number else '<td class="zero">0</td>' for number in found.tally.clauses[id])
        + "</tr>\n"
        for id in changed
    )
    head = "".join(f'<th scope="col">{words}</th>' for words in heads)
    return (
        '<section aria-labelledby="clauses">\n<h2 id="clauses">By clause</h2>\n'
        "<p>A comment to which several clauses apply counts under each of them.</p>\n"
        f'{chart}<div class="wide" role="region" aria-label="Numbers by clause" tabindex="0"><table>'
        f'<thead><tr><th scope="col">clause</th>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n</section>\n'
    )


def _only_in(found: Replayed, id: str) -> str:
    if found.old.clause(id) is None:
        return ' <span class="tag">new</span>'
    return ' <span class="tag gone">gone</span>' if found.new.clause(id) is None else ""


def _moves(found: Replayed) -> str:
    old, new = found.recommended(0), found.recommended(1)
    used = [name for name in MEASURES if old[name] or new[name]]
    head = "".join(f'<th scope="col">{name}</th>' for name in used)
    rows = []
    for before in used:
        cells = "".join(
            f'<td class="{_weight(before, after)}">{found.tally.moves[f"{before}>{after}"]:,}</td>' for after in used
        )
        rows.append(f'<tr><th scope="row">{before}</th>{cells}<td class="sum">{old[before]:,}</td></tr>\n')
    sums = "".join(f'<td class="sum">{new[name]:,}</td>' for name in used)
    return (
        '<section aria-labelledby="moves">\n<h2 id="moves">What is recommended, before and after</h2>\n'
        "<p>Each row is what the old rules recommend, each column what the new ones do. The shaded line from corner to "
        "corner is what stays the same.</p>\n"
        '<div class="wide" role="region" aria-label="What is recommended" tabindex="0"><table class="moves">'
        f'<thead><tr><th scope="col">old ↓ new →</th>{head}<th scope="col">old, in all</th></tr></thead>\n'
        f'<tbody>\n{"".join(rows)}<tr><th scope="row">new, in all</th>{sums}<td class="sum">{found.compared:,}</td></tr>\n'
        "</tbody></table></div>\n</section>\n"
    )


def _weight(before: str, after: str) -> str:
    if before == after:
        return "same"
    return "harder" if MEASURES.index(after) > MEASURES.index(before) else "milder"


def _examples(found: Replayed) -> str:
    sections = []
    for id in [*found.clause_ids(), ""]:
        parts = []
        for change in CHANGES:
            shown = found.tally.examples.get(f"{change} {id}", [])
            if shown:
                parts.append(f"<h4>{_HEADING[change]}</h4>\n" + "".join(_example(found, one) for one in shown))
        if parts:
            title = escape(found.title(id)) + _only_in(found, id) if id else "No clause applies"
            sections.append(f"<section>\n<h3>{title}</h3>\n{''.join(parts)}</section>\n")
    if not sections:
        return ""
    return (
        '<section aria-labelledby="examples">\n<h2 id="examples">Examples</h2>\n'
        '<p class="warning"><strong>Warning:</strong> the comments are quoted as they were written. Some are abusive, '
        "hateful or distressing. They are folded: open one when you need to, and take a break when you want to.</p>\n"
        f"<p>The first {found.tally.examples_wanted} of each kind; all stand in <code>differences.jsonl</code>.</p>\n"
        f"{''.join(sections)}</section>\n"
    )


def _example(found: Replayed, example: Mapping[str, Any]) -> str:
    old, new = example["old"], example["new"]
    named = "" if str(example["id"]) == str(example["row"]) else f" ({escape(str(example['id']))})"
    changed = _changed(example)
    sides = "".join(
        f"<dt>{words}</dt><dd>{escape(side['why'])} <span>Allowed: {escape(', '.join(side['measures']))}.</span></dd>\n"
        for words, side in (("Old", old), ("New", new))
    )
    others = [name for name in example["differs"] if name not in ("recommended", "measures", "clauses", "leading")]
    facts = "".join(
        f"<dt>{escape(_FIELD.get(name, name.replace('_', ' ')).capitalize())}</dt>"
        f"<dd>{escape(_value(old.get(name)))} → {escape(_value(new.get(name)))}</dd>\n"
        for name in others
    )
    return (
        f"<details><summary>Row {example['row']}{named}: {escape(changed)}</summary>\n"
        f"<blockquote>{_marked(example['comment'], example['marks'])}</blockquote>\n<dl>{sides}{facts}</dl></details>\n"
    )


def _changed(example: Mapping[str, Any]) -> str:
    """Return in a few words what changes for one comment."""
    old, new = example["old"], example["new"]
    if old["recommended"] != new["recommended"]:
        return f"{old['recommended']} → {new['recommended']}"
    more = [name for name in new["measures"] if name not in old["measures"]]
    fewer = [name for name in old["measures"] if name not in new["measures"]]
    if more or fewer:
        parts = (["may now " + ", ".join(more)] if more else []) + (["no longer " + ", ".join(fewer)] if fewer else [])
        return "; ".join(parts)
    words = [_FIELD.get(name, name.replace("_", " ")) for name in example["differs"] if name != "leading"]
    return ", ".join(words or [_FIELD["leading"]])


def _value(value: object) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {_value(one)}" for name, one in value.items())
    return str(value)


def _marked(comment: str, marks: Iterable[Sequence[int]]) -> str:
    pieces, at = [], 0
    for start, end in marks:
        pieces.append(escape(comment[at:start]))
        pieces.append(f"<mark>{escape(comment[start:end])}</mark>")
        at = end
    return "".join([*pieces, escape(comment[at:])])


def _thresholds(found: Replayed) -> str:
    moved: list[str] = []
    unmoved: list[str] = []
    for name in GROUNDS:
        if name not in found.tally.grounds:
            continue
        old, new = found.old.settings.thresholds[name], found.new.settings.thresholds[name]
        (moved if (old.engage, old.recommend) != (new.engage, new.recommend) else unmoved).append(
            _threshold(found, name)
        )
    if not moved and not unmoved:
        return ""
    rest = "".join(unmoved)
    if moved and unmoved:
        number = counted(len(unmoved), "more ground")
        rest = f"<details><summary>{number}, where the thresholds stay where they are</summary>\n{rest}</details>\n"
    return (
        '<section aria-labelledby="thresholds">\n<h2 id="thresholds">Thresholds</h2>\n'
        "<p>How sure the reader is of each ground, from 0 to 1, and where the rules draw their lines: from "
        "<em>found</em> on a ground counts at all, from <em>recommend</em> on a measure may be recommended for it. "
        "Heights grow with the square root, so that few comments can be seen beside many; the number stands on each bar."
        '</p>\n<p class="key"><span class="swatch named"></span> named by the reader '
        '<span class="swatch faint"></span> too faint for the reader, whatever the rules say '
        '<span class="swatch old"></span> old rules <span class="swatch new"></span> new rules</p>\n'
        f"{''.join(moved)}{rest}</section>\n"
    )


def _threshold(found: Replayed, name: str) -> str:
    counts = found.tally.grounds[name]
    words = _GROUND.get(name, name)
    marks: list[Mark] = []
    for line in ("engage", "recommend"):
        shown = "found" if line == "engage" else "recommend"
        old, new = [getattr(one.settings.thresholds[name], line) for one in (found.old, found.new)]
        if old == new:
            marks.append(Mark(old, f"{shown}, old and new {old:.2f}", "both"))
        else:
            marks += [Mark(old, f"{shown}, old {old:.2f}", "old"), Mark(new, f"{shown}, new {new:.2f}", "new")]
    (found_old, found_new), (sure_old, sure_new) = counts.engage, counts.recommend
    said = (
        f"Found in {found_new:,} comments instead of {found_old:,}; in {sure_new:,} instead of {sure_old:,} surely "
        "enough for a recommendation."
        if (found_old, sure_old) != (found_new, sure_new)
        else f"Found in {counted(found_new, 'comment')}, in {sure_new:,} surely enough for a recommendation."
    )
    chart = histogram(f"{words}: {said}", counts.named, counts.faint, marks)
    return f"<figure><figcaption><h3>{escape(words.capitalize())}</h3><p>{said}</p></figcaption>{chart}</figure>\n"


def _rest(found: Replayed) -> str:
    if not found.tally.differs:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(_FIELD.get(name, name.replace("_", " ")))}</th><td>{times:,}</td></tr>\n'
        for name, times in sorted(found.tally.differs.items(), key=lambda pair: -pair[1])
    )
    return (
        '<section aria-labelledby="differs">\n<h2 id="differs">What differs</h2>\n'
        "<p>One comment may differ in several ways.</p>\n"
        f'<table class="narrow"><thead><tr><th scope="col">what</th><th scope="col">comments</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table>\n</section>\n"
    )


def _reading(found: Replayed) -> str:
    notes = "".join(f"<li>{escape(words)}</li>\n" for words in found.notes())
    reader = f"; reader {escape(found.reader)}" if found.reader else ""
    digest = f", SHA-256 <code>{found.archive_sha256}</code>" if found.archive_sha256 else ""
    return (
        '<section aria-labelledby="reading">\n<h2 id="reading">How to read this</h2>\n<ul>\n'
        "<li>“Come down” means that a measure other than ignore is recommended. An officer decides; nothing comes down by "
        "itself.</li>\n"
        "<li>What only an officer can state, such as “misinformation”, is not known here: clauses that wait "
        "for a statement show nothing.</li>\n"
        "<li>Where rules look at what was done about an author before, that was worked out within this archive: what each "
        "version recommends counts as done.</li>\n"
        "<li>This page quotes residents. Keep it where you keep the inbox, and delete it when the change is decided.</li>\n"
        f'{notes}</ul>\n<dl class="made">\n<dt>Made on</dt><dd>{_day(found.today)}</dd>\n'
        f"<dt>Archive</dt><dd>{escape(found.archive)}, {_KIND.get(found.kind, escape(found.kind))}{reader}{digest}</dd>\n"
        f"<dt>Old rules</dt><dd>{_rules(found.old)}</dd>\n<dt>New rules</dt><dd>{_rules(found.new)}</dd>\n</dl>\n</section>\n"
    )


def _rules(policy: Policy) -> str:
    return (
        f"{escape(policy.council)}, version {escape(policy.version)}, {counted(len(policy.clauses), 'clause')}, "
        f"SHA-256 <code>{policy.sha256}</code>"
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
