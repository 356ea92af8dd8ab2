"""One card for a device and a program: a signed cookie remembers it, a pressed button stands for one card."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256
from itertools import chain, repeat

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from wallet_service.actions.services import Services
from wallet_service.db import queries
from wallet_service.db.tables.cards import ACTIVE
from wallet_service.domain.errors import Invalid, NotFound
from wallet_service.domain.identifiers import serial_number
from wallet_service.web.page import services

REMEMBERED = 400 * 24 * 3600  # the longest that browsers keep
SHORTEST_KEY, LONGEST_KEY = 16, 64


def held_card(session: Session, program: str) -> str | None:
    """The serial number of the card that this device took before and still has."""
    try:
        serial = services().links.serial(request.cookies.get(_cookie(program), ""))
        card = queries.card(session, serial)
    except NotFound:
        return None
    return serial if card.status == ACTIVE and card.program.slug == program else None


def remember(response: Response, program: str, serial: str) -> Response:
    response.set_cookie(
        _cookie(program),
        services().links.token(serial),
        max_age=REMEMBERED,
        secure=services().settings.public_url.startswith("https:"),
        httponly=True,
        samesite="Lax",
    )
    return response


def serial_of_press(services: Services, program: str, key: str) -> tuple[Callable[[int], bytes], str]:
    """Entropy whose first bytes follow from the page's key under our secret, and the serial they make."""
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise Invalid("The form is not complete. Open the page again and press the button once more.")
    said = f"join {program} {key}".encode()
    first = hmac.digest(services.settings.secret_keys[0].encode(), said, sha256)
    source = chain([lambda _: first], repeat(services.entropy))
    return (lambda count: next(source)(count)), serial_number(first)


def _cookie(program: str) -> str:
    return f"card-{program}"
