"""A till is back on the network and says what it booked meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import fiscal_receipt, guards, shifts
from wallet_service.actions.account import Account
from wallet_service.actions.at_till import must_count, was_pressed
from wallet_service.actions.earn import earn
from wallet_service.actions.entries import entry
from wallet_service.actions.once import LONGEST_KEY, Actor, Booking
from wallet_service.actions.till_keys import must_be_signed
from wallet_service.actions.tills import At
from wallet_service.db.one_at_a_time import one_at_a_time
from wallet_service.db.tables import LedgerEntry, Operation, Staff
from wallet_service.domain import codes, fiscal, offline
from wallet_service.domain.errors import Invalid, KeyReused
from wallet_service.domain.local_days import end_of_day, local_day
from wallet_service.domain.offline import FLAG, MOST_A_DAY, NotOnShift, NotSigned, Said, TooManyOffline
from wallet_service.domain.progress import Kind
from wallet_service.domain.rotating import scan_of

LONGEST = 2_000


@dataclass(frozen=True)
class Signed:
    """`said` is the JSON text, byte for byte as the till signed it with its key of the number `key`."""

    said: str
    key: int
    signature: str


@dataclass(frozen=True)
class VisitOfScan(Booking):
    """The scan had booked a visit, its answer was lost, and an amount was typed under the same key."""


def book_offline(
    session: Session, signed: Signed, *, at: At, wallets: tuple[str, ...], now: datetime
) -> Booking:
    """Once, whether or not an attempt with a network had booked it; VisitOfScan where that was a visit alone.
    Points are only ever earned: NotSigned, NotOnShift, BadTime, TooManyOffline, and whatever a purchase is
    refused for.
    """
    must_be_signed(session, till=at.id, key=signed.key, said=signed.said, signature=signed.signature)
    said = _read(signed.said)
    offline.must_be_fresh(said.at, now)
    _must_have_been_there(session, said, at)
    one_at_a_time(session, f"offline till {at.id}")
    account = accounts.take(session, number_in(said.code))
    must_count(account.program, at)
    actor = _actor(session, said, at)
    bought = fiscal_receipt.purchase(
        session, account.program, at.store, said.at, total=said.total, visits=said.visits, text=said.receipt
    )
    flags: tuple[str, ...] = (FLAG,)
    if not was_pressed(session, actor, said.id):
        _must_be_few(session, account, bought.occurred_at, at)
        flags += guards.of_receipt(account.program, bought, said.at)
    try:
        return earn(
            session,
            card=account.card.serial,
            purchase=bought,
            key=said.id,
            actor=actor,
            wallets=wallets,
            now=now,
            flags=flags,
        )
    except KeyReused:
        scanned = _visit_of_scan(session, account, actor, said.id)
        if scanned is None or bought.total is None:
            raise
        return scanned


def number_in(code: str) -> str:
    """Without its live code, which has long run out: to earn, the number is enough."""
    found = codes.card_in(code)
    scan = scan_of(found)
    return scan.number if scan else found


class _Said(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    id: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_KEY, pattern=r"^[!-~]+$")]
    till: int
    operator: Annotated[int, Field(ge=1, lt=2**63)]
    shift: Annotated[int, Field(ge=1, lt=2**63)]
    code: Annotated[str, StringConstraints(max_length=codes.LONGEST)]
    total: int | None
    visits: int | None
    receipt: Annotated[str, StringConstraints(max_length=fiscal.LONGEST)] | None
    at: str


def _read(text: str) -> Said:
    try:
        said = _Said.model_validate_json(text)
    except ValidationError as error:
        field = ".".join(str(part)[:64] for part in error.errors()[0]["loc"]) or "said"
        raise Invalid(f"`{field}` of the operation is off.", field=field) from error
    return Said(**said.model_dump() | {"at": offline.moment(said.at)})


def _must_have_been_there(session: Session, said: Said, at: At) -> None:
    """The clock of a browser is a little off."""
    if said.till != at.id:
        raise NotSigned("This was booked at another till. It was left out.")
    there = {"shift": said.shift, "staff": said.operator, "till": at.id}
    if not shifts.was_there(session, **there, moment=said.at, slack=offline.AHEAD):
        raise NotOnShift("Whoever booked this did not stand at this till then.")


def _actor(session: Session, said: Said, at: At) -> Actor:
    person = session.get_one(Staff, said.operator)
    return Actor(f"staff:{person.id}", store=at.store, till=at.name, own_card=person.own_card_id)


def _visit_of_scan(session: Session, account: Account, actor: Actor, key: str) -> VisitOfScan | None:
    booked = session.scalars(
        select(LedgerEntry)
        .join(LedgerEntry.operation)
        .where(Operation.scope == actor.name, Operation.key == key)
        .where(LedgerEntry.card_id == account.card.id, LedgerEntry.kind == Kind.EARN)
        .where(LedgerEntry.total.is_(None))
    ).first()
    return VisitOfScan(account.card.serial, (entry(booked),), repeated=True) if booked else None


def _must_be_few(session: Session, account: Account, moment: datetime, at: At) -> None:
    """By the shop's own day; a till that was offline for three of them has three times as many. `moment` is
    what the ledger will say, which for a receipt is its own: what is counted is found there.
    """
    program = account.program
    day = local_day(moment, program.time_zone)
    until = end_of_day(day, program.time_zone)
    since = end_of_day(day - timedelta(days=1), program.time_zone)
    of_day = (
        select(func.count(LedgerEntry.id))
        .where(LedgerEntry.kind == Kind.EARN, LedgerEntry.flags.contains(FLAG))
        .where(LedgerEntry.occurred_at >= since, LedgerEntry.occurred_at < until)
    )
    of_card = session.scalar(of_day.where(LedgerEntry.card_id == account.card.id)) or 0
    if of_card >= program.offline_a_day:
        raise TooManyOffline(
            f"Without a network a card earns {program.offline_a_day} times a day.",
            of="card",
            most=program.offline_a_day,
        )
    here = (LedgerEntry.store == at.store, LedgerEntry.till == at.name, LedgerEntry.recorded_at >= since)
    if (session.scalar(of_day.where(*here)) or 0) >= MOST_A_DAY:
        raise TooManyOffline(
            f"Without a network a till books {MOST_A_DAY} times a day.", of="till", most=MOST_A_DAY
        )
