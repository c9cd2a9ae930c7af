"""A stand-in for Facebook: an HTTP server on loopback that speaks the Graph API's shapes for one Page.

It keeps what really happened to it as a list of effects, and it can be told to fail the way a platform fails: before it
acts, after it acted but before it answered, by throttling. Its front page shows the posts as a visitor sees them.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import html
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_DEFAULT_PAGE = 25


@dataclass
class _Node:
    id: str
    message: str
    created: datetime
    post: str | None = None
    parent: str | None = None
    author: tuple[str, str] | None = None
    hidden: bool = False
    can_hide: bool = True


@dataclass
class _State:
    page_id: str
    access_token: str
    app_secret: str
    nodes: dict[str, _Node] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)
    effects: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class GraphRefusal(Exception):
    """An answer of the error shape."""

    def __init__(self, status: int, code: int, message: str, kind: str = "OAuthException") -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "code": code, "fbtrace_id": "stand-in"}}


class Fake:
    """The stand-in, running while it is entered. ``url`` is its address."""

    def __init__(
        self, page_id: str = "1000", access_token: str = "page-token", app_secret: str = "app-secret", port: int = 0
    ) -> None:
        self._state = _State(page_id, access_token, app_secret)
        handler = type("Handler", (_Handler,), {"state": self._state})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.serve_forever()

    def add_post(self, *, id: str, message: str, created: datetime | None = None) -> None:
        self._add(_Node(id, message, created or datetime.now(UTC)))

    def add_comment(
        self,
        *,
        id: str,
        post: str,
        message: str,
        author: tuple[str, str] | None = None,
        created: datetime | None = None,
        parent: str | None = None,
    ) -> None:
        self._add(_Node(id, message, created or datetime.now(UTC), post=post, parent=parent, author=author))

    def edit(self, id: str, message: str) -> None:
        with self._state.lock:
            self._state.nodes[id].message = message

    def hide_natively(self, id: str, hidden: bool) -> None:
        """Somebody hid or showed the comment in Facebook's own app: no effect of ours."""
        with self._state.lock:
            self._state.nodes[id].hidden = hidden

    def effects_on(self, id: str) -> list[str]:
        """Return what really happened to a comment or a person, in order."""
        with self._state.lock:
            return [action for action, target in self._state.effects if target == id]

    def fail_next(self, *faults: str) -> None:
        """Fail the next writing calls in turn: ``before`` (closed without acting), ``after`` (acted, not answered), ``throttle``."""
        with self._state.lock:
            self._state.faults.extend(faults)

    def _add(self, node: _Node) -> None:
        with self._state.lock:
            self._state.nodes[node.id] = node


