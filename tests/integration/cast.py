"""The people and things that tests act with, the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moothall.council.actions import put_in_force
from moothall.inbox.models import Author, Channel, Comment, Post
from moothall.policy import default_policy
from moothall.team.models import Officer

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


def officer(name: str = "Amina", role: str = "officer") -> Officer:
    return Officer.objects.create_officer(f"{name.lower()}@thornbury.example", PASSWORD, name=name, role=role)


def rules() -> None:
    """The shipped house rules, in force."""
    put_in_force(default_policy().text, officer=None)


def channel(base_url: str = "http://127.0.0.1:9", platform: str = "facebook", **fields: Any) -> Channel:
    from moothall.inbox.actions import add_channel

    made = add_channel(
        platform=platform,
        name="Thornbury-on-Wold Borough Council",
        account="1000",
        base_url=base_url,
        secrets={"access_token": "page-token", "app_secret": "app-secret"},
    )
    Channel.objects.filter(pk=made.pk).update(**fields)
    made.refresh_from_db()
    return made


def comment(on: Channel, text: str = "Is the market on this Tuesday?", id: str = "1000_1_1", **fields: Any) -> Comment:
    post, _ = Post.objects.get_or_create(
        channel=on,
        external_id="1000_1",
        defaults={"text": "The market moves to Wednesday this week.", "written_at": MONDAY},
    )
    author, _ = Author.objects.get_or_create(
        platform=on.platform, external_id="2001", defaults={"name": "Dee Marlow", "handle": ""}
    )
    defaults: dict[str, Any] = {
        "post": post,
        "author": author,
        "text": text,
        "written_at": MONDAY,
        "received_at": MONDAY,
        "due_at": MONDAY,
        "state": "assessed",
    }
    return Comment.objects.create(channel=on, external_id=id, **(defaults | fields))
