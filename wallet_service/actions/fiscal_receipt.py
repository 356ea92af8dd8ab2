"""A fiscal receipt was scanned: it counts if a fiscal storage of this very store printed it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db.tables import FiscalDrive, Store
from wallet_service.domain.errors import BadAmount, BadReceipt, ForeignReceipt, Invalid
from wallet_service.domain.fiscal import CURRENCY, FiscalReceipt, fiscal_receipt
from wallet_service.domain.program import Program
from wallet_service.domain.rules import Purchase


def purchase(
    session: Session,
    program: Program,
    store: str,
    moment: datetime,
    *,
    total: int | None,
    visits: int | None,
    text: str | None,
) -> Purchase:
    """What a cashier typed or scanned, as a purchase; a receipt says itself when it was, and for how much.
    BadReceipt for what is no receipt of a sale, ForeignReceipt for one of another shop.
    """
    if total == 0:
        raise BadAmount("There is nothing to book for 0.", total=0)
    if text is None:
        return Purchase(moment, total=total, visits=visits, store=store)
    receipt = _sold(session, text, store)
    if total not in (None, receipt.total):
        raise Invalid("`total` is not that of the receipt: leave it out.", field="total")
    return Purchase(
        receipt.at(program.time_zone),
        total=receipt.total,
        currency=CURRENCY,
        visits=visits,
        receipt=receipt.key,
        store=store,
    )


def brought_back(session: Session, text: str, store: str) -> FiscalReceipt:
    """The receipt of a return, likewise."""
    receipt = fiscal_receipt(text)
    if not receipt.returned:
        raise BadReceipt("This is the receipt of a sale. Scan the one of the return.", n=receipt.kind)
    return _ours(session, receipt, store)


def _sold(session: Session, text: str, store: str) -> FiscalReceipt:
    receipt = fiscal_receipt(text)
    if receipt.returned:
        raise BadReceipt(
            "Something was brought back with this receipt. Book a refund with it.", n=receipt.kind
        )
    return _ours(session, receipt, store)


def _ours(session: Session, receipt: FiscalReceipt, store: str) -> FiscalReceipt:
    drives = session.scalars(
        select(FiscalDrive.number).join(Store, Store.id == FiscalDrive.store_id).where(Store.slug == store)
    ).all()
    if receipt.drive in drives:
        return receipt
    if not drives:
        raise ForeignReceipt("This store has no fiscal storage on its list. Add it in the office.", listed=0)
    raise ForeignReceipt(
        f"The fiscal storage {receipt.drive} is none of this store's. Add it in the office if it is new.",
        listed=len(drives),
        drive=receipt.drive,
    )
