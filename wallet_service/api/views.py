"""The calls of the machine API: parse, one action, answer."""

from __future__ import annotations

from dataclasses import asdict

from flask import Response, request
from sqlalchemy.orm import Session

from wallet_service.actions import earn, statement
from wallet_service.actions.adjust import adjust
from wallet_service.actions.join import join
from wallet_service.actions.live_code import Scanned, scanned
from wallet_service.actions.once import Booking
from wallet_service.actions.redeem import pay, redeem
from wallet_service.actions.refund import refund
from wallet_service.actions.reverse import reverse
from wallet_service.actions.stand import stand
from wallet_service.api import calls, papers, rights, shapes
from wallet_service.api.bodies import Body, Bought, Correction, NewCard, Nothing, Returned, Wish
from wallet_service.api.desk import services
from wallet_service.api.door import api, serves
from wallet_service.api.press import Press, Said, Verb, answer, book_once, once, tell_card, teller, tongue
from wallet_service.api.rights import asked
from wallet_service.domain.errors import Invalid, SecondPersonNeeded

__all__ = ["api", "papers"]

USUAL_PAGE, LARGEST_PAGE = 20, 100


@serves(calls.NEW_CARD)
def new_card(program: str) -> Response:
    body = asked(NewCard)
    return once(body, lambda session, press: _join(session, program, body, press))


@serves(calls.SHOW_CARD)
def show_card(card: str) -> Response:
    with services().sessions.read() as session:
        stands = stand(session, card=_scanned(session, card).card, now=services().clock())
    response = answer(shapes.card(stands, teller()))
    response.set_etag(f"{stands.state}-{tongue(stands.program)}", weak=True)
    response.make_conditional(request)
    return response


@serves(calls.QUOTE)
def quote(card: str) -> Response:
    now, body = services().clock(), asked(Bought)
    purchase = body.purchase(now)
    with services().sessions.read() as session:
        scan = _scanned(session, card, body)
        worth = earn.quote(session, card=scan.card, purchase=purchase, now=now)
        stands = stand(session, card=scan.card, now=now)
    return answer(shapes.quote(worth, purchase, stands, tongue))


@serves(calls.PURCHASE)
def purchase(card: str) -> Response:
    body = asked(Bought)
    return book_once(
        body,
        lambda session, verb: earn.earn(
            session, card=_scanned(session, card, body).card, purchase=body.purchase(verb["now"]), **verb
        ),
    )


@serves(calls.REDEMPTION)
def redemption(card: str) -> Response:
    body = asked(Wish)
    return book_once(body, lambda session, verb: _redeem(session, _scanned(session, card), body, verb))


@serves(calls.REFUND)
def refunding(card: str) -> Response:
    body = asked(Returned)
    return book_once(
        body,
        lambda session, verb: refund(
            session,
            card=_scanned(session, card, body).card,
            receipt=body.receipt,
            total=body.total,
            store=body.store,
            **verb,
        ),
    )


@serves(calls.ADJUSTMENT)
def adjustment(card: str) -> Response:
    body = asked(Correction)
    return book_once(body, lambda session, verb: _adjust(session, _scanned(session, card), body, verb))


@serves(calls.REVERSAL)
def reversal(entry: str) -> Response:
    return book_once(asked(Nothing), lambda session, verb: _reverse(session, shapes.entry_id(entry), verb))


@serves(calls.ENTRIES)
def entries(card: str) -> Response:
    most, cursor = _page_size(), request.args.get("cursor")
    before = shapes.before(cursor) if cursor is not None else None
    with services().sessions.read() as session:
        page = statement.page(session, card=_scanned(session, card).card, most=most, before=before)
    return answer(shapes.page(page, tongue))


def _join(session: Session, program: str, body: NewCard, press: Press) -> Said:
    rights.program_counts(session, program)
    serial = join(
        session,
        program=program,
        entropy=services().entropy,
        language=body.language,
        name=body.name,
        source=body.source,
        about=body.about,
        **press.verb,
    )
    return tell_card(session, serial)


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


def _reverse(session: Session, entry: int, verb: Verb) -> Booking:
    rights.entry_is_ours(session, entry)
    return reverse(session, entry=entry, **verb)


def _scanned(session: Session, card: str, body: Body | None = None) -> Scanned:
    """Looked at when the call is carried out: a repeated one hears its answer though the code ran out."""
    scan = scanned(session, card, secret_keys=services().settings.secret_keys, now=services().clock())
    rights.card_counts(session, scan.card, body)
    return scan


def _page_size() -> int:
    said = request.args.get("limit", str(USUAL_PAGE))
    if not (said.isascii() and said.isdigit() and len(said) <= 3 and 1 <= int(said) <= LARGEST_PAGE):
        raise Invalid(f"`limit` is a number from 1 to {LARGEST_PAGE}.")
    return int(said)
