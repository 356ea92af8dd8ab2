"""Whether a reward may be given now, and how much of a receipt points may pay."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from math import gcd

from wallet_service.domain.errors import BadAmount, CannotPayThat, RewardNotNow, TierNeeded, UnknownReward
from wallet_service.domain.local_days import local_day
from wallet_service.domain.program import Level, Paying, Program, Reward
from wallet_service.domain.rules import MOST_MONEY, MOST_POINTS, Item


def reward(program: Program, reward_id: str, level: Level | None, now: datetime) -> Reward:
    """The reward by its id; UnknownReward, RewardNotNow or TierNeeded say what stands against it."""
    found = program.reward(reward_id)
    if found is None:
        known = ", ".join(reward.id for reward in program.rewards) or "none"
        raise UnknownReward(f"There is no such reward. This program has: {known}.", reward=reward_id[:64])
    _in_its_days(found, local_day(now, program.time_zone).isoformat())
    if not tier_is_enough(program, found, level):
        raise TierNeeded(
            f"This reward is for the tier {found.tier} and above.",
            reward=found.id,
            tier=found.tier,
            has=level.id if level else None,
        )
    return found


def offered(program: Program, wanted: Reward, level: Level | None, day: str, gone: Collection[str]) -> bool:
    """That day, to this tier, and not all `gone`."""
    return in_its_days(wanted, day) and tier_is_enough(program, wanted, level) and wanted.id not in gone


def in_its_days(wanted: Reward, day: str) -> bool:
    return (wanted.first_day or day) <= day <= (wanted.last_day or day)


def tier_is_enough(program: Program, wanted: Reward, level: Level | None) -> bool:
    if wanted.tier is None or program.tiers is None:
        return True
    return program.tiers.rank(level.id if level else None) >= program.tiers.rank(wanted.tier)


def money_for(program: Program, points: int, total: int | None, items: Sequence[Item] = ()) -> int:
    """The minor units that so many points pay of a receipt; CannotPayThat with the most that they may."""
    paying = program.paying
    if paying is None:
        raise CannotPayThat("In this program points are not paid with; give a reward instead.")
    if not 1 <= points <= MOST_POINTS:
        raise BadAmount(f"Points lie between 1 and {MOST_POINTS}.", points=points, most=MOST_POINTS)
    if points < paying.minimum:
        raise CannotPayThat(
            f"Points pay from {paying.minimum} on, this is {points}.", minimum=paying.minimum, points=points
        )
    step = _step(paying)
    if points % step:
        raise CannotPayThat(f"Points pay {step} at a time, this is {points}.", step=step, points=points)
    money = points * paying.worth[0] // paying.worth[1]
    most = _most(program, paying, total, items, money)
    if money > most:
        raise CannotPayThat(
            f"Points may pay {most} of this receipt, in minor units; this would be {money}.",
            most=most,
            money=money,
        )
    return money


def most_points(program: Program, spendable: int, total: int, items: Sequence[Item] = ()) -> int:
    """How many points the card could pay with on such a receipt; 0 when the program says no."""
    if program.paying is None:
        return 0
    over, under = program.paying.worth
    most = min(spendable, _most(program, program.paying, total, items, 0) * under // over)
    most -= most % _step(program.paying)
    return most if most >= program.paying.minimum else 0


def _step(paying: Paying) -> int:
    """So many points pay whole minor units; fewer would be taken for nothing."""
    over, under = paying.worth
    return under // gcd(over, under)


def _in_its_days(wanted: Reward, day: str) -> None:
    if not in_its_days(wanted, day):
        raise RewardNotNow(
            f"This reward is given from {wanted.first_day or 'any day'} to {wanted.last_day or 'any day'}.",
            reward=wanted.id,
            first_day=wanted.first_day,
            last_day=wanted.last_day,
        )


def _most(program: Program, paying: Paying, total: int | None, items: Sequence[Item], money: int) -> int:
    if total is None:
        if paying.share != (1, 1) or program.excluded:
            raise BadAmount("Say the `total` of the receipt: points may pay only a part of it.")
        return money
    if not 0 <= total <= MOST_MONEY:
        raise BadAmount(
            f"A total lies between 0 and {MOST_MONEY} in minor units.", total=total, most=MOST_MONEY
        )
    left_out = sum(item.total or 0 for item in items if item.category in program.excluded)
    over, under = paying.share
    return max(total - left_out, 0) * over // under
