"""The office's page of stores and tills: add them, pair a browser, block a till and let it go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from wallet_service.actions import stores, tills
from wallet_service.actions.tills import CODE_LASTS, Blocking
from wallet_service.db.tables import Till
from wallet_service.domain.errors import Invalid, Refusal
from wallet_service.domain.plain import one_line
from wallet_service.web.auth import actor, needs
from wallet_service.web.limits import limiter
from wallet_service.web.office.frame import done, page
from wallet_service.web.office.shop_floor import shop_floor
from wallet_service.web.page import services

office_tills = Blueprint("office_tills", __name__, url_prefix="/office", template_folder="templates")

ID = "<int(max=9223372036854775807):{}>"
STORE, TILL = ID.format("store"), ID.format("till")
MOST_AT_ONCE = 500


@office_tills.get("/tills")
@needs("admin")
def overview() -> ResponseReturnValue:
    return _overview()


@office_tills.post("/stores")
@needs("admin")
def add_store() -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            form, now = request.form, services().clock()
            stores.add_store(
                session,
                slug=form.get("slug", "").strip(),
                name=form.get("name", ""),
                actor=actor().name,
                now=now,
            )
        return _back()

    return done(act, _overview)


@office_tills.post(f"/stores/{STORE}")
@needs("admin")
def change_store(store: int) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            stores.change_store(
                session,
                store=store,
                name=request.form.get("name", ""),
                programs=request.form.getlist("program"),
                drives=request.form.get("drives", ""),
                actor=actor().name,
                now=services().clock(),
            )
        return _back()

    return done(act, _overview)


@office_tills.post(f"/stores/{STORE}/tills")
@needs("admin")
def add_till(store: int) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            name, now = request.form.get("name", ""), services().clock()
            tills.add_till(session, store=store, name=name, actor=actor().name, now=now)
        return _back()

    return done(act, _overview)


@office_tills.post(f"/tills/{TILL}/pairing")
@needs("admin")
@limiter.limit("30 per minute")
def offer_pairing(till: int) -> ResponseReturnValue:
    """The code is on this one answer and kept nowhere."""

    def act() -> ResponseReturnValue:
        held, now = services(), services().clock()
        with held.sessions.begin() as session:
            code = tills.offer_pairing(session, till=till, entropy=held.entropy, actor=actor().name, now=now)
            name = tills.find(session, till).name
        address = f"{held.settings.public_url}/till/pair#{code}"
        minutes = int(CODE_LASTS.total_seconds() // 60)
        return page("pairing.html", till=name, code=code, address=address, minutes=minutes)

    return done(act, _overview)


@office_tills.get("/tills/block")
@needs("admin")
def look_before_blocking() -> ResponseReturnValue:
    return _block_page()


@office_tills.post("/tills/block")
@needs("admin")
def block() -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            tills.block(
                session,
                tills=_chosen(request.form.getlist("till")),
                expected=_expected(request.form),
                actor=actor().name,
                now=services().clock(),
            )
        return _back()

    return done(act, _block_page)


@office_tills.post(f"/tills/{TILL}/unblock")
@needs("admin")
def unblock(till: int) -> ResponseReturnValue:
    def act() -> ResponseReturnValue:
        with services().sessions.begin() as session:
            tills.unblock(session, till=till, actor=actor().name, now=services().clock())
        return _back()

    return done(act, _overview)


def _overview(refusal: Refusal | None = None) -> ResponseReturnValue:
    with services().sessions.read() as session:
        shown = shop_floor(session, services().clock())
    return page("tills.html", refusal, floor=shown, typed=request.form)


def _back() -> ResponseReturnValue:
    return redirect("/office/tills", 303)


def _block_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Says what would happen before it does (S32)."""
    chosen = _chosen(request.values.getlist("till"))
    with services().sessions.read() as session:
        would = tills.would_block(session, chosen, services().clock())
        rows = session.scalars(select(Till).where(Till.id.in_(chosen)).order_by(Till.name)).all()
        names = [one_line(row.name, tills.LONGEST_NAME) for row in rows if row.blocked_at is None]
    return page("block_tills.html", refusal, chosen=chosen, would=would, names=names)


def _chosen(given: Sequence[str]) -> list[int]:
    if len(given) > MOST_AT_ONCE or not all(
        one.isascii() and one.isdecimal() and len(one) < 19 for one in given
    ):
        raise Invalid("Choose tills on the page before.")
    return [int(one) for one in given]


def _expected(form: Mapping[str, str]) -> Blocking:
    """What the page before told."""
    said = [form.get(name, "") for name in ("tills", "people")]
    if not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in said):
        raise Invalid("Open the page again and press its button.")
    return Blocking(int(said[0]), int(said[1]))
