"""What every wallet fulfils, and what it answers for each mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Note:
    """A claimed mark: this wallet must hear of this card, which stood at version `wanted`. `raised_at` is
    since when it is to be told, `request_id` the request that raised it last.
    """

    id: int
    card_id: int
    wanted: int
    notify: bool
    tries: int
    wallet: str = ""
    priority: int = 0
    raised_at: datetime | None = None
    request_id: str | None = None


class Result(StrEnum):
    TOLD = "told"
    LATER = "later"
    PARKED = "parked"


@dataclass(frozen=True)
class Outcome:
    """`LATER` without `due` leaves the back-off to the worker. `error` is for the operator's eyes: a
    sentence without tokens or names. `waited` tells an agreed wait (pace, circuit) from a failure.
    `phones` says how many were woken for it, None that nobody holds the card; `delivery` is the party's own
    number of the last call.
    """

    result: Result
    due: datetime | None = None
    error: str | None = None
    waited: bool = False
    phones: int | None = None
    delivery: str | None = None


TOLD = Outcome(Result.TOLD)


class Wallet(Protocol):
    """One outside party. `tell` reads the newest state itself, calls out without holding a transaction,
    and answers every note once; what it does not answer stays due. Telling twice does no harm.
    """

    @property
    def name(self) -> str: ...

    def tell(self, notes: Sequence[Note], now: datetime) -> Iterable[tuple[Note, Outcome]]: ...
