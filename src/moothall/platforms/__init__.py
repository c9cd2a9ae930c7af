"""One folder a platform, with the same files and verbs in each. The network is used only here.

``connector_for`` speaks for one account, ``parse`` reads a stored body, ``capabilities`` says what a platform can do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from types import ModuleType
from typing import Any, Final, Literal, cast

from moothall.platforms.connector import Connector, Parsed
from moothall.words import DomainError

#: The platforms that have a folder here. Each holds connector.py with ``connect`` and ``parse``, and capabilities.toml.
CONNECTED: Final[tuple[str, ...]] = ("bluesky", "facebook")

Ability = Literal["yes", "conditional", "manual", "never"]


class PlatformNotConnected(DomainError):
    """Moothall cannot speak to this platform yet."""

    code = "platform_not_connected"


@dataclass(frozen=True, slots=True)
class Capability:
    """What a platform can do for one action: ``reason`` is read by officers, ``source`` says how it is known."""

    ability: Ability
    reason: str
    source: str

    @property
    def by_machine(self) -> bool:
        """True where Moothall can carry the action out itself, perhaps under a condition."""
        return self.ability in ("yes", "conditional")


def connector_for(
    platform: str,
    *,
    base_url: str,
    account: str,
    secrets: Mapping[str, Any],
    session: Mapping[str, Any] | None = None,
    allow_loopback: bool = False,
) -> Connector:
    """Return a connector for one account. No network is used before its first call.

    ``base_url`` may be empty for the platform's own address. Addresses must be https and public;
    ``allow_loopback`` also admits http on this machine. Raises PlatformNotConnected, AddressRefused,
    DomainError for missing secrets.
    """
    made = _folder(platform).connect(
        base_url=base_url, account=account, secrets=secrets, session=session, allow_loopback=allow_loopback
    )
    return cast(Connector, made)


def parse(platform: str, kind: str, raw: bytes) -> list[Parsed]:
    """Read a stored body of a platform; same body, same result. Items that cannot be read come back as Unreadable."""
    return cast(list[Parsed], _folder(platform).parse(kind, raw))


@cache
def capabilities(platform: str) -> dict[str, Capability]:
    """Return per action (hide, unhide, delete, block, unblock, report) what the platform can do. Raises PlatformNotConnected."""
    _folder(platform)
    text = resources.files(f"{__name__}.{platform}").joinpath("capabilities.toml").read_text(encoding="utf-8")
    return {action: Capability(**fields) for action, fields in tomllib.loads(text).items()}


def _folder(platform: str) -> ModuleType:
    if platform not in CONNECTED:
        raise PlatformNotConnected(f"Moothall cannot speak to “{platform}” yet. It can to: {', '.join(CONNECTED)}.")
    return import_module(f"{__name__}.{platform}.connector")
