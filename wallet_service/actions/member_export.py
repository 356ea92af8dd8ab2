"""All that is kept about one member, as a file for them: a zip of JSON and of tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_service.actions import audit, export
from wallet_service.actions.block import subject
from wallet_service.actions.erase import of_one_person
from wallet_service.actions.zipped import zipped
from wallet_service.db import queries
from wallet_service.db.tables import (
    Audit,
    Card,
    CardNumber,
    Consent,
    Device,
    DeviceLog,
    GoogleCard,
    Member,
    Registration,
    Telling,
)
from wallet_service.domain import chain
from wallet_service.domain.csv_cells import safe

Rows = Iterable[Sequence[Any]]
VERB = "member-exported"


@dataclass(frozen=True)
class MemberFile:
    """`name` is what the file may be called."""

    name: str
    body: bytes


def of_member(session: Session, *, card: str, actor: str, now: datetime) -> MemberFile:
    """Told to the audit, because whoever makes it reads it. UnknownCard when there is none."""
    cards = [queries.card(session, serial) for serial in of_one_person(session, card)]
    audit.write(session, actor, VERB, subject(cards[0]), {"cards": len(cards)}, now)
    session.flush()
    files = _files(session, cards)
    return MemberFile(f"member-{cards[0].serial}.zip", zipped(files, now))


def _files(session: Session, cards: Sequence[Card]) -> dict[str, bytes]:
    """Of each table both forms: one for a person, one for a machine."""
    tables = {
        "cards": _cards(session, cards),
        "consents": _consents(session, cards),
        "ledger": export.of_cards(session, [card.id for card in cards]),
        "phones": _phones(session, cards),
        "tellings": _tellings(session, cards),
        "complaints": _complaints(session, cards),
        "access": _access(session, cards),
    }
    read = {name: [tuple(row) for row in rows] for name, rows in tables.items()}
    everything = {"member": _profile(session, cards)} | {name: _records(rows) for name, rows in read.items()}
    files = {f"{name}.csv": _csv(rows) for name, rows in read.items()}
    return {"member.json": json.dumps(everything, ensure_ascii=False, indent=1).encode()} | files


def _profile(session: Session, cards: Sequence[Card]) -> list[dict[str, Any]]:
    members = [session.get_one(Member, number) for number in dict.fromkeys(card.member_id for card in cards)]
    return [
        {
            "name": one.name,
            "phone": one.phone,
            "email": one.email,
            "birthday": one.birthday,
            "language": one.language,
            "source": one.source,
            "reference": one.reference,
            "since": chain.moment(one.created_at),
        }
        for one in members
    ]


def _cards(session: Session, cards: Sequence[Card]) -> Rows:
    yield "serial", "program", "status", "numbers", "balance", "tier", "joined_at", "google_wallet"
    for card in cards:
        numbers = session.scalars(select(CardNumber.number).where(CardNumber.card_id == card.id)).all()
        google = session.get(GoogleCard, card.id)
        yield (
            card.serial,
            card.program.slug,
            card.status,
            " ".join(numbers),
            card.balance,
            card.tier,
            chain.moment(card.created_at),
            "yes" if google is not None and google.inserted_at is not None else "no",
        )


def _consents(session: Session, cards: Sequence[Card]) -> Rows:
    yield "at", "purpose", "channel", "given", "text", "language", "source"
    who = {card.member_id for card in cards}
    for one in session.scalars(select(Consent).where(Consent.member_id.in_(who)).order_by(Consent.id)):
        given = "yes" if one.given else "no"
        yield chain.moment(one.at), one.purpose, one.channel, given, one.text, one.language, one.source


def _phones(session: Session, cards: Sequence[Card]) -> Rows:
    """That there is one, and since when; its identifiers open lists and stay with us."""
    yield "card", "wallet", "registered_at", "phone_known_since"
    rows = session.execute(
        select(Card.serial, Registration.registered_at, Device.created_at)
        .join(Card, Card.id == Registration.card_id)
        .join(Device, Device.id == Registration.device_id)
        .where(Registration.card_id.in_([card.id for card in cards]))
        .order_by(Registration.id)
    )
    for serial, registered, since in rows:
        yield serial, "apple", chain.moment(registered), chain.moment(since)


def _tellings(session: Session, cards: Sequence[Card]) -> Rows:
    """When a wallet was told of a change, and a phone came for it."""
    yield "card", "wallet", "version", "told_at", "listed_at", "fetched_at"
    serials = {card.id: card.serial for card in cards}
    for one in session.scalars(select(Telling).where(Telling.card_id.in_(serials)).order_by(Telling.id)):
        steps = (one.accepted_at, one.listed_at, one.fetched_at)
        yield serials[one.card_id], one.wallet, one.version, *(at and chain.moment(at) for at in steps)


def _complaints(session: Session, cards: Sequence[Card]) -> Rows:
    """What phones did not like about the card; their lines hold identifiers and stay with us."""
    yield "at", "card", "kind"
    ours = DeviceLog.serial.in_([card.serial for card in cards])
    for one in session.scalars(select(DeviceLog).where(ours).order_by(DeviceLog.id)):
        yield chain.moment(one.received_at), one.serial, one.kind


def _access(session: Session, cards: Sequence[Card]) -> Rows:
    """Who of the shop looked something up or changed something."""
    yield "at", "who", "what", "card"
    ours = or_(*(Audit.subject == subject(card) for card in cards))
    for line in session.scalars(select(Audit).where(ours).order_by(Audit.id)):
        yield chain.moment(line.at), line.actor, line.verb, line.subject


def _records(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def _csv(rows: Rows) -> bytes:
    """S13: no cell is a formula."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
