"""One person had two cards: the points of one go over to the other, and both barcodes work (invariant 21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import tallies
from wallet_service.actions.account import Account
from wallet_service.actions.bookkeeping import book
from wallet_service.actions.entries import Entry
from wallet_service.actions.once import Actor, Booking, Request, not_their_own, once
from wallet_service.actions.settling import keep_tier, settle
from wallet_service.db.tables import Card, CardNumber, Staff
from wallet_service.db.tables.cards import LEFT
from wallet_service.domain import merging, tiers
from wallet_service.domain.errors import Conflict, Invalid


def merge(
    session: Session,
    *,
    keep: str,
    drop: str,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
) -> Booking:
    """Every lot keeps its days, status and debts go over too; `drop` is closed. Once per `key`; Conflict for
    cards of two programs. Both are locked in one order, that of their ids as everybody does, so that neither
    two merges nor a merge and a campaign wait for each other.
    """
    wanted, other = _named(session, keep), _named(session, drop)
    first, second = (accounts.take(session, serial) for _, serial in sorted((wanted, other)))
    kept, dropped = (first, second) if first.card.serial == wanted[1] else (second, first)
    said = {"keep": keep, "drop": drop}  # as they were named: the numbers lead to one card afterwards
    request = Request("merge", key, said, actor, now, wallets)

    def write(operation: int) -> Sequence[Entry]:
        not_their_own(dropped.card.id, actor)
        _may_be_merged(kept, dropped)
        settle(session, kept, request)
        settle(session, dropped, request)
        return _merge(session, kept, dropped, operation, request)

    return once(session, request, kept, write)


def _named(session: Session, reference: str) -> tuple[int, str]:
    card = accounts.look(session, reference).card
    return card.id, card.serial


def _may_be_merged(kept: Account, dropped: Account) -> None:
    if kept.card.id == dropped.card.id:
        raise Invalid("These are two numbers of the same card. There is nothing to merge.")
    if kept.card.program_id != dropped.card.program_id:
        raise Conflict("The cards belong to different programs, whose points are not the same.")
    kept.must_be_active()
    dropped.must_be_active()


def _merge(
    session: Session, kept: Account, dropped: Account, operation: int, request: Request
) -> Sequence[Entry]:
    out = merging.out(dropped.holding(session), dropped.card.status_points)
    came = merging.came(dropped.holding(session), kept.holding(session), dropped.card.status_points)
    kept.card.receipts += dropped.card.receipts
    tallies.take_over(session, kept, dropped)
    held = tiers.higher(kept.program, kept.held_tier, dropped.held_tier)
    status = tallies.status_with(session, kept, request.now, dropped.card.status_points)
    keep_tier(kept, tiers.after_purchase(kept.program, held, status, None, request.now))
    kept.card.idle_until = max(filter(None, (kept.card.idle_until, dropped.card.idle_until)), default=None)
    booked = book(session, kept, came, operation, request)
    gone = book(session, dropped, out, operation, request)
    _close(session, kept, dropped)
    return (*booked, *gone)


def _close(session: Session, kept: Account, dropped: Account) -> None:
    session.execute(
        update(Card)
        .where(Card.id == dropped.card.id)
        .values(status=LEFT, merged_into_id=kept.card.id, receipts=0)
    )
    session.execute(
        update(Staff).where(Staff.own_card_id == dropped.card.id).values(own_card_id=kept.card.id)
    )
    session.execute(
        update(CardNumber).where(CardNumber.card_id == dropped.card.id).values(card_id=kept.card.id)
    )
