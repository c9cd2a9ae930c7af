"""What changed in how long a ban lasts and when it is looked at again."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.policy.changes import Change, Weight, after_instead, changed, term_or
from moothall.policy.guide import ban_in_words, step_in_words
from moothall.policy.model import BanRule

_BY = {"different_officer": "a different officer", "any_officer": "any officer", "panel": "a panel"}
_REVIEWED = {
    "on_request": "on request",
    "automatic": "by themselves, without a request",
    "none": "not at all",
}


def ban_changes(
    old: BanRule | None,
    new: BanRule | None,
    old_general: BanRule | None = None,
    new_general: BanRule | None = None,
    *,
    under: str = "",
    clause: str = "",
    number: int = 0,
) -> Iterator[Change]:
    """Yield what changed in a rule for bans. ``under``: the clause or rung whose own it is, empty for the file's.

    What such a rule takes over from the general one, in both versions, is not told again.
    """
    bans = f"Bans {under}" if under else "Bans"
    if old is None or new is None:
        if new is not None:
            yield _change(f"{bans} now follow a rule of their own: {ban_in_words(new)}.", "new", clause, number)
        elif old is not None:
            now = f": {ban_in_words(new_general)}" if new_general is not None else ""
            yield _change(
                f"{bans} no longer follow a rule of their own, but the general one{now}.", "gone", clause, number
            )
        return
    names = list(changed(old, new))
    if old_general is not None and new_general is not None:
        names = [
            name
            for name in names
            if getattr(old, name) != getattr(old_general, name) or getattr(new, name) != getattr(new_general, name)
        ]
    for sentence in _sentences(bans, old, new, names):
        yield _change(sentence, "changed", clause, number)


def _change(sentence: str, kind: str, clause: str, number: int) -> Change:
    return Change(Weight.AGAIN, "ban", kind, sentence, clause, number)


def _sentences(bans: str, old: BanRule, new: BanRule, names: list[str]) -> Iterator[str]:
    if "length" in names or "for_ever" in names:
        yield f"{bans} now stand {_length(new)} instead of {_length(old)}."
    if "review" in names:
        if new.review == "none":
            yield f"{bans} are no longer reviewed; before, they were, {_REVIEWED[old.review]}."
        else:
            first = "at any time" if not (new.after.months or new.after.days) else f"after {new.after.in_words()}"
            yield (
                f"{bans} are now reviewed {_REVIEWED[new.review]}, {first}, by {_BY[new.by]}; "
                f"before, they were reviewed {_REVIEWED[old.review]}."
            )
    without = " (while there is no review, this changes nothing)" if new.review == "none" else ""
    if "after" in names:
        yield f"{bans} are reviewed {after_instead(old.after, new.after)}{without}."
    if "by" in names:
        yield f"{bans} are now reviewed by {_BY[new.by]} instead of by {_BY[old.by]}{without}."
    if "first" in names:
        before_every = "every block" if bans == "Bans" else f"every block {bans.removeprefix('Bans ')}"
        if not new.first:
            yield f"Before {before_every} there is no longer {step_in_words(old.first, None)}."
        elif not old.first:
            yield f"Before {before_every} there now has to be {step_in_words(new.first, None)}."
        else:
            yield (
                f"Before {before_every} there now has to be {step_in_words(new.first, None)} "
                f"instead of {step_in_words(old.first, None)}."
            )
    if "wait" in names:
        yield (
            f"{bans}: the author now has {term_or(new.wait, 'no time of their own')} to answer a notice of intent, "
            f"instead of {term_or(old.wait, 'no time of their own')}."
        )


def _length(ban: BanRule) -> str:
    if ban.length is not None:
        return f"for {ban.length.in_words()}"
    return "for ever" if ban.for_ever else "without an end date"
