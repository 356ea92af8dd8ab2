"""A cashier books, gives, takes back: each view parses, calls one action, tells what came of it."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from wallet_service.actions import fiscal_receipt
from wallet_service.actions.adjust import adjust
from wallet_service.actions.at_till import counting
from wallet_service.actions.earn import earn
from wallet_service.actions.once import Booking
from wallet_service.actions.redeem import pay, redeem
from wallet_service.actions.refund_slip import refund_slip
from wallet_service.actions.reverse import UNDO, reverse
from wallet_service.actions.staff import ADMIN
from wallet_service.db import queries
from wallet_service.db.tables import LedgerEntry
from wallet_service.domain.errors import TooLateToUndo, UnknownEntry
from wallet_service.domain.progress import Kind
from wallet_service.web.auth import needs, this_till, worker
from wallet_service.web.till.bodies import Bought, Correction, Payment, Returned, Undo, Wish, read
from wallet_service.web.till.booked import Verb, book
from wallet_service.web.till.counter import manager, must_count_here, second_person, till
from wallet_service.web.till.live import was_live


@till.post("/cards/<uuid:serial>/purchases")
@needs("cashier")
def buy(serial: UUID) -> Response:
    card, body = str(serial), read(Bought)

    def earned(session: Session, verb: Verb) -> Booking:
        program = counting(session, card, this_till()).program
        bought = fiscal_receipt.purchase(
            session,
            program,
            this_till().store,
            verb["now"],
            total=body.total,
            visits=body.visits,
            text=body.receipt,
        )
        return earn(session, card=card, purchase=bought, ask=not body.confirmed, counter=True, **verb)

    return book(body.key, earned)


@till.post("/cards/<uuid:serial>/refunds")
@needs("cashier")
def bring_back(serial: UUID) -> Response:
    card, body = str(serial), read(Returned)

    def refunded(session: Session, verb: Verb) -> Booking:
        must_count_here(session, card)
        slip = fiscal_receipt.brought_back(session, body.receipt, this_till().store)
        return refund_slip(session, card=card, slip=slip, of=body.of, **verb)

    return book(body.key, refunded)


@till.post("/cards/<uuid:serial>/payments")
@needs("cashier")
def take_points(serial: UUID) -> Response:
    card, body = str(serial), read(Payment)
    approved, live = manager(body.manager_pin), was_live(card)

    def paid(session: Session, verb: Verb) -> Booking:
        must_count_here(session, card)
        return pay(
            session,
            card=card,
            points=body.points,
            total=body.total,
            live=live,
            approved_by=approved,
            ask=not body.confirmed,
            **verb,
        )

    return book(body.key, paid)


@till.post("/cards/<uuid:serial>/rewards")
@needs("cashier")
def give(serial: UUID) -> Response:
    card, body = str(serial), read(Wish)
    approved, live = manager(body.manager_pin), was_live(card)

    def given(session: Session, verb: Verb) -> Booking:
        must_count_here(session, card)
        return redeem(
            session,
            card=card,
            reward=body.reward,
            live=live,
            approved_by=approved,
            ask=not body.confirmed,
            **verb,
        )

    return book(body.key, given)


@till.post("/cards/<uuid:serial>/adjustments")
@needs("cashier")
def correct(serial: UUID) -> Response:
    card, body = str(serial), read(Correction)
    second = second_person(body.manager_pin)

    def adjusted(session: Session, verb: Verb) -> Booking:
        must_count_here(session, card)
        return adjust(session, card=card, points=body.points, reason=body.reason, approved_by=second, **verb)

    return book(body.key, adjusted)


@till.post("/entries/<int(max=999999999999999999):entry>/undo")
@needs("cashier")
def undo(entry: int) -> Response:
    """For a minute anybody here, later with a manager; what a manager corrected only with one."""
    body = read(Undo)
    within = UNDO if body.manager_pin is None else None
    second = second_person(body.manager_pin)

    def undone(session: Session, verb: Verb) -> Booking:
        row = _of_this_store(session, entry)
        if row.kind == Kind.ADJUST and body.manager_pin is None and worker().role != ADMIN:
            raise TooLateToUndo("A correction is taken back with a manager's PIN.", seconds=UNDO.seconds)
        return reverse(session, entry=entry, within=within, approved_by=second, **verb)

    return book(body.key, undone)


def _of_this_store(session: Session, entry: int) -> LedgerEntry:
    """Another store's entries are not this one's to see or to take back."""
    row = queries.entry(session, entry)
    if row.store != this_till().store:
        raise UnknownEntry("There is no such entry.", entry=entry)
    must_count_here(session, row.card.serial)
    return row