class _Handler(BaseHTTPRequestHandler):
    state: _State
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_DELETE(self) -> None:
        self._handle("DELETE")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the stand-in runs beside the demo's own words."""

    def _handle(self, method: str) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), 1 << 20)
        form = parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
        address = urlsplit(self.path)
        asked = {name: values[-1] for name, values in (parse_qs(address.query) | form).items()}
        if method == "GET" and address.path == "/":
            self._answer(200, _front_page(self.state).encode(), "text/html; charset=utf-8")
            return
        if method == "GET" and address.path == "/__effects":
            self._json(200, {"effects": self.state.effects})
            return
        steps = [step for step in address.path.split("/") if step]
        if steps and steps[0].startswith("v") and steps[0][1:2].isdigit():
            steps = steps[1:]
        fault = ""
        if method != "GET":
            with self.state.lock:
                fault = self.state.faults.pop(0) if self.state.faults else ""
        if fault == "before":
            self._hang_up()
            return
        try:
            if fault == "throttle":
                raise GraphRefusal(400, 32, "Page request limit reached")
            self._check_access(asked)
            with self.state.lock:
                answer = self._route(method, steps, asked)
        except GraphRefusal as refusal:
            self._json(refusal.status, refusal.body)
            return
        if fault == "after":
            self._hang_up()
            return
        self._json(200, answer)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _check_access(self, asked: dict[str, str]) -> None:
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if (asked.get("access_token") or bearer) != self.state.access_token:
            raise GraphRefusal(401, 190, "Invalid OAuth access token.")
        proof = hmac.new(self.state.app_secret.encode(), self.state.access_token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(asked.get("appsecret_proof", ""), proof):
            raise GraphRefusal(
                400, 100, "API calls from the server require an appsecret_proof argument", "GraphMethodException"
            )

    def _route(self, method: str, steps: list[str], asked: dict[str, str]) -> Any:
        match method, steps:
            case "GET", [page, "published_posts" | "feed" | "posts"] if page == self.state.page_id:
                posts = sorted(
                    (n for n in self.state.nodes.values() if n.post is None), key=lambda n: n.created, reverse=True
                )
                return self._listed(posts, steps, asked)
            case _, [page, "blocked"] if page == self.state.page_id:
                return self._blocked(method, asked)
            case "GET", [post, "comments"] if post in self.state.nodes:
                return self._listed(self._comments(post, asked), steps, asked)
            case "GET", [page] if page == self.state.page_id:
                return {"id": page, "name": "Thornbury-on-Wold Borough Council"}
            case _, [id] if id in self.state.nodes:
                return self._node(method, self.state.nodes[id], asked)
        raise GraphRefusal(
            400,
            100,
            f"Unsupported {method.lower()} request. Object does not exist or lacks permissions",
            "GraphMethodException",
        )

    def _comments(self, of: str, asked: dict[str, str]) -> list[_Node]:
        under = [n for n in self.state.nodes.values() if n.post is not None]
        if self.state.nodes[of].post is not None:
            under = [n for n in under if n.parent == of]
        elif asked.get("filter") == "stream":
            under = [n for n in under if n.post == of]
        else:
            under = [n for n in under if n.post == of and n.parent is None]
        if since := asked.get("since", ""):
            under = [n for n in under if n.created.timestamp() >= float(since)]
        return sorted(under, key=lambda n: (n.created, n.id), reverse=asked.get("order") == "reverse_chronological")

    def _listed(self, nodes: list[_Node], steps: list[str], asked: dict[str, str]) -> dict[str, Any]:
        limit = max(1, min(int(asked.get("limit", _DEFAULT_PAGE)), 100))
        after = asked.get("after", "")
        start = next((i + 1 for i, n in enumerate(nodes) if n.id == after), 0)
        shown = nodes[start : start + limit]
        answer: dict[str, Any] = {"data": [self._fields(n, asked) for n in shown]}
        if shown:
            answer["paging"] = {"cursors": {"before": shown[0].id, "after": shown[-1].id}}
            if start + limit < len(nodes):
                answer["paging"]["next"] = (
                    f"http://{self.headers.get('Host', '')}/{'/'.join(steps)}?after={shown[-1].id}"
                )
        return answer

    def _fields(self, node: _Node, asked: dict[str, str]) -> dict[str, Any]:
        whole: dict[str, Any] = {
            "id": node.id,
            "message": node.message,
            "created_time": node.created.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink_url": f"http://{self.headers.get('Host', '')}/#{node.id}",
        }
        if node.post is not None:
            whole |= {"is_hidden": node.hidden, "can_hide": node.can_hide, "can_remove": True}
            if node.author:
                whole["from"] = {"id": node.author[0], "name": node.author[1]}
            if node.parent:
                whole["parent"] = {"id": node.parent}
        names = {part.split("{")[0] for part in asked.get("fields", "").replace("}", "").split(",")} | {"id"}
        return {k: v for k, v in whole.items() if k in names} if asked.get("fields") else whole

    def _node(self, method: str, node: _Node, asked: dict[str, str]) -> Any:
        if method == "GET":
            return self._fields(node, asked)
        if node.post is None:
            raise GraphRefusal(400, 200, "Permissions error")
        if method == "DELETE":
            gone = [n.id for n in self.state.nodes.values() if n.parent == node.id] + [node.id]
            for id in gone:
                del self.state.nodes[id]
            self.state.effects.append(("delete", node.id))
            return {"success": True}
        if "is_hidden" in asked:
            hide = asked["is_hidden"].lower() in ("true", "1")
            if hide and not node.can_hide:
                raise GraphRefusal(400, 200, "This comment cannot be hidden")
            node.hidden = hide
            self.state.effects.append(("hide" if hide else "unhide", node.id))
        return {"success": True}

    def _blocked(self, method: str, asked: dict[str, str]) -> Any:
        who = asked.get("user") or asked.get("uid") or asked.get("asid") or asked.get("psid") or ""
        if method == "GET":
            rows = [{"id": id, "name": name} for id, name in self.state.blocked.items() if who in ("", id)]
            return {"data": rows}
        names = dict(n.author for n in self.state.nodes.values() if n.author)
        if who not in names:
            raise GraphRefusal(400, 100, "Invalid parameter: no such user")
        if method == "POST":
            self.state.blocked[who] = names[who]
            self.state.effects.append(("block", who))
            return {who: True}
        self.state.blocked.pop(who, None)
        self.state.effects.append(("unblock", who))
        return {"success": True}

    def _json(self, status: int, body: Any) -> None:
        self._answer(status, json.dumps(body).encode(), "application/json; charset=UTF-8")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-App-Usage", '{"call_count":1,"total_time":1,"total_cputime":1}')
        self.end_headers()
        self.wfile.write(body)


def _front_page(state: _State) -> str:
    """What a visitor to the page sees: hidden comments are named as hidden, deleted ones are gone."""
    with state.lock:
        nodes = list(state.nodes.values())
        blocked = set(state.blocked)
    parts = []
    for post in sorted((n for n in nodes if n.post is None), key=lambda n: n.created, reverse=True):
        comments = sorted((n for n in nodes if n.post == post.id), key=lambda n: n.created)
        rows = "".join(_comment_row(n, blocked) for n in comments)
        parts.append(f"<article><h2>{html.escape(post.message)}</h2><ul>{rows}</ul></article>")
    style = (
        "body{font:16px/1.5 arial,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#0b0c0c}"
        "h2{font-size:1.1rem}article{border-top:1px solid #767676}.hidden{color:#595959;background:#f3f2f1}"
    )
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Stand-in for Facebook</title><style>{style}</style></head><body><h1>Stand-in for Facebook</h1>"
        f"<p>This is not Facebook. It is the page as a visitor would see it, so that you can see what the desk did.</p>"
        f"{''.join(parts)}</body></html>"
    )


