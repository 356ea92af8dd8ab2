"""A manager gave a machine its key; a machine showed it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db.tables import ApiKey
from wallet_service.domain.errors import Conflict, Invalid

PREFIX_BYTES, SECRET_BYTES = 6, 32


def create_api_key(session: Session, *, name: str, entropy: Callable[[int], bytes], now: datetime) -> str:
    """The key itself, shown this once: only its digest is kept."""
    if not 1 <= len(name) <= 64:
        raise Invalid("A key's name has 1 to 64 characters.")
    if session.scalar(select(ApiKey.id).where(ApiKey.name == name)) is not None:
        raise Conflict(f"There is a key named {name} already. Choose another name.")
    prefix, secret = entropy(PREFIX_BYTES).hex(), entropy(SECRET_BYTES).hex()
    session.add(ApiKey(name=name, prefix=prefix, digest=_digest(secret), created_at=now))
    return f"wk_{prefix}_{secret}"


def find_api_key(session: Session, shown: str) -> ApiKey | None:
    """The key's row when it is right and not revoked."""
    _, _, rest = shown.partition("_")
    prefix, _, secret = rest.partition("_")
    row = session.scalar(select(ApiKey).where(ApiKey.prefix == prefix[:16]))
    kept = row.digest if row else _digest("")
    right = hmac.compare_digest(kept.encode(), _digest(secret).encode())
    return row if row and right and row.revoked_at is None else None


def _digest(secret: str) -> str:
    """A 256-bit random secret needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
