"""A cashier gave a reward."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.bookkeeping import (
    Actor,
    Booking,
    Request,
    book,
    must_be_active,
    once,
    standing,
)
from wallet_service.actions.live_code import must_be_live
from wallet_service.db import queries
from wallet_service.db.tables import Operation
from wallet_service.domain import ledger
from wallet_service.domain.errors import UnknownReward
from wallet_service.domain.program import Program, Reward


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
) -> Booking:
    """Once per `key`; NotEnoughPoints, UnknownReward and LiveCodeNeeded change nothing.

    `live`: the card was scanned with a code of now.
    """
    row = queries.card_for_update(session, card)
    value, version = programs.current(session, row.program.slug)
    request = Request("redeem", key, {"card": row.serial, "reward": reward}, actor, now)

    def write(operation: Operation) -> None:
        must_be_active(row)
        must_be_live(session, row, value, live=live)
        drafts = ledger.redeemed(value, _reward(value, reward), standing(row))
        book(session, row, version, drafts, operation, request, wallets=wallets)

    return once(session, request, row, write)


def _reward(program: Program, reward_id: str) -> Reward:
    if found := program.reward(reward_id):
        return found
    known = ", ".join(reward.id for reward in program.rewards)
    raise UnknownReward(f"There is no such reward. This program has: {known}.", reward=reward_id[:64])
