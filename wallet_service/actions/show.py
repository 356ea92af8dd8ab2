"""What a card shows now: a card into its face."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from wallet_service.actions import held_look, programs
from wallet_service.actions import stand as stands
from wallet_service.actions.account import Account
from wallet_service.actions.entries import Entry, entry, of_columns
from wallet_service.actions.erase import is_erased
from wallet_service.actions.links import Links
from wallet_service.actions.retention import NOTICE
from wallet_service.actions.stand import Stand
from wallet_service.db import queries
from wallet_service.db.ready import Ready, written
from wallet_service.db.tables import Card, LedgerEntry, Member
from wallet_service.db.tables.base import table
from wallet_service.domain import goals, wording
from wallet_service.domain.face import CardFace, HistoryLine
from wallet_service.domain.goals import Goal
from wallet_service.domain.identifiers import grouped
from wallet_service.domain.program import Program, Texts
from wallet_service.domain.progress import Kind, Stage, stage, usual_step

HISTORY = 5
LONG_AWAY = timedelta(days=25)  # less than the shortest retention
entry_table = table(LedgerEntry)
LATEST = Ready(
    select(entry_table)
    .where(entry_table.c.card_id == bindparam("card"))
    .order_by(entry_table.c.seq.desc())
    .limit(HISTORY)
)


@dataclass(frozen=True)
class Shown:
    """A face with the version of the card it was made of, and where on its road that is."""

    card_id: int
    version: int
    state: str
    face: CardFace
    program: Program
    stage: Stage
    stand: Stand


def show(session: Session, *, card: str, links: Links, now: datetime) -> Shown:
    """By serial number or card number; UnknownCard when there is none."""
    return _shown(session, stands.stand(session, card=card, now=now), links)


def show_row(session: Session, row: Card, links: Links, now: datetime) -> Shown:
    return _shown(session, stands.of_row(session, row, now), links)


def show_account(session: Session, account: Account, links: Links, now: datetime) -> Shown:
    return _shown(session, stands.of_account(session, account, now), links)


def history(session: Session, *, card: str, most: int) -> list[tuple[Entry, Program]]:
    """Newest first, each with the program version that decided it."""
    row = queries.card(session, card)
    return [
        (entry(line), programs.of_entry(session, line.program_version_id))
        for line in queries.last_entries(session, row.id, most)
    ]


def _shown(session: Session, stand: Stand, links: Links) -> Shown:
    card, program = stand.account.card, stand.program
    erased = not stand.active and is_erased(session, card.serial)
    lines = LATEST.rows(written(session), {"card": card.id})
    by_status = stand.goal.measure == "status"
    gains = [
        line.status_points if by_status else line.points for line in reversed(lines) if line.kind == Kind.EARN
    ]
    where = stage(
        stand.standing, stand.progress, usual_step(gains, program), reached=stand.reached is not None
    )
    face = CardFace(
        serial=card.serial,
        number=card.number,
        number_grouped=grouped(card.number),
        program=program.slug,
        template=held_look.of_card(
            session, program_id=card.program_id, card_id=card.id, template=program.template
        ),
        organization=program.organization,
        languages=program.languages,
        program_name=program.name,
        news=_farewell(session, stand)
        or wording.news(
            program,
            where,
            stand.progress,
            stand.goal,
            points=lines[0].points if lines else None,
            reached=stand.reached,
        ),
        balance=wording.balance(program, stand.progress),
        progress=stand.progress,
        progress_text=wording.progress_text(program, stand.progress, stand.goal),
        to_go=wording.to_go(program, stand.progress),
        reward=stand.goal.name,
        rules=programs.public_rules(session, stand.account.version_id, program),
        history=() if erased else tuple(_line(session, line) for line in lines),
        page=links.page(card.serial),
        tier_name=stand.level.name if stand.level and not erased else None,
        tier=None if erased else _tier(stand),
        ready=None if erased else _ready(stand),
        expiring=None if erased else _expiring(stand),
        voided=not stand.active,
        erased=erased,
        time_zone=program.time_zone,
    )
    return Shown(card.id, card.version, stand.state, face, program, where, stand)


def _farewell(session: Session, stand: Stand) -> Texts | None:
    """Only of a card that was long not used: no other is looked up for it."""
    card = stand.account.card
    if not stand.active or (card.earned_at or card.created_at) > stand.now - LONG_AWAY:
        return None
    warned = session.scalar(select(Member.warned_at).where(Member.id == card.member_id))
    return wording.farewell(stand.program, warned + NOTICE) if warned else None


def _line(session: Session, line: Row[Any]) -> HistoryLine:
    program = programs.of_entry(session, line.program_version_id)
    booked = of_columns(line.id, line._asdict())
    reward = program.reward(line.reward) if line.reward else None
    text = wording.history_line(program, booked.kind, booked.points, reward, money=booked.money)
    return HistoryLine(booked.occurred_at, text)


def _tier(stand: Stand) -> Texts | None:
    if stand.program.tiers is None:
        return None
    return wording.tier_text(
        stand.program, stand.level, stand.status, _next_level(stand), stand.account.card.tier_until
    )


def _next_level(stand: Stand) -> Goal | None:
    """What stands above the tier; None when the bar says it already, or nothing does."""
    if stand.goal.measure == "status":
        return None
    tier = stand.level.id if stand.level else None
    return goals.next_level(stand.program, stand.status, tier)


def _ready(stand: Stand) -> Texts | None:
    if not stand.ready:
        return None
    return {
        language: ", ".join(reward.name[language] for reward in stand.ready)
        for language in stand.program.languages
    }


def _expiring(stand: Stand) -> Texts | None:
    if stand.burning is None:
        return None
    return wording.expiring(stand.program, stand.burning.points, stand.burning.at, stand.now)
