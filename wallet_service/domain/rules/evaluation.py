"""The order of an evaluation: filter, add up, multiply, round once, and tell each step.

Everything is exact: points are counted in whole parts of a point until the one rounding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from math import gcd

from wallet_service.domain.local_days import period_name
from wallet_service.domain.program import Program, Ratio, Rounding
from wallet_service.domain.rules.conditions import Seen, count, look, not_met
from wallet_service.domain.rules.effects import Sheet, percent_of
from wallet_service.domain.rules.prepared import Prepared, Ready, prepared
from wallet_service.domain.rules.values import NOBODY, Circumstances, Evaluation, Purchase, Step

NO_END = 1 << 62
FINEST = 10**15
"""No fraction of a point is finer, so that one fits into a database's whole number."""


def evaluate(program: Program, purchase: Purchase, circumstances: Circumstances = NOBODY) -> Evaluation:
    """What a purchase is worth, and why. `check` has looked at it before."""
    seen, ready = look(program, purchase, circumstances), prepared(program)
    return _evaluate(program, ready, ready.concerned(seen), seen, circumstances)


def evaluate_join(program: Program, now: datetime) -> Evaluation:
    """What a card is given for joining; all of it is a gift."""
    seen, ready = look(program, Purchase(now), NOBODY), prepared(program)
    value = _evaluate(program, ready, ready.joined, seen, NOBODY)
    return replace(value, points=0, grants=value.points + value.grants, status=0, carried=(0, 1))


def limit_periods(program: Program, moment: datetime) -> dict[str, str]:
    """For each rule that a member can use so many times: the window that runs at that moment."""
    return {
        rule.id: period_name(rule.limit.window, moment, program.time_zone)
        for rule in program.rules
        if rule.limit and rule.limit.times is not None
    }


def _evaluate(
    program: Program, ready: Prepared, rules: Iterable[Ready], seen: Seen, circumstances: Circumstances
) -> Evaluation:
    sheet, missing = Sheet(ready.parts), list[Step]()
    fired = _alone(_firing(rules, seen, circumstances, missing), missing)
    uses = _give([rule for rule in fired if not rule.rule.dry_run], seen, circumstances, sheet, missing)
    rehearsed = [_rehearse(rule, seen, sheet) for rule in fired if rule.rule.dry_run]
    numerator, denominator = _multiplied(program, seen, sheet)
    points, carried = _rounded(program.rounding, numerator, denominator, circumstances.carried, sheet.steps)
    _tier_discount(program, seen, sheet)
    paid = _paid(ready, seen, sheet.steps)
    return Evaluation(
        points=points,
        steps=(*sheet.steps, *rehearsed, *missing),
        grants=sheet.grants,
        status=_status(program, seen, points),
        carried=carried,
        discount=max(sheet.discounts, default=None),
        uses=uses,
        paid=paid,
    )


def _firing(
    rules: Iterable[Ready], seen: Seen, circumstances: Circumstances, missing: list[Step]
) -> list[Ready]:
    fired = []
    for rule in rules:
        if lacking := rule.missing(seen):
            missing += lacking
        elif rule.times is not None and not _uses_left(rule, circumstances):
            missing.append(_limited(rule, 0))
        else:
            fired.append(rule)
    return fired


def _uses_left(rule: Ready, circumstances: Circumstances) -> int:
    if rule.times is None or rule.rule.dry_run:
        return NO_END
    return max(rule.times - circumstances.used.get(rule.rule.id, 0), 0)


def _limited(rule: Ready, left: int) -> Step:
    window = rule.rule.limit.window if rule.rule.limit else None
    return Step(
        "limited", 0, (("times", rule.times), ("window", window), ("left", left), ("id", rule.rule.id))
    )


def _alone(fired: list[Ready], missing: list[Step]) -> list[Ready]:
    """The first among those that stand alone, if there is one; a dry run overrules nobody."""
    loners = [rule.rule for rule in fired if rule.rule.alone and not rule.rule.dry_run]
    if not loners:
        return fired
    winner = min(loners, key=lambda rule: (-rule.priority, rule.id))
    kept = [rule for rule in fired if rule.rule is winner or rule.rule.dry_run]
    missing += [not_met(rule.rule.id, "overruled", by=winner.id) for rule in fired if rule not in kept]
    return kept