def _comment_row(node: _Node, blocked: set[str]) -> str:
    who = html.escape(node.author[1] if node.author else "Somebody")
    mark = " (blocked)" if node.author and node.author[0] in blocked else ""
    if node.hidden:
        return f'<li id="{html.escape(node.id)}" class="hidden">A comment by {who}{mark} is hidden.</li>'
    return f'<li id="{html.escape(node.id)}"><strong>{who}{mark}</strong>: {html.escape(node.message)}</li>'


def load(fake: Fake, lines: Iterable[str]) -> None:
    """Fill the stand-in from JSON lines: posts ``{"id","message","created"}``; comments also ``post, parent, author{id,name}``."""
    for line in lines:
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


def main() -> None:
    """Run the stand-in alone: ``python -m moothall.platforms.facebook.fake --port 8701 --data FILE``."""
    arguments = argparse.ArgumentParser(description="A stand-in for Facebook on this machine.")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--data", type=Path)
    arguments.add_argument("--page", default="1000")
    arguments.add_argument("--token", default="page-token")
    arguments.add_argument("--secret", default="app-secret")
    given = arguments.parse_args()
    fake = Fake(given.page, given.token, given.secret, port=given.port)
    if given.data:
        with given.data.open(encoding="utf-8") as lines:
            load(fake, lines)
    print(fake.url, flush=True)  # noqa: T201 (whoever started it waits for this line)
    try:
        fake.serve()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
