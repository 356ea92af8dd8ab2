"""A manager corrects a balance, with a reason, and above the program's limit with a second manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from wallet_service.actions import staff
from wallet_service.actions.adjust import LONGEST_REASON
from wallet_service.domain.errors import SecondPersonNeeded
from wallet_service.domain.program import Unit
from wallet_service.web.auth import show_pin, worker
from wallet_service.web.till.forms import points_of


@dataclass(frozen=True)
class CorrectionForm:
    """`points` are signed; `pin` is that of the second manager, or empty."""

    points: int
    reason: str
    pin: str
    key: str

    @classmethod
    def parse(cls, form: Mapping[str, str], unit: Unit) -> Self:
        points = points_of(form.get("points", ""), unit)
        signed = -points if form.get("way") == "take" else points
        return cls(signed, form.get("reason", "")[:LONGEST_REASON], form.get("pin", ""), form.get("key", ""))


def second_manager(pin: str) -> str | None:
    """As the ledger names them; None when nobody typed. SecondPersonNeeded for a cashier, or the same
    manager once more.
    """
    if not pin:
        return None
    person = show_pin(pin)
    if person.id == worker().id or person.role != staff.ADMIN:
        raise SecondPersonNeeded("This is the PIN of the same person, or of a cashier.")
    return f"staff:{person.id}"
