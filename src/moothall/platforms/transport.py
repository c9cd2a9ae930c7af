"""One careful way to call a platform over HTTP: bounded in time and size, to one address, without secrets in any message.

A call ends in an ``Answer`` (any status), in ``NotReached`` (nothing was sent) or in ``AnswerLost`` (it may have had its
effect). Which of the two it was decides whether a measure may be sent again.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from moothall.platforms.connector import AddressRefused, PlatformError

_TIMEOUT: Final = httpx.Timeout(15.0, connect=5.0)
#: Seconds for a whole answer: a platform that sends a byte now and then is cut off.
_LONGEST_ANSWER: Final = 25.0
#: Bytes of a decoded answer. The largest thread seen is under 2 MB.
_LARGEST_ANSWER: Final = 16 * 1024 * 1024
_READ_TRIES: Final = 3
_READ_PAUSE: Final = 0.5
#: What counts as the council's own network. Link-local addresses do not: behind them clouds keep their credentials.
_INSIDE: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)

# httpx writes every address with its query to the log at level INFO; a query may hold a proof made from a token.
logging.getLogger("httpx").setLevel(logging.WARNING)


class NotReached(PlatformError):
    """The platform could not be reached; nothing was sent."""

    code = "not_reached"


class AnswerLost(PlatformError):
    """The request was sent, the answer did not arrive."""

    code = "answer_lost"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """True for a 2xx status."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; empty where it is none, so that callers look for what they need."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Address:
    """A base address that was checked, and the numeric addresses it leads to, checked each time they are looked up.

    ``inside``: addresses of the council's own network and of this machine are admitted too, over plain http if need be.
    """

    def __init__(self, base_url: str, *, allow_loopback: bool = False, inside: bool = False) -> None:
        """Raises AddressRefused where it is not https, not public, or holds a user name."""
        parts = urlsplit(base_url)
        host = (parts.hostname or "").lower()
        try:
            port = parts.port
        except ValueError:
            raise AddressRefused("The address has no valid port.") from None
        if not host or parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
            raise AddressRefused(f"“{parts.scheme}://{host}” is not an address a platform may have.")
        self._loopback = allow_loopback and _may_be_loopback(host)
        self._inside = inside
        if parts.scheme != "https" and not (self._loopback or inside):
            raise AddressRefused(f"{host} must be reached over https.")
        self.scheme, self.host, self.port = parts.scheme, host, port or (443 if parts.scheme == "https" else 80)
        #: As the header ``Host`` has it.
        self.named = host if port is None else f"{host}:{port}"
        self.path = parts.path.rstrip("/")
        if _is_literal(host):
            self._check(host)

    def at(self, numeric: str, path: str) -> str:
        """Return the url of ``path`` at one of the numeric addresses."""
        literal = f"[{numeric}]" if ":" in numeric else numeric
        return f"{self.scheme}://{literal}:{self.port}{self.path}{path}"

    def look_up(self) -> list[str]:
        """Return the numeric addresses of the host, all of them checked. Raises NotReached, AddressRefused."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NotReached(f"There is no address for {self.host}.") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            self._check(address)
        return addresses

    def _check(self, address: str) -> None:
        ip = ipaddress.ip_address(address.split("%")[0].strip("[]"))
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        if ip.is_loopback and self._loopback:
            return
        if self._inside and any(ip in network for network in _INSIDE if network.version == ip.version):
            return
        if not ip.is_global or ip.is_multicast:
            raise AddressRefused("This address lies inside a private network, where no platform is.")
        if self.scheme != "https":
            raise AddressRefused(f"{self.host} is reached over the internet, and must be reached over https.")


class Transport:
    """Calls to one base address. ``secrets`` are struck out of whatever the platform says."""

    def __init__(self, base_url: str, *, secrets: Sequence[str] = (), allow_loopback: bool = False) -> None:
        """Check the address. Raises AddressRefused where it is not https, not public, or holds a user name."""
        self._address = Address(base_url, allow_loopback=allow_loopback)
        self._host = self._address.host
        self._secrets = [secret for secret in secrets if secret]
        # No redirects: an API that sends us elsewhere is not the one the council connected.
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
        # Connections are kept open between calls and closed with the connector that holds them.
        weakref.finalize(self, self._client.close)

    def close(self) -> None:
        """Let go of open connections."""
        self._client.close()

    def add_secret(self, secret: str) -> None:
        """Strike this out of messages, too."""
        if secret and secret not in self._secrets:
            self._secrets.append(secret)

    def redact(self, words: str) -> str:
        """Return the words without any secret, at most 300 characters."""
        for secret in self._secrets:
            words = words.replace(secret, "[secret]")
        return words[:300]

    def read(self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str]) -> Answer:
        """GET, tried again where the answer is missing or the platform stumbles (5xx): reading changes nothing.

        Raises NotReached, AnswerLost, AddressRefused.
        """
        for last in (False,) * (_READ_TRIES - 1) + (True,):
            try:
                answer = self._call("GET", path, params=params, headers=headers)
                if answer.status < 500 or last:
                    return answer
            except (NotReached, AnswerLost):
                if last:
                    raise
            time.sleep(_READ_PAUSE)
        raise AssertionError("the last try returns or raises")

    def write(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send once, never again by itself; ``data`` as a form, ``content`` as JSON.

        Raises NotReached, AnswerLost, AddressRefused.
        """
        return self._call(method, path, params=params, headers=headers, data=data, content=content)

    def _call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> Answer:
        missed: NotReached | None = None
        for numeric in self._address.look_up():
            # The checked address itself is called, under its name: a second look-up could answer differently.
            request = self._client.build_request(
                method,
                self._address.at(numeric, path),
                params=params,
                data=data,
                json=content,
                headers={**headers, "Host": self._address.named, "User-Agent": "Moothall"},
                extensions={"sni_hostname": self._host},
            )
            try:
                return self._send(request)
            except NotReached as error:
                missed = error
        raise missed or NotReached(f"{self._host} could not be reached.")

    def _send(self, request: httpx.Request) -> Answer:
        started = time.monotonic()
        try:
            response = self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise NotReached(f"{self._host} could not be reached ({type(error).__name__}).") from None
        except httpx.HTTPError as error:
            raise AnswerLost(f"{self._host} did not answer ({type(error).__name__}).") from None
        try:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > _LARGEST_ANSWER:
                    raise AnswerLost(f"{self._host} sent more than {_LARGEST_ANSWER >> 20} MB.")
                if time.monotonic() - started > _LONGEST_ANSWER:
                    raise AnswerLost(f"{self._host} took longer than {_LONGEST_ANSWER:.0f} seconds.")
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise AnswerLost(f"{self._host} broke off its answer ({type(error).__name__}).") from None
        finally:
            response.close()
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(body))


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _may_be_loopback(host: str) -> bool:
    return host == "localhost" or (_is_literal(host) and ipaddress.ip_address(host).is_loopback)
