"""The stores and their tills as the office shows them: who works where, and since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.actions.stores import drives_of
from wallet_service.actions.tills import LONGEST_SHIFT
from wallet_service.db.tables import ProgramRow, Shift, Staff, Store, Till
from wallet_service.domain.program import Program


@dataclass(frozen=True)
class TillShown:
    """`who` works there now, if somebody does."""

    id: int
    name: str
    paired_at: datetime | None
    seen_at: datetime | None
    blocked_at: datetime | None
    who: str | None
    since: datetime | None


@dataclass(frozen=True)
class StoreShown:
    """None of `programs`: all of them count there."""

    id: int
    slug: str
    name: str
    programs: tuple[str, ...] | None
    drives: tuple[str, ...]
    tills: tuple[TillShown, ...]


@dataclass(frozen=True)
class ShopFloor:
    stores: tuple[StoreShown, ...]
    programs: tuple[Program, ...]
    zone: str


def shop_floor(session: Session, now: datetime) -> ShopFloor:
    at_work = _at_work(session, now)
    tills: dict[int, list[TillShown]] = defaultdict(list)
    for till in session.scalars(select(Till).order_by(Till.name, Till.id)):
        tills[till.store_id].append(_till(till, at_work))
    stores = session.scalars(select(Store).order_by(Store.id))
    shown = tuple(_store(session, store, tills[store.id]) for store in stores)
    known = all_programs(session)
    return ShopFloor(shown, known, zone_of(known))


def all_programs(session: Session) -> tuple[Program, ...]:
    slugs = session.scalars(select(ProgramRow.slug).order_by(ProgramRow.id)).all()
    return tuple(programs.current(session, slug)[0] for slug in slugs)


def zone_of(known: Sequence[Program]) -> str:
    """Where the shop's clocks hang."""
    return known[0].time_zone if known else "UTC"


def _at_work(session: Session, now: datetime) -> Mapping[int, tuple[str, datetime]]:
    rows = session.execute(
        select(Shift.till_id, Staff.name, Shift.began_at)
        .join(Staff, Staff.id == Shift.staff_id)
        .where(Shift.ended_at.is_(None), Shift.began_at > now - LONGEST_SHIFT)
    )
    return {till: (name, since) for till, name, since in rows}


def _till(till: Till, at_work: Mapping[int, tuple[str, datetime]]) -> TillShown:
    who, since = at_work.get(till.id, (None, None))
    return TillShown(till.id, till.name, till.paired_at, till.seen_at, till.blocked_at, who, since)


def _store(session: Session, store: Store, tills: Sequence[TillShown]) -> StoreShown:
    counted = None if store.programs is None else tuple(store.programs)
    drives = drives_of(session, store.id)
    return StoreShown(store.id, store.slug, store.name, counted, drives, tuple(tills))
