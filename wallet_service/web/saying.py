"""What a no is told with: its title and text, and its figures in the program's own money and points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import g

from wallet_service.domain import wording
from wallet_service.domain.errors import Fact
from wallet_service.domain.program import Program
from wallet_service.web.languages import language, spoken

Facts = dict[str, Fact]


@dataclass(frozen=True)
class Said:
    title: str
    text: str


def about(program: Program) -> None:
    """Whose money and points the sentences of this answer count."""
    g.program = program


def number(facts: Facts, name: str) -> int:
    value = facts.get(name)
    return value if isinstance(value, int) else 0


def counted(facts: Facts, name: str) -> str:
    """ "9 stamps"; the figure alone where nobody knows of which program it is."""
    count = number(facts, name)
    if program := _program():
        return wording.counted(program, count, spoken(program.languages))
    return _plain(Decimal(count))


def money(facts: Facts, name: str) -> str:
    amount = number(facts, name)
    if program := _program():
        return wording.money(amount, program.currency, language())
    return _plain(Decimal(amount).scaleb(-2))


def tier(facts: Facts, name: str) -> str | None:
    """Its name, if the program is known and still has it."""
    program = _program()
    level = program.tiers.level(str(facts.get(name))) if program and program.tiers else None
    return level.name[spoken(level.name)] if level else None


def day(facts: Facts, name: str) -> str | None:
    said = facts.get(name)
    if not isinstance(said, str):
        return None
    return str(format_date(date.fromisoformat(said), "d MMMM y", locale=language()))


def _program() -> Program | None:
    return cast(Program | None, g.get("program"))


def _plain(figure: Decimal) -> str:
    return str(format_decimal(figure, locale=language()))
