"""What was booked is told, with the card as it stands now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from flask import Response
from sqlalchemy.orm import Session

from wallet_service.actions import account as accounts
from wallet_service.actions import programs
from wallet_service.actions.at_till import as_it_stands
from wallet_service.actions.once import Actor, Booking
from wallet_service.db import queries
from wallet_service.web.auth import actor
from wallet_service.web.page import services
from wallet_service.web.till import shapes
from wallet_service.web.till.counter import answer


class Verb(TypedDict):
    """What every verb of the ledger asks for."""

    key: str
    actor: Actor
    wallets: tuple[str, ...]
    now: datetime


def book(key: str, act: Callable[[Session, Verb], Booking]) -> Response:
    """One transaction; what it wrote is told from the next look."""
    press: Verb = {
        "key": key,
        "actor": actor(),
        "wallets": services().wallets,
        "now": services().clock(),
    }
    with services().sessions.begin() as session:
        booking = act(session, press)
    return tell(booking)


def tell(booking: Booking) -> Response:
    now = services().clock()
    with services().sessions.read() as session:
        seen = as_it_stands(session, accounts.look(session, booking.serial), now)
        decided_by = programs.of_entry(session, booking.entry.program_version)
        undone = booking.repeated and bool(queries.reversed_ids(session, [booking.entry.id]))
    return answer(shapes.booked_screen(seen, booking, decided_by, undone=undone, now=now))
