"""Thornbury-on-Wold: its rules, its officers, its page, and the weekend that waits on Monday morning."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Final
from zoneinfo import ZoneInfo

COUNCIL: Final = "Thornbury-on-Wold Borough Council"
PAGE: Final = "1000"
OFFICERS: Final = (
    ("amina@thornbury.example", "Amina Rahman", "officer"),
    ("bryn@thornbury.example", "Bryn Pritchard", "manager"),
)
_WORDS: Final = (
    "acorn alder anchor anvil apple arch badger barley barrow basket beacon bellows bicycle birch bobbin bracken bramble "
    "bridge bronze bucket button candle canal cedar chalk cherry chestnut chimney clover cobble copper coral cornet "
    "cottage cricket curlew cygnet daisy dapple drover elder ember falcon fennel fern fiddle finch flagon flint forge "
    "foxglove gable garnet ginger granite gravel hamlet harbour hazel heather hedgerow heron hornbeam ivy jasper juniper "
    "kestrel kettle lantern larch lavender ledger lichen linen linnet lobster maple marble marigold meadow millstone "
    "mulberry nettle nutmeg oatmeal orchard osprey otter oxbow paddle parsley pebble pepper pewter pigeon plover poplar "
    "primrose quarry quince rafter raven ribbon rosemary rowan russet saddle saffron sandal sexton shingle skylark slate "
    "sorrel sparrow spindle starling steeple stile sundial swallow tallow tansy tartan teasel thicket thimble thistle "
    "timber tinder tulip turnip velvet viaduct walnut wicket willow wren yarrow"
)


def memorable_password() -> str:
    """Return four random words and two digits: about 36 bits, for a demo on loopback that lives for an afternoon."""
    return "-".join([*(secrets.choice(_WORDS.split()) for _ in range(4)), str(secrets.randbelow(90) + 10)])


def last_monday(now: datetime) -> datetime:
    """Return the last Monday 09:00, London time, that is not after ``now``."""
    local = now.astimezone(ZoneInfo("Europe/London"))
    monday = (local - timedelta(days=local.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)
    return monday if monday <= local else monday - timedelta(days=7)


def weekend(monday: datetime) -> Iterator[dict[str, Any]]:
    """Yield the posts, then the comments, as the Facebook stand-in loads them. The labels of the comments stay behind."""
    for row in _rows("posts.jsonl"):
        yield {
            "id": _post_id(row["id"]),
            "message": row["message"],
            "created": (monday - timedelta(minutes=row["minutes_before"])).isoformat(),
        }
    for row in _rows("weekend.jsonl"):
        post = _post_id(row["post"])
        yield {
            "id": _comment_id(post, row["id"]),
            "post": post,
            "parent": _comment_id(post, row["parent"]) if row["parent"] else None,
            "author": row["author"],
            "message": row["message"],
            "created": (monday - timedelta(minutes=row["minutes_before"])).isoformat(),
        }


def furnish(facebook: str, password: str) -> None:
    """Put the shipped rules in force, add the officers and connect the page. Call once, on an empty database."""
    from moothall.council.actions import put_in_force
    from moothall.inbox.actions import add_channel
    from moothall.policy import default_policy
    from moothall.team.actions import add_officer

    put_in_force(default_policy().text, officer=None)
    for email, name, role in OFFICERS:
        add_officer(email, name, role, password, by=None)
    add_channel(
        platform="facebook",
        name=COUNCIL,
        account=PAGE,
        base_url=facebook,
        secrets={"access_token": "page-token", "app_secret": "app-secret"},
        poll_seconds=15,
    )


def _rows(name: str) -> Iterator[dict[str, Any]]:
    text = resources.files("moothall.project.demo").joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip():
            yield json.loads(line)


def _post_id(id: str) -> str:
    return f"{PAGE}_{int(id.removeprefix('p'))}"


def _comment_id(post: str, id: str) -> str:
    return f"{post.removeprefix(PAGE + '_')}_{1000 + int(id.removeprefix('c'))}"
