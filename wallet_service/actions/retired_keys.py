"""Old secret keys stay good for what they once signed, locked with the newest: nothing is paired anew."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from time import monotonic
from typing import overload

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.db.tables import RetiredKey
from wallet_service.domain.errors import Invalid, Misconfigured

SALT = b"wallet retired keys"
LOOK_EVERY, LOOK_AGAIN = 60.0, 1.0  # seconds; the shorter while the database is away


class KeysInForce(Sequence[str]):
    """The keys of the setting, then the retired ones, asked for anew each minute: a key that is forgotten
    opens nothing any more, though nobody restarts.
    """

    def __init__(
        self,
        given: Sequence[str],
        retired: Callable[[], tuple[str, ...] | None],
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._given, self._retired, self._timer = tuple(given), retired, timer
        self._found: tuple[str, ...] | None = None
        self._looked_at = timer() - LOOK_EVERY

    def look(self) -> tuple[str, ...]:
        now = self._timer()
        if now - self._looked_at >= (LOOK_AGAIN if self._found is None else LOOK_EVERY):
            self._looked_at = now
            if (retired := self._retired()) is not None:
                self._found = tuple(dict.fromkeys((*self._given, *retired)))
        return self._found or self._given

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return self._given[0] if place == 0 else self.look()[place]

    def __len__(self) -> int:
        return len(self.look())


def opened(session: Session, secret_keys: Sequence[str]) -> tuple[str, ...]:
    """The retired keys, newest first; Misconfigured when one opens under none of `secret_keys`."""
    rows = session.scalars(select(RetiredKey).order_by(RetiredKey.id.desc())).all()
    return tuple(_unwrapped(row.wrapped, secret_keys) for row in rows)


def rotate(session: Session, secret_keys: Sequence[str], actor: str, now: datetime) -> int:
    """All but the first of `secret_keys` retire, and whoever retired before is locked with the first anew.
    How many are kept now.
    """
    newest, *others = secret_keys
    retired = opened(session, secret_keys)
    if not others and not retired:
        raise Invalid("WALLET_SECRET_KEY holds one key only: put the new one before it, as in new,old.")
    kept = [key for key in dict.fromkeys((*retired[::-1], *others[::-1])) if key != newest]
    session.execute(delete(RetiredKey))
    for key in kept:
        session.add(RetiredKey(name=name_of(key), wrapped=_wrapped(key, newest), made_at=now))
    audit.write(session, actor, "secrets-rotated", "secrets", {"kept": [name_of(key) for key in kept]}, now)
    return len(kept)


def forget(session: Session, actor: str, now: datetime) -> int:
    """After a leak: whoever was paired under an old key is paired anew."""
    gone = session.scalars(select(RetiredKey.name)).all()
    session.execute(delete(RetiredKey))
    audit.write(session, actor, "secrets-forgotten", "secrets", {"gone": list(gone)}, now)
    return len(gone)


def name_of(secret: str) -> str:
    """Says which key it is, and nothing of it."""
    return sha256(SALT + b" name " + secret.encode()).hexdigest()[:12]


def _wrapped(key: str, under: str) -> str:
    return _lock(under).encrypt(key.encode()).decode()


def _unwrapped(wrapped: str, secret_keys: Sequence[str]) -> str:
    for secret in secret_keys:
        try:
            return _lock(secret).decrypt(wrapped.encode()).decode()
        except InvalidToken:
            continue
    raise Misconfigured(
        "WALLET_SECRET_KEY does not open the old keys that the database keeps: give the key of before as "
        "well, as in new,old, and run `flask wallet secrets rotate` before you take it out. If it is lost: "
        "`flask wallet secrets forget`, and what was paired under it is paired anew."
    )


def _lock(secret: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=SALT, info=b"wrap").derive(secret.encode())
    return Fernet(urlsafe_b64encode(derived))
