"""The reference of the policy file is made from the code, and names everything in it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import moothall.policy as policy_room
from moothall.policy import loads
from moothall.policy.cases import run_cases
from moothall.policy.faults import OF_A_DECISION, OF_THE_FILE, OF_THE_RULES
from moothall.policy.keys import THINGS
from moothall.policy.loading import LETTER_WORDS
from moothall.policy.reference import reference
from moothall.policy.shipped import shipped
from moothall.policy.vocabulary import BUILT_IN, CITABLE_GROUNDS, REPLIES, STEPS
from moothall.words import MEASURES

from .writing import faults_in

DOCS = Path(__file__).parents[3] / "docs" / "reference"
TEXT = (DOCS / "policy.md").read_text(encoding="utf-8")
#: Where in a call the code of a fault stands.
CODE_AT = {"note": 1, "unknown": 1, "choice": 2, "choices": 2, "per": 4}


def test_the_reference_is_the_one_the_code_makes() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "moothall.policy.reference"], capture_output=True, check=True, encoding="utf-8"
    )
    assert made.stdout == reference()
    assert reference() == TEXT, "write it anew: python -m moothall.policy.reference > docs/reference/policy.md"


def test_every_name_and_every_key_has_a_row() -> None:
    rows = set(re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE))
    keys = {key.name for thing in THINGS.values() for key in thing.keys}
    placeholders = {f"{{{word}}}" for word in LETTER_WORDS}
    named = {*keys, *BUILT_IN, *CITABLE_GROUNDS, *MEASURES, *STEPS, *REPLIES, *placeholders}
    assert named - rows == set()


def words_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from words_of(node.body)
        yield from words_of(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_every_code_of_a_fault_is_explained_and_no_other() -> None:
    noted: set[str] = set()
    refused: set[str] = set()
    for file in Path(policy_room.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            at = 1 if called == "DomainError" else CODE_AT.get(called)
            if at is not None and len(node.args) > at:
                (refused if called == "DomainError" else noted).update(words_of(node.args[at]))
    assert noted == {*OF_THE_FILE, *OF_THE_RULES}
    assert refused == set(OF_A_DECISION)
    assert all(f"| `{code}` |" in TEXT for code in noted | refused)


def test_the_whole_example_in_the_reference_is_a_policy() -> None:
    example = TEXT.split("## A file with every key in it")[1].split("```yaml\n")[1].split("```")[0]
    assert faults_in(example) == []
    assert loads(example).clauses


def test_links_in_the_reference_lead_somewhere() -> None:
    for page in ("policy.md", "policy-test.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (DOCS / link).exists(), link


def test_the_cases_in_the_reference_come_out_as_they_say() -> None:
    text = (DOCS / "policy-test.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL) for line in [" ".join(block.split())]]
    assert len(lines) >= 2
    for result in run_cases(shipped(), lines):
        assert result.ok, (result.error, result.differences)


def test_the_page_on_cases_names_every_field() -> None:
    text = (DOCS / "policy-test.md").read_text(encoding="utf-8")
    source = ast.parse((Path(policy_room.__file__).parent / "cases.py").read_text(encoding="utf-8"))
    fields: set[str] = set()
    for node in source.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") in ("_KEYS", "_FACTS", "_EXPECT"):
            assert node.value is not None
            fields |= set(ast.literal_eval(node.value))
    assert len(fields) > 20
    assert [field for field in fields if f"`{field}`" not in text] == []
