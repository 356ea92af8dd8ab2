"""A manager lets all cards of a program hear of a change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_service.actions import audit, campaigns
from wallet_service.db.session import WAKE
from wallet_service.db.tables import Campaign, ProgramRow
from wallet_service.db.tables.campaigns import DONE, OPEN, RUNNING
from wallet_service.domain.rollout import ALL, Plan
from wallet_service.push import bulk
from wallet_service.push.bulk import Cards


def start(
    session: Session, *, program: str, before: int | None = None, plan: Plan, actor: str, now: datetime
) -> Campaign | None:
    """Every card hears that the program changed, which stood at version `before`; without it nothing but
    the folder of a template changed. A campaign that is still open ends here: its cards are among these.
    None where there is no card.
    """
    row = campaigns.program_row(session, program, lock=True)
    last = _end_open(session, row, now)
    from_version = row.version if before is None else before
    campaign = begin(
        session,
        row,
        from_version=from_version,
        cards=campaigns.everybody(session, row),
        plan=plan,
        actor=actor,
        now=now,
    )
    if campaign is not None:
        campaign.look_before = _look_before(session, row, from_version)
        if last is not None:
            _go_on_from(session, campaign, last)
        session.flush()
    return campaign


def begin(
    session: Session,
    row: ProgramRow,
    *,
    from_version: int,
    cards: Cards,
    plan: Plan,
    actor: str,
    now: datetime,
) -> Campaign | None:
    """The row, for these cards; `cards.high` cuts off the steps. None where they are none."""
    total = bulk.count(session, cards)
    if not total:
        return None
    steps = [step for step in plan.steps if step < cards.high] + [cards.high]
    campaign = Campaign(
        program_id=row.id,
        from_version=from_version,
        to_version=row.version,
        state=RUNNING,
        rate=plan.rate,
        quiet=plan.quiet,
        steps=steps,
        percent=steps[0],
        step_at=now,
        watch_minutes=plan.watch_minutes,
        after_id=0,
        bound=cards.bound,
        total=total,
        marked=0,
        complaints=0,
        actor=actor,
        created_at=now,
    )
    session.add(campaign)
    figures = {"from": from_version, "to": row.version, "cards": total}
    audit.write(session, actor, "campaign-started", f"program:{row.slug}", figures, now)
    session.info[WAKE] = True
    return campaign


def _end_open(session: Session, row: ProgramRow, now: datetime) -> Campaign | None:
    mine = select(Campaign).where(Campaign.program_id == row.id, Campaign.state.in_(OPEN))
    last = session.scalar(mine.with_for_update())
    if last is None:
        return None
    last.state, last.finished_at = DONE, now
    last.reason = campaigns.REPLACED
    campaigns.quiet_alarm(session, last, now)
    session.flush()  # before the next one opens: a program has one open campaign
    return last


def _look_before(session: Session, row: ProgramRow, version: int) -> str | None:
    """None where the look did not change."""
    before = campaigns.template(session, row.id, version)
    return before if before != campaigns.template(session, row.id, row.version) else None


def _go_on_from(session: Session, new: Campaign, last: Campaign) -> None:
    """A look that was on its way goes on from the step where it was: the cards outside of it keep on showing
    what they show, and a roll-back goes to before both.
    """
    if last.look_before is None or last.percent >= ALL:
        return
    if campaigns.template(session, new.program_id, new.to_version) == last.look_before:
        new.look_before = None
        return
    same_look, new.look_before = new.look_before is None, last.look_before
    new.from_version = last.from_version
    if same_look:
        new.steps = [step for step in last.steps if step >= last.percent]
        new.percent, new.watch_minutes = last.percent, last.watch_minutes
