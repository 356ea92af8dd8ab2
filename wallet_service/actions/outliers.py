"""Who and what may stand out at the tills, as values for the office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from wallet_service.domain.progress import Kind

MUCH_TAKEN_BACK = 5
ONE_IN = 10
"""Corrections and undos stand out from so many on, if they are more than one in ten bookings."""


@dataclass(frozen=True)
class Repeated:
    """One card at one till more often than the program's `most` of a day, or of the week (`day` None)."""

    serial: str
    store: str
    till: str
    day: date | None
    times: int
    most: int
    last_at: datetime


@dataclass(frozen=True)
class Served:
    """A card that one person served `times` of the `of` times it was served at all; `most_a_day` of them on
    one day.
    """

    who: str
    serial: str
    times: int
    of: int
    most_a_day: int
    last_at: datetime


@dataclass(frozen=True)
class TookBack:
    """A person's corrections and undos, beside what they booked."""

    who: str
    corrections: int
    undos: int
    bookings: int

    @property
    def stands_out(self) -> bool:
        count = self.corrections + self.undos
        return count >= MUCH_TAKEN_BACK and count * ONE_IN > self.bookings


@dataclass(frozen=True)
class Favour:
    """The own card of one who works here (`whose`), and the colleague who serves it again and again."""

    whose: str
    who: str
    serial: str
    times: int
    of: int


@dataclass(frozen=True)
class Late:
    """Booked, corrected or taken back while the shop was closed."""

    who: str
    serial: str
    kind: Kind
    store: str
    till: str
    at: datetime


@dataclass(frozen=True)
class Review:
    """People as the ledger names them ("staff:3"); the worst first."""

    since: datetime
    repeated: tuple[Repeated, ...]
    served: tuple[Served, ...]
    took_back: tuple[TookBack, ...]
    favours: tuple[Favour, ...]
    late: tuple[Late, ...]
