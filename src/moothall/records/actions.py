"""Adding to the chain: the only way in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from moothall.records.chain import GENESIS, canonical, moment, record_hash, sealed_hash
from moothall.records.models import Record, Sealed

#: The PostgreSQL advisory lock that lets one transaction at a time add to the chain ("moothall" in ASCII).
_CHAIN_LOCK: Final = 0x6D6F6F7468616C6C


def append(
    kind: str,
    *,
    actor: str,
    subject: str,
    payload: Mapping[str, Any],
    sealed: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Record:
    """Add one record to the chain and return it; it commits or vanishes with the caller's transaction.

    ``kind`` is a word pair like ``"decision.made"``; ``actor`` is who acted: an officer's e-mail address, ``"system"``, a
    worker's name; ``subject`` is what it was done to, as ``"comment:12"``. ``payload`` holds dicts, lists, strings, ints, bools
    and None, and no personal data: that goes into ``sealed`` (name to value), of which the payload keeps only salted hashes
    under the key ``sealed``, so that a value can be erased later. ``at`` is an aware moment, now by default.

    From here until the caller's transaction ends nobody else can add a record: append last, and call no platform after it.

    Raises TransactionManagementError outside a transaction, ValueError (chain.NotCanonical) for a payload that cannot be
    hashed, a moment without time zone, or text that holds NUL.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a record is added inside the transaction of what it records")
    sealed = dict(sealed or {})
    if "sealed" in payload:
        raise ValueError('the payload\'s key "sealed" is kept for the hashes of sealed values')
    if any("\0" in text for text in (kind, actor, subject, *sealed.values())):
        raise ValueError("a record cannot hold NUL")
    salts = {name: secrets.token_hex(32) for name in sealed}
    content = dict(payload)
    if sealed:
        content["sealed"] = {name: sealed_hash(salts[name], value) for name, value in sealed.items()}
    text = canonical(content)
    at = at or timezone.now()
    moment(at)  # refuses a moment without time zone before anything is locked

    _one_at_a_time()
    last = Record.objects.order_by("-number").values_list("number", "hash").first()
    number, previous_hash = (last[0] + 1, last[1]) if last else (1, GENESIS)
    record = Record.objects.create(
        number=number,
        at=at,
        kind=kind,
        actor=actor,
        subject=subject,
        payload=text,
        previous_hash=previous_hash,
        hash=record_hash(number, at, kind, actor, subject, text, previous_hash),
    )
    Sealed.objects.bulk_create(
        Sealed(record=record, name=name, salt=salts[name], value=value) for name, value in sealed.items()
    )
    return record


def _one_at_a_time() -> None:
    """Wait until no other transaction is adding. SQLite needs nothing: its transactions are immediate (settings)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
