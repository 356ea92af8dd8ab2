"""The control API: everything an owner can do with a phone, for tests and scripts."""

from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, abort, current_app, request
from werkzeug.exceptions import HTTPException

from simulators.iphone.phone import Phone
from simulators.iphone.phones import DEFAULT, Phones, card_of
from simulators.iphone.refusal import Refused
from simulators.iphone.service_client import NotAllowed
from simulators.iphone.showing import show_card, show_phone
from simulators.iphone.state import HeldCard

control = Blueprint("control", __name__)

PKPASS = "application/vnd.apple.pkpass"
LANGUAGES = ("en", "ru")
KNOBS: Mapping[str, tuple[type, ...]] = {
    "offline": (bool,),
    "lose_pushes": (bool,),
    "slow_ms": (int,),
    "rate_limit": (bool,),
    "retry_seconds": (int, float),
}
Reply = tuple[Any, int]


def phones() -> Phones:
    return cast(Phones, current_app.extensions["phones"])


def the_phone(name: str) -> Phone:
    return phones().find(name) or abort(404, f"There is no phone {name!r}.")


def the_card(name: str, serial: str) -> tuple[Phone, HeldCard]:
    phone = the_phone(name)
    return phone, card_of(phone, serial) or abort(404, f"The phone {name!r} holds no card {serial!r}.")


@control.errorhandler(HTTPException)
def explain(error: HTTPException) -> Reply:
    return {"error": error.description}, error.code or 500


@control.errorhandler(Refused)
def refuse(error: Refused) -> Reply:
    return {"error": error.reason, "item": error.item}, 422


@control.errorhandler(NotAllowed)
def forbid(error: NotAllowed) -> Reply:
    return {"error": str(error), "item": "download"}, 422


@control.get("/api/phones")
def list_phones() -> Reply:
    return {"phones": [show_phone(phone.state) for phone in phones().all()]}, 200


@control.post("/api/phones")
def create_phone() -> Reply:
    phone = phones().create(_language(_body(optional=True).get("language", "en")))
    return show_phone(phone.state), 201


@control.get("/api/phones/<name>")
def get_phone(name: str) -> Reply:
    return show_phone(the_phone(name).state), 200


@control.post("/api/phones/<name>/language")
def set_language(name: str) -> Reply:
    phone = the_phone(name)
    phone.set_language(_language(_body().get("language")))
    return show_phone(phone.state), 200


@control.post("/api/phones/<name>/new-push-token")
def new_push_token(name: str) -> Reply:
    phone = the_phone(name)
    phone.new_push_token()
    return show_phone(phone.state), 200


@control.post("/api/phones/<name>/poll")
def poll(name: str) -> Reply:
    phone = the_phone(name)
    phone.poll()
    return show_phone(phone.state), 200


@control.get("/api/phones/<name>/log")
def complaints(name: str) -> Reply:
    return {"lines": list(the_phone(name).state.complaints)}, 200


@control.post("/api/phones/<name>/cards")
def add_card(name: str) -> Reply:
    """A link to a card, or the .pkpass itself; 201, or 422 with the reason of the refusal."""
    phone = the_phone(name)
    raw = request.mimetype == PKPASS
    card = phone.add(request.get_data() if raw else download(_text(_body(), "url")))
    return _shown(phone, card), 201


def download(url: str) -> bytes:
    answer = phones().client.download(url)
    if answer.status != 200:
        raise Refused("download", f"{url} answered {answer.status or answer.error}, not a card.")
    if (answer.content_type or "") != PKPASS:
        raise Refused("B13", f"{url} came as {answer.content_type!r}, not as {PKPASS}.")
    return answer.body


@control.get("/api/phones/<name>/cards")
def list_cards(name: str) -> Reply:
    phone = the_phone(name)
    return {"cards": [_shown(phone, card) for card in list(phone.state.cards.values())]}, 200


@control.get("/api/phones/<name>/cards/<serial>")
def get_card(name: str, serial: str) -> Reply:
    return _shown(*the_card(name, serial)), 200


@control.delete("/api/phones/<name>/cards/<serial>")
def remove_card(name: str, serial: str) -> Reply:
    phone, card = the_card(name, serial)
    phone.remove(card)
    return {"removed": serial, "unregistered": not card.registered}, 200


@control.post("/api/phones/<name>/cards/<serial>/refresh")
def refresh(name: str, serial: str) -> Reply:
    phone, card = the_card(name, serial)
    phone.refresh(card)
    return _shown(phone, card), 200


@control.post("/api/phones/<name>/cards/<serial>/updates")
def updates(name: str, serial: str) -> Reply:
    phone, card = the_card(name, serial)
    on = _body().get("on")
    if not isinstance(on, bool):
        abort(400, "on must be true or false.")
    phone.updates(card, on=on)
    return _shown(phone, card), 200


@control.post("/api/phones/<name>/share")
def share(name: str) -> Reply:
    body = _body()
    serial, to = _text(body, "serial"), _text(body, "to")
    (phone, card), other = the_card(name, serial), the_phone(to)
    return _shown(other, phone.share(card, other)), 201


@control.post("/push")
def push() -> Reply:
    """What the APNs simulator says; the phone wakes in its own time."""
    body = _body()
    woken = phones().push(_text(body, "token"), _text(body, "topic"), str(body.get("id") or ""))
    return {"woken": woken}, 202


@control.post("/knobs")
def turn_knobs() -> Reply:
    """For one phone (`phone`) or for all."""
    body = dict(_body())
    name = body.pop("phone", None)
    turned = phones().all() if name is None else [the_phone(str(name))]
    for knob, value in body.items():
        _check_knob(knob, value)
    for phone in turned:
        phone.turn(**body)
    return {"phones": [show_phone(phone.state) for phone in turned]}, 200


def _check_knob(knob: str, value: Any) -> None:
    if knob not in KNOBS:
        abort(400, f"There is no knob {knob!r}; there are {', '.join(KNOBS)}.")
    if type(value) not in KNOBS[knob] or not 0 <= value <= 60_000:
        abort(400, f"The knob {knob} cannot be set to {value!r}.")


@control.get("/healthz")
def health() -> Reply:
    return {"phones": len(phones().all()), "default": DEFAULT}, 200


def _shown(phone: Phone, card: HeldCard) -> dict[str, Any]:
    return show_card(phone.state, card, phones().setup.clock())


def _body(*, optional: bool = False) -> Mapping[str, Any]:
    """JSON with its content type: a foreign page cannot send that without asking first."""
    if optional and not request.content_length:
        return {}
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400, "The body must be a JSON object.")
    return body


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        abort(400, f"{name} must be a non-empty string.")
    return value


def _language(value: Any) -> str:
    if value not in LANGUAGES:
        abort(400, f"language must be one of {', '.join(LANGUAGES)}.")
    return str(value)
