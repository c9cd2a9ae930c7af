"""An export of records, checked without a database: what holds, and what each kind of tampering looks like."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.records import chain
from moothall.records.chain import GENESIS, NotCanonical, canonical, head_line, moment, record_hash, verify_lines


def written(payloads: list[dict[str, Any]], start: int = 1, previous: str = GENESIS) -> list[str]:
    """Return the record lines of a chain with these payloads."""
    lines = []
    for number, payload in enumerate(payloads, start):
        at = f"2026-11-23T09:{number % 60:02d}:00.000000Z"
        fields = (number, at, "decision.made", "amina@thornbury.example", f"comment:{number}")
        own = record_hash(*fields, canonical(payload), previous)
        names = ("number", "at", "kind", "actor", "subject")
        lines.append(
            canonical(
                dict(zip(names, fields, strict=True)) | {"payload": payload, "previous_hash": previous, "hash": own}
            )
        )
        previous = own
    return lines


def export(records: int = 5) -> list[str]:
    lines = written([{"measures": ["hide"], "words": f"“né {n}”"} for n in range(1, records + 1)])
    return [*lines, head_line(records, json.loads(lines[-1])["hash"] if lines else GENESIS)]


def changed(line: str, **fields: Any) -> str:
    return canonical(json.loads(line) | fields)


def broken_at(lines: list[Any], expect_head: str | None = None) -> tuple[int | None, str]:
    report = verify_lines(lines, expect_head)
    assert not report.ok
    return report.first_broken_line, report.reason


def test_a_whole_export_holds_and_says_its_head() -> None:
    lines = export(5)
    report = verify_lines(lines)
    assert report == chain.Report(True, 5, json.loads(lines[4])["hash"])


def test_an_export_of_no_records_holds() -> None:
    assert verify_lines(export(0)) == chain.Report(True, 0, GENESIS)


def test_lines_may_be_bytes_with_line_ends() -> None:
    assert verify_lines([line.encode() + b"\n" for line in export()]).ok


@pytest.mark.parametrize("field", ["at", "kind", "actor", "subject"])
def test_an_altered_field_is_found(field: str) -> None:
    lines = export()
    lines[2] = changed(lines[2], **{field: "2026-11-23T10:00:00.000000Z"})
    line, reason = broken_at(lines)
    assert line == 3
    assert "record 3 was altered" in reason


def test_an_altered_payload_is_found() -> None:
    lines = export()
    lines[2] = changed(lines[2], payload={"measures": ["ignore"], "words": "“né 3”"})
    assert broken_at(lines)[0] == 3


def test_an_altered_record_with_a_new_hash_of_its_own_breaks_the_next() -> None:
    lines = export()
    lines[2:3] = written([{"measures": ["ignore"]}], start=3, previous=json.loads(lines[1])["hash"])
    line, reason = broken_at(lines)
    assert line == 4
    assert "does not follow the record before it" in reason


def test_a_missing_record_is_found() -> None:
    lines = export()
    del lines[2]
    assert broken_at(lines) == (3, "record 3 is missing: number 4 stands in its place")


def test_a_missing_first_record_is_found() -> None:
    assert broken_at(export()[1:])[0] == 1


def test_reordered_records_are_found() -> None:
    lines = export()
    lines[1], lines[2] = lines[2], lines[1]
    assert broken_at(lines)[0] == 2


def test_a_repeated_record_is_found() -> None:
    lines = export()
    lines.insert(2, lines[1])
    line, reason = broken_at(lines)
    assert line == 3
    assert "repeated, inserted or out of order" in reason


def test_an_inserted_record_is_found_at_the_one_it_pushed_aside() -> None:
    lines = export()
    lines[2:2] = written([{"measures": ["hide"]}], start=3, previous=json.loads(lines[1])["hash"])
    assert broken_at(lines)[0] == 4


def test_a_cut_off_export_is_found() -> None:
    assert broken_at(export()[:3]) == (4, "the head is missing: the export was cut off")
    assert broken_at([]) == (1, "the head is missing: the export was cut off")


def test_records_removed_from_the_end_do_not_fit_the_head() -> None:
    lines = export()
    del lines[4]
    assert broken_at(lines) == (5, "the head says 5 records and there are 4")


def test_a_head_with_another_hash_is_found() -> None:
    lines = export()
    lines[-1] = head_line(5, "f" * 64)
    assert broken_at(lines) == (6, "the head's hash is not that of the last record")


def test_a_rewritten_end_is_found_by_a_head_noted_before() -> None:
    noted = verify_lines(export(5)).head
    shortened = export(3)
    assert verify_lines(shortened).ok
    assert "nowhere in this chain" in broken_at(shortened, noted)[1]


def test_a_head_noted_before_is_found_in_a_longer_chain() -> None:
    noted = verify_lines(export(3)).head
    assert verify_lines(export(5), noted).ok


def test_lines_after_the_head_are_found() -> None:
    assert broken_at([*export(), "{}"]) == (7, "there are lines after the head, which must be the last")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not json", "the line is not JSON"),
        ("", "the line is not JSON"),
        ("[1]", "the line is not a JSON object"),
        (b"\xff\xfe", "the line is not UTF-8"),
        ('{"a": 1}', "the line is not in canonical form: written anew by another program, or altered"),
        ('{"a":1,"a":1}', "the line is not in canonical form: written anew by another program, or altered"),
        ('{"a":1.5}', "float has no canonical form"),
        ('{"a":NaN}', "float has no canonical form"),
        ('{"a":"\\ud800"}', "half of a surrogate pair"),
        ("[" * 5000, "the line is not JSON"),
        ("{}", "the fields are not those of a record"),
        ('{"head":{}}', "the head does not say"),
        ('{"head":3}', "the head does not say"),
    ],
)
def test_a_line_that_is_no_record_is_named(line: str | bytes, reason: str) -> None:
    lines: list[Any] = export()
    lines[1] = line
    found, said = broken_at(lines)
    assert found == 2
    assert reason in said


def test_a_record_with_a_field_more_is_found() -> None:
    lines = export()
    lines[1] = changed(lines[1], note="nothing to see here")
    assert broken_at(lines) == (2, "the fields are not those of a record: note missing or unknown")


@pytest.mark.parametrize("fields", [{"number": "2"}, {"number": True}, {"payload": []}, {"actor": None}])
def test_a_record_with_a_field_of_another_type_is_found(fields: dict[str, Any]) -> None:
    lines = export()
    lines[1] = changed(lines[1], **fields)
    assert broken_at(lines)[0] == 2


@given(st.data())
def test_no_single_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    whole = "\n".join(export(3)).encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[at]))
    assert not verify_lines((whole[:at] + bytes([byte]) + whole[at + 1 :]).split(b"\n")).ok


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=12,
)


@given(values)
def test_canonical_json_is_json_and_its_own_canonical_form(value: Any) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_canonical_json_sorts_keys_and_keeps_text_as_it_is() -> None:
    assert canonical({"b": "£ é 🎆", "a": [1, True, None]}) == '{"a":[1,true,null],"b":"£ é 🎆"}'


@pytest.mark.parametrize("value", [1.0, {"a": [0.5]}, {1: "a"}, b"bytes", datetime.now(UTC), ("a",), {"a"}, "\ud800"])
def test_what_has_no_one_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_same_moment_in_two_time_zones_has_one_hash() -> None:
    here = datetime(2026, 7, 1, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    fields = ("k", "a", "s", "{}", GENESIS)
    assert record_hash(1, here, *fields) == record_hash(1, here.astimezone(UTC), *fields)
    assert moment(here) == "2026-07-01T09:00:00.000000Z"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        moment(datetime(2026, 7, 1))  # noqa: DTZ001


def test_the_hash_of_a_record_never_changes_between_versions() -> None:
    fields = (
        "2026-11-23T09:00:00.000000Z",
        "decision.made",
        "amina@thornbury.example",
        "comment:1",
        '{"a":1}',
        GENESIS,
    )
    assert record_hash(1, *fields) == "1328b4963623c139b131d0cb2f954079d22cddfa6e504f9f5720cbb6ddebec50"


def alone(*arguments: str, source: Path) -> subprocess.CompletedProcess[str]:
    """Run a copy of chain.py by itself, with no package of Moothall's in sight."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(source), *arguments], capture_output=True, text=True, check=False, timeout=30
    )


