"""A replay of the live database: the rules in force against new ones, without a name, and no further back than allowed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings

from moothall.cli import main
from moothall.council.actions import confirm_period, enter_period
from moothall.inbox.models import Author, Post
from moothall.inbox.queries import archived_comments
from moothall.policy import default_policy
from moothall.project import commands
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SWEARING = "Third fucking week running my brown bin has been left. I pay £58 a year for that."
CLAUSE = """
  - id: no-swearing
    title: No swearing
    public: |
      We may hide comments with strong swearing in them.
    when: profanity
    grounds: [profanity]
    measures: [hide]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "new.yaml"
    text = default_policy().text.replace(default_policy().version, "tried")
    path.write_text(text.rstrip("\n") + CLAUSE, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The test database is not in the file that the settings name. It is Tuesday."""
    monkeypatch.setattr(commands, "must_be_ready", lambda: None)
    monkeypatch.chdir(tmp_path)
    with time_machine.travel(cast.MONDAY + timedelta(days=1), tick=False):
        yield


def replay(rules: Path, out: Path, *options: str) -> list[dict[str, Any]]:
    assert main(["replay", "live", "--policy", str(rules), "--out", str(out), *options]) == 0
    return [json.loads(line) for line in (out / "differences.jsonl").read_text("utf-8").splitlines()]


def test_the_rules_in_force_are_what_new_ones_are_held_against(rules: Path, tmp_path: Path) -> None:
    cast.rules()
    on = cast.channel()
    hit = cast.comment(on, SWEARING, id="1")
    cast.comment(on, "Is the market on this Tuesday?", id="2")
    (line,) = replay(rules, tmp_path / "out")
    assert (line["id"], line["change"]) == (hit.pk, "newly_down")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["old"]["version"] == default_policy().version
    assert (summary["archive"]["name"], summary["comments"]) == ("live", 2)


def test_nobody_is_named_and_no_reading_stays_behind(rules: Path, tmp_path: Path) -> None:
    cast.rules()
    on = cast.channel()
    author = Author.objects.create(platform="facebook", external_id="9001", name="Dee Marlow", handle="deem")
    cast.comment(on, SWEARING, id="1", author=author, url="https://social.example/c/1")
    replay(rules, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "differences.jsonl",
        "report.html",
        "summary.json",
    ]
    for path in (tmp_path / "out").iterdir():
        written = path.read_text("utf-8")
        for name in ("Dee Marlow", "deem", "9001", "social.example"):
            assert name not in written


def test_the_marks_of_authors_cannot_be_made_again() -> None:
    on = cast.channel()
    cast.comment(on, SWEARING, id="1")
    cast.comment(on, "Another one", id="2")
    since = cast.MONDAY - timedelta(days=1)
    first, second = [list(commands._live_records(archived_comments(since))) for _ in range(2)]
    assert first[0]["author"] == first[1]["author"]
    assert first[0]["author"] != second[0]["author"]
    assert set(first[0]) & {"name", "handle", "url"} == set()


def test_nothing_older_than_the_retention_takes_part(rules: Path, tmp_path: Path, settings: LazySettings) -> None:
    cast.rules()
    on = cast.channel()
    for number, days in enumerate((31, 29, 1)):
        cast.comment(on, SWEARING, id=str(number), written_at=cast.MONDAY - timedelta(days=days))
    settings.RETENTION_DAYS = 30
    assert len(replay(rules, tmp_path / "out")) == 2


def test_the_same_text_under_several_posts_is_counted(rules: Path, tmp_path: Path) -> None:
    cast.rules()
    on = cast.channel()
    win = "WIN a £500 voucher today!!! Click the link on my page and subscribe now"
    for number in range(3):
        post = Post.objects.create(
            channel=on, external_id=f"p{number}", text=f"Road works, part {number}", written_at=cast.MONDAY
        )
        cast.comment(on, win, id=str(number), post=post)
    without = tmp_path / "without.yaml"
    text = default_policy().text.replace("    posts: 3", "    posts: 4")
    without.write_text(text.replace(default_policy().version, "without"), encoding="utf-8")
    (line,) = replay(without, tmp_path / "out")
    assert line["change"] == "newly_up"


def test_politics_comes_down_in_a_confirmed_period_only(rules: Path, tmp_path: Path) -> None:
    cast.rules()
    on = cast.channel()
    words = "Vote Labour on Thursday, kick the Tories out!"
    cast.comment(on, words, id="1", written_at=cast.MONDAY - timedelta(days=20))
    within = cast.comment(on, words, id="2", written_at=cast.MONDAY)
    bryn = cast.officer("Bryn", "manager")
    with time_machine.travel(cast.MONDAY - timedelta(days=30), tick=False):
        day = timedelta(days=1)
        period = enter_period("Poll", cast.MONDAY - day, cast.MONDAY + day, officer=bryn)
        confirm_period(period.pk, officer=bryn)
    without = tmp_path / "without.yaml"
    text = default_policy().text
    without.write_text(text[: text.index("  - id: party-politics")], encoding="utf-8")
    found = replay(without, tmp_path / "out")
    assert [(line["id"], line["change"]) for line in found] == [(within.pk, "newly_up")]


def test_without_rules_in_force_others_must_be_named(
    rules: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cast.comment(cast.channel(), SWEARING, id="1")
    assert main(["replay", "live", "--policy", str(rules), "--out", str(tmp_path / "out")]) == 2
    assert "[no_rules_in_force]" in capfd.readouterr().err
    assert len(replay(rules, tmp_path / "out", "--against", str(rules))) == 0
