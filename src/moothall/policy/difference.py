"""What changed between two versions of the rules, in sentences that a councillor understands."""

from __future__ import annotations

from typing import Any, Final

from moothall.policy.changes import Both, Change, Weight
from moothall.policy.changes_of_ladder import ladder_changes
from moothall.policy.changes_of_page import page_changes
from moothall.policy.changes_of_rules import clause_changes
from moothall.policy.changes_of_settings import settings_changes
from moothall.policy.model import Policy

_NOTHING: Final = "that the public reads or the desk applies has changed."


def changes(old: Policy, new: Policy) -> list[Change]:
    """Return every change from ``old`` to ``new``, what may come down first; empty where the two are equal.

    Where the files differ and the rules do not, one change of the kind ``layout`` says so.
    """
    both = Both(old, new)
    found = [*clause_changes(both), *ladder_changes(both), *settings_changes(both), *page_changes(both)]
    found.sort(key=lambda change: (change.weight, change.number))
    if not found and old != new:
        sentence = f"The file differs in comments, layout or order alone. Nothing {_NOTHING}"
        found.append(Change(Weight.LAYOUT, "policy", "layout", sentence))
    elif found and all(change.weight is Weight.ORDER or change.area == "policy" for change in found):
        found.append(Change(Weight.LAYOUT, "policy", "layout", f"Nothing else {_NOTHING}"))
    return found


def differences(old: Policy, new: Policy) -> list[str]:
    """Return what changed from ``old`` to ``new`` as sentences, the weightiest first; empty where the two are equal."""
    return [change.sentence for change in changes(old, new)]


def differences_as_json(old: Policy, new: Policy) -> list[dict[str, Any]]:
    """Return the changes for programs: ``area``, ``clause`` (an id, or null), ``kind`` and ``sentence``, in the same order."""
    return [
        {"area": change.area, "clause": change.clause or None, "kind": change.kind, "sentence": change.sentence}
        for change in changes(old, new)
    ]
