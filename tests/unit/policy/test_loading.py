"""A faulty policy file is refused with every fault, its place and the nearest known name."""

from __future__ import annotations

import json
import pickle
import tracemalloc
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from moothall.policy import PolicyError, default_policy, errors_as_json, errors_as_text, load, loads
from moothall.words import DomainError

from .writing import SMALL, faults_in


def faults(text: str) -> PolicyError:
    with pytest.raises(PolicyError) as refusal:
        loads(text, name="rules.yaml")
    return refusal.value


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


FAULTY = {
    "unknown key": SMALL + "    measure: [hide]\n",
    "unknown key at the top": "claues: []\n" + SMALL,
    "unknown ground": changed("[abuse]", "[abuse, spamm]"),
    "unknown measure": changed("[hide, delete]", "[hide, delet]"),
    "unknown route": SMALL + "routes: {safegaurd: {reply: none}}\n",
    "unknown reply": SMALL + "routes: {answer: {reply: signpost}}\n",
    "unknown name in a condition": changed("when: abuse", "when: abuse && reapeats > 2"),
    "unknown value in a condition": changed("when: abuse", "when: abuse && target == 'residant'"),
    "unknown name in a block of a condition": changed("when: abuse", "when: |\n      abuse &&\n      offtopic"),
    "unknown letter": SMALL + "    letter: bann\nletters: {ban: Goodbye.}\n",
    "unknown threshold": SMALL + "settings: {thresholds: {abus: {engage: 0.4}}}\n",
    "two clauses with one id": SMALL + SMALL[SMALL.index("  - id") :],
    "one key twice": SMALL + "    title: Again\n",
    "no public sentence": changed("    public: Be polite.\n", ""),
    "empty public sentence": changed("public: Be polite.", "public: ' '"),
    "removal without a ground": changed("    grounds: [abuse]\n", ""),
    "removal with an empty list of grounds": changed("grounds: [abuse]", "grounds: []"),
    "criticism as a ground": changed("[abuse]", "[criticism]"),
    "a condition that rests on criticism": changed("when: abuse", "when: criticism && abuse"),
    "comprehension": changed("when: abuse", "when: 'abuse || [1, 2].exists(n, n > 1)'"),
    "has": changed("when: abuse", "when: has(abuse.words)"),
    "function": changed("when: abuse", "when: size(target) > 2"),
    "arithmetic": changed("when: abuse", "when: repeats + 1 > 2"),
    "field": changed("when: abuse", "when: abuse.probability > 0.5"),
    "condition with a syntax error": changed("when: abuse", "when: abuse && (threat"),
    "condition with a strange character": changed("when: abuse", "when: abuse & threat"),
    "condition that is empty": changed("when: abuse", "when: ''"),
    "condition that is missing": changed("    when: abuse\n", ""),
    "condition of mixed kinds": changed("when: abuse", "when: repeats && abuse"),
    "condition that is no flag": changed("when: abuse", "when: repeats"),
    "condition that is never true": changed("when: abuse", "when: abuse && !abuse"),
    "during something about the comment": SMALL + "    during: abuse\n",
    "recommends what is not allowed": SMALL + "    recommends: block\n",
    "proves another ground": SMALL + "    proves: spam\n",
    "needs for a measure that is not there": SMALL + "    needs: {block: confusing}\n",
    "threshold of nought": SMALL + "settings: {thresholds: {abuse: {engage: 0}}}\n",
    "thresholds the wrong way round": SMALL + "settings: {thresholds: {abuse: {engage: 0.8, recommend: 0.6}}}\n",
    "wrong kinds": changed("[hide, delete]", "{hide: true}").replace("public: Be polite.", "public: [Be polite]"),
    "fact with a taken name": changed("confusing:", "abuse:"),
    "unfilled placeholder": changed("public: Be polite.", "public: Call {customer_servce.phone}.")
    + "contacts: {customer_service: {name: Customer Services, phone: 01632 960200}}\n",
    "link that is none": SMALL + "contacts: {site: {name: Site, url: 'javascript:alert(1)'}}\n",
    "safeguard without help": SMALL + "routes: {safeguard: {reply: none}}\n",
    "a fact that is criticism": SMALL.replace("confusing:", "annoying_criticism:").replace(
        "[abuse]", "[annoying_criticism]"
    ),
    "an exception as a ground": changed("[abuse]", "[authorised]"),
    "an exception that spares only praise": SMALL + "    unless: '!criticism'\n",
    "block for politics": changed("when: abuse", "when: party_political")
    .replace("[abuse]", "[party_political]")
    .replace("[hide, delete]", "[hide, block]"),
    "a clause that can never apply": SMALL + "    during: pre_election\n    unless: abuse\n",
    "grounds that the condition excludes": changed("[abuse]", "[spam]").replace("when: abuse", "when: threat && !spam"),
    "a ground proved by the route alone": changed("when: abuse", "when: route == 'councillor'") + "    proves: abuse\n",
    "a ground proved by the record alone": changed("when: abuse", "when: earlier_bans >= 1") + "    proves: abuse\n",
    "a ground proved by the first comment": changed("when: abuse", "when: repeat_times >= 1") + "    proves: abuse\n",
    "a measure that can never be allowed": changed("when: abuse", "when: abuse && !confusing")
    + "    needs: {hide: confusing}\n",
    "a day that is none": SMALL + "    during: date >= '6 May 2027'\n",
    "a step that is none": SMALL + "    first: {hide: warning}\n",
    "a step before a measure that is not there": SMALL + "    first: {block: warn}\n",
    "no stretch of time": SMALL + "    first: {hide: warn}\n    first_within: twelve months\n",
    "representations without a notice": SMALL + "settings: {ban: {wait: 14 days}}\n",
    "after said twice": SMALL + "settings: {ban: {after: 3 months, after_months: 6}}\n",
    "hours that are none": SMALL + "settings: {hours: {monday: nine to five, tuesday: 17:00-09:00}}\n",
    "an end that is none": SMALL + "settings: {period: {end: 23:00}}\n",
    "an election that is none": SMALL + "settings: {period: {elections: [local, parish_council]}}\n",
    "a count with a taken name": SMALL + "counts: {repeats: {of: [warn]}}\n",
    "a count of nothing": SMALL + "counts: {warned: {within: 12 months}}\n",
    "a count of politics": SMALL + "counts: {hidden: {of: [hide], grounds: [party_political]}}\n",
    "a rung that does nothing": SMALL + "ladder: [{id: r, title: R, public: R.}]\n",
    "a rung nobody can read": SMALL + "ladder: [{id: r, title: R, measure: hide}]\n",
    "a rung that no clause leads to": SMALL + "ladder: [{id: r, title: R, public: R., measure: block}]\n",
    "a rung for politics": SMALL
    + "ladder: [{id: r, title: R, public: R., measure: hide, grounds: [party_political]}]\n",
    "a rung with the id of a clause": SMALL + "ladder: [{id: polite, title: R, public: R., measure: hide}]\n",
    "a reply with words that is none": SMALL + "replies: {signpost-answer: Hello.}\n",
    "an unfilled placeholder on the ladder": SMALL
    + "ladder: [{id: r, title: R, public: 'Until {ban_ends}.', measure: hide}]\n",
    "a review after the end of the ban": SMALL + "settings: {ban: {length: 3 months}}\n",
    "criticism on a rung": SMALL + "ladder: [{id: r, title: R, public: R., measure: hide, grounds: [criticism]}]\n",
    "a quote that is never closed": changed('version: "1"', 'version: "1'),
    "a number that hides a branch": changed("when: abuse", "when: abuse && repeats >= 0x10"),
    "a number with an exponent": changed("when: abuse", "when: abuse && repeats >= 1e1"),
    "criticism that decides while something is unknown": changed(
        "when: abuse", "when: abuse && (confusing || !confusing || criticism)"
    ),
    "a clause that cannot be tried": changed(
        "when: abuse",
        "when: \"off_topic || route == 'none' || target == 'unknown' || platform == 'x' || weekday == 'monday' || hour >= 9\"",
    )
    + "    unless: incident\n    proves: abuse\n",
    "politics under another ground": changed("when: abuse", "when: party_political") + "    proves: abuse\n",
    "any ground under another": changed("when: abuse", "when: any_ground") + "    proves: abuse\n",
    "block for what is political": changed("when: abuse", "when: political")
    .replace("[abuse]", "[political]")
    .replace("[hide, delete]", "[block]"),
    "a placeholder in a contact": SMALL + "contacts: {team: {name: 'the {whatever} team'}}\n",
    "a placeholder over two lines": SMALL + "letters:\n  ban: |-\n    To {council.\n    name}\n",
    "a public sentence that cannot be seen": changed("public: Be polite.", 'public: "\\u200b"'),
    "no clause": SMALL[: SMALL.index("  - id")].rstrip("\n") + " []\n",
    "a letter that is no text": SMALL + "letters: {ban: true}\n",
    "figures of another script": SMALL + "    first: {hide: warn}\n    first_within: ٣ days\n",
    "format": changed("format: 1", "format: 2"),
    "YAML tag": changed("title: Rules", "title: !!python/object/apply:os.system [ls]"),
    "YAML alias": changed("title: Rules", "title: &a Rules").replace("council: Thornbury-on-Wold", "council: *a"),
    "YAML syntax": changed("title: Rules", "title: Rules: for us"),
    "tab": changed("title: Rules", "\ttitle: Rules"),
    "two documents": SMALL + "---\nformat: 1\n",
    "list": "- a\n",
    "empty": "",
    "NUL": changed("Rules", "Ru\x00les"),
    "control character": changed("Rules", "Ru\x07les"),
    "everything at once": """\
format: 1
id: Thornbury
titel: Rules
council: Thornbury-on-Wold
clauses:
  - id: polite
    title: Be polite
    when: abuze
    grounds: [abuse, rudeness]
    measures: [hide, shout]
  - id: polite
    title: Be polite
    public: Be polite.
    when: abuse &&
    measures: [delete]
""",
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY.keys())
def test_a_faulty_file_is_explained(text: str, snapshot: SnapshotAssertion) -> None:
    refusal = faults(text)
    assert errors_as_text(refusal.errors, "rules.yaml") == snapshot


