"""A card in the hand of an action: locked, with its program and all that it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.card_row import COLUMNS, State, card_table
from wallet_service.actions.open_lots import open_lots
from wallet_service.db import queries
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import Card, CardNumber, ProgramRow, ProgramVersion, Webhook
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain.errors import CardBlocked, CardNotActive, Conflict
from wallet_service.domain.identifiers import parse_card_number
from wallet_service.domain.ledger import Holding
from wallet_service.domain.lots import Lot
from wallet_service.domain.program import Program, Ratio
from wallet_service.domain.tiers import Held, in_force, next_look

NO_LOTS: tuple[Lot, ...] = ()


@dataclass
class Heard:
    """What the shop's own systems know of the card so far: its tier, and which rewards are ready."""

    tier: str | None
    ready: frozenset[str] = frozenset()


@dataclass
class Account:
    """`version_id` and `version` name the program version in force. `lots` are loaded when first asked.
    `heard` is None where no system of the shop listens.
    """

    card: State
    program: Program
    version_id: int
    heard: Heard | None = field(default=None)
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
        over, _, under = self.card.carried.partition("/")
        return int(over), int(under)

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


LISTENING = exists().where(Webhook.disabled_at.is_(None))
"""Asked with the card, so that a booking of which nobody wants to hear costs nothing more."""


def _one(wanted: Any, *, lock: bool) -> Select[Any]:
    query = (
        select(
            *(card_table.c[name] for name in COLUMNS),
            ProgramRow.slug,
            ProgramVersion.id,
            ProgramVersion.number,
            LISTENING,
        )
        .join(ProgramRow, ProgramRow.id == card_table.c.program_id)
        .join(
            ProgramVersion,
            (ProgramVersion.program_id == ProgramRow.id) & (ProgramVersion.number == ProgramRow.version),
        )
        .where(wanted)
    )
    return query.with_for_update(of=card_table, key_share=True) if lock else query


NUMBERED = (
    select(CardNumber.card_id)
    .where(CardNumber.number == bindparam("key"), CardNumber.retired_at.is_(None))
    .scalar_subquery()
)
BY_SERIAL = {lock: Ready(_one(card_table.c.serial == bindparam("key"), lock=lock)) for lock in (True, False)}
BY_NUMBER = {lock: Ready(_one(card_table.c.id == NUMBERED, lock=lock)) for lock in (True, False)}


def take(session: Session, reference: str) -> Account:
    """By serial number or any number that still opens the card, locked until the transaction ends (lock
    order: card, ledger, outbox). UnknownCard when there is none, CardReplaced for a number that was.
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
    row = query.row(written(session), {"key": key})
    if row is None:
        raise queries.no_card(session, reference)
    slug, version_id, number, listening = row[len(COLUMNS) :]
    program = programs.by_id(session, slug, version_id, number)
    account = Account(State(*row[: len(COLUMNS)]), program, version_id)
    if lock and listening:
        level = in_force(program, account.held_tier, account.card.changed_at)
        account.heard = Heard(level.id if level else None)
    return account


def of_row(session: Session, card: Card) -> Account:
    """Of a row that somebody has read already."""
    program, version = programs.current(session, card.program.slug)
    return Account(State(*(getattr(card, name) for name in COLUMNS)), program, version.id)
