"""The ladder of the file: what happens to somebody who breaks the rules again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moothall.policy.clauses import read_letters, read_public
from moothall.policy.fields import Fields
from moothall.policy.model import BanRule, Clause, Rung
from moothall.policy.settings import read_ban, read_record_grounds
from moothall.policy.vocabulary import NOTIFY, REMOVALS, STEPS

_STRIKES = ("hide", "delete", "block", "warn")


def read_rung(fields: Fields, id: str, own: Mapping[str, object], letters: Mapping[str, str], ban: BanRule) -> Rung:
    """Return one rung; whatever is wrong is noted. ``own``: the policy's facts; ``ban``: the file's rule for bans."""
    what = fields.what = f"the rung “{id}”" if id else "a rung of the ladder"
    measure = fields.choice("measure", REMOVALS, "unknown_measure", "measure")
    inner = fields.inner("ban", "the ban of a rung")
    own_ban = read_ban(inner, ban) if inner is not None else None
    default_first = (own_ban or ban).first if measure == "block" else ""
    first = fields.choice("first", [*STEPS, "none"], "unknown_step", "step", default_first)
    if not measure and first in ("", "none") and not fields.given("ban"):
        message = f"{what.capitalize()} does nothing: it has neither a measure nor a step nor a ban of its own."
        fields.faults.note(fields.table.place, "rung_does_nothing", message, "Add for example: measure: block")
    if own_ban is not None and measure not in ("", "block"):
        message = f"{what.capitalize()} has a ban of its own, and a measure that is no block."
        fields.faults.note(fields.place("ban"), "ban_without_block", message, "Write: measure: block, or no measure")
    wait = fields.term("wait", default=(own_ban or ban).wait if first == "notice_of_intent" else None)
    if wait is not None and first != "notice_of_intent":
        message = "Representations are made after a notice of intent: “wait” needs “first: notice_of_intent”."
        fields.faults.note(fields.place("wait"), "wait_without_notice", message)
    counts = fields.choices("counts", _STRIKES, "unknown_act", "act that can be a strike")
    rung = Rung(
        id=id,
        title=fields.text("title", required=True),
        public=read_public(fields, what),
        guide=fields.text("guide"),
        strikes=int(fields.number("strikes", 1, 1, 50, whole=True)),
        within=fields.term("within"),
        grounds=read_record_grounds(fields, own),
        same_ground=fields.flag("same_ground"),
        counts=counts or ("hide", "delete", "block"),
        only_if_warned=fields.flag("only_if_warned"),
        bans=int(fields.number("bans", 0, 0, 50, whole=True)),
        measure=measure,
        first="" if first == "none" else first,
        wait=wait,
        second_person=fields.flag("second_person"),
        notify=fields.choice("notify", NOTIFY, "unknown_value", "way to tell people"),
        letters=read_letters(fields, [measure or "block"] if measure or own_ban is not None else [], letters),
        ban=own_ban,
        line=fields.table.place.line,
    )
    fields.close()
    return rung


def check_rungs(rungs: Sequence[Rung], clauses: Sequence[Clause], places: Mapping[str, Fields]) -> None:
    """Note a rung that no clause can ever reach: none that counts has its grounds and allows its measure."""
    for rung in rungs:
        reached = [
            clause
            for clause in clauses
            if clause.strike
            and clause.raises
            and (rung.measure or ("block" if rung.ban is not None else "ignore")) in clause.measures
            and (not rung.grounds or set(rung.grounds) & set(clause.grounds))
            and clause.grounds
        ]
        fields = places.get(rung.id)
        if not reached and fields is not None:
            what = rung.measure or "it"
            message = f"No clause leads to the rung “{rung.title}”: none that counts allows {what} on its grounds."
            hint = "Allow the measure in a clause with one of these grounds, and do not set its “recommends” to ignore."
            fields.faults.note(fields.table.place, "unreachable_rung", message, hint)
