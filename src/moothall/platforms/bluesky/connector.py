"""A Bluesky account over XRPC: read posts and the replies under them, hide, block, report.

Hiding is the council's own record (the gate of its thread), blocking is one, too: both are read back from the account's own
server, which knows at once, unlike the view of the network, which follows a little later.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from moothall.platforms.bluesky.parsing import owner_of, parse
from moothall.platforms.bluesky.records import block_record, gate_with, record_key
from moothall.platforms.bluesky.session import Account
from moothall.platforms.connector import (
    Answer as Inquiry,
)
from moothall.platforms.connector import (
    AskedTooOften,
    Outcome,
    Page,
    PlatformError,
    SignInRefused,
)
from moothall.platforms.transport import Answer, AnswerLost, NotReached, Transport
from moothall.words import DomainError

__all__ = ["BlueskyAccount", "connect", "parse"]

ADDRESS: Final = "https://bsky.social"
#: Bluesky's own moderation service, to which reports go unless the channel names another.
LABELER: Final = "did:plc:ar7c4by46qjdydhdevvrndac"

_GATES: Final = "app.bsky.feed.threadgate"
_BLOCKS: Final = "app.bsky.graph.block"
#: Posts whose threads are walked: the newest this many.
_WATCHED_POSTS: Final = 100
#: Of these, the newest are walked even when they show no reply: the count lags, and forgets a branch whose head is gone.
_ALWAYS_WALKED: Final = 20
#: Levels of a thread asked for at once. Deeper branches are asked for by themselves: a deep answer could not be decoded.
_DEPTH: Final = 100
_MOST_PAGES: Final = 400
_NOTIFICATION_PAGES: Final = 20
_SWAP_TRIES: Final = 4
#: Seconds for one measure, well inside the time a worker may hold a delivery.
_LONGEST: Final = 60.0

#: What a report is called there. Grounds without a line of their own are "other".
_REASONS: Final = {
    "abuse": "reasonRude",
    "profanity": "reasonRude",
    "discrimination": "reasonRude",
    "threat": "reasonViolation",
    "personal_info": "reasonViolation",
    "copyright": "reasonViolation",
    "spam": "reasonSpam",
    "brand_misuse": "reasonMisleading",
}


def connect(
    *,
    base_url: str,
    account: str,
    secrets: Mapping[str, Any],
    session: Mapping[str, Any] | None = None,
    allow_loopback: bool = False,
) -> BlueskyAccount:
    """Return the connector of an account. ``secrets``: ``app_password``, and ``labeler`` where reports go elsewhere."""
    app_password = str(secrets.get("app_password") or "")
    if not app_password:
        raise DomainError("A Bluesky channel needs an app password.", "secrets_missing")
    transport = Transport(base_url or ADDRESS, secrets=(app_password,), allow_loopback=allow_loopback)
    signed_in = Account(transport, account.removeprefix("@"), app_password, session)
    return BlueskyAccount(transport, signed_in, str(secrets.get("labeler") or LABELER))


class BlueskyAccount:
    """One account. See ``moothall.platforms.connector.Connector`` for the verbs."""

    def __init__(self, transport: Transport, account: Account, labeler: str) -> None:
        self._transport = transport
        self._account = account
        self._labeler = labeler

    @property
    def session(self) -> dict[str, Any] | None:
        """The tokens to store, sealed, and hand back: signing in is rationed."""
        return self._account.session

    def close(self) -> None:
        """Let go of open connections."""
        self._transport.close()

    # Reading

    def fetch(self, cursor: dict[str, Any]) -> Iterator[Page]:
        """Yield the newest posts, their threads, and the notifications of replies since the cursor.

        Threads are the way that misses nothing of what the network has indexed; notifications add replies under posts older
        than the watched ones. The cursor is ``{"notified": time of the newest notification read}``.
        """
        walked: set[str] = set()
        posts: list[tuple[str, int]] = []
        for answer, body in self._pages(
            "app.bsky.feed.getAuthorFeed", {"actor": self._account.did, "filter": "posts_no_replies", "limit": 100}, 5
        ):
            posts += _own_posts(body, self._account.did)
            yield Page(answer.body, "author_feed", None, _now())
            if len(posts) >= _WATCHED_POSTS:
                break
        budget = _MOST_PAGES
        for place, (uri, replies) in enumerate(posts[:_WATCHED_POSTS]):
            if place < _ALWAYS_WALKED or replies:
                walked.add(uri)
                for page in self._thread(uri, budget):
                    budget -= 1
                    yield page
        yield from self._notified(cursor, {uri for uri, _ in posts}, walked, budget)

    def _thread(self, uri: str, budget: int) -> Iterator[Page]:
        """Yield the thread of a post, then every branch that goes deeper than one answer."""
        anchors, asked = [uri], set()
        while anchors and budget > 0:
            anchor = anchors.pop(0)
            asked.add(anchor)
            budget -= 1
            answer = self._account.read(
                "app.bsky.feed.getPostThread", {"uri": anchor, "depth": _DEPTH, "parentHeight": 0}
            )
            if answer.status == 400:
                # Deleted between the list and the look, or not indexed yet.
                continue
            body = self._checked(answer)
            anchors += [deeper for deeper in _cut_off(body.get("thread")) if deeper not in asked]
            yield Page(answer.body, "thread", None, _now())

    def _notified(self, cursor: dict[str, Any], listed: set[str], walked: set[str], budget: int) -> Iterator[Page]:
        """Yield notifications newer than the cursor; before each page, the older posts that it speaks of."""
        seen, newest = str(cursor.get("notified") or ""), ""
        pages = self._pages("app.bsky.notification.listNotifications", {"limit": 100}, _NOTIFICATION_PAGES)
        kept: Page | None = None
        for answer, body in pages:
            told = [item for item in body.get("notifications") or [] if isinstance(item, dict)]
            times = [str(item.get("indexedAt") or "") for item in told]
            newest = newest or max(times, default="")
            fresh = [item for item, at in zip(told, times, strict=True) if at >= seen]
            roots = {root for item in fresh if (root := _own_root(item, self._account.did))}
            if kept is not None:
                yield kept
            unlisted = sorted(roots - listed)
            for start in range(0, len(unlisted), 25):
                found = self._account.read("app.bsky.feed.getPosts", {"uris": unlisted[start : start + 25]})
                self._checked(found)
                yield Page(found.body, "posts", None, _now())
            for uri in sorted(roots - walked):
                walked.add(uri)
                for page in self._thread(uri, budget):
                    budget -= 1
                    yield page
            listed |= roots
            # Held back until it is known whether it is the last: only that one may move the cursor.
            kept = Page(answer.body, "notifications", None, _now())
            if len(fresh) < len(told):
                break
        if kept is not None:
            place = {"notified": max(newest, seen)} if newest or seen else None
            yield Page(kept.raw, kept.kind, place, kept.fetched_at)

    def _pages(self, name: str, params: dict[str, Any], most: int) -> Iterator[tuple[Answer, dict[str, Any]]]:
        for _ in range(most):
            answer = self._account.read(name, params)
            body = self._checked(answer)
            yield answer, body
            if not body.get("cursor") or body["cursor"] == params.get("cursor"):
                return
            params = params | {"cursor": body["cursor"]}

    def _checked(self, answer: Answer) -> dict[str, Any]:
        if not answer.ok:
            raise PlatformError(self._said(answer))
        return answer.json()

    def _said(self, answer: Answer) -> str:
        body = answer.json()
        said = body.get("message") or body.get("error") or "no reason given"
        return self._transport.redact(f"Bluesky answered {answer.status}: {said}")

    # Acting

    def perform(self, action: str, target: Mapping[str, Any], key: str) -> Outcome:
        """Have the effect. All but a report may be repeated with the same key and happen once."""
        comment, author = str(target.get("comment") or ""), str(target.get("author") or "")
        try:
            match action:
                case "hide" | "unhide":
                    return self._gate(_root_of(target), comment, hide=action == "hide")
                case "block":
                    return self._block(author, key)
                case "unblock":
                    return self._unblock(author)
                case "report":
                    return self._report(target)
                case "delete":
                    return Outcome(
                        "failed", message="On Bluesky nobody can delete somebody else's reply. Hide it instead."
                    )
                case _:
                    return Outcome("failed", message=f"Bluesky knows no “{action}”.")
        except AskedTooOften as error:
            return Outcome("retry", message=error.message, retry_after=error.retry_after)
        except NotReached as error:
            return Outcome("retry", message=error.message)
        except AnswerLost as error:
            return Outcome("uncertain", message=error.message)
        except SignInRefused as error:
            return Outcome("failed", {"code": error.code}, error.message)
        except PlatformError as error:
            return Outcome("failed", message=error.message)

    def inquire(self, action: str, target: Mapping[str, Any], key: str, earlier: Mapping[str, Any] | None) -> Inquiry:
        """Look at the account's own records, which are exact. A report leaves none: without its number it is unknown."""
        comment, author = str(target.get("comment") or ""), str(target.get("author") or "")
        try:
            match action:
                case "hide" | "unhide":
                    gate, _ = self._record(_GATES, _last(_root_of(target)))
                    hidden = gate is not None and comment in _hidden(gate)
                    return "done" if hidden == (action == "hide") else "not_done"
                case "block":
                    found, _ = self._record(_BLOCKS, record_key(key))
                    return "done" if found is not None and found.get("subject") == author else "not_done"
                case "unblock":
                    return "not_done" if next(self._blocks_of(author), None) else "done"
                case "report":
                    return "done" if (earlier or {}).get("report") is not None else "unknown"
                case _:
                    return "not_done"
        except PlatformError:
            return "unknown"

    def _gate(self, root: str, comment: str, *, hide: bool) -> Outcome:
        """Put a reply on, or take it off, the list of hidden replies: read, change, swap; again when somebody else was faster."""
        if owner_of(root) != self._account.did:
            return Outcome(
                "failed", message="Replies can be hidden only in a thread that the council's own post began."
            )
        if not owner_of(comment):
            return Outcome("failed", message="The comment's address is not one of Bluesky's.")
        started = time.monotonic()
        for _ in range(_SWAP_TRIES):
            gate, version = self._record(_GATES, _last(root))
            if (comment in _hidden(gate)) == hide:
                return Outcome("done", {"cid": version}, "It was so already.")
            changed = gate_with(gate, root=root, comment=comment, hide=hide, now=_now())
            if changed is None:
                return Outcome(
                    "failed",
                    message="Bluesky hides at most 300 replies in a thread, and this one has them. Block or report instead.",
                )
            answer = self._put(_GATES, _last(root), changed, version)
            if answer.ok:
                body = answer.json()
                return Outcome("done", {"record": body.get("uri"), "cid": body.get("cid")})
            if answer.json().get("error") != "InvalidSwap":
                return self._refused(answer)
            if time.monotonic() - started > _LONGEST:
                break
        return Outcome("retry", message="The thread's settings are being changed by somebody else; trying again.")

    def _block(self, author: str, key: str) -> Outcome:
        if not author.startswith("did:") or author == self._account.did:
            return Outcome("failed", message="This is not an account that can be blocked.")
        # The name of the record follows from the key, and it may only be made where there is none: a repeat finds itself.
        answer = self._put(_BLOCKS, record_key(key), block_record(author, _now()), None)
        detail = {"record": f"at://{self._account.did}/{_BLOCKS}/{record_key(key)}"}
        if answer.ok:
            return Outcome("done", detail)
        if answer.json().get("error") == "InvalidSwap":
            found, _ = self._record(_BLOCKS, record_key(key))
            if found is not None and found.get("subject") == author:
                return Outcome("done", detail, "It was so already.")
        return self._refused(answer)

    def _unblock(self, author: str) -> Outcome:
        """Delete every block of this person, officers' own in the app included: the outcome wanted is that none is left."""
        lifted = []
        for name in list(self._blocks_of(author)):
            answer = self._account.write(
                "com.atproto.repo.deleteRecord", {"repo": self._account.did, "collection": _BLOCKS, "rkey": name}
            )
            if not answer.ok:
                return self._refused(answer)
            lifted.append(name)
        return Outcome("done", {"lifted": lifted}, "" if lifted else "There was no block to lift.")

    def _report(self, target: Mapping[str, Any]) -> Outcome:
        extra = target.get("extra")
        cid = extra.get("cid") if isinstance(extra, Mapping) else None
        uri = str(target.get("comment") or "")
        if not cid or not owner_of(uri):
            return Outcome("failed", message="The comment's version is not known, so it cannot be reported by machine.")
        reason = _REASONS.get(str(target.get("ground") or ""), "reasonOther")
        answer = self._account.write(
            "com.atproto.moderation.createReport",
            {
                "reasonType": f"com.atproto.moderation.defs#{reason}",
                "reason": str(target.get("reason") or "")[:2000],
                "subject": {"$type": "com.atproto.repo.strongRef", "uri": uri, "cid": cid},
            },
            {"atproto-proxy": f"{self._labeler}#atproto_labeler"},
        )
        if answer.ok and answer.json().get("id") is not None:
            return Outcome("done", {"report": answer.json()["id"]})
        return self._refused(answer)

    def _refused(self, answer: Answer) -> Outcome:
        """A 4xx had no effect; after a 5xx, or a success that cannot be read, nobody knows."""
        if answer.ok or answer.status >= 500:
            return Outcome("uncertain", message=self._said(answer))
        return Outcome("failed", {"status": answer.status}, self._said(answer))

    def _record(self, collection: str, name: str) -> tuple[dict[str, Any] | None, str | None]:
        """Return a record of the account and its version; None and None where there is none."""
        answer = self._account.read(
            "com.atproto.repo.getRecord", {"repo": self._account.did, "collection": collection, "rkey": name}
        )
        if answer.status == 400 and answer.json().get("error") == "RecordNotFound":
            return None, None
        body = self._checked(answer)
        value, version = body.get("value"), body.get("cid")
        if not isinstance(value, dict) or not isinstance(version, str):
            raise PlatformError("A record of the account could not be read.")
        return value, version

    def _put(self, collection: str, name: str, record: Mapping[str, Any], version: str | None) -> Answer:
        """Write a record over exactly this version of it; None: only where there is none."""
        return self._account.write(
            "com.atproto.repo.putRecord",
            {
                "repo": self._account.did,
                "collection": collection,
                "rkey": name,
                "record": record,
                "swapRecord": version,
            },
        )

    def _blocks_of(self, author: str) -> Iterator[str]:
        """Yield the names of the account's block records of a person."""
        params = {"repo": self._account.did, "collection": _BLOCKS, "limit": 100}
        for _, body in self._pages("com.atproto.repo.listRecords", params, 200):
            for item in body.get("records") or []:
                value = item.get("value") if isinstance(item, dict) else None
                if isinstance(value, dict) and value.get("subject") == author:
                    yield _last(str(item["uri"]))


