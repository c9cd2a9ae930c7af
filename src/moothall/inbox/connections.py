"""From a channel to the connector that speaks for it, with its secrets and its session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from moothall.inbox.models import Channel
from moothall.inbox.sealing import seal, unseal
from moothall.platforms import connector_for
from moothall.platforms.connector import Connector


@contextmanager
def connected(channel: Channel) -> Iterator[Connector]:
    """Lend a connector for the channel, and keep its session if it opened or refreshed one.

    Raises DomainError when the channel's secrets cannot be read or its address is refused.
    """
    session = unseal(channel.sealed_session) or None
    connector = connector_for(
        channel.platform,
        base_url=channel.base_url,
        account=channel.account,
        secrets=unseal(channel.sealed_secrets),
        session=session,
        allow_loopback=settings.ALLOW_LOOPBACK_PLATFORMS,
    )
    try:
        yield connector
    finally:
        # Also after an error: a session that was opened need not be opened again, and platforms count sign-ins.
        if connector.session and connector.session != session:
            Channel.objects.filter(pk=channel.pk).update(sealed_session=seal(connector.session))
        connector.close()
