"""The till: scan, book, give, undo. Each view parses, calls one action, answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from wallet_service.actions import account as accounts
from wallet_service.actions import programs
from wallet_service.actions.bookkeeping import Booking
from wallet_service.actions.earn import earn
from wallet_service.actions.live_code import scanned
from wallet_service.actions.redeem import pay, redeem
from wallet_service.actions.reverse import UNDO, reverse
from wallet_service.db import queries
from wallet_service.domain.errors import BadAmount, Refusal
from wallet_service.domain.program import Program
from wallet_service.domain.rules import Purchase
from wallet_service.web import errors
from wallet_service.web.auth import actor, needs, worker
from wallet_service.web.error_texts import sentence
from wallet_service.web.looks import look
from wallet_service.web.page import services
from wallet_service.web.saying import about
from wallet_service.web.till.forms import NumberForm, PaymentForm, PurchaseForm
from wallet_service.web.till.live import remember_live, was_live
from wallet_service.web.till.screens import (
    CardScreen,
    QuoteScreen,
    booked_screen,
    card_screen,
    counts_visits,
    is_worth_a_look,
    quote_screen,
)

till = Blueprint("till", __name__, url_prefix="/till", template_folder="templates")


@till.after_request
def _never_kept(response: Response) -> Response:
    """A page that comes back from memory would press an old button."""
    response.headers["Cache-Control"] = "no-store"
    return response


@till.errorhandler(Refusal)
def _refused(refusal: Refusal) -> Response:
    """Told in the money and points of the card at hand."""
    if program := _program_at_hand(request.view_args or {}):
        about(program)
    return errors.of_ours(refusal)


@till.get("")
@needs("cashier")
def scan() -> ResponseReturnValue:
    return render_template("scan.html", staff=worker())


@till.post("/cards")
@needs("cashier")
def find() -> ResponseReturnValue:
    form = NumberForm.parse(request.form)
    try:
        screen = _scanned(form.number)
    except Refusal as refusal:
        page = render_template("scan.html", staff=worker(), said=sentence(refusal), typed=form.number)
        return page, refusal.status
    return redirect(url_for("till.card", serial=screen.shown.face.serial), 303)


@till.get("/cards/<serial>")
@needs("cashier")
def card(serial: str) -> ResponseReturnValue:
    return _card_page(_card(serial))


@till.post("/cards/<serial>/visits")
@needs("cashier")
def book_visit(serial: str) -> ResponseReturnValue:
    return _booked(_earn(serial, request.form.get("key", ""), visits=1))


@till.post("/cards/<serial>/purchases")
@needs("cashier")
def book_purchase(serial: str) -> ResponseReturnValue:
    try:
        form = PurchaseForm.parse(request.form)
        return _booked(_earn(serial, form.key, total=form.total))
    except BadAmount as refusal:
        page = _card_page(_card(serial), refusal, request.form.get("amount", "")[:40])
        return page, refusal.status


@till.post("/cards/<serial>/quotes")
@needs("cashier")
def look_first(serial: str) -> ResponseReturnValue:
    """What the amount would get, before it is booked."""
    typed, now = request.form.get("amount", "")[:40], services().clock()
    try:
        total = PurchaseForm.parse(request.form).total
        with services().sessions.read() as session:
            screen = card_screen(session, serial, services().links, now)
            quoted = quote_screen(session, screen, total, now)
    except BadAmount as refusal:
        return _card_page(_card(serial), refusal, typed), refusal.status
    return _card_page(screen, None, typed, quoted)


@till.post("/cards/<serial>/payments")
@needs("cashier")
def take_points(serial: str) -> ResponseReturnValue:
    with services().sessions.begin() as session:
        form = PaymentForm.parse(request.form, accounts.look(session, serial).program.unit)
        booking = pay(
            session,
            card=serial,
            points=form.points,
            total=form.total,
            key=form.key,
            actor=actor(),
            wallets=services().wallets,
            now=services().clock(),
            live=was_live(serial),
        )
    return _booked(booking)


@till.post("/cards/<serial>/rewards/<reward>")
@needs("cashier")
def give(serial: str, reward: str) -> ResponseReturnValue:
    with services().sessions.begin() as session:
        booking = redeem(
            session,
            card=serial,
            reward=reward,
            key=request.form.get("key", ""),
            actor=actor(),
            wallets=services().wallets,
            now=services().clock(),
            live=was_live(serial),
        )
    return _booked(booking)


@till.get("/booked/<int(max=9223372036854775807):entry>")
@needs("cashier")
def booked(entry: int) -> ResponseReturnValue:
    with services().sessions.read() as session:
        screen = booked_screen(session, entry, services().links, services().clock())
    return render_template("booked.html", staff=worker(), screen=screen, **_card_parts(screen.card))


@till.post("/booked/<int(max=9223372036854775807):entry>/undo")
@needs("cashier")
def undo(entry: int) -> ResponseReturnValue:
    with services().sessions.begin() as session:
        booking = reverse(
            session,
            entry=entry,
            key=request.form.get("key", ""),
            actor=actor(),
            wallets=services().wallets,
            now=services().clock(),
            within=UNDO,
        )
    return _booked(booking)


def _earn(serial: str, key: str, *, total: int | None = None, visits: int | None = None) -> Booking:
    now = services().clock()
    with services().sessions.begin() as session:
        return earn(
            session,
            card=serial,
            purchase=Purchase(now, total=total, visits=visits),
            key=key,
            actor=actor(),
            wallets=services().wallets,
            now=now,
        )


def _booked(booking: Booking) -> Response:
    return redirect(url_for("till.booked", entry=booking.entry.id), 303)


def _scanned(text: str) -> CardScreen:
    """Remembers a live code until the card's reward is given, or another card is scanned."""
    keys, now = services().settings.secret_keys, services().clock()
    with services().sessions.read() as session:
        scan = scanned(session, text, secret_keys=keys, now=now)
        screen = card_screen(session, scan.card, services().links, now)
    remember_live(screen.shown.face.serial if scan.live else None)
    return screen


def _card(reference: str) -> CardScreen:
    with services().sessions.read() as session:
        return card_screen(session, reference, services().links, services().clock())


def _card_page(
    screen: CardScreen, refusal: Refusal | None = None, typed: str = "", quoted: QuoteScreen | None = None
) -> str:
    about(screen.shown.program)
    said = sentence(refusal) if refusal else None
    parts = _card_parts(screen)
    return render_template("at_till.html", staff=worker(), said=said, typed=typed, quoted=quoted, **parts)


def _card_parts(screen: CardScreen) -> dict[str, object]:
    folder = services().settings.templates_dir
    return {
        "face": screen.shown.face,
        "program": screen.shown.program,
        "initials": screen.initials,
        "ready": screen.ready,
        "level": screen.shown.stand.level,
        "by_visit": counts_visits(screen.shown.program),
        "looks_first": is_worth_a_look(screen.shown.program),
        "look": look(screen.shown.program, folder),
    }


def _program_at_hand(named: Mapping[str, Any]) -> Program | None:
    try:
        with services().sessions.read() as session:
            if "entry" in named:
                return programs.of_entry(session, queries.entry(session, named["entry"]).program_version_id)
            return accounts.look(session, named["serial"]).program if "serial" in named else None
    except Refusal:
        return None
