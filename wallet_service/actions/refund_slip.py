"""A receipt of a return was scanned: the purchase that it takes back is found, and it counts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions.account import Account
from wallet_service.actions.entries import Entry
from wallet_service.actions.once import Actor, Booking, Request, booking, once
from wallet_service.actions.refund import take_back
from wallet_service.actions.settling import settle
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain.errors import ChooseReceipt, ReceiptAlreadyBooked, UnknownReceipt
from wallet_service.domain.fiscal import FiscalReceipt
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Kind

MOST = 20
"""So many of the latest purchases are offered to choose from."""


@dataclass(frozen=True)
class Candidate:
    """A purchase that may have been brought back: what is `left` of it, in minor units. `name` stands for it
    when it is chosen: its receipt, or the number of its entry where it has none.
    """

    entry: int
    name: str
    left: int
    at: datetime


class SeveralPurchases(ChooseReceipt):
    def __init__(self, candidates: Sequence[Candidate], program: Program) -> None:
        super().__init__("Several purchases of this card are large enough. Say which was brought back.")
        self.candidates, self.program = tuple(candidates), program


def refund_slip(
    session: Session,
    *,
    card: str,
    slip: FiscalReceipt,
    key: str,
    actor: Actor,
    wallets: tuple[str, ...],
    now: datetime,
    of: str | None = None,
) -> Booking:
    """Once per `key` and once per slip. `of` names the purchase, where several are large enough
    (SeveralPurchases); UnknownReceipt where none is.
    """
    account = accounts.take(session, card)
    said = {"card": account.card.serial, "slip": slip.key, "total": slip.total, "of": of}
    request = Request("refund", key, said, actor, now, wallets)
    if before := _booked_before(session, account, slip, request):
        return before

    def write(operation: int) -> Sequence[Entry]:
        account.must_not_be_merged()
        settle(session, account, request)
        row = session.get_one(LedgerEntry, _chosen(session, account, slip, of).entry)
        return take_back(session, account, row, slip.total, operation, request, slip.key)

    return once(session, request, account, write)


def _booked_before(
    session: Session, account: Account, slip: FiscalReceipt, request: Request
) -> Booking | None:
    """By another press; the same one is answered as every other is."""
    booked = session.scalar(
        select(LedgerEntry).where(
            LedgerEntry.program_id == account.card.program_id,
            LedgerEntry.kind == Kind.REFUND,
            LedgerEntry.natural_key == slip.key,
        )
    )
    if booked is None or (booked.operation.scope, booked.operation.key) == (request.actor.name, request.key):
        return None
    if booked.card_id == account.card.id:
        return booking(session, account.card.serial, booked.operation_id, repeated=True, before=True)
    raise ReceiptAlreadyBooked("This return was booked before, for another card.", receipt=slip.key)


def _chosen(session: Session, account: Account, slip: FiscalReceipt, of: str | None) -> Candidate:
    there = [one for one in _purchases(session, account) if one.left >= slip.total]
    fitting = there if of is None else [one for one in there if one.name == of]
    if not fitting:
        raise UnknownReceipt(
            f"No purchase of this card has {slip.total} minor units left to be brought back.", left=slip.total
        )
    if len(fitting) > 1:
        raise SeveralPurchases(fitting[:MOST], account.program)
    return fitting[0]


def _purchases(session: Session, account: Account) -> list[Candidate]:
    """The latest first, with what refunds have left of them; what was undone is none."""
    back = (
        select(
            LedgerEntry.reverses_id,
            func.sum(LedgerEntry.total).label("total"),
            func.max(LedgerEntry.kind).label("kind"),
        )
        .where(LedgerEntry.card_id == account.card.id, LedgerEntry.reverses_id.is_not(None))
        .group_by(LedgerEntry.reverses_id)
        .subquery()
    )
    rows = session.execute(
        select(LedgerEntry.id, LedgerEntry.receipt, LedgerEntry.total, LedgerEntry.occurred_at, back.c.total)
        .outerjoin(back, back.c.reverses_id == LedgerEntry.id)
        .where(LedgerEntry.card_id == account.card.id, LedgerEntry.kind == Kind.EARN, LedgerEntry.total > 0)
        .where(func.coalesce(back.c.kind, "") != Kind.REVERSE.value)
        .order_by(LedgerEntry.seq.desc())
    )
    return [
        Candidate(entry, receipt or f"e{entry}", total + int(gone or 0), at)
        for entry, receipt, total, at, gone in rows
    ]
