"""What time did to a card since it was last booked: points that burnt, a tier that was not kept.

Every action settles first, so that a ledger looks the same whether or not the sweep came by before
(invariant 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import happenings
from wallet_service.actions.account import Account
from wallet_service.actions.bookkeeping import book, look_later, project
from wallet_service.actions.once import Actor, Request, claim
from wallet_service.actions.tallies import status
from wallet_service.domain import ledger, tiers
from wallet_service.domain.ledger import Draft
from wallet_service.domain.tiers import Held

SERVICE = Actor("service", till="clock")


def settle(session: Session, account: Account, request: Request) -> None:
    """Book what burnt and lower the tier, if the moment has come; on behalf of the service itself."""
    due = account.card.look_at
    if due is not None and request.now >= due:
        _settle(session, account, request)
    happenings.look_before(session, account, request.now)


def _settle(session: Session, account: Account, request: Request) -> None:
    own = replace(
        request,
        verb="settle",
        key=f"{account.card.id}:{account.card.seq}",
        body={},
        actor=SERVICE,
        approved_by=None,
        flags=(),
    )
    level = settled_tier(session, account, request.now)
    fell = level != account.held_tier
    keep_tier(account, level)
    drafts = ledger.burnt(account.holding(session), account.program.time_zone, request.now)
    if drafts:
        _book(session, account, drafts, own)
    elif fell or account.card.pending:
        project(session, account, own, notify=fell)
        happenings.booked(session, account, own, ())
    else:
        look_later(session, account, request.now)


def _book(session: Session, account: Account, drafts: Sequence[Draft], own: Request) -> None:
    operation = claim(session, own)
    if operation is None:
        raise RuntimeError(f"card {account.card.id} was settled under its lock")
    book(session, account, drafts, operation, own)


def settled_tier(session: Session, account: Account, now: datetime) -> Held:
    """The tier of this moment; every window that ended since is judged in its turn."""
    if account.program.tiers is None:
        return account.held_tier
    return tiers.settled(account.program, account.held_tier, lambda at: status(session, account, at), now)


def keep_tier(account: Account, level: Held) -> None:
    card = account.card
    card.tier, card.tier_until = level.level, level.until
    card.paid_tier, card.paid_until = level.paid, level.paid_until
