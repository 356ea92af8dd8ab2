"""How many of a reward were given: the last one goes to one card, whoever asks at once (invariant 14)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session

from wallet_service.db.missing import insert_missing
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import RewardCount
from wallet_service.db.tables.base import table
from wallet_service.domain.errors import OutOfStock
from wallet_service.domain.program import Program, Reward

counts = table(RewardCount)
GIVEN = Ready(select(counts.c.reward, counts.c.given).where(counts.c.program_id == bindparam("program")))


def take_one(session: Session, program_id: int, reward: Reward) -> None:
    """OutOfStock when all were given. Whoever comes second waits for the first to be through."""
    insert_missing(session, RewardCount, program_id=program_id, reward=reward.id, given=0)
    wanted = update(RewardCount).where(*_row(program_id, reward.id)).values(given=RewardCount.given + 1)
    if reward.stock is not None:
        wanted = wanted.where(RewardCount.given < reward.stock)
    if session.execute(wanted.returning(RewardCount.given)).first() is None:
        raise OutOfStock(
            f"All {reward.stock} of this reward were given.", reward=reward.id, stock=reward.stock
        )


def put_back(session: Session, program_id: int, reward: str) -> None:
    session.execute(update(RewardCount).where(*_row(program_id, reward)).values(given=RewardCount.given - 1))


def out_of_stock(session: Session, program_id: int, program: Program) -> frozenset[str]:
    """Ids of the rewards that are gone; asks nothing when none is limited."""
    limited = {reward.id: reward.stock for reward in program.rewards if reward.stock is not None}
    if not limited:
        return frozenset()
    rows = GIVEN.rows(written(session), {"program": program_id})
    return frozenset(row.reward for row in rows if row.given >= limited.get(row.reward, row.given + 1))


def _row(program_id: int, reward: str) -> tuple[ColumnElement[bool], ...]:
    return RewardCount.program_id == program_id, RewardCount.reward == reward
