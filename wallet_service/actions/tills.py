"""A browser becomes a till by a code from the office; a till is blocked, or paired again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.db.tables import Shift, Store, Till
from wallet_service.domain.errors import TillUnknown
from wallet_service.domain.people_errors import (
    BadName,
    LookAgain,
    NameTaken,
    TillIsBlocked,
    UnknownStore,
    UnknownTill,
)
from wallet_service.domain.plain import one_line

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs that nobody takes for one another."""
CODE_LENGTH = 8
CODE_LASTS = timedelta(minutes=10)
LONGEST_NAME = 64
LONGEST_SHIFT = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=5)
FIRST_STORE = "main"


@dataclass(frozen=True)
class At:
    """A till as whoever works at it knows it. `programs`: whose cards count there; None: all."""

    id: int
    name: str
    store: str
    store_name: str
    programs: frozenset[str] | None


@dataclass(frozen=True)
class Paired:
    """What a browser keeps: which till it is, and of which pairing."""

    till: int
    pairing: int


@dataclass(frozen=True)
class Blocking:
    """So many tills stop, so many people are signed out."""

    tills: int
    people: int


def at(till: Till, store: Store) -> At:
    programs = None if store.programs is None else frozenset(store.programs)
    return At(till.id, till.name, store.slug, store.name, programs)


def add_till(session: Session, *, store: int, name: str, actor: str, now: datetime) -> Till:
    shown = one_line(name, LONGEST_NAME)
    if not shown:
        raise BadName("Give the till a name that is seen on receipts and lists.")
    if session.get(Store, store) is None:
        raise UnknownStore("There is no such store. Open the page again.")
    if session.scalar(select(Till.id).where(Till.store_id == store, Till.name == shown)) is not None:
        raise NameTaken(f"There is a till {shown} in this store already. Choose another name.", name=shown)
    till = Till(store_id=store, name=shown, pairing=0, created_at=now)
    session.add(till)
    session.flush()
    audit.write(session, actor, "till-added", f"till:{till.id}", {"store": store}, now)
    return till


def offer_pairing(
    session: Session, *, till: int, entropy: Callable[[int], bytes], actor: str, now: datetime
) -> str:
    """A code that lets one browser in within ten minutes. The one before it is worth nothing any more; the
    browser that is in stays until the code is used.
    """
    row = find(session, till)
    if row.blocked_at is not None:
        raise TillIsBlocked("This till is blocked. Unblock it first.")
    code = "".join(ALPHABET[byte % len(ALPHABET)] for byte in entropy(CODE_LENGTH))
    row.pairing_digest, row.pairing_until = _digest(code), now + CODE_LASTS
    audit.write(session, actor, "pairing-offered", f"till:{till}", {"pairing": row.pairing + 1}, now)
    return code


def pair(session: Session, *, code: str, now: datetime) -> Paired:
    """The code works once. Whoever stood at the browser before is out."""
    till = session.execute(
        update(Till)
        .where(
            Till.pairing_digest == _digest(typed(code)), Till.pairing_until > now, Till.blocked_at.is_(None)
        )
        .values(pairing_digest=None, pairing_until=None, pairing=Till.pairing + 1, paired_at=now, seen_at=now)
        .returning(Till.id, Till.pairing)
    ).one_or_none()
    if till is None:
        raise TillUnknown("This code is not right, or has run out. Ask the office for a new one.", code=1)
    end_shifts(session, till=till.id, now=now)
    audit.write(session, f"till:{till.id}", "paired", f"till:{till.id}", {"pairing": till.pairing}, now)
    return Paired(till.id, till.pairing)


def typed(code: str) -> str:
    """As people copy it: with spaces and dashes, in small letters."""
    return "".join(sign for sign in code[:40].upper() if sign.isalnum())


def pair_itself(session: Session, now: datetime) -> Paired:
    """Only for a sandbox: the browser at hand becomes the next till of the first store."""
    store = session.scalars(select(Store).where(Store.slug == FIRST_STORE)).one()
    number = session.scalar(select(func.count(Till.id)).where(Till.store_id == store.id)) or 0
    names = set(session.scalars(select(Till.name).where(Till.store_id == store.id)))
    name = next(name for n in range(number + 1) if (name := f"till-{n + 1}") not in names)
    till = Till(store_id=store.id, name=name, pairing=1, paired_at=now, seen_at=now, created_at=now)
    session.add(till)
    session.flush()
    return Paired(till.id, till.pairing)


def known(session: Session, paired: Paired | None) -> At | None:
    """The till that a browser is. TillUnknown when it is blocked; None when it is none, or no longer."""
    row = session.get(Till, paired.till) if paired else None
    if row is None or paired is None or row.pairing != paired.pairing:
        return None
    if row.blocked_at is not None:
        raise blocked()
    return at(row, row.store)


def blocked() -> TillUnknown:
    return TillUnknown("This till is blocked. Ask the office.", blocked=1)


def would_block(session: Session, tills: Collection[int], now: datetime) -> Blocking:
    """What blocking these would do, told before it is done (S32)."""
    open_shifts = select(func.count(Shift.id)).where(
        Shift.till_id.in_(tills), Shift.ended_at.is_(None), Shift.began_at > now - LONGEST_SHIFT
    )
    free = select(func.count(Till.id)).where(Till.id.in_(tills), Till.blocked_at.is_(None))
    return Blocking(tills=session.scalar(free) or 0, people=session.scalar(open_shifts) or 0)


def block(
    session: Session, *, tills: Collection[int], expected: Blocking, actor: str, now: datetime
) -> Blocking:
    """Refused from their next request on, by every process; whoever works there is signed out. LookAgain when
    that is no longer what was confirmed.
    """
    rows = session.scalars(
        select(Till).where(Till.id.in_(tills), Till.blocked_at.is_(None)).order_by(Till.id).with_for_update()
    ).all()
    done = would_block(session, [row.id for row in rows], now)
    if done != expected:
        raise LookAgain("Something changed since you looked. Look again.")
    for row in rows:
        row.blocked_at, row.pairing_digest, row.pairing_until = now, None, None
        end_shifts(session, till=row.id, now=now)
        audit.write(session, actor, "till-blocked", f"till:{row.id}", {}, now)
    return done


def unblock(session: Session, *, till: int, actor: str, now: datetime) -> None:
    row = find(session, till)
    if row.blocked_at is not None:
        row.blocked_at = None
        audit.write(session, actor, "till-unblocked", f"till:{till}", {}, now)


def saw(session: Session, till: int, now: datetime) -> None:
    """Exact to some minutes, so that tills do not write for it all day."""
    session.execute(
        update(Till)
        .where(Till.id == till, (Till.seen_at.is_(None)) | (Till.seen_at < now - SEEN_EVERY))
        .values(seen_at=now)
    )


def end_shifts(session: Session, *, till: int, now: datetime) -> None:
    session.execute(update(Shift).where(Shift.till_id == till, Shift.ended_at.is_(None)).values(ended_at=now))


def find(session: Session, till: int) -> Till:
    row = session.get(Till, till)
    if row is None:
        raise UnknownTill("There is no such till. Open the page again.")
    return row


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
