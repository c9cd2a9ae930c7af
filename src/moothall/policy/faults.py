"""Every code that can stand beside a fault or a refusal of the rules, and what it means. The codes are stable."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: What can be wrong with the file as a file.
OF_THE_FILE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_such_file": "there is no such file",
        "directory": "it is a directory",
        "unreadable": "it cannot be read, or its name is not valid",
        "too_large": "it is larger than 256 KiB",
        "not_utf8": "it is not UTF-8 from that place on",
        "nul_character": "there is a NUL character in it",
        "yaml_character": "there is a character that YAML does not allow",
        "yaml_syntax": "the YAML cannot be read",
        "empty": "it is empty",
        "not_a_policy": "it is no mapping of keys to values",
        "too_deep": "it is nested too deep",
        "alias": "an anchor or alias (`&x`, `*x`) is used",
        "tag": "a YAML tag (`!x`), or a bare `<<` or `=`, is used",
        "key": "a key is not a plain word",
        "duplicate_key": "a key stands twice in one place",
    }
)
#: What can be wrong with what the file says.
OF_THE_RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "format": "the format is not 1",
        "version": "the version is longer than 60 characters, or more than one line",
        "unknown_key": "the object has no such key",
        "missing": "a required key is missing",
        "wrong_kind": "a text, a list, a mapping, a number or true/false is expected",
        "out_of_range": "the number is too small or too large",
        "unknown_value": "the word is none of those that can stand there",
        "bad_id": "an id or a name has characters it may not have",
        "bad_link": "no web address beginning with http:// or https://",
        "bad_term": "no stretch of time such as 30 days",
        "bad_hours": "no opening hours such as 09:00-17:00",
        "taken_name": "a fact or a count has a name that already means something",
        "duplicate_id": "two clauses, rungs or sections have one id",
        "said_twice": "two keys say the same thing",
        "unknown_ground": "there is no such ground",
        "unknown_measure": "there is no such measure, or the clause does not allow it",
        "unknown_route": "there is no such route",
        "unknown_reply": "there is no such reply, or it has no words of its own",
        "unknown_letter": "the file has no such letter",
        "unknown_step": "there is no such step",
        "unknown_act": "nothing of that name can stand in a record or be a strike",
        "unfilled_placeholder": "nothing fills a placeholder",
        "no_public_sentence": "a clause or a rung has no sentence for the public",
        "removal_without_ground": "a measure is allowed without a ground",
        "criticism": "criticism is made a ground, or a condition rests on it",
        "no_ground": "a route, a feeling or what only spares a comment is made a ground",
        "politics_never_bans": "a block, or a count of the record, rests on party politics",
        "recommends_not_allowed": "the measure recommended is not among those allowed",
        "proves_other_ground": "the ground that is proved is not among the clause's",
        "proves_from_nothing": "a ground is proved by nothing that was written: by a route, the day, the place or the past",
        "threshold_order": "`recommend` is below `engage`",
        "safeguard": "the reply to a person at risk is not `signpost-safeguard`",
        "wait_without_notice": "`wait` stands without `first: notice_of_intent`",
        "number": "a number in a condition is not written as a plain whole number",
        "review_after_end": "the review of a ban would begin when the ban is over already",
        "rung_does_nothing": "a rung has neither a measure nor a step nor a ban",
        "ban_without_block": "a rung has a ban, and a measure that is no block",
        "unreachable_clause": "the clause can never apply",
        "unreachable_measure": "the measure can never be allowed",
        "unreachable_rung": "no clause leads to the rung",
        "condition_empty": "the condition is empty",
        "condition_too_long": "the condition is longer than 1,000 characters",
        "condition_syntax": "the condition cannot be read",
        "condition_kinds": "the condition compares or joins what cannot go together",
        "condition_not_flag": "the condition does not come out true or false",
        "condition_too_wide": "the condition uses too many names at once",
        "never_true": "the condition can never be true",
        "unknown_name": "the condition uses a name that is not known",
        "comprehension": "`all(…)`, `exists(…)`, `map(…)`, `filter(…)`, `has(…)` are not allowed",
        "function_not_allowed": "no function or arithmetic is allowed in a condition",
        "field_access": "no dot is used in a condition",
    }
)
#: Why ``check_decision`` and ``check_step`` refuse what an officer wants to decide.
OF_A_DECISION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_measure": "no measure was chosen",
        "measure_unknown": "there is no such measure",
        "measures_contradict": "`ignore` together with another measure",
        "clause_unknown": "the rules have no such clause",
        "criticism_is_no_ground": "criticism is never a ground",
        "ground_unknown": "there is no such ground",
        "ground_not_in_clause": "the clause does not cover that ground",
        "measure_not_allowed": "the clause does not allow that measure",
        "politics_never_bans": "nobody is blocked for party politics",
        "outside_period": "the clause holds in a confirmed pre-election period only",
        "outside_circumstances": "the clause does not hold on that day or in that place",
        "exception_applies": "the exception of the clause holds",
        "statement_required": "an officer has to state something first",
        "reason_required": "a written reason is needed",
        "step_unknown": "there is no such step",
        "step_not_in_rules": "the rules do not ask for that step under the clause",
    }
)
