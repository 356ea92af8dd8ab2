"""A machine sent a card number that nobody knows: whoever sends more and more of them has to wait."""

from __future__ import annotations

from flask import Response, request

from wallet_service.actions.strange_codes import strange_code
from wallet_service.api import problems, rights
from wallet_service.api.desk import services
from wallet_service.db.queries import SERIAL
from wallet_service.domain.errors import TooMuch, UnknownCard


def of_stranger(error: UnknownCard) -> Response:
    """A serial number is nothing to guess, and nothing that a scanner reads."""
    named = str((request.view_args or {}).get("card", ""))
    if SERIAL.fullmatch(named):
        return problems.of_ours(error)
    try:
        strange_code(services().sessions, place=rights.key().caller, now=services().clock())
    except TooMuch as wait:
        return problems.of_ours(wait)
    return problems.of_ours(error)
