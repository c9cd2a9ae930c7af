"""A stand-in for Facebook: an HTTP server on this machine that speaks the Graph API's shapes for one Page.

It keeps what really happened to it as a list of effects, and it can be told to fail the way a platform fails: before it
acts, after it acted but before it answered, by throttling, by being slow. Its front page shows the posts as a visitor sees
them. Run alone: ``python -m moothall.platforms.facebook.fake --port 8701 --data FILE``.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import hmac
import json
import re
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from moothall.platforms.facebook.fake_front_page import front_page

_DEFAULT_LIMIT: Final = 25
_LARGEST_FORM: Final = 1 << 20
_VERSION: Final = re.compile(r"v\d+\.\d+")
#: Known and open, like the stand-in itself: nobody's account hangs on them.
PAGE, TOKEN, SECRET = "1000", "page-token", "app-secret"
_FAULTS: Final = re.compile(r"before|after|stumble|throttle|expired|slow(:\d+(\.\d+)?)?")


@dataclass
class Node:
    """A post (no ``post``) or a comment under one. ``author`` is (id, name); None where Facebook would withhold it."""

    id: str
    message: str
    created: datetime
    post: str | None = None
    parent: str | None = None
    author: tuple[str, str] | None = None
    hidden: bool = False
    can_hide: bool = True
    can_remove: bool = True
    attachment: dict[str, Any] | None = None


@dataclass
class State:
    """All that the stand-in knows, guarded by one lock."""

    page_id: str
    name: str
    access_token: str
    app_secret: str
    nodes: dict[str, Node] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)
    effects: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    usage: int = 1
    lock: threading.RLock = field(default_factory=threading.RLock)


class GraphRefusal(Exception):
    """An answer in the error shape of the Graph API."""

    def __init__(
        self, status: int, code: int, message: str, kind: str = "OAuthException", subcode: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        error: dict[str, Any] = {"message": message, "type": kind, "code": code, "fbtrace_id": "stand-in"}
        if subcode is not None:
            error["error_subcode"] = subcode
        self.body = {"error": error}


class Fake:
    """The stand-in, running while it is entered. ``url`` is its address; port 0 takes a free one."""

    def __init__(
        self,
        page_id: str = PAGE,
        access_token: str = TOKEN,
        app_secret: str = SECRET,
        port: int = 0,
        name: str = "Thornbury-on-Wold Borough Council",
    ) -> None:
        self._state = State(page_id, name, access_token, app_secret)
        handler = type("Handler", (_Handler,), {"state": self._state})
        self._server = _Server(("127.0.0.1", port), handler)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True, name="facebook-stand-in"
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join()

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.serve_forever()

    # What is on the Page

    def add_post(self, *, id: str, message: str, created: datetime | None = None) -> None:
        """Publish a post as the Page."""
        self._add(Node(id, message, created or datetime.now(UTC)))

    def add_comment(
        self,
        *,
        id: str,
        post: str,
        message: str,
        author: tuple[str, str] | None = None,
        created: datetime | None = None,
        parent: str | None = None,
        can_hide: bool = True,
        can_remove: bool = True,
        attachment: dict[str, Any] | None = None,
    ) -> None:
        """Write a comment; ``author`` is (id, name)."""
        at = created or datetime.now(UTC)
        self._add(Node(id, message, at, post, parent, author, False, can_hide, can_remove, attachment))

    def edit(self, id: str, message: str) -> None:
        """Change the words, as their writer can."""
        with self._state.lock:
            self._state.nodes[id].message = message

    def hide_natively(self, id: str, hidden: bool = True) -> None:
        """Hide or show a comment as somebody would in Facebook's own app: no effect of ours."""
        with self._state.lock:
            self._state.nodes[id].hidden = hidden

    def remove_natively(self, id: str) -> None:
        """Take a comment away as its writer can."""
        with self._state.lock:
            _remove(self._state, id)

    # What happened, and what shall go wrong

    def effects(self) -> list[tuple[str, str]]:
        """Return every effect that really happened: (action, comment or person), in order."""
        with self._state.lock:
            return list(self._state.effects)

    def effects_on(self, id: str) -> list[str]:
        """Return what really happened to a comment or a person, in order."""
        return [action for action, target in self.effects() if target == id]

    def fail_next(self, *faults: str) -> None:
        """Fail the next writing calls in turn.

        ``before``: hung up without acting. ``after``: acted, then hung up without an answer. ``stumble``: acted, then
        answered 500. ``throttle``, ``expired``: refused without acting. ``slow:SECONDS``: acted, then waited before answering.
        """
        for fault in faults:
            if not _FAULTS.fullmatch(fault):
                raise ValueError(f"no such fault: {fault}")
        with self._state.lock:
            self._state.faults.extend(faults)

    def use_up(self, percent: int) -> None:
        """Say in X-App-Usage that this much of the allowance is used; at 100 every call is refused."""
        with self._state.lock:
            self._state.usage = percent

    def _add(self, node: Node) -> None:
        with self._state.lock:
            self._state.nodes[node.id] = node


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a caller that was killed in the middle is what tests are about."""


class _Handler(BaseHTTPRequestHandler):
    state: State
    protocol_version = "HTTP/1.1"
    #: Seconds a kept connection may lie idle.
    timeout = 30

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_DELETE(self) -> None:
        self._handle("DELETE")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the stand-in runs beside the demo's own words."""

    def _handle(self, method: str) -> None:
        asked = self._asked()
        path = urlsplit(self.path).path
        if method == "GET" and path == "/":
            with self.state.lock:
                page = front_page(self.state.name, list(self.state.nodes.values()), set(self.state.blocked))
            self._answer(200, page.encode(), "text/html; charset=utf-8")
            return
        if method == "GET" and path == "/__effects":
            with self.state.lock:
                self._json(200, {"effects": list(self.state.effects), "blocked": sorted(self.state.blocked)})
            return
        fault = self._next_fault() if method != "GET" else ""
        if fault == "before":
            self._hang_up()
            return
        try:
            self._check_access(asked, fault)
            with self.state.lock:
                answer = _Graph(self.state, f"http://{self.headers.get('Host', '')}").route(method, path, asked)
        except GraphRefusal as refusal:
            self._json(refusal.status, refusal.body)
            return
        if fault.startswith("slow"):
            time.sleep(float(fault.partition(":")[2] or 1))
        if fault == "after":
            self._hang_up()
        elif fault == "stumble":
            self._json(500, GraphRefusal(500, 2, "Service temporarily unavailable").body)
        else:
            self._json(200, answer)

    def _asked(self) -> dict[str, str]:
        """Return the parameters of the address and of a form or JSON body together."""
        length = min(int(self.headers.get("Content-Length") or 0), _LARGEST_FORM)
        body = self.rfile.read(length).decode("utf-8", "replace")
        given = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if self.headers.get("Content-Type", "").startswith("application/json"):
            with contextlib.suppress(ValueError):
                return given | {name: str(value) for name, value in json.loads(body or "{}").items()}
        return given | {name: values[-1] for name, values in parse_qs(body).items()}

    def _next_fault(self) -> str:
        with self.state.lock:
            return self.state.faults.pop(0) if self.state.faults else ""

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _check_access(self, asked: dict[str, str], fault: str) -> None:
        if fault == "throttle" or self.state.usage >= 100:
            raise GraphRefusal(400, 32, "Page request limit reached")
        given = asked.get("access_token") or self.headers.get("Authorization", "").removeprefix("Bearer ")
        if not given:
            raise GraphRefusal(400, 104, "An access token is required to request this resource.")
        if fault == "expired":
            raise GraphRefusal(401, 190, "Error validating access token: Session has expired.", subcode=463)
        if not hmac.compare_digest(given.encode(), self.state.access_token.encode()):
            # Facebook, too, repeats what it was given.
            raise GraphRefusal(401, 190, f"Malformed access token {given}")
        proof = hmac.new(self.state.app_secret.encode(), given.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(asked.get("appsecret_proof", "").encode(), proof.encode()):
            raise GraphRefusal(
                400, 100, "API calls from the server require an appsecret_proof argument", "GraphMethodException"
            )

    def _json(self, status: int, body: Any) -> None:
        self._answer(status, json.dumps(body, ensure_ascii=False).encode(), "application/json; charset=UTF-8")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        usage = self.state.usage
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-App-Usage", f'{{"call_count":{usage},"total_time":1,"total_cputime":1}}')
        if kind.startswith("text/html"):
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.end_headers()
        self.wfile.write(body)


class _Graph:
    """One call to the Graph API, answered from the state."""

    def __init__(self, state: State, host: str) -> None:
        self._state = state
        self._host = host

    def route(self, method: str, path: str, asked: dict[str, str]) -> Any:
        """Return the body of the answer. Raises GraphRefusal."""
        steps = [step for step in path.split("/") if step]
        if steps and _VERSION.fullmatch(steps[0]):
            steps = steps[1:]
        page, nodes = self._state.page_id, self._state.nodes
        match method, steps:
            case "GET", [of, "published_posts" | "feed" | "posts"] if of == page:
                posts = [node for node in nodes.values() if node.post is None]
                posts.sort(key=lambda node: (node.created, node.id), reverse=True)
                return self._listed(posts, path, asked)
            case _, [of, "blocked"] if of == page:
                return self._blocked(method, asked)
            case "GET", [of, "comments"] if of in nodes:
                return self._listed(self._comments(of, asked), path, asked)
            case "GET", [of] if of == page:
                return {"id": page, "name": self._state.name}
            case _, [of] if of in nodes:
                return self._node(method, nodes[of], asked)
        raise GraphRefusal(
            400,
            100,
            f"Unsupported {method.lower()} request. Object with ID '{steps[0] if steps else ''}' does not exist, cannot be "
            "loaded due to missing permissions, or does not support this operation.",
            "GraphMethodException",
            subcode=33,
        )

    def _comments(self, of: str, asked: dict[str, str]) -> list[Node]:
        comments = [node for node in self._state.nodes.values() if node.post is not None]
        if self._state.nodes[of].post is not None:
            comments = [node for node in comments if node.parent == of]
        elif asked.get("filter") == "stream":
            comments = [node for node in comments if node.post == of]
        else:
            comments = [node for node in comments if node.post == of and node.parent is None]
        if "since" in asked:
            since = _seconds(asked["since"])
            comments = [node for node in comments if node.created.timestamp() >= since]
        newest_first = asked.get("order") in ("reverse_chronological", "REVERSE_CHRONOLOGICAL")
        return sorted(comments, key=lambda node: (node.created, node.id), reverse=newest_first)

    def _listed(self, nodes: list[Node], path: str, asked: dict[str, str]) -> dict[str, Any]:
        limit = max(1, min(_whole(asked.get("limit"), _DEFAULT_LIMIT), 100))
        after = asked.get("after", "")
        start = next((place + 1 for place, node in enumerate(nodes) if node.id == after), 0)
        shown = nodes[start : start + limit]
        answer: dict[str, Any] = {"data": [self._fields(node, asked) for node in shown]}
        if shown:
            answer["paging"] = {"cursors": {"before": shown[0].id, "after": shown[-1].id}}
            if start + limit < len(nodes):
                kept = {k: v for k, v in asked.items() if k not in ("access_token", "appsecret_proof")}
                answer["paging"]["next"] = f"{self._host}{path}?{urlencode(kept | {'after': shown[-1].id})}"
        return answer

    def _fields(self, node: Node, asked: dict[str, str]) -> dict[str, Any]:
        """Return the fields that were asked for; like Facebook's, only id, words and time when none were."""
        whole: dict[str, Any] = {
            "id": node.id,
            "message": node.message,
            "created_time": node.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": f"{self._host}/#{node.id}",
            "is_hidden": node.hidden,
        }
        if node.post is None:
            whole["from"] = {"id": self._state.page_id, "name": self._state.name}
        else:
            replies = sum(1 for other in self._state.nodes.values() if other.parent == node.id)
            whole |= {
                "can_hide": node.can_hide,
                "can_remove": node.can_remove,
                "is_private": False,
                "comment_count": replies,
            }
            if node.author:
                whole["from"] = {"id": node.author[0], "name": node.author[1]}
            if node.parent:
                whole["parent"] = {"id": node.parent}
            if node.attachment:
                whole["attachment"] = node.attachment
        if not asked.get("fields"):
            return {name: whole[name] for name in ("id", "message", "created_time", "from") if name in whole}
        names = {re.sub(r"\{.*", "", part) for part in re.split(r",(?![^{]*\})", asked["fields"])}
        return {name: value for name, value in whole.items() if name in names or name == "id"}

    def _node(self, method: str, node: Node, asked: dict[str, str]) -> Any:
        if method == "GET":
            return self._fields(node, asked)
        if node.post is None:
            raise GraphRefusal(400, 200, "(#200) Permissions error")
        if method == "DELETE":
            if not node.can_remove:
                raise GraphRefusal(400, 200, "(#200) This comment cannot be removed")
            _remove(self._state, node.id)
            self._state.effects.append(("delete", node.id))
            return {"success": True}
        if "is_hidden" in asked:
            hide = asked["is_hidden"].lower() in ("true", "1")
            if hide and not node.can_hide:
                raise GraphRefusal(400, 200, "(#200) This comment cannot be hidden")
            node.hidden = hide
            self._state.effects.append(("hide" if hide else "unhide", node.id))
        return {"success": True}

    def _blocked(self, method: str, asked: dict[str, str]) -> Any:
        who = next((asked[name].strip('[]" ') for name in ("user", "uid", "asid", "psid") if name in asked), "")
        blocked = self._state.blocked
        if method == "GET":
            return {"data": [{"id": id, "name": name} for id, name in blocked.items() if who in ("", id)]}
        known = dict(node.author for node in self._state.nodes.values() if node.author)
        if who not in known and who not in blocked:
            raise GraphRefusal(400, 100, "(#100) Invalid parameter: no such user")
        if method == "POST":
            blocked[who] = known[who]
            self._state.effects.append(("block", who))
            return {who: True}
        blocked.pop(who, None)
        self._state.effects.append(("unblock", who))
        return {"success": True}


def _remove(state: State, id: str) -> None:
    """Take a comment away with the replies under it."""
    for below in [node.id for node in state.nodes.values() if node.parent == id]:
        _remove(state, below)
    state.nodes.pop(id, None)


def _whole(value: str | None, otherwise: int) -> int:
    if value is None:
        return otherwise
    try:
        return int(value)
    except ValueError:
        raise GraphRefusal(400, 100, "(#100) Param limit must be an integer") from None


def _seconds(value: str) -> float:
    try:
        return float(value) if value.isdecimal() else datetime.fromisoformat(value).timestamp()
    except ValueError:
        raise GraphRefusal(400, 100, "(#100) since is not a valid time") from None


def load(fake: Fake, lines: Iterable[str]) -> None:
    """Fill the stand-in from JSON lines: posts ``{"id", "message", "created"}``; comments add ``post, parent, author{id, name}``.

    Raises KeyError or ValueError for a line that is neither.
    """
    for line in lines:
        if not line.strip():
            continue
        row = json.loads(line)
        created = datetime.fromisoformat(row["created"])
        if "post" not in row:
            fake.add_post(id=row["id"], message=row["message"], created=created)
            continue
        author = row.get("author")
        fake.add_comment(
            id=row["id"],
            post=row["post"],
            parent=row.get("parent"),
            message=row["message"],
            created=created,
            author=(author["id"], author["name"]) if author else None,
        )


def serve(port: int, data: Path | None = None, page: str = PAGE, token: str = TOKEN, secret: str = SECRET) -> None:
    """Serve in this process until interrupted, after printing the address on a line of its own."""
    fake = Fake(page, token, secret, port)
    if data is not None:
        with data.open(encoding="utf-8") as lines:
            load(fake, lines)
    print(fake.url, flush=True)  # noqa: T201 (whoever started it waits for this line)
    with contextlib.suppress(KeyboardInterrupt):
        fake.serve()


def main() -> None:
    """Read the arguments and serve."""
    arguments = argparse.ArgumentParser(description="A stand-in for Facebook on this machine.")
    arguments.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments.add_argument("--data", type=Path, help="posts and comments, a JSON object on each line")
    arguments.add_argument("--page", default=PAGE)
    arguments.add_argument("--token", default=TOKEN)
    arguments.add_argument("--secret", default=SECRET)
    given = arguments.parse_args()
    serve(given.port, given.data, given.page, given.token, given.secret)


if __name__ == "__main__":
    main()
