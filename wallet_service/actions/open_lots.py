"""What is left of the lots of a card: read, and brought from before to after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import OpenLot
from wallet_service.db.tables.base import table
from wallet_service.domain.lots import Lot

lot_table = table(OpenLot)
ONE = (lot_table.c.card_id == bindparam("card"), lot_table.c.seq == bindparam("lot"))
LOTS = Ready(select(lot_table).where(lot_table.c.card_id == bindparam("card")).order_by(lot_table.c.seq))
OPEN = Ready(insert(lot_table), lot_table.c.keys())
CLOSE = Ready(delete(lot_table).where(*ONE))
CHANGE = Ready(update(lot_table).where(*ONE).values(points_left=bindparam("left")))


def open_lots(session: Session, card_id: int, idle_until: datetime | None) -> tuple[Lot, ...]:
    rows = LOTS.rows(written(session), {"card": card_id})
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


def write_lots(session: Session, card_id: int, before: Sequence[Lot], after: Sequence[Lot]) -> None:
    """Only what differs is written."""
    old, new = {lot.seq: lot for lot in before}, {lot.seq: lot for lot in after}
    connection = session.connection()
    if opened := [_row(card_id, lot) for seq, lot in new.items() if seq not in old]:
        OPEN.send(connection, *opened)
    if closed := [{"card": card_id, "lot": seq} for seq in old if seq not in new]:
        CLOSE.send(connection, *closed)
    if changed := _changed(card_id, old, new):
        CHANGE.send(connection, *changed)


def _changed(card_id: int, old: Mapping[int, Lot], new: Mapping[int, Lot]) -> list[dict[str, int]]:
    return [
        {"card": card_id, "lot": seq, "left": lot.left}
        for seq, lot in new.items()
        if seq in old and old[seq].left != lot.left
    ]


def _row(card_id: int, lot: Lot) -> dict[str, object]:
    return {
        "card_id": card_id,
        "seq": lot.seq,
        "points_left": lot.left,
        "available_from": lot.available_from,
        "expires_at": None if lot.slides else lot.expires_at,
        "slides": lot.slides,
        "gift": lot.gift,
    }
