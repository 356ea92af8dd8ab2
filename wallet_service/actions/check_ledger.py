"""The ledger is made again from its entries and held against everything that is kept beside them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions.ledger_checks import days, projection, reading, rewards
from wallet_service.actions.ledger_checks.finding import Finding, Line, Row
from wallet_service.actions.ledger_checks.history import History
from wallet_service.actions.ledger_checks.projection import Kept
from wallet_service.actions.ledger_checks.purchases import Purchases
from wallet_service.actions.ledger_checks.reading import Drawn
from wallet_service.db import queries
from wallet_service.db.long_look import long_look
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Card, LedgerEntry, OpenLot, Outbox, ProgramRow, Tally

SLICE = 200
"""Cards that are read in one snapshot, so that a till that books meanwhile makes no false finding."""


@dataclass(frozen=True)
class Looked:
    """What one slice came to."""

    cards: int
    entries: int
    findings: tuple[Finding, ...]


def check_ledger(
    sessions: Sessions, *, wallets: tuple[str, ...], program: str | None = None
) -> Iterator[Looked]:
    """Slice by slice over all cards, then the counts of rewards and the roots of the days."""
    after: int | None = 0
    while after is not None:
        with sessions.read() as session:
            long_look(session)
            found = reading.cards(session, program, after, SLICE)
            findings = tuple(_slice(session, found, wallets))
        yield Looked(len(found), sum(card["seq"] for card in found), findings)
        after = found[-1]["id"] if len(found) == SLICE else None
    with sessions.read() as session:
        long_look(session)
        rest = (*rewards.differing(session, program), *days.differing(session))
    yield Looked(0, 0, rest)


def how_many(session: Session, program: str | None = None) -> int:
    """Entries to look at. UnknownProgram when there is none of that name."""
    query = select(func.coalesce(func.sum(Card.seq), 0))
    if program is not None:
        queries.program_version(session, program)
        query = query.join(ProgramRow, ProgramRow.id == Card.program_id).where(ProgramRow.slug == program)
    return int(session.scalar(query) or 0)


def _slice(session: Session, cards: list[Row], wallets: tuple[str, ...]) -> Iterator[Finding]:
    if not cards:
        return
    ids, stray = [card["id"] for card in cards], Drawn()
    lots, tallies, marks = (reading.by_card(session, of, ids) for of in (OpenLot, Tally, Outbox))
    for card, lines in _with_lines(cards, reading.lines(session, ids[0], ids[-1], stray)):
        kept = Kept(card, *(rows.get(card["id"], ()) for rows in (lots, tallies, marks)))
        yield from _card(session, kept, lines, wallets)
    yield from _stray(cards, stray)


def _with_lines(
    cards: list[Row], lines: Iterator[tuple[int, Line]]
) -> Iterator[tuple[Row, Iterator[tuple[int, Line]]]]:
    """Cards of other programs may lie between ours; a card may have no entry at all."""
    groups = groupby(lines, key=lambda pair: pair[0])
    group = next(groups, None)
    for card in cards:
        while group is not None and group[0] < card["id"]:
            group = next(groups, None)
        yield card, group[1] if group is not None and group[0] == card["id"] else iter(())


def _card(
    session: Session, kept: Kept, lines: Iterable[tuple[int, Line]], wallets: tuple[str, ...]
) -> Iterator[Finding]:
    place = f"card {kept.card['serial']}"
    made = History(kept.card["serial"], lambda operation: _dropped(session, kept.card["id"], operation))
    for _, line in lines:
        for fault in made.add(line):
            yield Finding(fault.kind, f"{place}, entry {line.row['seq']}", fault.sentence)
    for fault in projection.differing(made, kept, wallets):
        yield Finding(fault.kind, place, fault.sentence)


def _dropped(session: Session, kept_id: int, operation: int) -> Purchases | None:
    """What the card brought along that was merged into this one; no booking came to it since."""
    other = session.execute(
        select(Card.id, Card.serial)
        .join(LedgerEntry, LedgerEntry.card_id == Card.id)
        .where(LedgerEntry.operation_id == operation, LedgerEntry.card_id != kept_id)
        .limit(1)
    ).first()
    if other is None:
        return None
    made = History(other.serial, lambda before: _dropped(session, other.id, before))
    for _, line in reading.lines(session, other.id, other.id):
        deque(made.add(line), maxlen=0)
    return made.handed


def _stray(cards: list[Row], stray: Drawn) -> Iterator[Finding]:
    serials = {card["id"]: card["serial"] for card in cards}
    for card_id, entry in stray:
        if card_id in serials:
            sentence = "points are drawn from lots by an entry that is not there"
            yield Finding("lot", f"card {serials[card_id]}, entry {entry}", sentence)
