"""The way of one card's last changes: queued, accepted, listed, fetched, and how long each took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_decimal
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from wallet_service.db.tables import Telling
from wallet_service.push import tellings
from wallet_service.web.languages import language

MOST = 10


@dataclass(frozen=True)
class Leg:
    """The times after `queued_at` are told as how long it took; None: not yet, or nobody saw it."""

    wallet: str
    version: int
    queued_at: datetime
    accepted: str
    listed: str | None
    fetched: str | None
    phones: int
    request_id: str | None
    delivery: str | None


def way(session: Session, card_id: int) -> Sequence[Leg]:
    """The newest first."""
    return [_leg(one) for one in tellings.last(session, card_id, MOST)]


def _leg(one: Telling) -> Leg:
    return Leg(
        wallet=one.wallet,
        version=one.version,
        queued_at=one.queued_at,
        accepted=_after(one.queued_at, one.accepted_at),
        listed=_after(one.queued_at, one.listed_at) if one.listed_at else None,
        fetched=_after(one.queued_at, one.fetched_at) if one.fetched_at else None,
        phones=one.phones,
        request_id=one.request_id,
        delivery=one.delivery,
    )


def _after(start: datetime, end: datetime) -> str:
    seconds = max((end - start).total_seconds(), 0)
    if seconds < 120:
        return str(_("%(count)s s", count=format_decimal(seconds, "0.0", locale=language())))
    if seconds < 7200:
        return str(_("%(count)s min", count=round(seconds / 60)))
    return str(_("%(count)s h", count=round(seconds / 3600)))
