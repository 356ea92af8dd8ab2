"""What is kept of a card beside its entries, held against what the entries make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from wallet_service.actions.ledger_checks import lots as lot_checks
from wallet_service.actions.ledger_checks.finding import Fault, Row
from wallet_service.actions.ledger_checks.history import History
from wallet_service.domain.local_days import TICK
from wallet_service.domain.lots import NEVER, held


@dataclass(frozen=True)
class Kept:
    """The rows of one card, of the same moment."""

    card: Row
    lots: Iterable[Row]
    tallies: Iterable[Row]
    marks: Iterable[Row]


def differing(made: History, kept: Kept, wallets: tuple[str, ...]) -> Iterator[Fault]:
    yield from _card(made, kept.card)
    yield from lot_checks.differing(made.lots, kept.lots)
    yield from _held(made, kept.card)
    yield from _tallies(made, kept.tallies)
    yield from _marks(kept, wallets)


def _card(made: History, card: Row) -> Iterator[Fault]:
    """Invariant 3."""
    stands = made.stands
    wanted: dict[str, Any] = {
        "seq": made.seq,
        "head": made.head,
        "balance": stands.balance,
        "status_points": stands.status,
        "endowed": stands.endowed,
        "gained": stands.gained,
        "last_kind": stands.last,
        "carried": made.carried,
        "receipts": made.purchases.receipts,
        "idle_until": made.purchases.idle_until,
    }
    for name, value in wanted.items():
        if card[name] != value:
            yield Fault("card", f"{name} is {card[name]}, its entries make {value}")


def _held(made: History, card: Row) -> Iterator[Fault]:
    """Until `look_at` the card's own row says what it holds, and nobody asks the lots (invariant 6)."""
    moment = card["look_at"] - TICK if card["look_at"] else NEVER
    there = held(made.lots.as_lots(card["idle_until"]), moment)
    said = max(card["balance"], 0) - card["pending"]
    if there != said:
        until = card["look_at"] or "ever"
        yield Fault("pending", f"until {until} it is said to hold {said}, its lots hold {there}")


def _tallies(made: History, kept: Iterable[Row]) -> Iterator[Fault]:
    wanted = made.purchases.counts
    there = {(row["name"], row["period"]): row["amount"] for row in kept}
    for name, period in sorted(wanted.keys() | there.keys()):
        counted, said = wanted.get((name, period), 0), there.get((name, period), 0)
        if counted != said:
            yield Fault("tally", f"{name} in {period} is {said}, its entries make {counted}")


def _marks(kept: Kept, wallets: tuple[str, ...]) -> Iterator[Fault]:
    """Invariant 16. A wallet that was switched off hears nothing."""
    version = kept.card["version"]
    marks = {row["wallet"]: row for row in kept.marks}
    if not marks:
        yield Fault("mark", "no wallet was ever to hear of it")
    for wallet in wallets:
        mark = marks.get(wallet)
        if mark and mark["wanted"] != version:
            told = f"{wallet} is to hear of version {mark['wanted']}, the card is at {version}"
            yield Fault("mark", told)
        if mark and mark["told"] > mark["wanted"]:
            yield Fault("mark", f"{wallet} heard of version {mark['told']}, {mark['wanted']} was the last")
