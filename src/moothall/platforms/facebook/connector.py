"""A Facebook Page over the Graph API: read posts and comments, hide, delete, block.

The API itself cannot report a comment to Meta: that is handed over to a person. What is known of the API, and how well, is in
README.md beside this file.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

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
from moothall.platforms.facebook.parsing import parse
from moothall.platforms.facebook.problems import Problem, problem_in, wait_named_in
from moothall.platforms.transport import Answer, AnswerLost, NotReached, Transport
from moothall.words import DomainError

__all__ = ["FacebookPage", "connect", "parse"]

VERSION: Final = "v26.0"
ADDRESS: Final = "https://graph.facebook.com"

_POST_FIELDS: Final = "id,message,story,created_time,permalink_url,from"
_COMMENT_FIELDS: Final = (
    "id,from,message,created_time,parent{id},attachment,is_hidden,is_private,can_hide,can_remove,permalink_url,"
    "comment_count"
)
#: Posts that are watched for new comments: the newest this many.
_WATCHED_POSTS: Final = 100
#: Of these, the newest are read whole each time: an edit, or a hide in Facebook's own app, shows only that way.
_READ_WHOLE: Final = 10
_PER_PAGE: Final = 100
#: Pages read in one fetch; the next one goes on where this one stopped.
_MOST_PAGES: Final = 300
#: Seconds read twice, because a comment may become visible after its created_time.
_OVERLAP: Final = 600
#: Percent of the app's allowance at which reading stops by itself, so that measures still get through.
_ALLOWANCE: Final = 95


def connect(
    *,
    base_url: str,
    account: str,
    secrets: Mapping[str, Any],
    session: Mapping[str, Any] | None = None,
    allow_loopback: bool = False,
) -> FacebookPage:
    """Return the connector of a Page. ``secrets``: ``access_token`` (a Page token) and ``app_secret``."""
    token, app_secret = str(secrets.get("access_token") or ""), str(secrets.get("app_secret") or "")
    if not token or not app_secret:
        raise DomainError("A Facebook channel needs its Page access token and its app secret.", "secrets_missing")
    transport = Transport(base_url or ADDRESS, secrets=(token, app_secret), allow_loopback=allow_loopback)
    return FacebookPage(transport, account, token, app_secret)


class FacebookPage:
    """One Page. See ``moothall.platforms.connector.Connector`` for the verbs."""

    def __init__(self, transport: Transport, page_id: str, token: str, app_secret: str) -> None:
        self._transport = transport
        self._page = page_id
        # The token travels in a header, never in an address that proxies and logs would keep.
        self._headers = {"Authorization": f"Bearer {token}"}
        proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        self._proof = {"appsecret_proof": proof}
        transport.add_secret(proof)

    @property
    def session(self) -> dict[str, Any] | None:
        """Always None: a Page token needs no session."""
        return None

    # Reading

    def close(self) -> None:
        """Let go of open connections."""
        self._transport.close()

    def fetch(self, cursor: dict[str, Any]) -> Iterator[Page]:
        """Yield the newest posts, then per post its comments: of the newest posts all, of the others those since the last round.

        The cursor is ``{"since": end of the last round, "round": start of this one, "post", "after"}``: killed or
        throttled anywhere, the next fetch goes on at that page of that post.
        """
        posts: list[str] = []
        for page, body in self._pages(f"/{self._page}/published_posts", {"fields": _POST_FIELDS, "limit": 50}):
            posts += [str(item["id"]) for item in _items(body) if item.get("id")]
            yield Page(page.body, "posts", None, _now())
            if len(posts) >= _WATCHED_POSTS:
                break
        posts = posts[:_WATCHED_POSTS]

        since, started = cursor.get("since"), int(cursor.get("round") or time.time())
        first, after = 0, ""
        if cursor.get("post") in posts:
            after = str(cursor.get("after") or "")
            first = posts.index(cursor["post"]) + (0 if after else 1)
        if first >= len(posts):
            # Newer posts pushed the rest out of the watched ones: begin this round again rather than never end it.
            first = 0
        read = 0
        for post in posts[first:]:
            whole = post in posts[:_READ_WHOLE]
            params: dict[str, Any] = {
                "fields": _COMMENT_FIELDS,
                "filter": "stream",
                "order": "chronological",
                "limit": _PER_PAGE,
            }
            if since is not None and not whole:
                params["since"] = since
            if after:
                params["after"] = after
            for page, body in self._pages(f"/{post}/comments", params):
                after = _after(body)
                if post == posts[-1] and not after:
                    place: dict[str, Any] = {"since": started - _OVERLAP}
                else:
                    place = {"round": started, "post": post, "after": after} | ({"since": since} if since else {})
                yield Page(page.body, f"comments/{post}", place, _now())
                read += 1
                if read >= _MOST_PAGES:
                    return
            after = ""

    def _pages(self, path: str, params: dict[str, Any]) -> Iterator[tuple[Answer, dict[str, Any]]]:
        while True:
            answer = self._get(path, params)
            problem = problem_in(answer)
            if problem is not None:
                raise self._raised(problem, answer)
            body = answer.json()
            yield answer, body
            after = _after(body)
            if not after or after == params.get("after"):
                return
            if _allowance_used(answer) >= _ALLOWANCE:
                raise AskedTooOften("Nearly all of the app's Graph API calls of this hour are used.", 300.0)
            params = params | {"after": after}

    def _get(self, path: str, params: Mapping[str, Any]) -> Answer:
        return self._transport.read(f"/{VERSION}{path}", params={**params, **self._proof}, headers=self._headers)

    def _raised(self, problem: Problem, answer: Answer) -> PlatformError:
        words = self._transport.redact(problem.words)
        if problem.means == "reconnect":
            return SignInRefused(words)
        if problem.means == "throttled":
            return AskedTooOften(words, wait_named_in(answer))
        return PlatformError(words)

    # Acting

    def perform(self, action: str, target: Mapping[str, Any], key: str) -> Outcome:
        """Have the effect once. Facebook has no idempotency key: each action first looks whether its effect is there."""
        comment, author = str(target.get("comment") or ""), str(target.get("author") or "")
        try:
            match action:
                case "hide" | "unhide":
                    return self._set_hidden(comment, action == "hide")
                case "delete":
                    return self._delete(comment, str(target.get("post") or ""))
                case "block" | "unblock" if not author:
                    return Outcome(
                        "failed", message="Facebook did not say who wrote the comment, so nobody can be blocked."
                    )
                case "block" | "unblock":
                    return self._set_blocked(author, action == "block")
                case "report":
                    return Outcome(
                        "handed_over",
                        message="Facebook takes reports only on its own pages: open the comment there and report it.",
                    )
                case _:
                    return Outcome("failed", message=f"Facebook knows no “{action}”.")
        except NotReached as error:
            return Outcome("retry", message=error.message)
        except AnswerLost as error:
            return Outcome("uncertain", message=error.message)
        except PlatformError as error:
            return Outcome("failed", message=error.message)

    def inquire(self, action: str, target: Mapping[str, Any], key: str, earlier: Mapping[str, Any] | None) -> Inquiry:
        """Look at the comment or the list of blocked people. ``unknown`` where the platform gives no clear answer."""
        comment, author = str(target.get("comment") or ""), str(target.get("author") or "")
        try:
            if action in ("hide", "unhide"):
                seen, gone = self._look(comment)
                if seen is None:
                    # A comment that is gone is not hidden; sending again will say so to the officer.
                    return "not_done" if gone else "unknown"
                return "done" if bool(seen.get("is_hidden")) == (action == "hide") else "not_done"
            if action == "delete":
                seen, gone = self._look(comment)
                if seen is not None:
                    return "not_done"
                return "done" if gone and self._readable(str(target.get("post") or "")) else "unknown"
            if action in ("block", "unblock") and author:
                blocked = self._is_blocked(author)
                return "unknown" if blocked is None else "done" if blocked == (action == "block") else "not_done"
        except PlatformError:
            return "unknown"
        # A report is never sent by machine.
        return "not_done" if action == "report" else "unknown"

    def _set_hidden(self, comment: str, hidden: bool) -> Outcome:
        seen = self._get(f"/{comment}", {"fields": "id,is_hidden,can_hide,permalink_url"})
        problem = problem_in(seen)
        if problem is not None:
            return self._outcome(problem, seen, sent=False)
        now = seen.json()
        if bool(now.get("is_hidden")) == hidden:
            return Outcome("done", {"was": hidden}, "It was so already.")
        if hidden and now.get("can_hide") is False:
            return Outcome(
                "handed_over",
                {"link": now.get("permalink_url", "")},
                "Facebook does not let the Page hide this comment by machine. Open it on Facebook and decide there.",
            )
        return self._changed(
            self._transport.write(
                "POST",
                f"/{VERSION}/{comment}",
                headers=self._headers,
                data={"is_hidden": "true" if hidden else "false", **self._proof},
            ),
            {"was": not hidden},
        )

    def _delete(self, comment: str, post: str) -> Outcome:
        seen = self._get(f"/{comment}", {"fields": "id,can_remove,permalink_url"})
        problem = problem_in(seen)
        if problem is not None:
            if problem.means == "gone" and self._readable(post):
                return Outcome("done", message="It was gone already.")
            return self._outcome(problem, seen, sent=False)
        if seen.json().get("can_remove") is False:
            return Outcome(
                "handed_over",
                {"link": seen.json().get("permalink_url", "")},
                "Facebook does not let the Page remove this comment by machine. Open it on Facebook and decide there.",
            )
        return self._changed(
            self._transport.write("DELETE", f"/{VERSION}/{comment}", headers=self._headers, params=self._proof), {}
        )

    def _set_blocked(self, author: str, blocked: bool) -> Outcome:
        if self._is_blocked(author) == blocked:
            return Outcome("done", {"user": author}, "It was so already.")
        path, method = f"/{VERSION}/{self._page}/blocked", "POST" if blocked else "DELETE"
        if blocked:
            answer = self._transport.write(method, path, headers=self._headers, data={"user": author, **self._proof})
        else:
            answer = self._transport.write(method, path, headers=self._headers, params={"user": author, **self._proof})
        return self._changed(answer, {"user": author})

    def _changed(self, answer: Answer, detail: dict[str, Any]) -> Outcome:
        """Read the answer to a change. Only a plain yes is taken for one."""
        problem = problem_in(answer)
        if problem is not None:
            return self._outcome(problem, answer, sent=True)
        body = answer.json()
        # {"success": true}; for /blocked the reference shows {"<user id>": true}.
        if body and all(value is True for value in body.values()):
            return Outcome("done", detail)
        return Outcome("uncertain", detail, "Facebook's answer was neither yes nor an error.")

    def _outcome(self, problem: Problem, answer: Answer, *, sent: bool) -> Outcome:
        words = self._transport.redact(problem.words)
        match problem.means:
            case "throttled":
                return Outcome("retry", message=words, retry_after=wait_named_in(answer))
            case "stumbled":
                # Facebook may have acted before it stumbled; a stumble while looking has changed nothing.
                return Outcome("uncertain" if sent else "retry", message=words)
            case "not_permitted":
                return Outcome("handed_over", {"code": problem.code}, words)
            case "gone":
                return Outcome(
                    "failed", {"code": problem.code}, "The comment is no longer on Facebook, or not for this Page."
                )
            case _:
                return Outcome("failed", {"code": problem.code}, words)

    def _look(self, comment: str) -> tuple[dict[str, Any] | None, bool]:
        """Return the comment as Facebook shows it, or None; and whether Facebook says that it is not there."""
        answer = self._get(f"/{comment}", {"fields": "id,is_hidden"})
        problem = problem_in(answer)
        if problem is None and answer.json().get("id"):
            return answer.json(), False
        return None, problem is not None and problem.means == "gone"

    def _readable(self, post: str) -> bool:
        """True when the post can be read: then "no such comment" is about the comment, not about our permission."""
        return bool(post) and problem_in(self._get(f"/{post}", {"fields": "id"})) is None

    def _is_blocked(self, author: str) -> bool | None:
        answer = self._get(f"/{self._page}/blocked", {"user": author, "fields": "id"})
        if problem_in(answer) is not None or not isinstance(answer.json().get("data"), list):
            return None
        return any(str(item.get("id")) == author for item in _items(answer.json()))


def _items(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = body.get("data")
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def _after(body: Mapping[str, Any]) -> str:
    """Return the cursor of the next page, or an empty text on the last one: ``next`` is left out there."""
    paging = body.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    return str(cursors.get("after") or "") if isinstance(cursors, dict) else ""


def _allowance_used(answer: Answer) -> float:
    """Return the highest percentage in the X-App-Usage header, 0 without one."""
    usage = Answer(200, {}, answer.headers.get("x-app-usage", "").encode()).json()
    return max((float(value) for value in usage.values() if isinstance(value, int | float)), default=0.0)


def _now() -> datetime:
    return datetime.now(UTC)
