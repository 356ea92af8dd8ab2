"""What the till's page asks besides cards: what it stands in, and whether the network is there."""

from __future__ import annotations

from flask import Response

from wallet_service.web.till import booking_views, card_views, offline_views
from wallet_service.web.till.counter import answer, till
from wallet_service.web.till.state import state

__all__ = ["booking_views", "card_views", "offline_views", "till"]


@till.get("/state")
def tell_state() -> Response:
    """Also to somebody who is signed out: then it says so."""
    return answer(state())


@till.get("/ping")
def ping() -> Response:
    """Asks nothing of anybody: only how long the way is."""
    return Response(status=204)
