"""A manager gave a machine its key, saw which there are, took one away; a machine showed its own."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.db.ready import Ready
from wallet_service.db.session import Sessions
from wallet_service.db.tables import ApiKey, Store
from wallet_service.db.tables.base import table
from wallet_service.domain.errors import Conflict, Invalid, NotFound

PREFIX_BYTES, SECRET_BYTES = 6, 32
READ, BOOK, MANAGE = "read", "book", "manage"
SCOPES = (READ, BOOK, MANAGE)
"""To look; to hand out cards, book and take back; to correct balances."""
LONGEST_NAME, LONGEST_STORE = 64, 64
EXACT_TO = timedelta(minutes=5)
"""How exactly it is kept when a key was used last: a line in the database for each request is too dear."""
keys, stores = table(ApiKey), table(Store)
SHOWN = Ready(  # asked for at every request
    select(
        keys.c.id,
        keys.c.digest,
        keys.c.scopes,
        keys.c.store,
        keys.c.expires_at,
        keys.c.used_at,
        stores.c.programs,
    )
    .join_from(keys, stores, stores.c.slug == keys.c.store, isouter=True)
    .where(keys.c.prefix == bindparam("prefix"), keys.c.revoked_at.is_(None))
)


@dataclass(frozen=True)
class Key:
    """What a machine may do that showed a key in force. `programs` are those that count in its `store`; None:
    all of them. `stale`: it is a while since its use was written down.
    """

    id: int
    scopes: frozenset[str]
    store: str | None
    programs: frozenset[str] | None
    stale: bool

    @property
    def caller(self) -> str:
        """As the ledger names it; a key's name may change, its number does not."""
        return f"api:{self.id}"


def create_api_key(
    session: Session,
    *,
    name: str,
    entropy: Callable[[int], bytes],
    now: datetime,
    scopes: Collection[str] = SCOPES,
    store: str | None = None,
    expires_at: datetime | None = None,
    actor: str = audit.COMMAND,
) -> str:
    """The key itself, shown this once: only its digest is kept (S24)."""
    _may_be_named(session, name)
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Invalid(f"A key has one or more of the scopes {', '.join(SCOPES)}.")
    if store is not None and not _is_there(session, store):
        raise NotFound(f"There is no store {store}. The office makes one, under Stores.")
    prefix, secret = entropy(PREFIX_BYTES).hex(), entropy(SECRET_BYTES).hex()
    row = ApiKey(
        name=name,
        prefix=prefix,
        digest=_digest(secret),
        created_at=now,
        scopes=" ".join(scope for scope in SCOPES if scope in scopes),
        store=store,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    audit.write(session, actor, "key-made", f"api:{row.id}", {"scopes": row.scopes}, now)
    return f"wk_{prefix}_{secret}"


def find_api_key(sessions: Sessions, shown: str, now: datetime) -> Key | None:
    """None when it is wrong, revoked or past its day: who asks is not told which."""
    _, _, rest = shown.partition("_")
    prefix, _, secret = rest.partition("_")
    row = sessions.glance(SHOWN, {"prefix": prefix[:16]})
    right = hmac.compare_digest((row.digest if row else _digest("")).encode(), _digest(secret).encode())
    if row is None or not right or (row.expires_at is not None and row.expires_at <= now):
        return None
    stale = row.used_at is None or row.used_at <= now - EXACT_TO
    programs = None if row.programs is None else frozenset(row.programs)
    return Key(row.id, frozenset(row.scopes.split()), row.store, programs, stale)


def key_used(session: Session, key: Key, now: datetime) -> None:
    """Unless another request has just said so."""
    long_ago = or_(ApiKey.used_at.is_(None), ApiKey.used_at <= now - EXACT_TO)
    session.execute(update(ApiKey).where(ApiKey.id == key.id, long_ago).values(used_at=now))


def programs_of_store(session: Session, slug: str) -> frozenset[str] | None:
    """Whose cards count there; None: all of them, as in a store that nobody has described."""
    programs = session.scalar(select(Store.programs).where(Store.slug == slug))
    return None if programs is None else frozenset(programs)


def api_keys(session: Session) -> Sequence[ApiKey]:
    return session.scalars(select(ApiKey).order_by(ApiKey.id)).all()


def revoke_api_key(session: Session, *, name: str, now: datetime, actor: str = audit.COMMAND) -> None:
    """It opens nothing from the next request on, at every process."""
    key = session.scalar(select(ApiKey).where(ApiKey.name == name))
    if key is None:
        raise NotFound(f"There is no key named {name[:LONGEST_NAME]}.")
    key.revoked_at = key.revoked_at or now
    audit.write(session, actor, "key-revoked", f"api:{key.id}", {}, now)


def _may_be_named(session: Session, name: str) -> None:
    if not (1 <= len(name) <= LONGEST_NAME and name.isprintable()):
        raise Invalid(f"A key's name has 1 to {LONGEST_NAME} visible characters.")
    if session.scalar(select(ApiKey.id).where(ApiKey.name == name)) is not None:
        raise Conflict(f"There is a key named {name} already. Choose another name.")


def _is_there(session: Session, store: str) -> bool:
    known = store.isprintable()  # PostgreSQL takes no NUL
    return known and session.scalar(select(Store.id).where(Store.slug == store)) is not None


def _digest(secret: str) -> str:
    """A 256-bit random secret needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
