"""A card comes to the till: scanned, typed, or found by the end of a phone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Response

from wallet_service.actions.at_till import AtTill, at_till, was_pressed
from wallet_service.actions.earn import earn, quote
from wallet_service.actions.find_by_phone import find_by_phone
from wallet_service.actions.live_code import scanned
from wallet_service.actions.once import Booking
from wallet_service.actions.strange_codes import strange_code
from wallet_service.domain.codes import card_in
from wallet_service.domain.errors import AskFirst, BadAmount, Quarantined, UnknownCard
from wallet_service.domain.rules import Purchase
from wallet_service.web.auth import actor, needs, this_till
from wallet_service.web.page import services
from wallet_service.web.saying import about
from wallet_service.web.till import answers, shapes
from wallet_service.web.till.bodies import Question, Scan, Search, read
from wallet_service.web.till.booked import tell
from wallet_service.web.till.counter import answer, till
from wallet_service.web.till.live import remember_live
from wallet_service.web.till.terms import scan_books


@till.post("/scans")
@needs("cashier")
def scan() -> Response:
    """A stamp is booked at once, unless something has to be decided first."""
    body, now = read(Scan), services().clock()
    try:
        seen = _scanned(body.code, now)
    except UnknownCard:
        strange_code(services().sessions, place=f"till:{this_till().id}", now=now)
        raise
    about(seen.program)
    if not scan_books(seen.program) or (seen.stand.ready and not _pressed_before(body.key)):
        return answer(shapes.card_screen(seen))
    try:
        return tell(_one_visit(seen, body.key, now))
    except AskFirst as asks:
        return answer(shapes.card_screen(seen, asks))
    except Quarantined:  # the card is looked at; whoever presses a button reads why nothing is booked
        return answer(shapes.card_screen(seen))


@till.get("/cards/<uuid:serial>")
@needs("cashier")
def card(serial: UUID) -> Response:
    return answer(shapes.card_screen(_seen(serial, services().clock())))


@till.post("/cards/<uuid:serial>/quotes")
@needs("cashier")
def look_first(serial: UUID) -> Response:
    """What an amount would get, before it is booked."""
    body, now = read(Question), services().clock()
    if body.total == 0:
        raise BadAmount("There is nothing to book for 0.", total=0)
    purchase = Purchase(now, total=body.total, store=this_till().store)
    with services().sessions.read() as session:
        seen = at_till(session, str(serial), this_till(), now)
        worth = quote(session, card=seen.serial, purchase=purchase, now=now)
    return answer(answers.quote(seen, body.total, worth))


@till.post("/search")
@needs("cashier")
def search() -> Response:
    """Written down, whoever is found."""
    body, at = read(Search), this_till()
    with services().sessions.begin(in_quarantine=True) as session:
        found = find_by_phone(session, digits=body.digits, at=at, actor=actor(), now=services().clock())
    return answer({"found": [answers.found(one) for one in found]})


def _scanned(text: str, now: datetime) -> AtTill:
    """Remembers a live code for some minutes, or until another card is scanned."""
    keys = services().settings.secret_keys
    with services().sessions.read() as session:
        shown = scanned(session, card_in(text), secret_keys=keys, now=now)
        seen = at_till(session, shown.card, this_till(), now)
    remember_live(seen.serial if shown.live else None)
    return seen


def _seen(serial: UUID, now: datetime) -> AtTill:
    with services().sessions.read() as session:
        return at_till(session, str(serial), this_till(), now)


def _pressed_before(key: str) -> bool:
    """A reward may be ready because of this very scan, whose answer was lost."""
    with services().sessions.read() as session:
        return was_pressed(session, actor(), key)


def _one_visit(seen: AtTill, key: str, now: datetime) -> Booking:
    with services().sessions.begin() as session:
        return earn(
            session,
            card=seen.serial,
            purchase=Purchase(now, visits=1, store=this_till().store),
            key=key,
            actor=actor(),
            wallets=services().wallets,
            now=now,
            ask=True,
        )
