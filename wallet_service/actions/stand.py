"""Where a card stands at this moment: what it holds, what it works towards, what is ready to be given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import holds, stock, tallies
from wallet_service.actions.account import Account
from wallet_service.actions.once import Booking
from wallet_service.actions.settling import settled_tier
from wallet_service.db.tables import Card
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain import goals, redeeming, tiers
from wallet_service.domain.goals import Goal
from wallet_service.domain.local_days import local_day
from wallet_service.domain.program import Level, Program, Reward
from wallet_service.domain.progress import Progress, Standing, progress
from wallet_service.domain.tiers import Held


@dataclass(frozen=True)
class Burning:
    """So many points burn at that moment, the soonest that any do."""

    points: int
    at: datetime


@dataclass(frozen=True)
class Stand:
    """`spendable` is the balance without a gift that waits for the first purchase; `pending` is earned and
    stands in neither yet. `goals` are what the card can work towards, the cheapest first. `state` changes
    with everything that the card or its program say.
    """

    account: Account
    standing: Standing
    spendable: int
    pending: int
    status: int
    level: Level | None
    goal: Goal
    goals: tuple[Goal, ...]
    progress: Progress
    gone: frozenset[str]
    burning: Burning | None
    now: datetime

    @property
    def program(self) -> Program:
        return self.account.program

    @property
    def serial(self) -> str:
        return self.account.card.serial

    @property
    def number(self) -> str:
        return self.account.card.number

    @property
    def balance(self) -> int:
        return self.standing.balance

    @property
    def active(self) -> bool:
        return self.account.card.status == ACTIVE

    @property
    def state(self) -> str:
        """With the balance and the tier where the clock has moved on since the last booking, with the day
        where some reward has days of its own, and with what is all gone.
        """
        card, tier = self.account.card, self.level.id if self.level else ""
        late = card.look_at is not None and card.look_at <= self.now
        dated = any(reward.first_day or reward.last_day for reward in self.program.rewards)
        return "".join(
            (
                state_of(card.version, self.account.version_id),
                f"-{self.balance}-{tier}" if late else "",
                f"-{local_day(self.now, self.program.time_zone)}" if dated else "",
                *(f"-{reward}" for reward in sorted(self.gone)),
            )
        )

    @cached_property
    def ready(self) -> tuple[Reward, ...]:
        """What can be given right now."""
        return tuple(reward for reward in self.program.rewards if self.can_have(reward))

    def can_have(self, reward: Reward) -> bool:
        return self.active and self.offered(reward) and self.spendable >= reward.cost

    def offered(self, reward: Reward) -> bool:
        """Today, to this tier, and not all gone."""
        day = local_day(self.now, self.program.time_zone).isoformat()
        return redeeming.offered(self.program, reward, self.level, day, self.gone)

    @property
    def reached(self) -> Reward | None:
        """The dearest reward below the goal that the last gain made affordable."""
        before = self.balance - self.standing.gained
        crossed = [
            reward
            for reward in self.ready
            if before < reward.cost <= self.balance and reward.cost < self.goal.cost
        ]
        return max(crossed, key=lambda reward: reward.cost, default=None)


def stand(session: Session, *, card: str, now: datetime) -> Stand:
    """By serial number or card number; UnknownCard when there is none."""
    return of_account(session, accounts.look(session, card), now)


def of_row(session: Session, card: Card, now: datetime) -> Stand:
    return of_account(session, accounts.of_row(session, card), now)


def after(session: Session, booking: Booking, now: datetime) -> Stand:
    """Where its card stands now, in the transaction that booked."""
    if booking.account is None:
        return stand(session, card=booking.serial, now=now)
    return of_account(session, booking.account, now)


def of_account(session: Session, account: Account, now: datetime) -> Stand:
    program, card = account.program, account.card
    standing, today = holds.standing(session, account, now), local_day(now, program.time_zone)
    status = tallies.status(session, account, now) if program.tiers else card.status_points
    level = tiers.in_force(program, _held(session, account, now), now)
    gone = stock.out_of_stock(session, card.program_id, program)
    tier = level.id if level else None
    goal = goals.goal(program, standing.balance, status, tier, card.goal, today, gone)
    return Stand(
        account=account,
        standing=standing,
        spendable=holds.spendable(session, account, now),
        pending=holds.pending(session, account, now),
        status=status,
        level=level,
        goal=goal,
        goals=goals.goals(program, standing.balance, tier, today, gone),
        progress=_progress(program, standing, status, goal),
        gone=gone,
        burning=_burning(session, account, now),
        now=now,
    )


def state_of(card_version: int, program_version_id: int) -> str:
    """Names what a card shows; equal names, equal faces."""
    return f"{card_version}-{program_version_id}"


def _held(session: Session, account: Account, now: datetime) -> Held:
    """Judged as of now, whether or not the sweep came by."""
    look_at = account.card.look_at
    return account.held_tier if look_at is None or now < look_at else settled_tier(session, account, now)


def _progress(program: Program, standing: Standing, status: int, goal: Goal) -> Progress:
    if goal.measure == "balance":
        return progress(standing, goal.cost, cells=program.unit.cells, money=goal.money)
    towards = Standing(balance=status, status=status, last=standing.last)
    return progress(towards, goal.cost, cells=False, money=goal.money)


def _burning(session: Session, account: Account, now: datetime) -> Burning | None:
    """Asks only where points burn at all."""
    at = holds.next_expiry(session, account, now)
    return None if at is None else Burning(*at)
