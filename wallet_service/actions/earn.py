"""A cashier booked a purchase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import guards, tallies
from wallet_service.actions.account import Account
from wallet_service.actions.bookkeeping import book
from wallet_service.actions.entries import Entry, decided_by
from wallet_service.actions.once import Actor, Booking, Request, booked_before, booking, claim, not_their_own
from wallet_service.actions.settling import keep_tier, settle, settled_tier
from wallet_service.db import queries
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain import ledger, tiers
from wallet_service.domain.errors import ReceiptAlreadyBooked
from wallet_service.domain.local_days import local_day
from wallet_service.domain.progress import Kind
from wallet_service.domain.rules import (
    NOBODY,
    Circumstances,
    Evaluation,
    Purchase,
    as_basis,
    check,
    check_words,
    evaluate,
)


def earn(
    session: Session,
    *,
    card: str,
    purchase: Purchase,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
    ask: bool = False,
    counter: bool = False,
    flags: tuple[str, ...] = (),
) -> Booking:
    """Book once per `key` and once per receipt, however often the button is pressed.

    `counter`: the guest stands there now, so that a receipt has to be a fresh one. `ask`: the same, and
    AskFirst instead of a booking that a guard would flag (S7). GuardRefused either way. `flags` are booked
    with it beside those of the guards.
    """
    check_words(purchase)
    account = accounts.take(session, card)
    request = Request("earn", key, _said(account, purchase), actor, now, wallets)
    operation = claim(session, request, (account.card.program_id, ledger.natural_key(purchase)))
    if operation is None:
        return _booked_before(session, account, purchase, request)
    check(account.program, purchase, now)
    account.must_be_active()
    not_their_own(account.card.id, actor)
    settle(session, account, request)
    seen = guards.of_purchase(session, account, purchase, actor.store, now, ask=ask, counter=counter)
    request = replace(request, flags=(*flags, *seen))
    booked = _book(session, account, purchase, operation, request)
    return Booking(account.card.serial, booked, account=account)


def quote(session: Session, *, card: str, purchase: Purchase, now: datetime) -> Evaluation:
    """What a purchase would earn and why; books nothing."""
    check_words(purchase)
    account = accounts.look(session, card)
    check(account.program, purchase, now)
    keep_tier(account, settled_tier(session, account, now))
    return evaluate(account.program, purchase, _circumstances(session, account, purchase, now))


def _said(account: Account, purchase: Purchase) -> Mapping[str, Any]:
    """Without the moment: a till that repeats itself does so a little later."""
    said = as_basis(purchase, NOBODY)["purchase"] | {"card": account.card.serial, "receipt": purchase.receipt}
    return {name: value for name, value in said.items() if name != "occurred_at"}


def _circumstances(session: Session, account: Account, purchase: Purchase, now: datetime) -> Circumstances:
    level = tiers.in_force(account.program, account.held_tier, now)
    return Circumstances(
        level.id if level else None, account.carried, tallies.uses(session, account, purchase.occurred_at)
    )


def _book(
    session: Session, account: Account, purchase: Purchase, operation: int, request: Request
) -> tuple[Entry, ...]:
    seen = _circumstances(session, account, purchase, request.now)
    worth = evaluate(account.program, purchase, seen)
    drafts = ledger.earned(account.program, account.thin_holding(), purchase, worth, as_basis(purchase, seen))
    _follow(session, account, purchase, worth)
    return book(session, account, drafts, operation, request)


def _follow(session: Session, account: Account, purchase: Purchase, worth: Evaluation) -> None:
    """What a purchase changes beside the points: counts, tier, and what the guards look at."""
    card, at = account.card, purchase.occurred_at
    if ledger.is_paid(purchase):
        card.receipts += 1
    day = local_day(at, account.program.time_zone).isoformat()
    card.earned_today = card.earned_today + 1 if card.earned_day == day else 1
    card.earned_at, card.earned_day = at, day
    tallies.add(session, account, tallies.changes(account.program, worth, at))
    if account.program.tiers is not None:
        status = tallies.status_with(session, account, at, worth.status)
        held = tiers.after_purchase(account.program, account.held_tier, status, purchase.total, at)
        keep_tier(account, tiers.paid_for(account.program, held, worth.paid, at) if worth.paid else held)


def _booked_before(session: Session, account: Account, purchase: Purchase, request: Request) -> Booking:
    """By the same press of the button, or by the same receipt."""
    booked = _receipt(session, account, purchase)
    if booked is not None and (booked.operation.scope, booked.operation.key) != (
        request.actor.name,
        request.key,
    ):
        return _same_again(session, account, booked, purchase)
    return booked_before(session, request, account.card.serial)


def _receipt(session: Session, account: Account, purchase: Purchase) -> LedgerEntry | None:
    natural = ledger.natural_key(purchase)
    if natural is None:
        return None
    return session.scalar(
        select(LedgerEntry).where(
            LedgerEntry.program_id == account.card.program_id,
            LedgerEntry.kind == Kind.EARN,
            LedgerEntry.natural_key == natural,
        )
    )


def _same_again(session: Session, account: Account, booked: LedgerEntry, purchase: Purchase) -> Booking:
    """A receipt earns once, whatever the key (ledger invariant 10)."""
    ours = booked.card_id == account.card.id and _alike(booked, purchase)
    if ours and not queries.taken_back(session, booked):
        return booking(session, account.card.serial, booked.operation_id, repeated=True, before=True)
    raise ReceiptAlreadyBooked(
        "This receipt was booked before: for another card, with another content, or then taken back.",
        receipt=purchase.receipt,
        total=purchase.total,
        booked=booked.total,
    )


def _alike(booked: LedgerEntry, purchase: Purchase) -> bool:
    """A receipt that says something else is another one, or a mistake that somebody has to see."""
    before, _ = decided_by(booked)
    if booked.basis is None:
        return True
    return (before.total, before.visits, before.items) == (purchase.total, purchase.visits, purchase.items)
