"""A card in the hand of an action: locked, with its program and all that it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.db import queries
from wallet_service.db.tables import (
    Allocation,
    Card,
    CardNumber,
    LedgerEntry,
    OpenLot,
    ProgramRow,
    ProgramVersion,
)
from wallet_service.db.tables.base import UtcTime, table
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain.errors import CardBlocked, CardNotActive, Conflict, UnknownCard
from wallet_service.domain.identifiers import parse_card_number
from wallet_service.domain.ledger import Holding
from wallet_service.domain.lots import Lot, held
from wallet_service.domain.program import ExpiryKind, Program, Ratio
from wallet_service.domain.progress import Kind, Standing
from wallet_service.domain.tiers import Held, next_look

NO_LOTS: tuple[Lot, ...] = ()


@dataclass
class State:
    """The row of the card as this transaction sees it; every field is a column of `card`."""

    id: int
    serial: str
    number: str
    program_id: int
    member_id: int
    status: str
    version: int
    balance: int
    status_points: int
    endowed: int
    gained: int
    last_kind: str | None
    seq: int
    head: str
    pending: int
    look_at: datetime | None
    idle_until: datetime | None
    receipts: int
    carried: str
    goal: str | None
    tier: str | None
    tier_until: datetime | None
    paid_tier: str | None
    paid_until: datetime | None
    earned_at: datetime | None
    earned_day: str | None
    earned_today: int
    merged_into_id: int | None
    blocked_at: datetime | None
    created_at: datetime
    changed_at: datetime


COLUMNS = tuple(column.name for column in fields(State))
LASTING = {"id", "serial", "number", "program_id", "member_id", "status", "merged_into_id", "blocked_at"}
CHANGING = tuple(name for name in COLUMNS if name not in LASTING | {"created_at"})
card_table, lot_table = table(Card), table(OpenLot)


@dataclass
class Account:
    """`version_id` and `version` name the program version in force. `lots` are loaded when first asked."""

    card: State
    program: Program
    version_id: int
    _lots: tuple[Lot, ...] | None = field(default=None)
    _fresh: tuple[Lot, ...] = field(default=())

    @property
    def deficit(self) -> int:
        return max(-self.card.balance, 0)

    @property
    def paid(self) -> bool:
        return self.card.receipts > 0

    @property
    def carried(self) -> Ratio:
        return ratio(self.card.carried)

    @property
    def held_tier(self) -> Held:
        card = self.card
        return Held(card.tier, card.tier_until, card.paid_tier, card.paid_until)

    @property
    def loaded(self) -> bool:
        return self._lots is not None

    def lots(self, session: Session) -> tuple[Lot, ...]:
        if self._lots is None:
            self._lots = open_lots(session, self.card.id, self.card.idle_until)
        return self._lots

    def keep_lots(self, lots: Sequence[Lot], *, whole: bool) -> None:
        """Of a card that was not `whole` in the hand, only those that came in just now are known."""
        if whole:
            self._lots = tuple(lots)
        else:
            self._fresh += tuple(lots)

    def look_ahead(self, now: datetime) -> None:
        """When the clock changes something next, and what cannot be spent until then. A lot that burnt
        before it was booked, by a till that was offline, is due at once.
        """
        if self._lots is not None:
            known, self.card.pending, self.card.look_at = self._lots, 0, None
        else:
            known = self._fresh
        self.card.pending += sum(lot.left for lot in known if lot.available_from > now)
        self.card.look_at = min(filter(None, (self.card.look_at, *self._moments(known, now))), default=None)
        self._fresh = ()

    def _moments(self, known: Sequence[Lot], now: datetime) -> Iterable[datetime | None]:
        for lot in known:
            yield lot.available_from if lot.available_from > now else None
            yield self.card.idle_until if lot.slides else lot.expires_at
        if self.card.idle_until is not None and self.card.idle_until > now:
            yield self.card.idle_until  # of lots that are not in the hand
        if self.program.tiers is not None:
            yield next_look(self.program, self.held_tier)

    def holding(self, session: Session) -> Holding:
        """All that it holds; for credits alone `thin_holding` is enough and asks nothing."""
        return self.thin_holding(self.lots(session))

    def thin_holding(self, lots: Sequence[Lot] = NO_LOTS) -> Holding:
        return Holding(self.card.balance, self.card.endowed, self.paid, self.carried, lots)

    def must_not_be_merged(self) -> None:
        """Its points went over to another card: there they cannot be told from the others."""
        if self.card.merged_into_id is not None:
            raise Conflict("This card was merged into another one. Correct the balance of that one by hand.")

    def must_be_active(self) -> None:
        if self.card.status != ACTIVE:
            raise CardNotActive("This card was closed by its member. Offer a new one.")
        if self.card.blocked_at is not None:
            raise CardBlocked("This card is blocked. A manager can open it again in the office.")


def _one(wanted: Any, *, lock: bool) -> Select[Any]:
    query = (
        select(
            *(card_table.c[name] for name in COLUMNS),
            ProgramRow.slug,
            ProgramVersion.id,
            ProgramVersion.number,
        )
        .join(ProgramRow, ProgramRow.id == card_table.c.program_id)
        .join(
            ProgramVersion,
            (ProgramVersion.program_id == ProgramRow.id) & (ProgramVersion.number == ProgramRow.version),
        )
        .where(wanted)
    )
    return query.with_for_update(of=card_table) if lock else query


NUMBERED = select(CardNumber.card_id).where(CardNumber.number == bindparam("key")).scalar_subquery()
BY_SERIAL = {lock: _one(card_table.c.serial == bindparam("key"), lock=lock) for lock in (True, False)}
BY_NUMBER = {lock: _one(card_table.c.id == NUMBERED, lock=lock) for lock in (True, False)}


def take(session: Session, reference: str) -> Account:
    """By serial number or any number the card ever had, locked until the transaction ends (lock order: card,
    ledger, outbox). UnknownCard when there is none.
    """
    return _account(session, reference, lock=True)


def look(session: Session, reference: str) -> Account:
    """The same without the lock, to be shown."""
    return _account(session, reference, lock=False)


def _account(session: Session, reference: str, *, lock: bool) -> Account:
    if queries.SERIAL.fullmatch(reference):
        query, key = BY_SERIAL[lock], reference
    else:
        query, key = BY_NUMBER[lock], parse_card_number(reference)
    row = written(session).execute(query, {"key": key}).first()
    if row is None:
        raise UnknownCard("This card is not known here. Check that it is a card of this program.")
    slug, version_id, number = row[len(COLUMNS) :]
    return Account(State(*row[: len(COLUMNS)]), programs.by_id(session, slug, version_id, number), version_id)


def of_row(session: Session, card: Card) -> Account:
    """Of a row that somebody has read already."""
    program, version = programs.current(session, card.program.slug)
    return Account(State(*(getattr(card, name) for name in COLUMNS)), program, version.id)


def written(session: Session) -> Connection:
    """The connection, once all that the session holds is on it."""
    session.flush()
    return session.connection()


LOTS = select(lot_table).where(lot_table.c.card_id == bindparam("card")).order_by(lot_table.c.seq)


def open_lots(session: Session, card_id: int, idle_until: datetime | None) -> tuple[Lot, ...]:
    rows = written(session).execute(LOTS, {"card": card_id})
    return tuple(
        Lot(
            row.seq,
            row.points_left,
            row.available_from,
            idle_until if row.slides else row.expires_at,
            row.gift,
            row.slides,
        )
        for row in rows
    )


NEXT_EXPIRY = (
    select(lot_table.c.expires_at, func.sum(lot_table.c.points_left))
    .where(lot_table.c.card_id == bindparam("card"), lot_table.c.expires_at > bindparam("now"))
    .group_by(lot_table.c.expires_at)
    .order_by(lot_table.c.expires_at)
    .limit(1)
)


def closed_lots(session: Session, account: Account, seqs: Iterable[int]) -> Mapping[int, Lot]:
    """The terms of these lots, with nothing left in them: what a cancelled redemption gives back to."""
    rows = session.scalars(
        select(LedgerEntry).where(LedgerEntry.card_id == account.card.id, LedgerEntry.seq.in_(list(seqs)))
    )
    lots = {row.seq: lot_of(row, account.card.idle_until) for row in rows}
    return lots | {seq: replace(lots[seq], expires_at=at) for seq, at in _burnt_at(session, account, lots)}


def _burnt_at(session: Session, account: Account, lots: Mapping[int, Lot]) -> Iterable[tuple[int, datetime]]:
    """A lot that slides has burnt for good, though the card was used again since."""
    sliding = [seq for seq, lot in lots.items() if lot.slides]
    if not sliding:
        return []
    burnt = session.execute(
        select(Allocation.lot_seq, func.max(LedgerEntry.occurred_at, type_=UtcTime))
        .join(
            LedgerEntry,
            (LedgerEntry.card_id == Allocation.card_id) & (LedgerEntry.seq == Allocation.entry_seq),
        )
        .where(
            Allocation.card_id == account.card.id,
            Allocation.lot_seq.in_(sliding),
            LedgerEntry.kind == Kind.EXPIRE,
        )
        .group_by(Allocation.lot_seq)
    )
    return [(seq, at) for seq, at in burnt]


def lot_of(row: LedgerEntry, idle_until: datetime | None) -> Lot:
    return Lot(
        row.seq,
        0,
        row.available_from or row.occurred_at,
        idle_until if row.slides else row.expires_at,
        gift=row.endowed > 0,
        slides=row.slides,
    )


def balance(session: Session, account: Account, now: datetime) -> int:
    """What the card holds now: burnt points are gone whether or not the sweep has run (invariant 6). Asks for
    lots only when the clock has changed something since the last booking.
    """
    card = account.card
    if card.balance <= 0 or card.look_at is None or now < card.look_at:
        return card.balance - card.pending
    return held(account.lots(session), now)


def pending(session: Session, account: Account, now: datetime) -> int:
    """What was earned and cannot be spent yet."""
    card = account.card
    if card.look_at is None or now < card.look_at:
        return card.pending
    return sum(lot.left for lot in account.lots(session) if lot.available_from > now and not lot.burnt(now))


def spendable(session: Session, account: Account, now: datetime) -> int:
    """The same without a gift that waits for the first purchase."""
    if account.paid:
        return max(balance(session, account, now), 0)
    return account.holding(session).spendable(now)


def next_expiry(session: Session, account: Account, now: datetime) -> tuple[int, datetime] | None:
    """How much burns next, and when."""
    card, kind = account.card, account.program.expiry.kind
    if card.balance <= 0 or (kind is ExpiryKind.NEVER and card.look_at is None):
        return None
    if card.idle_until is not None and kind is ExpiryKind.INACTIVITY:
        return (card.balance, card.idle_until) if now < card.idle_until else None
    row = written(session).execute(NEXT_EXPIRY, {"card": card.id, "now": now}).first()
    return None if row is None else (int(row[1]), row[0])  # a sum of PostgreSQL is a Decimal


def standing(session: Session, account: Account, now: datetime) -> Standing:
    """Of this moment, as a face shows it."""
    card = account.card
    last = Kind(card.last_kind) if card.last_kind else None
    held_now = balance(session, account, now)
    return Standing(held_now, card.status_points, card.endowed, card.gained, last)


def ratio(text: str) -> Ratio:
    over, _, under = text.partition("/")
    return int(over), int(under)
