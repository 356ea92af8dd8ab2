"""A merchant's loyalty program as a value: what it counts, gives, and calls things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Texts = Mapping[str, str]
"""One sentence per language, e.g. {"en": "Free coffee", "ru": "Бесплатный кофе"}."""


@dataclass(frozen=True)
class Unit:
    """What is counted. `forms[language][plural category]`: {"ru": {"one": "штамп", "few": "штампа", ...}}."""

    counted: str
    forms: Mapping[str, Mapping[str, str]]

    @property
    def cells(self) -> bool:
        """Stamps have one cell each on the bar; points make a plain line."""
        return self.counted == "stamps"


@dataclass(frozen=True)
class Earning:
    """What a purchase is worth. Money in minor units; rates are the integer fraction give / per_amount.

    `per_visit` points for each visit; a purchase that names no visits is one visit from `visit_minimum`
    up. `give` points for every whole `per_amount` spent; 0 gives none.
    """

    per_visit: int = 0
    visit_minimum: int = 0
    per_amount: int = 0
    give: int = 0


@dataclass(frozen=True)
class Reward:
    """`name` stands alone ("Free coffee"); `until` completes "5 stamps ..." ("to a free coffee");
    `waiting` is the whole sentence that is shown when it can be had.
    """

    id: str
    cost: int
    name: Texts
    until: Texts
    waiting: Texts


@dataclass(frozen=True)
class Program:
    """`languages[0]` is the default. `welcome` points start every round as a gift (drawn as endowed
    progress), so that the road of earned points never gets longer in the second round. `rotating_code`:
    where a wallet can, the code on the card turns every half minute.
    """

    slug: str
    version: int
    name: Texts
    organization: str
    languages: tuple[str, ...]
    currency: str
    time_zone: str
    template: str
    unit: Unit
    earning: Earning
    welcome: int
    rewards: tuple[Reward, ...]
    rotating_code: bool = False

    @property
    def goal(self) -> Reward:
        """The nearest reward is the bar's goal."""
        return min(self.rewards, key=lambda reward: reward.cost)

    @property
    def usual_step(self) -> int:
        """How much one usual purchase moves the bar."""
        return max(self.earning.per_visit, self.earning.give, 1)

    def reward(self, reward_id: str) -> Reward | None:
        return next((reward for reward in self.rewards if reward.id == reward_id), None)
