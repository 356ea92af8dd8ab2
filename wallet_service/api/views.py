"""The calls of the machine API: parse, one action, answer."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, request
from sqlalchemy.orm import Session

from wallet_service.actions import earn, statement
from wallet_service.actions.adjust import adjust
from wallet_service.actions.bookkeeping import Booking
from wallet_service.actions.join import join
from wallet_service.actions.live_code import Scanned, scanned
from wallet_service.actions.redeem import pay, redeem
from wallet_service.actions.refund import refund
from wallet_service.actions.reverse import reverse
from wallet_service.actions.stand import stand
from wallet_service.api import shapes
from wallet_service.api.bodies import Bought, Correction, NewCard, Nothing, Returned, Wish, read
from wallet_service.api.door import api, services
from wallet_service.api.press import Verb, answer, book_once, once, tell_card, tongue
from wallet_service.domain.errors import Invalid, SecondPersonNeeded

__all__ = ["api"]

USUAL_PAGE, LARGEST_PAGE = 20, 100


@api.post("/programs/<program>/cards")
def new_card(program: str) -> Response:
    body = read(NewCard)
    return once(
        body,
        lambda session, press: tell_card(
            session,
            join(session, program=program, entropy=services().entropy, **body.model_dump(), **press.verb),
        ),
    )


@api.get("/cards/<card>")
def show_card(card: str) -> Response:
    with services().sessions.read() as session:
        stands = stand(session, card=_scanned(session, card).card, now=services().clock())
    said = shapes.card(stands, tongue)
    response = answer(shapes.with_links(said, services().links, services().wallets))
    response.set_etag(f"{stands.state}-{tongue(stands.program)}", weak=True)
    response.make_conditional(request)
    return response


@api.post("/cards/<card>/quotes")
def quote(card: str) -> Response:
    now = services().clock()
    purchase = read(Bought).purchase(now)
    with services().sessions.read() as session:
        scan = _scanned(session, card)
        worth = earn.quote(session, card=scan.card, purchase=purchase, now=now)
        stands = stand(session, card=scan.card, now=now)
    return answer(shapes.quote(worth, purchase, stands, tongue))


@api.post("/cards/<card>/purchases")
def purchase(card: str) -> Response:
    body = read(Bought)
    return book_once(
        body,
        lambda session, verb: earn.earn(
            session, card=_scanned(session, card).card, purchase=body.purchase(verb["now"]), **verb
        ),
    )


@api.post("/cards/<card>/redemptions")
def redemption(card: str) -> Response:
    body = read(Wish)
    return book_once(body, lambda session, verb: _redeem(session, _scanned(session, card), body, verb))


@api.post("/cards/<card>/refunds")
def refunding(card: str) -> Response:
    body = read(Returned)
    return book_once(
        body,
        lambda session, verb: refund(
            session,
            card=_scanned(session, card).card,
            receipt=body.receipt,
            total=body.total,
            store=body.store,
            **verb,
        ),
    )


@api.post("/cards/<card>/adjustments")
def adjustment(card: str) -> Response:
    body = read(Correction)
    return book_once(body, lambda session, verb: _adjust(session, _scanned(session, card), body, verb))


@api.post("/entries/<entry>/reversal")
def reversal(entry: str) -> Response:
    return book_once(
        read(Nothing), lambda session, verb: reverse(session, entry=shapes.entry_id(entry), **verb)
    )


@api.get("/cards/<card>/entries")
def entries(card: str) -> Response:
    most, cursor = _page_size(), request.args.get("cursor")
    before = shapes.before(cursor) if cursor is not None else None
    with services().sessions.read() as session:
        page = statement.page(session, card=_scanned(session, card).card, most=most, before=before)
    return answer(shapes.page(page, tongue))


def _redeem(session: Session, scan: Scanned, body: Wish, verb: Verb) -> Booking:
    if body.reward is not None:
        return redeem(session, **asdict(scan), reward=body.reward, **verb)
    items = tuple(line.item for line in body.items)
    return pay(session, **asdict(scan), points=body.points or 0, total=body.total, items=items, **verb)


def _adjust(session: Session, scan: Scanned, body: Correction, verb: Verb) -> Booking:
    """A name that anybody may type is no second person; in the office they show who they are."""
    if body.approved_by is not None:
        raise SecondPersonNeeded(
            "A name alone approves nothing. The second person types their PIN in the office.",
            approved_by=body.approved_by,
            points=body.points,
        )
    return adjust(session, card=scan.card, points=body.points, reason=body.reason, **verb)


def _scanned(session: Session, card: str) -> Scanned:
    """Looked at when the call is carried out: a repeated one hears its answer though the code ran out."""
    return scanned(session, card, secret_keys=services().settings.secret_keys, now=services().clock())


def _page_size() -> int:
    said = request.args.get("limit", str(USUAL_PAGE))
    if not (said.isascii() and said.isdigit() and len(said) <= 3 and 1 <= int(said) <= LARGEST_PAGE):
        raise Invalid(f"`limit` is a number from 1 to {LARGEST_PAGE}.")
    return int(said)