def test_the_small_policy_itself_has_no_fault() -> None:
    assert loads(SMALL).clauses[0].recommends == "hide"


def test_a_fault_in_a_condition_points_into_the_condition() -> None:
    fault = faults(changed("when: abuse", 'when: "abuse && reapeats > 2"')).errors[0]
    line = fault["line"]
    assert (line, fault["code"]) == (12, "unknown_name")
    assert changed("when: abuse", 'when: "abuse && reapeats > 2"').split("\n")[line - 1][fault["column"] - 1 :] == (
        'reapeats > 2"'
    )
    assert fault["hint"] == "Did you mean “repeats”?"


def test_errors_are_json_for_editors() -> None:
    refusal = faults(FAULTY["everything at once"])
    document = json.loads(errors_as_json(refusal.errors, "rules.yaml"))
    assert document["file"] == "rules.yaml"
    assert {tuple(fault) for fault in document["errors"]} == {("line", "column", "message", "hint", "code")}
    assert [fault["line"] for fault in document["errors"]] == sorted(fault["line"] for fault in document["errors"])
    assert isinstance(refusal, DomainError)


def code_of(path: Path | str) -> tuple[str, int, int]:
    with pytest.raises(PolicyError) as refusal:
        load(path)
    fault = refusal.value.errors[0]
    return fault["code"], fault["line"], fault["column"]


