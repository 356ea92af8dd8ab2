"""Marks of many cards at once: a handful of statements for a slice, whatever its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, literal, select, update
from sqlalchemy.orm import Session

from wallet_service.db.id_list import among
from wallet_service.db.session import WAKE
from wallet_service.db.tables import Card
from wallet_service.db.tables.base import table
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.push.backlog import WALLETS
from wallet_service.push.outbox import CAMPAIGN, FIRST_RETRY, LONGEST_QUIET, mark_table, raised_columns

card_table = table(Card)
ALL = 100  # percent


@dataclass(frozen=True)
class Cards:
    """The active cards of a program above `after_id` up to `bound`, of those the share from `low` to below
    `high` percent: cards are spread over a hundred shares by their id.
    """

    program_id: int
    bound: int
    after_id: int = 0
    low: int = 0
    high: int = ALL


@dataclass(frozen=True)
class Slice:
    """So many cards were marked, the last of them with this id; None: there was no more to mark."""

    count: int
    last_id: int | None


def count(session: Session, cards: Cards) -> int:
    return session.scalar(select(func.count()).select_from(card_table).where(meant(cards))) or 0


def raise_slice(session: Session, cards: Cards, *, wallets: Sequence[str], now: datetime, most: int) -> Slice:
    """The next `most` of them, quietly. A till that stands at one of these cards waits until the caller's
    transaction ends, so that the caller keeps slices small.
    """
    ids = _locked(session, meant(cards), most)
    if not ids:
        return Slice(0, None)
    slice_ = _changed(session, ids, wallets, now)
    for wallet in wallets:
        _raise_new(session, slice_, wallet, now)
    return Slice(len(ids), ids[-1])


def raise_again(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """The marks that these cards have, in the same way."""
    if ids:
        _locked(session, among(session, card_table.c.id, ids), len(ids))
        _changed(session, ids, WALLETS, now)


def waiting(session: Session, wallet: str, now: datetime, most: int) -> int:
    """How many of the marks raised in bulk this wallet has not heard of, `most` at the most. One that only
    waits for its phone's pace, or was given up for today, holds up nobody.
    """
    of = mark_table.c
    raised = (of.wallet == wallet, of.told < of.wanted, of.priority == CAMPAIGN)
    due = select(of.id).where(*raised, of.due_at <= now, of.parked.is_(False)).limit(most)
    # of those that are due later the next ones tell enough: there may be a million that only keep a pace
    later = select(of.parked, of.last_error).where(*raised, of.due_at > now).order_by(of.due_at).limit(most)
    next_ones = later.subquery()
    failed = next_ones.c.parked.is_(False) & next_ones.c.last_error.is_not(None)
    counts = [
        session.scalar(select(func.count()).select_from(due.subquery())),
        session.scalar(select(func.count()).select_from(next_ones).where(failed)),
    ]
    return min(sum(filter(None, counts)), most)


def meant(cards: Cards) -> ColumnElement[bool]:
    of = card_table.c
    those = and_(
        of.program_id == cards.program_id, of.id > cards.after_id, of.id <= cards.bound, of.status == ACTIVE
    )
    low = [of.id % ALL >= cards.low] if cards.low > 0 else []
    high = [of.id % ALL < cards.high] if cards.high < ALL else []
    return and_(those, *low, *high)


def _locked(session: Session, those: ColumnElement[bool], most: int) -> Sequence[int]:
    """Lock order: card, ledger, outbox; and by id among cards, as everybody takes several."""
    of = card_table.c
    return session.scalars(
        select(of.id).where(those).order_by(of.id).limit(most).with_for_update(key_share=True)
    ).all()


def _changed(
    session: Session, ids: Sequence[int], wallets: Sequence[str], now: datetime
) -> ColumnElement[bool]:
    """Which cards those are, as a condition."""
    slice_ = among(session, card_table.c.id, ids)
    session.execute(update(card_table).where(slice_).values(version=card_table.c.version + 1))
    _lock_marks(session, slice_, wallets)
    _raise_known(session, slice_, wallets, now)
    session.info[WAKE] = True
    return slice_


def _lock_marks(session: Session, slice_: ColumnElement[bool], wallets: Sequence[str]) -> None:
    """Card by card, as a worker settles them: an update alone takes them in whatever order it finds them."""
    if session.get_bind().dialect.name == "postgresql":
        marks = _of(slice_, wallets)
        rows = select(mark_table.c.id).join_from(mark_table, card_table, marks).order_by(mark_table.c.card_id)
        session.execute(select(func.count()).select_from(rows.with_for_update(of=mark_table).subquery()))


def _raise_known(
    session: Session, slice_: ColumnElement[bool], wallets: Sequence[str], now: datetime
) -> None:
    columns = raised_columns(
        newest=card_table.c.version,
        now=literal(now, mark_table.c.due_at.type),
        retry=literal(now + FIRST_RETRY, mark_table.c.due_at.type),
        longest_quiet=literal(now + LONGEST_QUIET, mark_table.c.due_at.type),
        urgency=CAMPAIGN,
        noticed=False,
    )
    # a mark that nobody has been told of yet is still that of the request that raised it
    columns["request_id"] = case((mark_table.c.told < mark_table.c.wanted, mark_table.c.request_id))
    session.execute(update(mark_table).where(_of(slice_, wallets)).values(columns))


def _of(slice_: ColumnElement[bool], wallets: Sequence[str]) -> ColumnElement[bool]:
    return and_(mark_table.c.card_id == card_table.c.id, mark_table.c.wallet.in_(wallets), slice_)


def _raise_new(session: Session, slice_: ColumnElement[bool], wallet: str, now: datetime) -> None:
    """Nobody else can, while we hold the cards."""
    of = mark_table.c
    values = {
        of.card_id: card_table.c.id,
        of.wallet: literal(wallet),
        of.wanted: card_table.c.version,
        of.told: literal(0),
        of.due_at: literal(now, of.due_at.type),
        of.raised_at: literal(now, of.raised_at.type),
        of.priority: literal(CAMPAIGN),
        of.notify: literal(False),
        of.tries: literal(0),
        of.parked: literal(False),
    }
    known = exists().where(of.card_id == card_table.c.id, of.wallet == wallet)
    rows = select(*values.values()).where(slice_, ~known)
    session.execute(insert(mark_table).from_select([column.name for column in values], rows))
