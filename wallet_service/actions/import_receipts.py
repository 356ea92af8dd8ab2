"""Purchases that a restore lost come back from the shop's own receipts, line by line, each once."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from wallet_service.actions.earn import earn
from wallet_service.actions.import_file import BadLine
from wallet_service.actions.once import Actor
from wallet_service.db.session import Sessions
from wallet_service.domain.errors import Refusal
from wallet_service.domain.rules import Purchase

COLUMNS = ("card", "at", "receipt", "total", "visits", "store", "till")
FLAG = "restored"
WHO = "restore"
MAIN = "main"


@dataclass(frozen=True)
class Booked:
    line: int
    repeated: bool


def import_receipts(
    sessions: Sessions, lines: Iterable[str], wallets: tuple[str, ...], now: datetime
) -> Iterator[Booked | BadLine]:
    """Each line by itself, in quarantine too. Its content is its key and its receipt counts once, so that the
    same file again, or a system that repeats itself later, doubles nothing.
    """
    reader = csv.DictReader(lines)
    try:
        if not {"card", "at", "receipt"} <= set(reader.fieldnames or ()) <= set(COLUMNS):
            yield BadLine(1, f"the columns are {', '.join(COLUMNS)}; card, at, receipt are needed")
            return
        for row in reader:
            yield _booked(sessions, row, reader.line_num, wallets, now)
    except csv.Error as error:
        yield BadLine(max(reader.line_num, 1), f"this is no CSV: {error}")


def _booked(
    sessions: Sessions, row: Mapping[str, str | None], line: int, wallets: tuple[str, ...], now: datetime
) -> Booked | BadLine:
    try:
        return Booked(line, _book(sessions, row, wallets, now))
    except (Refusal, ValueError) as error:
        return BadLine(line, error.detail if isinstance(error, Refusal) else str(error))


def _book(sessions: Sessions, row: Mapping[str, str | None], wallets: tuple[str, ...], now: datetime) -> bool:
    said = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if not said["receipt"]:
        raise ValueError("without its receipt nobody knows whether it was booked before")
    purchase = Purchase(
        _moment(said["at"]),
        total=_number("total", said["total"]),
        visits=_number("visits", said["visits"]),
        receipt=said["receipt"],
        store=said["store"] or None,
    )
    with sessions.begin(in_quarantine=True) as session:
        booking = earn(
            session,
            card=said["card"],
            purchase=purchase,
            key=hashlib.sha256("\n".join(said.values()).encode()).hexdigest(),
            actor=Actor(WHO, store=said["store"] or MAIN, till=said["till"] or MAIN),
            wallets=wallets,
            now=now,
            flags=(FLAG,),
        )
    return booking.repeated


def _moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("`at` is a time such as 2026-01-31T18:30:00+03:00") from None
    if read.tzinfo is None:
        raise ValueError("`at` needs its zone, such as 2026-01-31T18:30:00+03:00")
    return read.astimezone(UTC)


def _number(name: str, text: str) -> int | None:
    if text and not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise ValueError(f"`{name}` is a whole number; sums in the smallest coin")
    return int(text) if text else None