def _own_posts(body: Mapping[str, Any], did: str) -> list[tuple[str, int]]:
    """Return address and count of direct replies of the account's own posts in a feed; odd items are left to ``parse``."""
    found = []
    for item in body.get("feed") or []:
        view = item.get("post") if isinstance(item, dict) else None
        if isinstance(view, dict) and owner_of(str(view.get("uri"))) == did:
            found.append((str(view["uri"]), int(view.get("replyCount") or 0)))
    return found


def _own_root(notification: Mapping[str, Any], did: str) -> str:
    """Return the address of the council's post in whose thread the reply told of stands, or an empty text."""
    if notification.get("reason") != "reply":
        return ""
    try:
        root = str(notification["record"]["reply"]["root"]["uri"])
    except (KeyError, TypeError):
        return ""
    return root if owner_of(root) == did else ""


def _cut_off(top: object) -> list[str]:
    """Return the posts of a thread that have replies which the answer leaves out because they lie too deep."""
    found, todo = [], [(top, 0)]
    while todo:
        node, depth = todo.pop()
        if not isinstance(node, dict) or not isinstance(node.get("post"), dict):
            continue
        replies = node.get("replies") or []
        if depth >= _DEPTH and not replies and node["post"].get("replyCount"):
            found.append(str(node["post"].get("uri")))
        todo += [(reply, depth + 1) for reply in replies]
    return found


def _root_of(target: Mapping[str, Any]) -> str:
    extra = target.get("extra")
    return str((extra.get("root") if isinstance(extra, Mapping) else None) or target.get("post") or "")


def _hidden(gate: Mapping[str, Any] | None) -> list[str]:
    found = (gate or {}).get("hiddenReplies")
    return [str(uri) for uri in found] if isinstance(found, list) else []


def _last(uri: str) -> str:
    return uri.rpartition("/")[2]


def _now() -> datetime:
    return datetime.now(UTC)
