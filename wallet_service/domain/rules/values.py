"""What goes into an evaluation and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from wallet_service.domain.errors import Fact
from wallet_service.domain.program import Ratio

Facts = tuple[tuple[str, Fact], ...]


@dataclass(frozen=True)
class Item:
    """A line of the receipt; `total` is the money of the whole line."""

    id: str
    quantity: int = 1
    total: int | None = None
    category: str | None = None


@dataclass(frozen=True)
class Purchase:
    """What happened. `total` in minor units of `currency`; `receipt` is the shop's own number for it;
    `action` is something done without buying, such as "review".
    """

    occurred_at: datetime
    total: int | None = None
    currency: str | None = None
    visits: int | None = None
    receipt: str | None = None
    items: tuple[Item, ...] = ()
    action: str | None = None
    channel: str | None = None
    payment: str | None = None
    store: str | None = None

    @property
    def bought(self) -> bool:
        """False for a bare action, and for what is left when everything came back."""
        if self.total == 0 and self.visits == 0 and not self.items:
            return False
        return self.total is not None or bool(self.visits or self.items)


@dataclass(frozen=True)
class Circumstances:
    """What the card brings along: its tier, the fraction of a point from earlier visits (below 0 after some
    refunds), and how often each limited rule was used in its running window.
    """

    tier: str | None = None
    carried: Ratio = (0, 1)
    used: Mapping[str, int] = field(default_factory=dict)


NOBODY = Circumstances()


class Step(NamedTuple):
    """One rule that fired, or did not: `rule` is a key of the wording, `facts` its figures.

    `points` are the whole points of this step alone; what a fraction adds up to shows in the later ones.
    """

    rule: str
    points: int
    facts: Facts = ()
    fired: bool = True


@dataclass(frozen=True)
class Evaluation:
    """`points` are earned and rounded once; `grants` are gifts beside them, `status` counts towards tiers.

    `carried` is the fraction after this purchase, `discount` the best single one in minor units, `uses` which
    limited rules were used how often, `paid` the tier that the receipt bought, and for how many months.
    """

    points: int
    steps: tuple[Step, ...]
    grants: int = 0
    status: int = 0
    carried: Ratio = (0, 1)
    discount: int | None = None
    uses: tuple[tuple[str, int], ...] = ()
    paid: tuple[str, int] | None = None
