"""The control API: knobs, clock, accounts, forged callbacks, and what a test wants to look at afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, request
from werkzeug.exceptions import HTTPException

from simulators.google_wallet.accounts import (
    EMAIL,
    BadKeyFile,
    ServiceAccount,
    account_of,
    make_key_file,
    public_account,
)
from simulators.google_wallet.courier import Delivery
from simulators.google_wallet.doors import world
from simulators.google_wallet.forger import FORGERIES
from simulators.google_wallet.rotating import code_of, shown_at
from simulators.google_wallet.save_link import BadLink, read_link
from simulators.google_wallet.world import LANGUAGES, Letter

control = Blueprint("control", __name__, url_prefix="/control")
Reply = tuple[Any, int]
YEAR = 366 * 86_400


@control.errorhandler(HTTPException)
def explain(error: HTTPException) -> Reply:
    return {"error": error.description}, error.code or 500


@control.errorhandler(BadLink)
@control.errorhandler(BadKeyFile)
@control.errorhandler(ValueError)
def refuse(error: Exception) -> Reply:
    return {"error": str(error)}, 422


@control.delete("")
def start_over() -> Reply:
    """Everything but service accounts and root key."""
    world().start_over()
    return {}, 200


@control.get("/history")
def history() -> Reply:
    """`?path=` and `?verb=` narrow it down; the oldest comes first."""
    entries = world().history.entries(request.args.get("path", ""), request.args.get("verb", ""))
    return {"calls": entries}, 200


@control.get("/rate")
def rate() -> Reply:
    return world().history.rate(), 200


@control.delete("/history")
def forget_history() -> Reply:
    world().history.start_over()
    return {}, 200


@control.get("/objects")
def objects() -> Reply:
    return {**world().shelf.record(), "saved": list(world().saved)}, 200


@control.delete("/objects/<name>")
def lose_object(name: str) -> Reply:
    """As if it had never been inserted; Google itself has no such method."""
    with world().shelf.lock:
        found = world().shelf.objects.pop(name, None) or abort(404, f"There is no object {name!r}.")
        world().saved.pop(name, None)
    world().changed()
    return found, 200


@control.get("/pushes")
def pushes() -> Reply:
    """What rang, and apart from it what did not and why."""
    all_of_them = [one.shown() for one in world().bell.pushes()]
    rang = [one for one in all_of_them if not one["why"]]
    return {"pushes": rang, "withheld": [one for one in all_of_them if one["why"]]}, 200


@control.get("/knobs")
def knobs() -> Reply:
    return {**vars(world().knobs.switches), "scripted": world().knobs.left()}, 200


@control.post("/knobs")
def turn_knobs() -> Reply:
    world().knobs.turn(_body())
    return knobs()


@control.post("/script")
def script() -> Reply:
    """`{"answers": […]}`; the fields of an answer are those of `Scripted`."""
    answers = _body().get("answers")
    if not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
        abort(400, "answers must be a list of objects.")
    world().knobs.script(answers)
    return knobs()


@control.delete("/knobs")
def behave() -> Reply:
    world().knobs.start_over()
    return knobs()


@control.post("/clock")
def forward() -> Reply:
    seconds = _body().get("forward_seconds")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= YEAR:
        abort(400, "forward_seconds must be a number from 0 to a year.")
    world().clock.forward(timedelta(seconds=seconds))
    return {"now": world().clock().isoformat()}, 200


@control.get("/service-accounts")
def accounts() -> Reply:
    return {"accounts": [_shown(one) for one in world().accounts.all()]}, 200


@control.post("/service-accounts")
def add_account() -> Reply:
    """Registers `public_key` (PEM), `client_email` and `private_key_id`; without them it makes a key file."""
    body = _body()
    issuers = body.get("issuers", [world().setup.issuer])
    if not isinstance(issuers, list) or not all(isinstance(one, str) for one in issuers):
        abort(400, "issuers must be a list of strings.")
    if "public_key" in body:
        email, key_id = _text(body, "client_email"), _text(body, "private_key_id")
        account = public_account(email, key_id, _text(body, "public_key"), issuers)
        world().accounts.add(account)
        return _shown(account), 201
    made = make_key_file(f"{world().setup.public_url}/token", str(body.get("client_email", EMAIL)))
    world().accounts.add(account_of(made, issuers))
    return made, 201


@control.post("/tokens/revoke")
def revoke() -> Reply:
    world().tokens.revoke()
    return {}, 200


@control.get("/phone")
def phone() -> Reply:
    return {"saved": list(world().saved), "language": world().language}, 200


@control.post("/phone/save")
def save() -> Reply:
    """Opens a save link and presses its button; answers when the issuer has heard of it."""
    link = read_link(_text(_body(), "url").rpartition("/")[2], world())
    _arrived(world().save(link.object_id))
    return {"saved": link.object_id}, 201


@control.post("/phone/remove")
def remove() -> Reply:
    name = _text(_body(), "object")
    if name not in world().saved:
        abort(404, f"The phone holds no card {name!r}.")
    _arrived(world().remove(name))
    return {"removed": name}, 200


def _arrived(letter: Letter) -> None:
    if letter:
        letter.result()


@control.get("/phone/barcode/<name>")
def barcode(name: str) -> Reply:
    """What a scanner would read now, off the phone's screen."""
    code = code_of(world().shelf.objects.get(name, {})) or abort(404, f"{name!r} has no barcode.")
    return vars(shown_at(code, world().clock())), 200


