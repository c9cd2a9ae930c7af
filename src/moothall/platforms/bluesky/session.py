"""Signed-in XRPC calls to one Bluesky account's server, signing in as seldom as can be.

A server allows 30 sign-ins in five minutes and 300 a day for an account, so the session is kept, refreshed, and handed back
for storage. A call refused because its token ran out had no effect and is sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from moothall.platforms.connector import AskedTooOften, PlatformError, SignInRefused
from moothall.platforms.transport import Answer, Transport

_RUN_OUT: Final = {"ExpiredToken", "InvalidToken"}
_LONGEST_WAIT: Final = 3600.0


class Account:
    """One account, signed in when first needed. ``session`` holds its tokens: store it sealed."""

    def __init__(
        self, transport: Transport, identifier: str, app_password: str, session: Mapping[str, Any] | None
    ) -> None:
        self._transport = transport
        self._identifier = identifier
        self._app_password = app_password
        self.session: dict[str, Any] | None = dict(session) if session and session.get("accessJwt") else None
        self._strike_out()

    @property
    def did(self) -> str:
        """The account's permanent identity. Signs in where it is not known yet."""
        if self.session is None:
            self._sign_in()
        return str((self.session or {})["did"])

    def read(self, name: str, params: Mapping[str, Any]) -> Answer:
        """Ask a query method. Any status but a refused sign-in or 429 is handed back."""
        return self._signed(lambda headers: self._transport.read(f"/xrpc/{name}", params=params, headers=headers))

    def write(self, name: str, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
        """Call a procedure once."""
        return self._signed(
            lambda signed: self._transport.write(
                "POST", f"/xrpc/{name}", headers={**signed, **(headers or {})}, content=content
            )
        )

    def _signed(self, call: Callable[[dict[str, str]], Answer]) -> Answer:
        fresh = self.session is None
        if fresh:
            self._sign_in()
        answer = call(self._bearer("accessJwt"))
        if not fresh and _token_ran_out(answer):
            self._refresh()
            answer = call(self._bearer("accessJwt"))
        if answer.status == 429:
            raise AskedTooOften("Bluesky asks to wait.", wait_named_in(answer))
        if _token_ran_out(answer):
            raise SignInRefused("Bluesky no longer accepts this channel's sign-in: connect it again.")
        return answer

    def _bearer(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self.session or {}).get(token, '')}"}

    def _refresh(self) -> None:
        answer = self._transport.write(
            "POST", "/xrpc/com.atproto.server.refreshSession", headers=self._bearer("refreshJwt")
        )
        if answer.ok:
            self._keep(answer)
        elif answer.status in (400, 401):
            self._sign_in()
        else:
            self._refuse(answer)

    def _sign_in(self) -> None:
        answer = self._transport.write(
            "POST",
            "/xrpc/com.atproto.server.createSession",
            headers={},
            content={"identifier": self._identifier, "password": self._app_password},
        )
        if answer.ok:
            self._keep(answer)
        else:
            self._refuse(answer)

    def _keep(self, answer: Answer) -> None:
        body = answer.json()
        if not all(isinstance(body.get(name), str) for name in ("did", "accessJwt", "refreshJwt")):
            raise PlatformError("Bluesky's answer to the sign-in could not be read.")
        self.session = {name: body[name] for name in ("did", "handle", "accessJwt", "refreshJwt") if name in body}
        self._strike_out()

    def _refuse(self, answer: Answer) -> None:
        """Raise what a failed sign-in means."""
        if answer.status == 429:
            raise AskedTooOften("Bluesky allows no more sign-ins for now.", wait_named_in(answer))
        error = str(answer.json().get("error", ""))
        if error == "AuthFactorTokenRequired":
            raise SignInRefused("This account asks for a code by e-mail: connect it with an app password.")
        if answer.status in (400, 401, 403):
            raise SignInRefused("Bluesky did not accept the handle and app password of this channel: connect it again.")
        raise PlatformError(f"Bluesky could not sign the channel in ({answer.status}).")

    def _strike_out(self) -> None:
        self._transport.add_secret(self._app_password)
        for token in ("accessJwt", "refreshJwt"):
            self._transport.add_secret(str((self.session or {}).get(token, "")))


def wait_named_in(answer: Answer) -> float:
    """Return the seconds until the limit is lifted, from ``ratelimit-reset`` (epoch seconds), else a minute."""
    reset = answer.headers.get("ratelimit-reset", "")
    if not reset.isdecimal():
        return 60.0
    return min(max(float(reset) - time.time(), 1.0), _LONGEST_WAIT)


def _token_ran_out(answer: Answer) -> bool:
    return answer.status == 401 or (answer.status == 400 and answer.json().get("error") in _RUN_OUT)
