"""Figures that no card could hold."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from wallet_service.actions import program_reading as reading
from wallet_service.actions.program_faults import Fault
from wallet_service.domain.rule import (
    Bands,
    Discount,
    Each,
    Effect,
    Flat,
    Grant,
    Multiply,
    PerAmount,
)
from wallet_service.domain.rules import MOST_MONEY, MOST_POINTS, MOST_VISITS
from wallet_service.domain.rules.checks import MOST_QUANTITY
from wallet_service.domain.rules.prepared import parts_of_a_point

FINEST = 10**12
"""The finest fraction of a point that rates may need; a card carries it from visit to visit."""


def faults(body: reading.ProgramBody) -> Iterator[Fault]:
    """Figures that no card could hold."""
    if body.earning and body.earning.give and not body.earning.per_amount:
        return
    rules = reading.as_rules(body)
    effects = [effect for rule in rules for effect in rule.then]
    factors = [Fraction(*effect.by) for effect in effects if isinstance(effect, Multiply)]
    by_tier = [Fraction(*level.multiplier) for level in body.tiers.levels] if body.tiers else [Fraction(1)]
    finest = parts_of_a_point(rules) * prod(factor.denominator for factor in factors)
    if finest * max(factor.denominator for factor in by_tier) > FINEST:
        remedy = "Choose rates and multipliers with rounder figures, such as 10000 or 100."
        yield Fault("rules", "The rates together need too fine a fraction of a point.", remedy)
    most = prod(max(factor, Fraction(1)) for factor in (*factors, max(by_tier)))
    if sum(map(_at_most, effects)) * most > MOST_POINTS:
        yield Fault("rules", "One purchase could earn more points than a card can hold.", "Give fewer.")


def _at_most(effect: Effect) -> Fraction:
    match effect:
        case Flat(points) | Grant(points):
            return Fraction(points)
        case PerAmount(per, give):
            return Fraction(MOST_MONEY * give, per)
        case Bands(bands):
            return max(_at_most(rate) for _, rate in bands)
        case Each(what, give):
            return Fraction(give * (MOST_VISITS if what == "visit" else MOST_QUANTITY))
        case Multiply() | Discount():
            return Fraction(0)
