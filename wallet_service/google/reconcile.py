"""Asks Google what it holds and compares: callbacks are hints, and what drifted is told again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_service.actions.services import Services
from wallet_service.db.tables import Card, GoogleCard, Outbox
from wallet_service.domain.detail import Detail
from wallet_service.domain.errors import Unavailable
from wallet_service.google import budget, callback_effect, issuer
from wallet_service.google.answers import Answer, Verdict
from wallet_service.google.classes import digest
from wallet_service.google.client import GoogleClient
from wallet_service.google.look_shelf import LookShelf
from wallet_service.google.sendings import Writer
from wallet_service.push import outbox
from wallet_service.push.alarms import clear_alarm, raise_alarm
from wallet_service.push.clock_watch import is_trusted

log = logging.getLogger(__name__)

AT_ONCE = 200
SAMPLE = 100  # each card has its night once in so many
NIGHT = 2  # o'clock UTC
DRIFT, CALLBACKS = "google-drift", "google-callbacks"  # kinds of alarms
FEWEST = 3  # saves that nobody told us of, before that is an alarm


@dataclass
class Report:
    looked: int = 0
    repaired: list[str] = field(default_factory=list)  # object ids
    silent_saves: int = 0
    stopped_by: str = ""

    def __str__(self) -> str:
        said = f"objects looked at: {self.looked}; told again because they differed: {len(self.repaired)}"
        return f"{said}; stopped by: {self.stopped_by}" if self.stopped_by else said


class Reconciler:
    """Uses calls beside the lane, so that a night of looking delays no purchase."""

    def __init__(self, services: Services, client: GoogleClient) -> None:
        self._services, self._client = services, client
        self._writer = Writer(LookShelf.of(services), services.links, client.issuer_id)

    def nightly(self) -> Report:
        """Everything that changed within a day, and the hundredth part of the rest whose turn it is."""
        now, report = self._services.clock(), Report()
        with self._services.sessions.read() as session:
            card_ids = session.scalars(_of_the_day(now)).all()
        self._look(card_ids, report)
        trusted = is_trusted(self._services.sessions, now)
        with self._services.sessions.begin() as session:
            self._report(session, report, now)
            if trusted:  # a nonce that a wrong clock forgets is one that can come again
                callback_effect.forget_old(session, now)
                budget.forget_old(session, now)
        log.info("Google: %s", report)
        return report

    def look_again(self) -> Report:
        """After callbacks: whether somebody holds the card, in Google's own word (G34)."""
        with self._services.sessions.read() as session:
            due = GoogleCard.look_at <= self._services.clock()
            wanted = select(GoogleCard.card_id).where(due).order_by(GoogleCard.look_at).limit(AT_ONCE)
            card_ids = session.scalars(wanted).all()
        report = Report()
        self._look(card_ids, report)
        return report

    def _look(self, card_ids: Iterable[int], report: Report) -> None:
        for card_id in card_ids:
            with self._services.sessions.read() as session:
                known = session.get_one(GoogleCard, card_id)
            try:
                answer = self._client.get_object(known.object_id)
            except Unavailable as busy:
                report.stopped_by = busy.detail
                return
            if answer.verdict not in (Verdict.DONE, Verdict.OBJECT_GONE):
                report.stopped_by = answer.told
                self._stop(answer)
                return
            report.looked += 1
            with self._services.sessions.begin() as session:
                self._compare(session, card_id, known, answer, report)

    def _stop(self, answer: Answer) -> None:
        if answer.verdict is Verdict.CREDENTIAL:
            with self._services.sessions.begin() as session:
                issuer.open_circuit(session, self._client.issuer_id, answer.told, self._services.clock())

    def _compare(
        self, session: Session, card_id: int, before: GoogleCard, answer: Answer, report: Report
    ) -> None:
        now = self._services.clock()
        # lock order: the card first
        card = session.get_one(Card, card_id, with_for_update={"key_share": True})
        known = session.get_one(GoogleCard, card_id, with_for_update=True)
        if known.look_at == before.look_at:  # else another callback came meanwhile
            known.look_at = None
        known.has_users = bool(answer.body.get("hasUsers"))
        report.silent_saves += known.has_users and known.saved_at is None
        if answer.verdict is Verdict.OBJECT_GONE:
            known.inserted_at = None
        elif not _settled(session, card) or self._as_we_told(session, card, known, answer.body, now):
            return
        report.repaired.append(known.object_id)
        known.accepted = None
        outbox.tell_again(session, card_id=card_id, version=card.version, wallet="google", now=now)

    def _as_we_told(
        self, session: Session, card: Card, known: GoogleCard, held: Mapping[str, Any], now: datetime
    ) -> bool:
        refused = issuer.refused(session, self._client.issuer_id)
        wanted = self._writer.sending(session, known, card, refused, now).body
        return digest(_seen(wanted)) == digest(_seen(held))

    def _report(self, session: Session, report: Report, now: datetime) -> None:
        issuer_id = self._client.issuer_id
        if report.repaired:
            said = f"{report}. If this comes back every night, somebody else writes to these objects."
            detail = Detail(said, "google/drift", looked=report.looked, repaired=len(report.repaired))
            raise_alarm(session, DRIFT, issuer_id, detail, now)
        elif not report.stopped_by:
            clear_alarm(session, DRIFT, issuer_id, now)
        if report.silent_saves >= FEWEST:
            address = f"{self._services.settings.public_url}/google/callback"
            said = (
                f"{report.silent_saves} cards were saved and Google's callbacks did not say so: check that "
                f"{address} can be reached from outside."
            )
            detail = Detail(said, "google/callbacks", cards=report.silent_saves, address=address)
            raise_alarm(session, CALLBACKS, issuer_id, detail, now)


def is_night(now: datetime) -> bool:
    return now.hour == NIGHT


def _of_the_day(now: datetime) -> Any:
    turn = GoogleCard.card_id % SAMPLE == now.toordinal() % SAMPLE
    return (
        select(GoogleCard.card_id)
        .join(Card, Card.id == GoogleCard.card_id)
        .where(GoogleCard.inserted_at.is_not(None), or_(Card.changed_at > now - timedelta(days=1), turn))
        .order_by(GoogleCard.card_id)
    )


def _settled(session: Session, card: Card) -> bool:
    """No telling is due or under way, so what Google holds should be what the card shows."""
    mark = session.scalar(select(Outbox).where(Outbox.card_id == card.id, Outbox.wallet == "google"))
    return mark is None or mark.told >= mark.wanted


def _seen(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a member sees of a card; Google adds much to the rest of an object."""
    picture = _part(body, "heroImage", "sourceUri", "uri")
    return {
        "state": body.get("state"),
        "balance": _part(body, "loyaltyPoints", "balance", "string"),
        "to go": _part(body, "secondaryLoyaltyPoints", "balance", "string"),
        "code": _part(body, "barcode", "value") or _part(body, "rotatingBarcode", "valuePattern"),
        "picture": picture,
    }


def _part(body: Mapping[str, Any], *way: str) -> Any:
    found: Any = body
    for step in way:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
