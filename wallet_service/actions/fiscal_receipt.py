"""A fiscal receipt was scanned: it counts if a fiscal storage of this very store printed it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.db.tables import FiscalDrive, Store
from wallet_service.domain.errors import BadReceipt, ForeignReceipt
from wallet_service.domain.fiscal import FiscalReceipt, fiscal_receipt


def sold(session: Session, text: str, store: str) -> FiscalReceipt:
    """BadReceipt for what is no receipt of a sale, ForeignReceipt for one of another shop."""
    receipt = fiscal_receipt(text)
    if receipt.returned:
        raise BadReceipt(
            "Something was brought back with this receipt. Book a refund with it.", n=receipt.kind
        )
    return _ours(session, receipt, store)


def brought_back(session: Session, text: str, store: str) -> FiscalReceipt:
    receipt = fiscal_receipt(text)
    if not receipt.returned:
        raise BadReceipt("This is the receipt of a sale. Scan the one of the return.", n=receipt.kind)
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