def test_a_file_that_is_no_text_is_refused_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"format: 1\nid: caf\xe9\n")
    assert code_of(file) == ("not_utf8", 2, 8)
    file.write_bytes(b"format: 1\n\x00")
    assert code_of(file) == ("nul_character", 2, 1)
    file.write_bytes(b"#" * 300_000)
    assert code_of(file)[0] == "too_large"


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    assert code_of(tmp_path)[0] == "directory"
    assert code_of(tmp_path / "none.yaml")[0] == "no_such_file"
    assert code_of("a\x00b")[0] == "unreadable"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load(file) == loads(SMALL)


def test_a_bomb_of_aliases_is_refused_without_growing() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for name, before in zip("bcdefghi", "abcdefgh", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    tracemalloc.start()
    refusal = faults(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "alias" in [fault["code"] for fault in refusal.errors]
    assert peak < 20_000_000


@pytest.mark.parametrize("text", ["[" * 60_000, "a: " * 2_000, "? " * 20_000, "- " * 60_000])
def test_deep_nesting_is_refused(text: str) -> None:
    assert faults(text).errors


@pytest.mark.parametrize("condition", ["!" * 900 + "abuse", "(" * 400 + "abuse" + ")" * 400, "abuse &&" * 2000])
def test_a_monstrous_condition_is_refused_or_read(condition: str) -> None:
    assert all(fault["line"] == 12 for fault in faults_in(SMALL.replace("when: abuse", f'when: "{condition}"')))


def test_a_policy_is_known_by_the_hash_of_its_text() -> None:
    policy, other = loads(SMALL), loads(SMALL + "# a word more\n")
    assert policy.sha256 != other.sha256
    assert policy != other
    assert len(policy.sha256) == 64
    with pytest.raises(AttributeError):
        policy.version = "2"  # type: ignore[misc]


def test_a_policy_travels_to_another_process() -> None:
    assert pickle.loads(pickle.dumps(default_policy())) == default_policy()


def test_replies_have_their_contacts_filled_in() -> None:
    replies = default_policy().replies
    assert "01632 960200" in replies["signpost-customer_service"]
    assert set(replies) == {
        "signpost-safeguard",
        "signpost-report_it",
        "signpost-customer_service",
        "signpost-councillor",
    }
    assert not [text for text in replies.values() if "{" in text]