def _give(
    fired: Iterable[Ready], seen: Seen, circumstances: Circumstances, sheet: Sheet, missing: list[Step]
) -> tuple[tuple[str, int], ...]:
    """Answers how often each limited rule was used."""
    uses = []
    for rule in fired:
        left = NO_END
        if rule.times is not None:
            left, wanted = _uses_left(rule, circumstances), rule.uses(seen)
            uses.append((rule.rule.id, min(wanted, left)))
            if wanted > left:
                sheet.steps.append(_limited(rule, left))
        missing += rule.give(seen, left, sheet)
    return tuple(uses)


def _rehearse(rule: Ready, seen: Seen, sheet: Sheet) -> Step:
    """What the rule would have added to what the others gave."""
    own = Sheet(sheet.parts)
    rule.give(seen, NO_END, own)
    numerator, denominator = _product(own)
    more = (sheet.base + own.base) * numerator // denominator - sheet.base
    return Step("dry_run", 0, (("points", more // sheet.parts + own.grants), ("id", rule.rule.id)))


def _product(sheet: Sheet) -> Ratio:
    numerator = denominator = 1
    for _, by in sheet.factors:
        numerator, denominator = numerator * by[0], denominator * by[1]
    return numerator, denominator


def _multiplied(program: Program, seen: Seen, sheet: Sheet) -> Ratio:
    """The exact points: all bases times all multipliers, and times the tier's."""
    numerator, denominator = sheet.base, sheet.parts
    level = program.tiers.level(seen.tier) if program.tiers else None
    factors = [("multiplied", "id", name, by) for name, by in sheet.factors]
    if level is not None and level.multiplier != (1, 1):
        factors.append(("tier", "tier", level.id, level.multiplier))
    for key, who, name, (num, den) in factors:
        before = numerator // denominator
        numerator, denominator = numerator * num, denominator * den
        gained = numerator // denominator - before
        sheet.steps.append(Step(key, gained, (("num", num), ("den", den), (who, name))))
    return numerator, denominator


def _rounded(
    mode: Rounding, numerator: int, denominator: int, carried: Ratio, steps: list[Step]
) -> tuple[int, Ratio]:
    """Whole points, and the fraction to carry on."""
    if mode is Rounding.CARRY:
        return _carried(numerator, denominator, carried, steps)
    points = {
        Rounding.FLOOR: numerator // denominator,
        Rounding.HALF_UP: (2 * numerator + denominator) // (2 * denominator),
        Rounding.CEIL: -(-numerator // denominator),
    }[mode]
    if numerator % denominator:
        num, den = reduced(numerator, denominator)
        facts = (("num", num), ("den", den), ("mode", mode.value))
        steps.append(Step("rounded", points - numerator // denominator, facts))
    return points, (0, 1)


def _carried(numerator: int, denominator: int, carried: Ratio, steps: list[Step]) -> tuple[int, Ratio]:
    """Never below 0 points: what a refund left owing waits for the next ones."""
    exact = numerator * carried[1] + carried[0] * denominator
    whole = denominator * carried[1]
    points = max(exact // whole, 0)
    rest = reduced(exact - points * whole, whole)
    if not numerator and not points:
        return 0, rest
    if carried[0]:
        gained = points - numerator // denominator
        steps.append(Step("carried_in", gained, (("num", carried[0]), ("den", carried[1]))))
    if rest[0]:
        steps.append(Step("carried_out", 0, (("num", rest[0]), ("den", rest[1]))))
    return points, rest


def reduced(numerator: int, denominator: int) -> Ratio:
    """As fine as FINEST, rounded down."""
    common = gcd(numerator, denominator)
    numerator, denominator = numerator // common, denominator // common
    if denominator > FINEST:
        return numerator * FINEST // denominator, FINEST
    return numerator, denominator


def _tier_discount(program: Program, seen: Seen, sheet: Sheet) -> None:
    level = program.tiers.level(seen.tier) if program.tiers else None
    if level is None or not level.discount[0] or not seen.total:
        return
    amount = percent_of(level.discount, seen.total)
    facts = (("tier", level.id), ("num", level.discount[0]), ("den", level.discount[1]), ("amount", amount))
    sheet.steps.append(Step("tier_discount", 0, facts))
    sheet.discounts.append(amount)


def _paid(ready: Prepared, seen: Seen, steps: list[Step]) -> tuple[str, int] | None:
    for item, tier, months in ready.paid if seen.items else ():
        if bought := count(seen.items, frozenset((item,))):
            steps.append(Step("paid_tier", 0, (("tier", tier), ("months", months * bought))))
            return tier, months * bought
    return None


def _status(program: Program, seen: Seen, points: int) -> int:
    if program.tiers is None:
        return 0
    return {"points": points, "spend": seen.total or 0, "visits": seen.visits}[program.tiers.counts]
