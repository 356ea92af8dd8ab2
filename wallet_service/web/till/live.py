"""Remembers that the card at this till showed a live code, for as long as a guest stands there."""

from __future__ import annotations

from flask import session

from wallet_service.web.page import services

STANDS_THERE = 300  # seconds
LIVE = "live"


def remember_live(serial: str | None) -> None:
    """None: the card that was scanned last had no such code."""
    if LIVE in session:  # to touch the session is to send its cookie again
        del session[LIVE]
    if serial is not None:
        session[LIVE] = [serial, int(services().clock().timestamp())]


def was_live(serial: str) -> bool:
    match session.get(LIVE):
        case [str(seen), int(at)]:
            return seen == serial and 0 <= services().clock().timestamp() - at <= STANDS_THERE
    return False
