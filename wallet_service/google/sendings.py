"""What Google has to hear of each card: the newest state, read at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions.links import Links
from wallet_service.actions.show import Shown, show_row
from wallet_service.db.tables import Card, GoogleCard
from wallet_service.domain.errors import Misconfigured
from wallet_service.domain.program import Program
from wallet_service.domain.progress import Stage
from wallet_service.domain.rotating import key_of
from wallet_service.google import budget
from wallet_service.google.budget import Worth
from wallet_service.google.look_shelf import LookShelf
from wallet_service.google.loyalty_object import PICTURE, loyalty_object

Body = dict[str, Any]


@dataclass(frozen=True)
class Sending:
    """`body` is the whole card with its picture; `accepted` is the hash of what Google took last, and of
    which version of the card. `worth` is what the news is worth, `allowed` whether it may ring.
    """

    card_id: int
    version: int
    program: Program
    stage: Stage
    body: Body
    inserted: bool
    accepted: str | None
    accepted_version: int
    worth: Worth = Worth.SILENT
    allowed: bool = False

    @property
    def object_id(self) -> str:
        return str(self.body["id"])

    @property
    def picture(self) -> str:
        """Its address; empty where the card shows nothing any more."""
        return str(self.body[PICTURE]["sourceUri"]["uri"]) if self.body.get(PICTURE) else ""


@dataclass(frozen=True)
class Writer:
    """Turns rows into sendings."""

    looks: LookShelf
    links: Links
    issuer_id: str

    def sendings(
        self, session: Session, notify: Mapping[int, bool], refused: frozenset[str], now: datetime
    ) -> Mapping[int, Sending | Misconfigured]:
        """By card, or what is wrong with its look; a card that nobody has asked into Google Wallet is not
        among them.
        """
        rows = session.execute(
            select(GoogleCard, Card)
            .join(Card, Card.id == GoogleCard.card_id)
            .where(GoogleCard.card_id.in_(notify))
        ).all()
        used = budget.used(session, [card.id for _, card in rows], now)
        found: dict[int, Sending | Misconfigured] = {}
        for known, card in rows:
            try:
                sending = self.sending(session, known, card, refused, now)
            except Misconfigured as fault:
                found[card.id] = fault
            else:
                if not (sending.inserted or sending.picture):
                    continue  # Google never had it, and its member is forgotten
                found[card.id] = self._with_worth(sending, notify[card.id], used.get(card.id, ()), now)
        return found

    def sending(
        self, session: Session, known: GoogleCard, card: Card, refused: frozenset[str], now: datetime
    ) -> Sending:
        shown = show_row(session, card, self.links, now)
        return Sending(
            card_id=card.id,
            version=shown.version,
            program=shown.program,
            stage=shown.stage,
            body=self._body(shown, refused),
            inserted=known.inserted_at is not None,
            accepted=known.accepted,
            accepted_version=known.accepted_version,
        )

    def _body(self, shown: Shown, refused: frozenset[str]) -> Body:
        face, look = shown.face, self.looks.look(shown.face.template)
        body = loyalty_object(face, look, self.issuer_id, self.looks.hero(face), self._code_key(shown))
        return {name: value for name, value in body.items() if name not in refused}

    def _code_key(self, shown: Shown) -> bytes | None:
        if not shown.program.rotating_code:
            return None
        return key_of(self.links.secret_keys[0], shown.face.serial)

    def _with_worth(self, sending: Sending, notify: bool, used: Sequence[datetime], now: datetime) -> Sending:
        """Only what Google has not had yet can be news, and only once the object is there."""
        if not notify or not sending.inserted or sending.version <= sending.accepted_version:
            return sending
        worth = budget.worth_of(sending.stage)
        return replace(sending, worth=worth, allowed=budget.allows(worth, used, now))
