"""Tells the operator when passes cannot be signed, and when they can again (B17)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from wallet_service.apple.service.desk import AppleDesk
from wallet_service.domain.errors import Misconfigured, Unavailable
from wallet_service.push.alarms import clear_alarm, raise_alarm

KIND = "signing"

log = logging.getLogger(__name__)


@contextmanager
def watching(desk: AppleDesk, pass_type: str) -> Iterator[None]:
    """Writes only when things get better or worse."""
    try:
        yield
    except Misconfigured as trouble:
        if desk.troubles.get(pass_type) != trouble.detail:
            _raise(desk, pass_type, trouble)
        raise
    if desk.troubles.get(pass_type, "unknown") is not None:
        _clear(desk, pass_type)


def _raise(desk: AppleDesk, pass_type: str, trouble: Misconfigured) -> None:
    desk.troubles[pass_type] = trouble.detail
    log.error("passes of %s cannot be issued: %s", pass_type, trouble.detail)
    try:
        with desk.services.sessions.begin(in_quarantine=True) as session:
            raise_alarm(session, KIND, pass_type, trouble.detail, desk.services.clock())
    except Unavailable as busy:
        log.warning("the alarm could not be written: %s", busy.detail)


def _clear(desk: AppleDesk, pass_type: str) -> None:
    """Once after the start too: what was wrong before a restart may be right now."""
    desk.troubles[pass_type] = None
    try:
        with desk.services.sessions.begin(in_quarantine=True) as session:
            clear_alarm(session, KIND, pass_type, desk.services.clock())
    except Unavailable as busy:
        log.warning("the alarm could not be cleared: %s", busy.detail)
