"""What a purchase is worth, and why: one evaluation with its arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wallet_service.domain.errors import BadAmount, Fact, Invalid
from wallet_service.domain.program import Program

MOST_MONEY = 10_000_000_00
MOST_VISITS = 100


@dataclass(frozen=True)
class Purchase:
    """`total` in minor units of `currency`; `receipt` is the shop's own number for it."""

    occurred_at: datetime
    total: int | None = None
    currency: str | None = None
    visits: int | None = None
    receipt: str | None = None


@dataclass(frozen=True)
class Step:
    """One rule that fired, or did not: `rule` is a key of the wording, `facts` its figures."""

    rule: str
    points: int
    facts: tuple[tuple[str, Fact], ...] = ()


@dataclass(frozen=True)
class Evaluation:
    points: int
    steps: tuple[Step, ...]


def evaluate(program: Program, purchase: Purchase) -> Evaluation:
    """The points of a purchase. Raises BadAmount or Invalid with the figure that is off."""
    check(program, purchase)
    steps = (*_by_visit(program, purchase), *_by_amount(program, purchase))
    return Evaluation(points=sum(step.points for step in steps), steps=steps)


def check(program: Program, purchase: Purchase) -> None:
    if purchase.total is None and purchase.visits is None:
        raise Invalid("Say what was bought: give `total` in minor units, or `visits`.")
    if purchase.total is not None and not 0 <= purchase.total <= MOST_MONEY:
        raise BadAmount(
            f"A total lies between 0 and {MOST_MONEY} in minor units.", total=purchase.total, most=MOST_MONEY
        )
    if purchase.visits is not None and not 1 <= purchase.visits <= MOST_VISITS:
        raise BadAmount(f"Visits lie between 1 and {MOST_VISITS}.", visits=purchase.visits, most=MOST_VISITS)
    if purchase.currency not in (None, program.currency):
        raise Invalid(
            f"This program counts in {program.currency}; leave `currency` out or give that.",
            currency=purchase.currency,
        )


def _by_visit(program: Program, purchase: Purchase) -> tuple[Step, ...]:
    earning = program.earning
    if not earning.per_visit:
        return ()
    if purchase.visits is not None:
        return (_visits(earning.per_visit, purchase.visits),)
    if (purchase.total or 0) >= earning.visit_minimum:
        return (_visits(earning.per_visit, 1),)
    short = earning.visit_minimum - (purchase.total or 0)
    return (Step("visit_too_small", 0, (("short", short), ("minimum", earning.visit_minimum))),)


def _visits(per_visit: int, visits: int) -> Step:
    return Step("visit", per_visit * visits, (("visits", visits), ("per_visit", per_visit)))


def _by_amount(program: Program, purchase: Purchase) -> tuple[Step, ...]:
    earning = program.earning
    if not earning.give or purchase.total is None:
        return ()
    facts = (("total", purchase.total), ("per_amount", earning.per_amount), ("give", earning.give))
    return (Step("amount", purchase.total * earning.give // earning.per_amount, facts),)
