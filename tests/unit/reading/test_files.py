"""Files as people really have them: every format, every encoding, and much that is broken."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.reading import CommentFile, CommentRow, RefusedRow, records
from moothall.reading.files import NoSuchFile, UnknownEncoding
from moothall.reading.records import Broken, Text, UnreadableFile, WrongEncoding, json_array
from moothall.reading.rows import UnknownColumns

COMMENTS = [
    {"id": 7, "comment": "When is the tip open?", "post": "Tip hours", "author": "Dee"},
    {"id": 8, "comment": 'A "quoted", line\nand é', "post": "Tip hours", "author": "Mallory"},
]


def rows_of(path: Path | str, encoding: str | None = None) -> list[CommentRow | RefusedRow]:
    with CommentFile(str(path), encoding) as file:
        return list(file.rows())


def good(path: Path, encoding: str | None = None) -> list[str]:
    return [row.comment for row in rows_of(path, encoding) if isinstance(row, CommentRow)]


def refused(path: Path) -> list[tuple[int, str]]:
    return [(row.number, row.code) for row in rows_of(path) if isinstance(row, RefusedRow)]


def put(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def as_file(folder: Path, kind: str) -> Path:
    lines = [json.dumps(row) for row in COMMENTS]
    if kind == "jsonl":
        return put(folder / "c.jsonl", "\n".join(lines))
    if kind == "json array":
        return put(folder / "c.json", json.dumps(COMMENTS, indent=2))
    if kind == "csv":
        path = folder / "c.csv"
        polars.DataFrame(COMMENTS).write_csv(path)
        return path
    path = folder / "c.parquet"
    polars.DataFrame(COMMENTS).write_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["jsonl", "json array", "csv", "parquet"])
def test_every_format_holds_the_same_rows(kind: str, tmp_path: Path) -> None:
    found = rows_of(as_file(tmp_path, kind))
    assert [row.comment for row in found if isinstance(row, CommentRow)] == [row["comment"] for row in COMMENTS]
    expected: list[object] = ["7", "8"] if kind == "csv" else [7, 8]
    assert [row.id for row in found] == expected


@pytest.mark.parametrize("kind", ["jsonl", "json array", "csv", "parquet"])
def test_a_name_without_an_ending_is_judged_by_its_content(kind: str, tmp_path: Path) -> None:
    plain = as_file(tmp_path, kind).rename(tmp_path / "comments")
    with CommentFile(str(plain)) as file:
        assert file.format == kind
        assert len(list(file.rows())) == 2


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_csv_from_a_spreadsheet_may_use_another_delimiter(delimiter: str, tmp_path: Path) -> None:
    text = f"id{delimiter}comment\n1{delimiter}one, two\n"
    assert good(put(tmp_path / "c.csv", text)) == ["one, two"]


@pytest.mark.parametrize("kind", ["jsonl", "json array", "csv"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(kind: str, tmp_path: Path) -> None:
    path = as_file(tmp_path, kind)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(good(path)) == 2


def test_another_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    path = put(tmp_path / "c.csv", "comment\ncafé – £5\n".encode("cp1252"))
    assert good(path, "cp1252") == ["café – £5"]


def test_a_wrong_encoding_is_refused_with_its_line_and_the_way_out(tmp_path: Path) -> None:
    path = put(tmp_path / "c.csv", "comment\nfine\ncafé\n".encode("cp1252"))
    with pytest.raises(WrongEncoding, match=r"line 3.*--encoding"):
        rows_of(path)


def test_a_wrong_encoding_far_down_is_found_before_the_first_row(tmp_path: Path) -> None:
    path = put(tmp_path / "c.jsonl", b'{"comment": "fine"}\n' * 100_000 + b'{"comment": "\xe9"}\n')
    with pytest.raises(WrongEncoding, match=r"line 100001"):
        CommentFile(str(path))


def test_a_utf16_file_is_told_what_it_is(tmp_path: Path) -> None:
    path = put(tmp_path / "c.csv", "comment\nhello\n".encode("utf-16"))
    with pytest.raises(WrongEncoding, match="--encoding utf-16"):
        rows_of(path)
    assert good(path, "utf-16") == ["hello"]


def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncoding, match="zork"):
        rows_of(as_file(tmp_path, "csv"), "zork")


def test_a_codec_that_is_no_encoding_of_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncoding):
        rows_of(as_file(tmp_path, "csv"), "base64")


def test_a_missing_file_and_a_directory_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile):
        rows_of(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableFile, match="is a directory"):
        rows_of(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.csv", "name,remark\n1,2\n"),
        ("c.jsonl", '{"name": 1, "remark": 2}\n'),
        ("c.json", '[{"name": 1, "remark": 2}]'),
    ],
)
def test_unknown_columns_are_named_with_those_that_are_needed(name: str, content: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownColumns, match=r"seen: name, remark.*Needed: comment") as caught:
        rows_of(put(tmp_path / name, content))
    assert caught.value.code == "unknown_columns"


def test_a_parquet_file_without_comments_is_refused(tmp_path: Path) -> None:
    polars.DataFrame({"name": ["x"]}).write_parquet(tmp_path / "c.parquet")
    with pytest.raises(UnknownColumns, match="seen: name"):
        rows_of(tmp_path / "c.parquet")


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    for content in (b"PAR1 and then nothing of use", b"not at all"):
        with pytest.raises(UnreadableFile, match="parquet"):
            rows_of(put(tmp_path / "c.parquet", content))


def test_parquet_keeps_types_across_its_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_PARQUET_ROWS", 3)
    frame = polars.DataFrame(
        {
            "Text": [f"comment {n}" for n in range(10)],
            "date": [datetime(2026, 5, 1, tzinfo=UTC)] * 10,
            "pre_election": [True] * 10,
        }
    )
    frame.write_parquet(tmp_path / "c.parquet")
    found = rows_of(tmp_path / "c.parquet")
    assert [row.id for row in found] == list(range(1, 11))
    assert all(isinstance(row, CommentRow) and row.pre_election and row.date is not None for row in found)


def test_an_empty_csv_is_refused_and_an_empty_jsonl_has_no_rows(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="is empty"):
        rows_of(put(tmp_path / "c.csv", ""))
    assert rows_of(put(tmp_path / "c.jsonl", "")) == []
    assert rows_of(put(tmp_path / "c.json", " [ ] ")) == []


def test_one_json_object_that_is_no_array_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="array of objects"):
        rows_of(put(tmp_path / "c.json", '{\n "comments": []\n}'))


def test_a_broken_json_line_costs_itself_only(tmp_path: Path) -> None:
    path = put(
        tmp_path / "c.jsonl", '{"comment": "one"}\n{"comment": "tw\n\n[1]\n{"comment": NaN}\n{"comment": "three"}'
    )
    assert good(path) == ["one", "three"]
    assert refused(path) == [(2, "json_broken"), (3, "json_not_object"), (4, "json_broken")]


def test_a_line_nested_beyond_reason_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path / "c.jsonl", '{"comment": "one"}\n' + "[" * 200_000 + '\n{"comment": "three"}\n')
    assert good(path) == ["one", "three"]


def test_a_broken_element_of_an_array_costs_itself_only(tmp_path: Path) -> None:
    path = put(tmp_path / "c.json", '[{"comment": "one"}, {"comment": "two" oops, "x": [1, 2]}, {"comment": "three"}]')
    assert good(path) == ["one", "three"]
    assert refused(path) == [(2, "json_broken")]


@pytest.mark.parametrize("ending", [', {"comment": "tw', ",", "", ", "])
def test_an_array_that_was_cut_off_says_so(ending: str, tmp_path: Path) -> None:
    path = put(tmp_path / "c.json", '[{"comment": "one"}' + ending)
    assert [code for _, code in refused(path)][-1] == "json_cut_off"


def test_text_after_an_array_is_not_lost_in_silence(tmp_path: Path) -> None:
    assert refused(put(tmp_path / "c.json", '[{"comment": "one"}] [2]')) == [(2, "json_broken")]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=4)), st.integers(1, 40), st.sampled_from([None, 1]))
def test_an_array_reads_the_same_however_it_is_cut_into_pieces(
    objects: list[dict[str, Any]], piece: int, indent: int | None
) -> None:
    class Drip(io.StringIO):
        def read(self, size: int | None = -1, /) -> str:
            return super().read(piece)

    text = Drip(json.dumps(objects, indent=indent, ensure_ascii=False))
    assert list(json_array(Text(text))) == objects


@given(st.text(alphabet='[]{}",:\\ a1\n', max_size=60))
def test_no_text_makes_the_array_reader_fail_or_hang(text: str) -> None:
    found = list(json_array(Text(io.StringIO("[" + text))))
    assert all(isinstance(one, dict | Broken) for one in found)


def test_ragged_rows_are_refused_with_their_line(tmp_path: Path) -> None:
    path = put(tmp_path / "c.csv", "id,comment,post\n1,one,p\n2,two, or more,p\n3\n4,four,p,,\n")
    assert good(path) == ["one", "four"]
    assert refused(path) == [(2, "csv_ragged"), (3, "csv_ragged")]
    messages = [row.message for row in rows_of(path) if isinstance(row, RefusedRow)]
    assert "line 3 has 4 cells, the header 3" in messages[0]


def test_a_quote_that_is_never_closed_costs_its_own_line(tmp_path: Path) -> None:
    path = put(tmp_path / "c.csv", 'id,comment\n1,one\n2,"two\n3,three\n4,four\n')
    assert good(path) == ["one", "three", "four"]
    assert refused(path) == [(2, "csv_broken")]


def test_lines_of_a_quoted_cell_stay_together(tmp_path: Path) -> None:
    path = put(tmp_path / "c.csv", 'id,comment\r\n1,"one\r\nmore ""so"""\r\n\r\n2,two\r\n')
    assert good(path) == ['one\r\nmore "so"', "two"]


def test_a_comment_of_five_megabytes_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    long = "x" * 5_000_000
    for name, content in (
        ("c.csv", f'comment\n"{long}\n{long[:1000]}"\nfine\n'),
        ("c.jsonl", json.dumps({"comment": long}) + '\n{"comment": "fine"}'),
        ("c.json", json.dumps([{"comment": long}, {"comment": "fine"}])),
    ):
        path = put(tmp_path / name, content)
        assert refused(path) == [(1, "comment_too_long")], name
        assert good(path) == ["fine"]


def test_a_line_longer_than_memory_should_hold_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST_RECORD", 1000)
    path = put(tmp_path / "c.jsonl", '{"comment": "one"}\n' + "x" * 9_999 + '\n{"comment": "three"}\n')
    assert good(path) == ["one", "three"]
    assert refused(path) == [(2, "line_too_long")]


def test_images_are_found_from_where_the_file_lies(tmp_path: Path) -> None:
    (row,) = rows_of(put(tmp_path / "c.jsonl", '{"comment": "look", "image": "pictures/a.png"}'))
    assert isinstance(row, CommentRow)
    assert row.image == tmp_path / "pictures" / "a.png"
