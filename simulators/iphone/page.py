"""The page: the phone with its wallet, its pictures, and the stream that tells it to look again."""

from collections.abc import Iterator

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from simulators.iphone.barcode import draw
from simulators.iphone.control import download, phones, the_card, the_phone
from simulators.iphone.face import picture
from simulators.iphone.pass_rules import barcode_shown
from simulators.iphone.phones import DEFAULT, Phones
from simulators.iphone.refusal import Refused
from simulators.iphone.service_client import NotAllowed
from simulators.iphone.showing import SLOTS, show_card, show_phone

page = Blueprint("page", __name__)

FOREVER = "private, max-age=31536000, immutable"
HEARTBEAT = 15.0


@page.get("/")
def wallet() -> str:
    name = request.args.get("phone", DEFAULT)
    return render_template("wallet.html", name=the_phone(name).state.id, join_url=phones().setup.join_url)


@page.get("/add")
def add_by_link() -> AnyResponse | tuple[str, int]:
    """Where the join page's button leads: the default phone takes the card and shows it."""
    phone = the_phone(request.args.get("phone", DEFAULT))
    url = request.args.get("url") or abort(400, "Say which card: /add?url=…")
    try:
        card = phone.add(download(url))
    except Refused as refused:
        return render_template("refused.html", item=refused.item, reason=refused.reason), 422
    except NotAllowed as refused:
        return render_template("refused.html", item="download", reason=str(refused)), 422
    return redirect(url_for("page.wallet", phone=phone.state.id, _anchor=card.bundle.serial), 303)


@page.get("/phones/<name>")
def everything(name: str) -> dict[str, object]:
    """What the page draws, in one answer."""
    phone, now = the_phone(name), phones().setup.clock()
    cards = [show_card(phone.state, card, now) for card in list(phone.state.cards.values())]
    names = [other.state.id for other in phones().all()]
    return {"phone": show_phone(phone.state), "cards": cards, "phones": names, "now": now.isoformat()}


@page.get("/phones/<name>/cards/<serial>/<slot>.png")
def picture_of(name: str, serial: str, slot: str) -> Response:
    phone, card = the_card(name, serial)
    data = picture(card.bundle, slot, phone.state.language) if slot in SLOTS else None
    return _kept(data or abort(404), "image/png")


@page.get("/phones/<name>/cards/<serial>/barcode.svg")
def barcode_of(name: str, serial: str) -> Response:
    _, card = the_card(name, serial)
    barcode = barcode_shown(card.bundle.content) or abort(404)
    return _kept(draw(barcode).encode(), "image/svg+xml")


def _kept(data: bytes, kind: str) -> Response:
    return Response(data, mimetype=kind, headers={"Cache-Control": FOREVER})


@page.get("/events")
def events() -> Response:
    """One line for each change, a heartbeat in between."""
    return Response(_changes(phones()), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _changes(all_phones: Phones) -> Iterator[str]:
    seen = all_phones.wait_for_change(-1, 0)
    yield f"data: {seen}\n\n"
    while True:
        newest = all_phones.wait_for_change(seen, HEARTBEAT)
        yield f"data: {newest}\n\n" if newest > seen else ": still here\n\n"
        seen = newest
