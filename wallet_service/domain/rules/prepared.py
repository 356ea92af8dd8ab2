"""A program's rules made ready to run: conditions as tests, effects as functions, points in whole parts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from math import lcm

from wallet_service.domain.program import Program
from wallet_service.domain.rule import Bands, PerAmount, Rule, Trigger
from wallet_service.domain.rules.conditions import Seen, Test, not_met, test_of
from wallet_service.domain.rules.effects import Giving, Sheet, giving, no_visit
from wallet_service.domain.rules.values import Step


@dataclass(frozen=True, slots=True)
class Ready:
    """A rule that can be asked quickly, as often as there are purchases.

    `needs` holds a test for each effect, unless there is one that can always give something.
    """

    rule: Rule
    every: tuple[Test, ...]
    some: tuple[Test, ...]
    none_of_some: Step
    effects: tuple[Giving, ...]
    needs: tuple[Test, ...]
    times: int | None
    most: int | None

    def missing(self, seen: Seen) -> list[Step]:
        """Everything that keeps the rule from firing; empty when it fires."""
        rule = self.rule
        if rule.first_day is not None and seen.day < rule.first_day:
            return [not_met(rule.id, "not_yet", first_day=rule.first_day)]
        if rule.last_day is not None and seen.day > rule.last_day:
            return [not_met(rule.id, "no_longer", last_day=rule.last_day)]
        missing = []
        for test in self.every:
            if step := test(seen):
                missing.append(step)  # a comprehension would cost a call, twenty times a purchase
        if self.some and all(test(seen) for test in self.some):
            missing.append(self.none_of_some)
        if self.needs and not missing:
            return self._powerless(seen)
        return missing

    def _powerless(self, seen: Seen) -> list[Step]:
        """Why none of the effects can give anything; empty when one can."""
        lacking = [step for need in self.needs if (step := need(seen))]
        return lacking if len(lacking) == len(self.needs) else []

    def uses(self, seen: Seen) -> int:
        return max(effect.uses(seen) for effect in self.effects)

    def give(self, seen: Seen, most: int, sheet: Sheet) -> list[Step]:
        """Writes what the rule gives on the sheet; answers what its other effects lack."""
        base, missing = 0, []
        for effect in self.effects:
            if effect.lacking is not None and (step := effect.lacking(seen)):
                missing.append(step)
            else:
                base += effect.give(seen, most, sheet)
        sheet.base += base if self.most is None else self._capped(base, sheet)
        return missing

    def _capped(self, base: int, sheet: Sheet) -> int:
        most = self.most or 0
        if base <= most * sheet.parts:
            return base
        was = base // sheet.parts
        sheet.steps.append(Step("capped", most - was, (("most", most), ("was", was), ("id", self.rule.id))))
        return most * sheet.parts


@dataclass(frozen=True, slots=True)
class Prepared:
    """`parts` is how many parts a point has, so that every rate is a whole number of them."""

    parts: int
    bought: tuple[Ready, ...]
    acted: tuple[Ready, ...]
    both: tuple[Ready, ...]
    joined: tuple[Ready, ...]
    paid: tuple[tuple[str, str, int], ...]

    def concerned(self, seen: Seen) -> tuple[Ready, ...]:
        if seen.bought:
            return self.both if seen.action is not None else self.bought
        return self.acted if seen.action is not None else ()


def prepared(program: Program) -> Prepared:
    """Once per program: a value holds texts in dicts and cannot be hashed, so the cache goes by identity."""
    return _prepared(_Itself(program))


class _Itself:
    __slots__ = ("program",)

    def __init__(self, program: Program) -> None:
        self.program = program

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.program is other.program

    def __hash__(self) -> int:
        return id(self.program)


@lru_cache(maxsize=256)
def _prepared(itself: _Itself) -> Prepared:
    program = itself.program
    parts = parts_of_a_point(program.rules)

    def ready(*triggers: Trigger) -> tuple[Ready, ...]:
        return tuple(_ready(rule, parts) for rule in program.rules if rule.trigger in triggers)

    return Prepared(
        parts=parts,
        bought=ready(Trigger.PURCHASE, Trigger.VISIT),
        acted=ready(Trigger.ACTION),
        both=ready(Trigger.PURCHASE, Trigger.VISIT, Trigger.ACTION),
        joined=ready(Trigger.JOIN),
        paid=_paid_tiers(program),
    )


def parts_of_a_point(rules: Collection[Rule]) -> int:
    effects = [effect for rule in rules for effect in rule.then]
    rates = [effect for effect in effects if isinstance(effect, PerAmount)]
    rates += [rate for effect in effects if isinstance(effect, Bands) for _, rate in effect.bands]
    return lcm(*(rate.per for rate in rates))


def _ready(rule: Rule, parts: int) -> Ready:
    every = tuple(test_of(condition, rule.id) for condition in rule.every)
    effects = tuple(giving(effect, rule.id, parts) for effect in rule.then)
    needs = tuple(effect.lacking for effect in effects if effect.lacking)
    limit = rule.limit
    return Ready(
        rule=rule,
        every=(no_visit(rule.id), *every) if rule.trigger is Trigger.VISIT else every,
        some=tuple(test_of(condition, rule.id) for condition in rule.some),
        none_of_some=not_met(rule.id, "missing_any"),
        effects=effects,
        needs=needs if len(needs) == len(effects) else (),
        times=limit.times if limit else None,
        most=limit.points if limit else None,
    )


def _paid_tiers(program: Program) -> tuple[tuple[str, str, int], ...]:
    """The items that buy a tier, the highest tier first."""
    levels = reversed(program.tiers.levels) if program.tiers else ()
    return tuple((level.paid_item, level.id, level.paid_months) for level in levels if level.paid_item)
