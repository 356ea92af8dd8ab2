"""A manager gave a card a new number, because somebody else may have a picture of the old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.actions.block import said, subject
from wallet_service.actions.new_card import Entropy, unused_numbers
from wallet_service.actions.once import Actor, not_their_own
from wallet_service.db import queries
from wallet_service.db.tables import Card, CardNumber, GoogleCard, Registration
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain.errors import CardNotActive, Conflict
from wallet_service.push import outbox


@dataclass(frozen=True)
class Rekeying:
    """What it does (S32): so many numbers stop working, so many phones with an iPhone's wallet hear of the
    new one, and Google if it has the card.
    """

    numbers: int
    phones: int
    google: bool


def would_rekey(session: Session, card: str) -> Rekeying:
    """Told before it is done."""
    row = queries.card(session, card)
    ours = (CardNumber.card_id == row.id) & CardNumber.retired_at.is_(None)
    phones = session.scalar(select(func.count(Registration.id)).where(Registration.card_id == row.id))
    known = session.get(GoogleCard, row.id)
    return Rekeying(
        numbers=session.scalar(select(func.count(CardNumber.number)).where(ours)) or 0,
        phones=phones or 0,
        google=known is not None and known.inserted_at is not None,
    )


def rekey(
    session: Session,
    *,
    card: str,
    reason: str,
    entropy: Entropy,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
    retires: int | None = None,
) -> str:
    """Answers the new number, which the wallets hear of at once. Whatever opened the card before is retired:
    CardReplaced at the tills, and still a way to the card in the office. `retires`: how many numbers somebody
    was told that it would be; Conflict if it is another number by now.
    """
    row, why = queries.card_for_update(session, card), said(reason)
    not_their_own(row.id, actor)
    if row.status != ACTIVE:
        raise CardNotActive("This card was closed by its member. Offer a new one.")
    retired = _retire(session, row, now)
    if retires not in (None, retired):
        raise Conflict("This card was changed in the meantime. Look at it again.")
    (row.number,) = unused_numbers(session, 1, entropy)
    session.add(CardNumber(number=row.number, card_id=row.id, created_at=now))
    row.version, row.changed_at = row.version + 1, now
    # a till refuses the old one from now on: no phone waits for its pace with this
    outbox.card_changed(session, card_id=row.id, version=row.version, wallets=wallets, now=now)
    audit.write(session, actor.name, "rekey-card", subject(row), {"reason": why, "retired": retired}, now)
    return row.number


def _retire(session: Session, row: Card, now: datetime) -> int:
    """How many were in force: also those that came by a merge."""
    ours = update(CardNumber).where(CardNumber.card_id == row.id, CardNumber.retired_at.is_(None))
    retired = session.execute(ours.values(retired_at=now).returning(CardNumber.number))
    return len(retired.all())
