"""From a channel to the connector that speaks for it, with its secrets and its session."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from moothall.inbox.models import Channel
from moothall.inbox.sealing import seal, unseal
from moothall.platforms import connector_for
from moothall.platforms.connector import Connector


def connect(channel: Channel) -> Connector:
    """Return a connector for the channel. Raises DomainError when its secrets cannot be read or its address is refused."""
    return connector_for(
        channel.platform,
        base_url=channel.base_url,
        account=channel.account,
        secrets=unseal(channel.sealed_secrets),
        session=unseal(channel.sealed_session) or None,
        allow_loopback=settings.ALLOW_LOOPBACK_PLATFORMS,
    )


def keep_session(channel: Channel, connector: Connector) -> None:
    """Store the platform session if the connector opened or refreshed one, so that the next run need not sign in again."""
    session: dict[str, Any] | None = connector.session
    if session and session != unseal(channel.sealed_session):
        Channel.objects.filter(pk=channel.pk).update(sealed_session=seal(session))
