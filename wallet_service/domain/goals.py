"""What the bar leads to: a reward, or the next tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from wallet_service.domain import redeeming
from wallet_service.domain.program import Level, Program, Reward, Texts, Tiers
from wallet_service.domain.tiers import falls

TO_LEVEL: Texts = {"en": "to {name}", "ru": "до уровня «{name}»"}
TO_KEEP_LEVEL: Texts = {"en": "to keep {name}", "ru": "чтобы сохранить уровень «{name}»"}
AT_LEVEL: Texts = {"en": "You have reached {name}.", "ru": "Ваш уровень — «{name}»."}
PAYING: Mapping[str, Texts] = {
    "name": {"en": "Pay at the till", "ru": "Оплата на кассе"},
    "until": {"en": "until you can pay with them", "ru": "до оплаты на кассе"},
    "waiting": {"en": "You can pay with what you have saved.", "ru": "Можно платить накопленным."},
}
MEMBER: Mapping[str, Texts] = {
    "name": {"en": "Your card", "ru": "Ваша карта"},
    "until": {"en": "to your card", "ru": "до карты"},
    "waiting": {"en": "Show the card at every purchase.", "ru": "Показывайте карту при каждой покупке."},
}


@dataclass(frozen=True)
class Goal:
    """`cost` is counted in `measure`, "balance" or "status"; as minor units if `money`.

    `name`, `until` and `waiting` as of a reward: "Free coffee", "to a free coffee", a whole sentence.
    """

    id: str
    cost: int
    name: Texts
    until: Texts
    waiting: Texts
    measure: str
    money: bool


def goals(
    program: Program,
    balance: int,  # noqa: ARG001  what is out of reach today can still be worked towards
    tier: str | None,
    today: date,
    out_of_stock: frozenset[str],
) -> tuple[Goal, ...]:
    """The rewards that this card can work towards now, the cheapest first."""
    level = program.tiers.level(tier) if program.tiers else None
    there = [
        reward
        for reward in program.rewards
        if reward.id not in out_of_stock
        and redeeming.in_its_days(reward, today.isoformat())
        and redeeming.tier_is_enough(program, reward, level)
    ]
    return _by_cost(program, there)


def goal(
    program: Program,
    balance: int,
    status: int,
    tier: str | None,
    picked: str | None,
    today: date,
    out_of_stock: frozenset[str],
) -> Goal:
    """The picked one while it can be had, or the nearest (D8); without rewards, the next tier."""
    there = goals(program, balance, tier, today, out_of_stock)
    chosen = next((one for one in there if one.id == picked), None)
    return chosen or _nearest(there, balance) or _without_rewards(program, status, tier)


def next_level(program: Program, status: int, tier: str | None) -> Goal | None:
    """The tier above this one that can be earned; None at the top."""
    if program.tiers is None:
        return None
    level = _next_level(program.tiers, status, tier)
    if level is None or _has(program.tiers, level, status, tier):
        return None
    return _to_level(program, program.tiers, level, status, tier)


def first_goal(program: Program) -> Goal:
    """Of a card that has just joined: a reward that is always there and for everybody, if there is one."""
    lasting = [
        reward for reward in program.rewards if not (reward.tier or reward.first_day or reward.last_day)
    ]
    there = _by_cost(program, lasting or program.rewards)
    return _nearest(there, program.welcome) or _without_rewards(program, 0, None)


def _by_cost(program: Program, rewards: list[Reward] | tuple[Reward, ...]) -> tuple[Goal, ...]:
    return tuple(_to_reward(program, reward) for reward in sorted(rewards, key=lambda reward: reward.cost))


def _to_reward(program: Program, reward: Reward) -> Goal:
    return Goal(
        id=reward.id,
        cost=reward.cost,
        name=reward.name,
        until=reward.until,
        waiting=reward.waiting,
        measure="balance",
        money=program.unit.money,
    )


def _nearest(there: tuple[Goal, ...], balance: int) -> Goal | None:
    """The cheapest that is not reached yet; when all are, the dearest."""
    return next((one for one in there if one.cost > balance), there[-1] if there else None)


def _without_rewards(program: Program, status: int, tier: str | None) -> Goal:
    if program.tiers and (level := _next_level(program.tiers, status, tier)):
        return _to_level(program, program.tiers, level, status, tier)
    if program.paying:
        return _told(program, "paying", PAYING, program.paying.minimum)
    return _told(program, "member", MEMBER, 0)


def _next_level(tiers: Tiers, status: int, tier: str | None) -> Level | None:
    """The next one up that can be earned; for whoever holds the highest of them, that one."""
    earnable = [level for level in tiers.levels if level.threshold]
    above = (level for level in earnable if not _has(tiers, level, status, tier))
    return next(above, earnable[-1] if earnable else None)


def _has(tiers: Tiers, level: Level, status: int, tier: str | None) -> bool:
    """Whoever bought a tier has earned what the status is enough for."""
    held = tiers.level(tier)
    if held and held.paid_item:
        return (level.threshold or 0) <= status
    return tiers.rank(level.id) <= tiers.rank(tier)


def _to_level(program: Program, tiers: Tiers, level: Level, status: int, tier: str | None) -> Goal:
    """A highest tier that can be lost again is still to be kept; one that stays is reached for good, even
    by one big receipt that is worth less status.
    """
    has, cost = _has(tiers, level, status, tier), level.threshold or 0
    until = TO_KEEP_LEVEL if has and falls(tiers) else TO_LEVEL
    return Goal(
        id=level.id,
        cost=min(cost, max(status, 0)) if has and not falls(tiers) else cost,
        name=level.name,
        until=_with_name(program, until, level),
        waiting=_with_name(program, AT_LEVEL, level),
        measure="status",
        money=tiers.counts == "spend" or (tiers.counts == "points" and program.unit.money),
    )


def _with_name(program: Program, sentence: Texts, level: Level) -> Texts:
    return {language: sentence[language].format(name=level.name[language]) for language in program.languages}


def _told(program: Program, goal_id: str, texts: Mapping[str, Texts], cost: int) -> Goal:
    """A goal of every card of a program that has neither rewards nor tiers."""
    return Goal(
        id=goal_id,
        cost=cost,
        name=texts["name"],
        until=texts["until"],
        waiting=texts["waiting"],
        measure="balance",
        money=program.unit.money,
    )
