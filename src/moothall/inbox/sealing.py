"""Secrets at rest: platform tokens and sessions, encrypted under a key drawn from the installation's secret key."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from moothall.words import DomainError


class SecretsUnreadable(DomainError):
    """The stored platform secrets cannot be read with this MOOTHALL_SECRET_KEY: set the one they were stored under."""

    code = "secrets_unreadable"


def _fernet() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"moothall channel secrets").derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))


def seal(value: dict[str, Any]) -> str:
    """Return the value encrypted, as text."""
    return _fernet().encrypt(json.dumps(value).encode()).decode()


def unseal(sealed: str) -> dict[str, Any]:
    """Return what was sealed; an empty text gives an empty dict. Raises SecretsUnreadable under another key."""
    if not sealed:
        return {}
    try:
        value: dict[str, Any] = json.loads(_fernet().decrypt(sealed.encode()))
    except InvalidToken:
        raise SecretsUnreadable from None
    return value
