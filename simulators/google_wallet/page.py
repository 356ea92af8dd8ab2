"""The page: an Android phone with its wallet, its pictures, and the stream that tells it to look again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, render_template

from simulators.google_wallet.doors import world
from simulators.google_wallet.errors import GoogleError
from simulators.google_wallet.rotating import code_of, shown_at
from simulators.google_wallet.showing import picture_address, show_card
from simulators.google_wallet.world import World
from simulators.iphone.barcode import draw

page = Blueprint("page", __name__)
# The desk around the phone, and the making of elements, are those of the other simulated phone.
shared = Blueprint(
    "shared", __name__, static_folder=Path(__file__).parents[1] / "iphone/static", static_url_path="/shared"
)

FOREVER = "private, max-age=31536000, immutable"
HEARTBEAT, BREATH = 15.0, 0.2
RECENT = 20
QR = "PKBarcodeFormatQR"


@page.get("/")
def wallet() -> str:
    return render_template("wallet.html", join_url=world().setup.join_url)


@page.get("/phone")
def everything() -> dict[str, Any]:
    """What the page draws, in one answer."""
    here = world()
    with here.shelf.lock:
        held = [name for name in here.saved if name in here.shelf.objects]
    calls = here.history.latest(RECENT)
    return {
        "language": here.language,
        "cards": [show_card(here, name, here.language) for name in held],
        "pushes": [one.shown() for one in here.bell.pushes()[-RECENT:]],
        "calls": [{name: one[name] for name in ("at", "verb", "path", "status", "reason")} for one in calls],
        "callbacks": [_delivered(one.shown()) for one in here.courier.log()[-RECENT:]],
        "objects": len(here.shelf.objects),
        "rate": here.history.rate()["most_in_a_second"],
        "now": here.clock().isoformat(),
    }


def _delivered(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: shown[name] for name in ("at", "what", "status")}


@page.get("/cards/<name>/<slot>-<seal>.png")
def picture_of(name: str, slot: str, seal: str) -> Response:  # noqa: ARG001  # only makes the address new
    url = picture_address(world(), name, slot) or abort(404)
    try:
        return _kept(world().fetcher.load(url).data, "image/png")
    except GoogleError as gone:
        abort(404, gone.message)


@page.get("/cards/<name>/barcode-<seal>.svg")
def barcode_of(name: str, seal: str) -> Response:  # noqa: ARG001
    one = world().shelf.objects.get(name) or abort(404)
    code = code_of(one) or abort(404)
    kind = QR if code["type"] == "QR_CODE" else code["type"]
    message = shown_at(code, world().clock()).value
    drawn = draw({"format": kind, "message": message, "messageEncoding": "utf-8"})
    return _kept(drawn.encode(), "image/svg+xml")


def _kept(data: bytes, kind: str) -> Response:
    return Response(data, mimetype=kind, headers={"Cache-Control": FOREVER})


@page.get("/events")
def events() -> Response:
    """One line when something has changed, a heartbeat in between."""
    return Response(_changes(world()), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _changes(here: World) -> Iterator[str]:
    seen = here.wait_for_change(-1, 0)
    yield f"data: {seen}\n\n"
    while True:
        newest = here.wait_for_change(seen, HEARTBEAT)
        yield f"data: {newest}\n\n" if newest > seen else ": still here\n\n"
        seen = newest
        time.sleep(BREATH)  # a worker in full swing changes hundreds of objects a second


@page.get("/healthz")
def health() -> dict[str, int]:
    return {"objects": len(world().shelf.objects), "saved": len(world().saved)}
