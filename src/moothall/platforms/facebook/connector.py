"""Facebook Pages over the Graph API v26.0: posts and comments out; hide, delete and block in.

Sources: Meta's field lists for Comment, Page and PagePost; the error codes page of the Pages API. See README.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from moothall.platforms.connector import (
    Answer,
    AskedTooOften,
    Connector,
    Outcome,
    Page,
    Parsed,
    ParsedAuthor,
    ParsedComment,
    ParsedPost,
    PlatformError,
    SignInRefused,
    Unreadable,
    excerpt,
    moment,
)
from moothall.platforms.transport import Answer as HttpAnswer
from moothall.platforms.transport import AnswerLost, NotReached, Transport

VERSION: Final = "v26.0"
_ADDRESS: Final = "https://graph.facebook.com"
_POST_FIELDS: Final = "id,message,created_time,permalink_url"
_COMMENT_FIELDS: Final = (
    "id,message,created_time,from{id,name},parent{id},is_hidden,can_hide,can_remove,permalink_url,attachment"
)
_MOST_PAGES: Final = 200
_THROTTLED: Final = frozenset({4, 17, 32, 341, 613})
_POSTS_KIND: Final = "posts"
_COMMENTS_KIND: Final = "comments"


class GraphError(PlatformError):
    """The Graph API refused, with its own number for why."""

    code = "graph_error"

    def __init__(self, number: int, message: str) -> None:
        super().__init__(f"Facebook refused: {message} (error {number})")
        self.number = number


class FacebookConnector:
    """One Page. Secrets: ``access_token`` of the page, and ``app_secret`` where the app demands proof."""

    def __init__(
        self, *, base_url: str, account: str, secrets: Mapping[str, Any], allow_loopback: bool
    ) -> None:
        #: A page token does not expire and needs no session.
        self.session: dict[str, Any] | None = None
        self._page = account
        self._token = str(secrets.get("access_token", ""))
        self._secret = str(secrets.get("app_secret", ""))
        self._transport = Transport(
            base_url, secrets=[self._token, self._secret], allow_loopback=allow_loopback
        )

    def fetch(self, cursor: dict[str, Any]) -> Iterator[Page]:
        """Yield the page's posts, then each post's comments of all depths, oldest first.

        Everything is walked each time: an edit, a removal or a hide in the native app shows only so. A body that has
        not changed is stored once (its hash is the same).
        """
        posts: list[str] = []
        for page in self._pages(f"/{self._page}/published_posts", _POSTS_KIND, {"fields": _POST_FIELDS}, ""):
            posts += [str(item.get("id", "")) for item in json.loads(page.raw)["items"] if isinstance(item, dict)]
            yield page
        for post in filter(None, posts):
            asked = {"fields": _COMMENT_FIELDS, "filter": "stream", "order": "chronological"}
            yield from self._pages(f"/{post}/comments", _COMMENTS_KIND, asked, post)

    def perform(self, action: str, target: Mapping[str, Any], key: str) -> Outcome:
        """Do it once."""
        try:
            return self._perform(action, target)
        except NotReached as error:
            return Outcome("retry", message=error.message)
        except AnswerLost as error:
            return Outcome("uncertain", message=error.message)
        except AskedTooOften as error:
            return Outcome("retry", message=error.message, retry_after=error.retry_after)
        except PlatformError as error:
            return Outcome("failed", {"code": error.code}, error.message)

    def inquire(self, action: str, target: Mapping[str, Any], key: str, earlier: Mapping[str, Any] | None) -> Answer:
        """Ask whether a comment is hidden or gone, or a person blocked."""
        if action in ("hide", "unhide", "delete"):
            try:
                found = self._call("GET", f"/{target['comment']}", params={"fields": "id,is_hidden"})
            except GraphError as error:
                # 100: no such object. Gone is what a deletion wants; a hide has nothing left to hide.
                if error.number == 100:
                    return "done" if action in ("delete", "hide") else "unknown"
                raise
            if action == "delete":
                return "not_done"
            return "done" if bool(found.get("is_hidden")) == (action == "hide") else "not_done"
        if action in ("block", "unblock"):
            found = self._call("GET", f"/{self._page}/blocked", params={"user": target["author"]})
            blocked = any(str(row.get("id")) == str(target["author"]) for row in found.get("data", []))
            return "done" if blocked == (action == "block") else "not_done"
        return "unknown"

    def _perform(self, action: str, target: Mapping[str, Any]) -> Outcome:
        if action in ("hide", "unhide"):
            self._call("POST", f"/{target['comment']}", form={"is_hidden": "true" if action == "hide" else "false"})
        elif action == "delete":
            self._call("DELETE", f"/{target['comment']}")
        elif action == "block":
            self._call("POST", f"/{self._page}/blocked", form={"user": target["author"]})
        elif action == "unblock":
            self._call("DELETE", f"/{self._page}/blocked", params={"user": target["author"]})
        elif action == "report":
            steps = "Open the comment on Facebook, choose the three dots beside it, then “Report comment”."
            return Outcome("handed_over", {"link": target.get("url", ""), "steps": steps}, steps)
        else:
            return Outcome("failed", message=f"Facebook has no “{action}”.")
        return Outcome("done")

    def _pages(self, path: str, kind: str, params: dict[str, str], post: str) -> Iterator[Page]:
        after = ""
        for _ in range(_MOST_PAGES):
            asked = params | {"limit": "100"} | ({"after": after} if after else {})
            answer = self._call("GET", path, params=asked)
            rows = answer.get("data", [])
            body = json.dumps({"post": post, "items": rows}, ensure_ascii=False, sort_keys=True).encode()
            yield Page(body, kind, None, datetime.now(UTC))
            paging = answer.get("paging", {})
            after = paging.get("cursors", {}).get("after", "") if paging.get("next") else ""
            if not after:
                return

    def _call(
        self, method: str, path: str, *, params: dict[str, str] | None = None, form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        asked = (params or {}) | self._proof()
        headers = {"Authorization": f"Bearer {self._token}"}
        if method == "GET":
            return _answer_of(self._transport.read(f"/{VERSION}{path}", params=asked, headers=headers))
        return _answer_of(
            self._transport.write(method, f"/{VERSION}{path}", params=asked, headers=headers, data=form)
        )

    def _proof(self) -> dict[str, str]:
        if not self._secret:
            return {}
        digest = hmac.new(self._secret.encode(), self._token.encode(), hashlib.sha256).hexdigest()
        return {"appsecret_proof": digest}


def _answer_of(reply: HttpAnswer) -> dict[str, Any]:
    try:
        answer = json.loads(reply.body)
    except ValueError:
        answer = None
    if reply.status >= 500 and not (isinstance(answer, dict) and "error" in answer):
        raise AnswerLost(f"Facebook answered {reply.status}; whether it acted is not known.")
    if not isinstance(answer, dict):
        raise PlatformError(f"Facebook answered {reply.status} with something that is not its API's.")
    error = answer.get("error")
    if isinstance(error, dict):
        number, message = int(error.get("code", 0)), str(error.get("message", ""))[:300]
        if number in _THROTTLED or reply.status == 429:
            raise AskedTooOften(f"Facebook asks for a pause (error {number}).", retry_after=60)
        if number == 190:
            raise SignInRefused("Facebook no longer accepts the page's token. Connect the page again. (error 190)")
        raise GraphError(number, message)
    return answer


def connect(
    *, base_url: str, account: str, secrets: Mapping[str, Any], session: Mapping[str, Any] | None, allow_loopback: bool
) -> Connector:
    """Return the connector of one Page."""
    return FacebookConnector(
        base_url=base_url or _ADDRESS, account=account, secrets=secrets, allow_loopback=allow_loopback
    )


def parse(kind: str, raw: bytes) -> list[Parsed]:
    """Return what a stored body holds. An item that is not as documented comes back as Unreadable; nothing is raised."""
    try:
        body = json.loads(raw)
        items, post = body["items"], str(body["post"])
        if not isinstance(items, list):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        return [Unreadable("The body is not a list of items.", excerpt(raw))]
    return [_parse_item(kind, item, post) for item in items]


def _parse_item(kind: str, item: Any, post: str) -> Parsed:
    try:
        written_at = moment(item["created_time"])
        text, url = str(item.get("message", "")), str(item.get("permalink_url", ""))
        if kind == _POSTS_KIND:
            return ParsedPost(str(item["id"]), text, written_at, url)
        who = item.get("from") or {}
        # "from" is absent where the app lacks the permission: the comment still counts, its author is unknown.
        author = ParsedAuthor(str(who["id"]), name=str(who.get("name", ""))) if who.get("id") else None
        return ParsedComment(
            external_id=str(item["id"]),
            post_external_id=post,
            text=text,
            written_at=written_at,
            author=author,
            parent_external_id=str(item["parent"]["id"]) if item.get("parent") else None,
            url=url,
            hidden=bool(item["is_hidden"]) if "is_hidden" in item else None,
            extra={name: item[name] for name in ("can_hide", "can_remove") if name in item},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Unreadable(f"An item is not as documented: {type(error).__name__} {error}", excerpt(item))
