"""One step of a trace, read so that nothing fails on what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from wallet_service.domain.errors import Fact
from wallet_service.domain.program import Program, Ratio
from wallet_service.domain.rule import Rule
from wallet_service.domain.rules import Step
from wallet_service.domain.wording.speech import Voice, ratio


@dataclass(frozen=True)
class Trace:
    """A fact that is not there counts as 0 or as nothing. `rule` is the one that the step tells of."""

    points: int
    facts: Mapping[str, Fact]
    rule: Rule | None

    def number(self, name: str) -> int:
        value = self.facts.get(name)
        return value if isinstance(value, int) else 0

    def text(self, name: str) -> str:
        value = self.facts.get(name)
        return "" if value is None else str(value)

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(part for part in self.text(name).split(",") if part)

    @property
    def pair(self) -> Ratio:
        return self.number("num"), self.number("den") or 1

    @property
    def ratio(self) -> Fraction:
        return ratio(self.pair)


Telling = Callable[[Voice, Trace], str]


def read(program: Program, step: Step) -> Trace:
    facts = dict(step.facts)
    return Trace(step.points, facts, rule_of(program, facts.get("id")))


def rule_of(program: Program, rule_id: Fact) -> Rule | None:
    return next((rule for rule in program.rules if rule.id == rule_id), None)
