"""A cashier gave a reward, or took points for money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import guards, stock
from wallet_service.actions.account import Account
from wallet_service.actions.bookkeeping import book
from wallet_service.actions.entries import Entry
from wallet_service.actions.live_code import Proof, must_be_live, must_be_proven
from wallet_service.actions.once import Actor, Booking, Request, once
from wallet_service.actions.settling import settle
from wallet_service.domain import ledger, redeeming, tiers
from wallet_service.domain.rules import Item


def redeem(
    session: Session,
    *,
    card: str,
    reward: str,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
    live: bool = False,
    approved_by: str | None = None,
    ask: bool = False,
) -> Booking:
    """Once per `key`; a reward that cannot be given changes nothing (NotEnoughPoints, UnknownReward,
    RewardNotNow, OutOfStock, TierNeeded, LiveCodeNeeded, StepUpNeeded, GuardRefused). `live`: scanned with
    a code of now. `approved_by`: a manager who showed their PIN. `ask`: AskFirst instead of a booking that
    a guard would flag.
    """
    account, proof = accounts.take(session, card), Proof(live, approved_by)
    request = Request("redeem", key, {"card": account.card.serial, "reward": reward}, actor, now, wallets)

    def write(operation: int) -> Sequence[Entry]:
        _ready(session, account, request, live=live)
        level = tiers.in_force(account.program, account.held_tier, now)
        wanted = redeeming.reward(account.program, reward, level, now)
        drafts = ledger.redeemed(account.program, wanted, account.holding(session), now)
        seen = _guarded(session, account, request, wanted.cost, proof, ask=ask)
        stock.take_one(session, account.card.program_id, wanted)
        return book(session, account, drafts, operation, seen)

    return once(session, request, account, write)


def pay(
    session: Session,
    *,
    card: str,
    points: int,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
    total: int | None = None,
    items: tuple[Item, ...] = (),
    live: bool = False,
    approved_by: str | None = None,
    ask: bool = False,
) -> Booking:
    """Points as money, once per `key`: CannotPayThat when the program does not allow it, or not so much of
    the receipt's `total` (minor units); otherwise as a reward.
    """
    account, proof = accounts.take(session, card), Proof(live, approved_by)
    said = {"card": account.card.serial, "points": points, "total": total, "items": items}
    request = Request("redeem", key, said, actor, now, wallets)

    def write(operation: int) -> Sequence[Entry]:
        _ready(session, account, request, live=live)
        money = redeeming.money_for(account.program, points, total, items)
        drafts = ledger.paid_with_points(account.holding(session), points, money, now)
        seen = _guarded(session, account, request, points, proof, ask=ask)
        return book(session, account, drafts, operation, seen)

    return once(session, request, account, write)


def _ready(session: Session, account: Account, request: Request, *, live: bool) -> None:
    account.must_be_active()
    settle(session, account, request)
    must_be_live(session, account.card.id, account.program, live=live)


def _guarded(
    session: Session, account: Account, request: Request, points: int, proof: Proof, *, ask: bool
) -> Request:
    """With its flags, and with whoever approved it; a manager who serves needs nobody to approve."""
    must_be_proven(session, account, points, proof, request.now)
    flags = guards.of_redemption(session, account, request.now, ask=ask)
    second = proof.approved_by if proof.approved_by != request.actor.name else None
    return replace(request, flags=flags, approved_by=second)
