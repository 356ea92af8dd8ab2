"""What a program means for the till: which buttons there are, and whether a scan is a visit at once."""

from __future__ import annotations

from wallet_service.domain.program import Program
from wallet_service.domain.rule import Discount, Each, Effect, Trigger
from wallet_service.web.page import currency_sign


def counts_visits(program: Program) -> bool:
    """Whether a visit alone is worth something at any time, so that the till has a button for it."""
    return any(
        rule.trigger is Trigger.VISIT or any(_each_visit(effect) for effect in rule.then)
        for rule in program.rules
        if not (rule.every or rule.some)
    )


def scan_books(program: Program) -> bool:
    """Where the program does not say: if stamps are counted, and a visit alone brings one."""
    if program.scan_books is not None:
        return program.scan_books
    return program.unit.cells and counts_visits(program)


def is_worth_a_look(program: Program) -> bool:
    """Whether a cashier may have to take something off before the amount is booked."""
    discounts = any(isinstance(effect, Discount) for rule in program.rules for effect in rule.then)
    levels = program.tiers.levels if program.tiers else ()
    return discounts or program.paying is not None or any(level.discount[0] for level in levels)


def sign(program: Program) -> str:
    return currency_sign(program.currency)


def _each_visit(effect: Effect) -> bool:
    return isinstance(effect, Each) and effect.what == "visit"