@pytest.fixture
def outsider(tmp_path: Path) -> Path:
    copy = tmp_path / "chain.py"
    copy.write_bytes(Path(chain.__file__).read_bytes())
    return copy


def test_an_outsider_checks_an_export_with_the_one_file(outsider: Path, tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    file.write_text("\n".join(export()) + "\n", encoding="utf-8")
    holds = alone(str(file), source=outsider)
    assert (holds.returncode, holds.stderr) == (0, "")
    assert holds.stdout.startswith("holds: 5 records, head ")

    lines = export()
    del lines[3]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    broken = alone(str(file), source=outsider)
    assert (broken.returncode, broken.stderr) == (1, "")
    assert broken.stdout.startswith("broken at line 4: record 4 is missing")


def test_the_one_file_says_how_it_is_used(outsider: Path, tmp_path: Path) -> None:
    assert alone(source=outsider).returncode == 2
    assert "usage" in alone(source=outsider).stderr
    missing = alone(str(tmp_path / "nowhere"), source=outsider)
    assert (missing.returncode, missing.stdout) == (2, "")
    file = tmp_path / "export.jsonl"
    file.write_text("\n".join(export()) + "\n", encoding="utf-8")
    assert alone(str(file), "--expect-head", "a" * 64, source=outsider).returncode == 1
