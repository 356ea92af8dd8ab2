"""What a notice of a breach needs to know of a time: how many people, which data, who looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wallet_service.actions.audit import COMMAND
from wallet_service.actions.forget_part import BETWEEN
from wallet_service.db.tables import (
    Alarm,
    ApiKey,
    Audit,
    Card,
    Consent,
    Device,
    Erasure,
    GoogleCard,
    LedgerEntry,
    Member,
    ProgramRow,
    Registration,
    RetiredKey,
    Staff,
    WebhookMessage,
)
from wallet_service.domain import chain
from wallet_service.domain.errors import Invalid

PLAIN_WORDS = ("role", "scopes", "events", "kinds")
"""Of an audit line's detail these are words of ours; others may be what somebody typed."""


@dataclass(frozen=True)
class Span:
    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since >= self.until:
            raise Invalid("The time ends before it begins: --until must be later than --since.")

    def holds(self, moment: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
        return moment.between(self.since, self.until)


def facts(session: Session, span: Span) -> dict[str, Any]:
    """Figures, ids and times: no name, no number of a card, no secret."""
    return {
        "since": chain.moment(span.since),
        "until": chain.moment(span.until),
        "kept": _kept(session, span),
        "kinds": _kinds(session, span),
        "touched": _touched(session, span),
        "audit": _audit(session, span),
        "alarms": _alarms(session, span),
        "keys": _keys(session),
    }


def _kept(session: Session, span: Span) -> dict[str, Any]:
    """At the most so many may be concerned: whoever was there at some moment of the time."""
    cards = select(Card.id).where(_there(span))
    by_program = (
        select(ProgramRow.slug, func.count(Card.id))
        .join(Card, Card.program_id == ProgramRow.id)
        .where(_there(span))
        .group_by(ProgramRow.slug)
        .order_by(ProgramRow.slug)
    )
    phones = select(Registration.device_id).where(Registration.card_id.in_(cards)).distinct()
    return {
        "members": _count(session, _members(span)),
        "cards": _count(session, cards),
        "cards_by_program": dict(session.execute(by_program).all()),
        "phones": _count(session, phones),
        "cards_at_google": _count(session, select(GoogleCard.card_id).where(GoogleCard.card_id.in_(cards))),
        "staff": _count(session, select(Staff.id).where(Staff.created_at <= span.until)),
    }


def _kinds(session: Session, span: Span) -> dict[str, int]:
    """Of how many members which kind of data is kept now."""
    known = {
        "name": Member.name,
        "phone": Member.phone,
        "email": Member.email,
        "birthday": Member.birthday,
        "source": Member.source,
        "reference": Member.reference,
    }
    members = _members(span)
    found = {kind: _count(session, members.where(column.is_not(None))) for kind, column in known.items()}
    consented = select(Consent.member_id).where(Consent.member_id.in_(members)).distinct()
    bought = select(Card.member_id).where(_there(span), exists().where(LedgerEntry.card_id == Card.id))
    phones = select(Card.member_id).join(Registration, Registration.card_id == Card.id).where(_there(span))
    return found | {
        "consents": _count(session, consented),
        "purchases": _count(session, bought.distinct()),
        "phones": _count(session, phones.join(Device).distinct()),
    }


def _touched(session: Session, span: Span) -> dict[str, int]:
    """What happened in the time itself."""
    forgotten = select(Erasure.serial).where(span.holds(Erasure.at), ~Erasure.serial.contains(BETWEEN))
    booked = select(LedgerEntry.card_id).where(span.holds(LedgerEntry.recorded_at)).distinct()
    looked_at = (
        select(Audit.subject).where(span.holds(Audit.at), Audit.subject.startswith("card:")).distinct()
    )
    return {
        "cards_made": _count(session, select(Card.id).where(span.holds(Card.created_at))),
        "cards_booked_on": _count(session, booked),
        "cards_in_the_audit": _count(session, looked_at),
        "cards_forgotten": _count(session, forgotten),
        "webhook_messages": _count(
            session, select(WebhookMessage.id).where(span.holds(WebhookMessage.created_at))
        ),
    }


def _audit(session: Session, span: Span) -> list[dict[str, Any]]:
    """Who did what: people by their numbers, also those at a terminal."""
    logins: dict[str, str] = {}
    lines = session.scalars(select(Audit).where(span.holds(Audit.at)).order_by(Audit.id))
    return [
        {
            "id": line.id,
            "at": chain.moment(line.at),
            "actor": _numbered(line.actor, logins),
            "verb": line.verb,
            "subject": line.subject,
            "detail": _figures(line.detail),
        }
        for line in lines
    ]


def _numbered(actor: str, logins: dict[str, str]) -> str:
    """A login is often a name."""
    if not actor.startswith(f"{COMMAND}:"):
        return actor
    return logins.setdefault(actor, f"{COMMAND}:{len(logins) + 1}")


def _figures(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in detail.items() if isinstance(value, int) or name in PLAIN_WORDS}


def _alarms(session: Session, span: Span) -> list[dict[str, Any]]:
    """Those that were raised at some moment of the time; one that came back shows its last time."""
    still = or_(Alarm.cleared_at.is_(None), Alarm.cleared_at >= span.since)
    found = session.scalars(
        select(Alarm).where(Alarm.raised_at <= span.until, still).order_by(Alarm.raised_at)
    )
    return [
        {
            "kind": one.kind,
            "raised_at": chain.moment(one.raised_at),
            "over_at": one.cleared_at and chain.moment(one.cleared_at),
        }
        for one in found
    ]


def _keys(session: Session) -> dict[str, Any]:
    """How old, and whether they still count; never the keys."""
    retired = session.scalars(select(RetiredKey).order_by(RetiredKey.id))
    machines = session.scalars(select(ApiKey).order_by(ApiKey.id))
    return {
        "retired_secret_keys": [
            {"name": one.name, "retired_at": chain.moment(one.made_at)} for one in retired
        ],
        "machines": [_machine(one) for one in machines],
    }


def _machine(key: ApiKey) -> dict[str, Any]:
    times = {
        "made_at": key.created_at,
        "used_at": key.used_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }
    told = {name: at and chain.moment(at) for name, at in times.items()}
    return {"id": key.id, "scopes": key.scopes} | told


def _members(span: Span) -> Select[int]:
    return select(Member.id).where(Member.id.in_(select(Card.member_id).where(_there(span))))


def _there(span: Span) -> ColumnElement[bool]:
    forgotten = exists().where(Erasure.serial == Card.serial, Erasure.at < span.since)
    return and_(Card.created_at <= span.until, ~forgotten)


def _count(session: Session, rows: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0
