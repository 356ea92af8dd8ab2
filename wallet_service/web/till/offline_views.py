"""A till without a network: the key that it signs with, and what it booked meanwhile, each with a verdict."""

from __future__ import annotations

import json
import logging
from typing import Annotated, Any

from flask import Response
from pydantic import Field, StringConstraints

from wallet_service.actions import programs
from wallet_service.actions.offline import LONGEST, Signed, VisitOfScan, book_offline, number_in
from wallet_service.actions.once import LONGEST_KEY, Booking
from wallet_service.actions.strange_codes import strange_code
from wallet_service.actions.till_keys import keep_key
from wallet_service.domain.errors import Conflict, Refusal, TooMuch, Unavailable, UnknownCard, WalletError
from wallet_service.domain.program import Program
from wallet_service.web.auth import needs, this_till
from wallet_service.web.error_texts import sentence
from wallet_service.web.page import services
from wallet_service.web.saying import Said
from wallet_service.web.till import shapes
from wallet_service.web.till.bodies import Body, PublicKey, checked, read
from wallet_service.web.till.counter import answer, till
from wallet_service.web.till.shapes import Json
from wallet_service.web.till.texts import booked_before, credited, kept_for_later, visit_of_scan

log = logging.getLogger(__name__)

MOST = 50
TAIL = 4
CREDITED, DUPLICATE, REFUSED, LATER = "credited", "duplicate", "refused", "later"


class Operation(Body):
    said: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
    key: Annotated[int, Field(ge=1, lt=2**63)]
    signature: Annotated[str, StringConstraints(max_length=128)]


class Operations(Body):
    """Each is read by itself."""

    operations: Annotated[list[dict[str, Any]], Field(max_length=MOST)]


@till.post("/keys")
@needs("cashier")
def keep() -> Response:
    body = read(PublicKey)
    with services().sessions.begin(in_quarantine=True) as session:
        number = keep_key(session, till=this_till().id, public_key=body.public_key, now=services().clock())
    return answer({"key": number}, 201)


@till.post("/operations")
@needs("cashier")
def replay() -> Response:
    """In their order, each by itself: one that is off does not hold up the others."""
    return answer({"verdicts": [_verdict(one) for one in read(Operations).operations]})


def _verdict(sent: dict[str, Any]) -> Json:
    known = _known(sent.get("said"))
    try:
        return known | _booked(*_book(checked(Operation, sent)))
    except WalletError as error:
        return known | _left(error)
    except Exception:  # a mistake of ours must not spoil the others, nor lose this one
        log.exception("an operation of an offline till failed")
        return known | _left(Unavailable("This could not be looked at."))


def _book(one: Operation) -> tuple[Booking, Program]:
    now = services().clock()
    signed = Signed(one.said, one.key, one.signature)
    try:
        with services().sessions.begin() as session:
            booking = book_offline(session, signed, at=this_till(), wallets=services().wallets, now=now)
            decided_by = programs.of_entry(session, booking.entry.program_version)
    except UnknownCard:
        strange_code(services().sessions, place=f"till:{this_till().id}", now=now)
        raise
    return booking, decided_by


def _booked(booking: Booking, decided_by: Program) -> Json:
    headline = shapes.headline(booking.entry, decided_by)
    told = _told(booking)
    return {
        "verdict": DUPLICATE if booking.repeated else CREDITED,
        "said": {"title": told.title, "text": told.text},
        "headline": headline,
        "entry": booking.entry.id,
    }


def _told(booking: Booking) -> Said:
    if isinstance(booking, VisitOfScan):
        return visit_of_scan()
    return booked_before() if booking.repeated else credited()


def _left(error: WalletError) -> Json:
    """A refusal is the last word; whatever time may mend is asked again."""
    later = not isinstance(error, Refusal) or isinstance(error, TooMuch) or type(error) is Conflict
    told = kept_for_later() if later else sentence(error)
    return {
        "verdict": LATER if later else REFUSED,
        "said": {"title": told.title, "text": told.text},
        "headline": None,
        "entry": None,
    }


def _known(said: object) -> Json:
    """What the till needs to know its operation again, however little of it can be read."""
    try:
        read_so = json.loads(said) if isinstance(said, str) else None
    except (ValueError, RecursionError):
        read_so = None
    fields = read_so if isinstance(read_so, dict) else {}
    known, code = fields.get("id"), fields.get("code")
    told = isinstance(known, str) and len(known) <= LONGEST_KEY and known.isprintable()
    return {
        "id": known if told else None,  # half a character would spoil the whole answer
        "card_tail": _tail(code) if isinstance(code, str) else None,
    }


def _tail(code: str) -> str | None:
    try:
        return number_in(code)[-TAIL:]
    except Refusal:
        return None
