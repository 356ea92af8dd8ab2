"""The worker takes a campaign one slice further, ends a step, or halts it because phones complain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from wallet_service.actions import campaigns, programs
from wallet_service.db.tables import Campaign, Card, Device, DeviceLog, PushPace, Registration
from wallet_service.db.tables.campaigns import DONE, HALTED, RUNNING
from wallet_service.domain import rollout
from wallet_service.domain.detail import Detail
from wallet_service.domain.rollout import ALL, FEW
from wallet_service.push import bulk
from wallet_service.push.alarms import raise_alarm
from wallet_service.push.bulk import Cards
from wallet_service.push.complaints import SERIOUS
from wallet_service.push.moments import lies_ahead

MOST_WAITING: Mapping[str, int] = {"apple": 5_000, "google": 100_000}
"""Marks that a wallet has not heard of yet: when APNs is down the marking stops by itself, and the till's
marks never wait behind a mountain. Google takes a few a second and must not hold up the phones for hours.
"""


@dataclass(frozen=True)
class Round:
    """So many cards were marked; `more`: it can go on at once."""

    marked: int = 0
    more: bool = False


NOTHING = Round()


@dataclass(frozen=True)
class Complaints:
    """So many members' phones complain `since` the step began."""

    members: int
    since: datetime


def running(session: Session) -> Sequence[int]:
    return session.scalars(select(Campaign.id).where(Campaign.state == RUNNING).order_by(Campaign.id)).all()


def advance(session: Session, campaign: int, *, wallets: Sequence[str], now: datetime, most: int) -> Round:
    """One slice of `most` cards at the most. How far it came is written in the same transaction, so that a
    crash repeats nothing. Another worker that is at it is left alone.
    """
    mine = select(Campaign).where(Campaign.id == campaign, Campaign.state == RUNNING)
    row = session.scalar(mine.with_for_update(of=Campaign, skip_locked=True))
    if row is None or _sleeps(session, row, now):
        return NOTHING
    if row.after_id >= row.bound:
        return _after_step(session, row, wallets, now)
    size = _size(session, row, wallets, now, most)
    return _mark(session, row, wallets, now, size) if size else NOTHING


def complaints(session: Session, campaign: int) -> Complaints | None:
    """None: there is nothing new. To count takes a while, so nobody locks anything meanwhile."""
    row = session.get_one(Campaign, campaign)
    members = _complaining(session, row)
    news = members != row.complaints or rollout.too_many(members, row.marked)
    return Complaints(members, row.step_at) if news else None


def judge(session: Session, campaign: int, heard: Complaints, now: datetime) -> None:
    """Halts it when too many phones complain since its step began, or since somebody resumed it."""
    row = session.scalar(
        select(Campaign)
        .where(Campaign.id == campaign, Campaign.state == RUNNING, Campaign.step_at == heard.since)
        .with_for_update(of=Campaign, skip_locked=True)
    )
    if row is None:
        return
    row.complaints = heard.members
    if rollout.too_many(heard.members, row.marked):
        _halt(session, row, now)


def _sleeps(session: Session, row: Campaign, now: datetime) -> bool:
    if row.quiet is None:
        return False
    program, _ = programs.current(session, row.program.slug)
    return rollout.is_quiet(row.quiet, now, program.time_zone)


def _size(session: Session, row: Campaign, wallets: Sequence[str], now: datetime, most: int) -> int:
    """As the rate and the wallets allow; a few cards are not worth a transaction."""
    if row.rate:
        allowed = rollout.allowed(row.rate, row.marked_at, now)
        most = min(most, allowed) if allowed >= min(most, max(1, row.rate // 2)) else 0
    return min([most, *(_room(session, wallet, now) for wallet in wallets)]) if most else 0


def _room(session: Session, wallet: str, now: datetime) -> int:
    full = MOST_WAITING.get(wallet, MOST_WAITING["apple"])
    room = full - bulk.waiting(session, wallet, now, full)
    return room if room >= full // 20 else 0


def _mark(session: Session, row: Campaign, wallets: Sequence[str], now: datetime, size: int) -> Round:
    cards = Cards(
        row.program_id,
        bound=row.bound,
        after_id=row.after_id,
        low=rollout.step_before(row.steps, row.percent),
        high=row.percent,
    )
    done = bulk.raise_slice(session, cards, wallets=wallets, now=now, most=size)
    row.after_id = row.bound if done.last_id is None or done.count < size else done.last_id
    row.marked += done.count
    row.marked_at = rollout.paid(row.rate, row.marked_at, now, done.count)
    return Round(done.count, more=True)


def _after_step(session: Session, row: Campaign, wallets: Sequence[str], now: datetime) -> Round:
    following = rollout.step_after(row.steps, row.percent)
    if following is None:
        row.state, row.finished_at = DONE, now
    elif _watches(session, row, wallets, now):
        return NOTHING
    else:
        row.percent, row.after_id, row.step_at = following, 0, now
    return Round(more=True)


def _watches(session: Session, row: Campaign, wallets: Sequence[str], now: datetime) -> bool:
    """From when nearly all phones of the step were told; a step without a card needs no watch."""
    if not row.marked or not row.watch_minutes:
        return False
    few = max(FEW, row.marked // ALL) + 1
    if any(bulk.waiting(session, wallet, now, few) >= few for wallet in wallets):
        row.marked_at = now
    since, watch = row.marked_at or row.step_at, timedelta(minutes=row.watch_minutes)
    return lies_ahead(since + watch, now, watch)


def _complaining(session: Session, row: Campaign) -> int:
    """Members of this campaign whose phones complain, and no more than there are phones that APNs has taken a
    push for: anybody can write to the log, and one person may hold many cards, on as many made-up phones.
    """
    taken = exists().where(PushPace.device_id == Device.id, PushPace.pushes > 0)
    cards = Cards(row.program_id, bound=row.bound, high=row.percent)
    told = (DeviceLog.received_at >= row.step_at, DeviceLog.kind.in_(SERIOUS))
    if not session.scalar(select(exists().where(*told))):
        return 0
    query = (
        select(func.count(Card.member_id.distinct()), func.count(Device.push_token.distinct()))
        .select_from(DeviceLog)
        .join(Card, Card.serial == DeviceLog.serial)
        .join(Registration, Registration.card_id == Card.id)
        .join(Device, Device.id == Registration.device_id)
        .where(*told, bulk.meant(cards), taken)
    )
    return min(session.execute(query).one())


def _halt(session: Session, row: Campaign, now: datetime) -> None:
    slug = row.program.slug
    row.state = HALTED
    row.reason = f"The phones of {row.complaints} members complain since it began."
    detail = f"The change for all cards of {slug} was halted: {row.reason} Look at what they report in the "
    detail += (
        f"office, then `flask wallet campaign rollback {slug}` or `flask wallet campaign resume {slug}`."
    )
    said = Detail(detail, "campaign/halted", program=slug, members=row.complaints)
    raise_alarm(session, campaigns.ALARM, slug, said, now)