@control.post("/phone/language")
def set_language() -> Reply:
    language = _body().get("language")
    if language not in LANGUAGES:
        abort(400, f"language must be one of {', '.join(LANGUAGES)}.")
    world().language = language
    world().changed()
    return phone()


@control.get("/callbacks")
def callbacks() -> Reply:
    """What was sent to the issuer, and what came back; the forgeries that can be ordered."""
    return {"callbacks": [one.shown() for one in world().courier.log()], "forgeries": list(FORGERIES)}, 200


@control.post("/callbacks")
def send() -> Reply:
    """A genuine `event` of an `object`; with `times` the same letter so often at once."""
    return _sent(_body(), None)


@control.post("/callbacks/forge")
def forge() -> Reply:
    """`how` names the forgery."""
    how = _text(_body(), "how")
    if how not in FORGERIES:
        abort(400, f"how must be one of {', '.join(FORGERIES)}.")
    return _sent(_body(), how)


@control.post("/callbacks/replay")
def replay() -> Reply:
    last = world().courier.last() or abort(404, "No callback has been sent yet.")
    again = world().courier.together(last.url, "replay", last.body, _times(_body()))
    return _shown_all(again)


@control.post("/callbacks/rotate-root")
def rotate() -> Reply:
    world().forger.rotate()
    world().changed()
    return world().forger.keys(), 200


def _sent(body: Mapping[str, Any], how: str | None) -> Reply:
    name, kind = _text(body, "object"), str(body.get("event", "save"))
    if name not in world().shelf.objects or kind not in ("save", "del"):
        abort(404, f"There is no object {name!r}, or no event {kind!r}.")
    url, event = world().callback_for(kind, name)
    url = str(body.get("url", url)) or abort(409, "The class names no callback address.")
    letter = world().forger.forged(how, event) if how else world().forger.genuine(event)
    return _shown_all(world().courier.together(url, how or kind, letter, _times(body)))


def _times(body: Mapping[str, Any]) -> int:
    times = body.get("times", 1)
    if type(times) is not int or not 1 <= times <= 100:
        abort(400, "times must be a number from 1 to 100.")
    return times


def _shown_all(deliveries: list[Delivery]) -> Reply:
    return {"callbacks": [one.shown() for one in deliveries]}, 200


def _shown(account: ServiceAccount) -> dict[str, Any]:
    issuers = sorted(account.issuers)
    return {"client_email": account.email, "private_key_id": account.key_id, "issuers": issuers}


def _body() -> Mapping[str, Any]:
    """JSON with its content type: a foreign page cannot send that without asking first."""
    body = request.get_json() if request.content_length else {}
    if not isinstance(body, dict):
        abort(400, "The body must be a JSON object.")
    return body


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        abort(400, f"{name} must be a non-empty string.")
    return value
