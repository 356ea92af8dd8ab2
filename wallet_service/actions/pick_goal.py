"""A member picked the reward that the bar leads to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import stand as stands
from wallet_service.actions.bookkeeping import project
from wallet_service.actions.once import Actor, Request
from wallet_service.domain.errors import UnknownReward

MEMBER = Actor("member", till="card page")


def pick_goal(
    session: Session, *, card: str, goal: str | None, wallets: tuple[str, ...], now: datetime
) -> None:
    """None: the nearest one, as by default. UnknownReward for one that this card cannot work towards."""
    account = accounts.take(session, card)
    account.must_be_active()
    offered = {one.id for one in stands.of_account(session, account, now).goals}
    if goal is not None and goal not in offered:
        raise UnknownReward("This reward cannot be picked now. Choose another one.", reward=goal[:64])
    if account.card.goal == goal:
        return
    account.card.goal = goal
    project(session, account, Request("goal", "", {}, MEMBER, now, wallets))
