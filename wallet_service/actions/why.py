"""Why a card shows no update: the marks themselves, asked one question after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from wallet_service.actions import held_look
from wallet_service.actions.asleep import nights
from wallet_service.db.tables import Campaign, Card, Installation, Outbox
from wallet_service.db.tables.campaigns import OPEN, RUNNING
from wallet_service.domain.detail import Detail
from wallet_service.push.outbox import CAMPAIGN

WORKER_SAYS = timedelta(minutes=3)
Facts = Mapping[str, str | int | datetime]


@dataclass(frozen=True)
class Step:
    """One question and its answer; not `good` is a reason why no update is seen. `case` names the sentence,
    `facts` stand in it.
    """

    question: str
    case: str
    good: bool = True
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Circuit:
    """Whom nothing is sent to any more, since when, and what they said."""

    subject: str
    since: datetime
    reason: str


def marks(session: Session, card: Card, wallet: str, circuit: Circuit | None, now: datetime) -> list[Step]:
    """Everything before the wallet itself is asked, in its order."""
    mark = session.scalar(select(Outbox).where(Outbox.card_id == card.id, Outbox.wallet == wallet))
    return [
        _worker(session, now),
        _quarantine(session),
        _due(session, card, mark, now),
        _parked(mark),
        _leased(mark, now),
        _circuit(circuit),
        _campaign(session, card, mark),
    ]


def _worker(session: Session, now: datetime) -> Step:
    seen = session.scalar(select(Installation.seen_at).where(Installation.id == 1))
    if seen is None:
        return Step("worker", "never", good=False)
    return Step(
        "worker", "runs" if now - seen < WORKER_SAYS else "gone", now - seen < WORKER_SAYS, {"at": seen}
    )


def _due(session: Session, card: Card, mark: Outbox | None, now: datetime) -> Step:
    if mark is None:
        return Step("mark", "none", good=False)
    if mark.told >= mark.wanted:
        told = {"at": mark.told_at} if mark.told_at else {}
        return Step("mark", "told" if told else "first", facts={"version": mark.told, **told})
    facts: dict[str, str | int | datetime] = {"since": mark.raised_at or mark.due_at, "at": mark.due_at}
    if mark.last_error:
        return Step("mark", "failed", False, facts | {"error": mark.last_error, "tries": mark.tries})
    if mark.due_at > now:
        return Step("mark", "night" if _sleeps(session, card, mark, now) else "later", False, facts)
    return Step("mark", "due", False, facts | {"before": _before(session, mark, now)})


def _sleeps(session: Session, card: Card, mark: Outbox, now: datetime) -> bool:
    return mark.priority == CAMPAIGN and nights(session, now).get(card.program_id) == mark.due_at


def _before(session: Session, mark: Outbox, now: datetime) -> int:
    """How many marks are told first."""
    first = or_(
        Outbox.priority < mark.priority, (Outbox.priority == mark.priority) & (Outbox.due_at < mark.due_at)
    )
    ahead = select(func.count()).where(
        Outbox.wallet == mark.wallet, Outbox.told < Outbox.wanted, Outbox.due_at <= now, first
    )
    return session.scalar(ahead) or 0


def _parked(mark: Outbox | None) -> Step:
    if mark is None or not mark.parked or mark.told >= mark.wanted:
        return Step("parked", "no")
    facts: Facts = {"tries": mark.tries, "error": mark.last_error or "", "at": mark.due_at}
    return Step("parked", "yes", False, facts)


def _leased(mark: Outbox | None, now: datetime) -> Step:
    if mark is None or mark.lease_until is None or mark.lease_until < now or mark.told >= mark.wanted:
        return Step("lease", "no")
    return Step("lease", "yes", False, {"at": mark.lease_until})


def _circuit(circuit: Circuit | None) -> Step:
    if circuit is None:
        return Step("circuit", "closed")
    facts: Facts = {"subject": circuit.subject, "at": circuit.since, "error": circuit.reason}
    return Step("circuit", "open", False, facts)


def _campaign(session: Session, card: Card, mark: Outbox | None) -> Step:
    campaign = session.scalar(
        select(Campaign).where(Campaign.program_id == card.program_id, Campaign.state.in_(OPEN))
    )
    if campaign is None:
        return Step("campaign", "none")
    facts: Facts = {
        "number": campaign.to_version,
        "done": campaign.marked,
        "total": max(campaign.total, campaign.marked),
        "program": campaign.program.slug,
        "error": _halted(campaign),
    }
    its_turn = held_look.its_turn_has_come(card.id, campaign.percent, campaign.bound)
    came = its_turn and (card.id <= campaign.after_id or card.id > campaign.bound)
    if came or _heard_since(campaign, mark):
        return Step("campaign", "past", facts=facts)
    return Step("campaign", "waits" if campaign.state == RUNNING else "stands", False, facts)


def _halted(campaign: Campaign) -> str:
    reason = campaign.reason or ""
    return Detail(reason, "campaign/complaints", members=campaign.complaints) if reason else ""


def _heard_since(campaign: Campaign, mark: Outbox | None) -> bool:
    """A purchase brought it before its turn, unless the look of before is held."""
    told_at = mark.told_at if mark else None
    return campaign.look_before is None and told_at is not None and told_at > campaign.created_at


def _quarantine(session: Session) -> Step:
    since = session.scalar(select(Installation.quarantined_at).where(Installation.id == 1))
    return Step("quarantine", "yes", False, {"at": since}) if since else Step("quarantine", "no")
