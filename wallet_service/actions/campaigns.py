"""A manager lets all cards of a program hear of a change, stops that, lets it go on, takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import audit
from wallet_service.actions.publish import publish
from wallet_service.db.session import WAKE
from wallet_service.db.tables import Campaign, Card, ProgramRow, ProgramVersion
from wallet_service.db.tables.campaigns import DONE, HALTED, OPEN, PAUSED, ROLLED_BACK, RUNNING
from wallet_service.domain.errors import Conflict, NotFound, UnknownProgram
from wallet_service.domain.rollout import ALL, Plan, step_before
from wallet_service.push import bulk
from wallet_service.push.alarms import clear_alarm
from wallet_service.push.bulk import Cards

ALARM = "campaign"


class NoCampaign(NotFound):
    slug, title = "no-campaign", "There is no such campaign"


class NothingToStop(Conflict):
    slug, title = "nothing-to-stop", "This campaign does not run"


class NothingToResume(Conflict):
    slug, title = "nothing-to-resume", "This campaign does not stand still"


class NothingToRollBack(Conflict):
    slug, title = "nothing-to-roll-back", "There is nothing to go back to"


def meant(session: Session, program: str) -> int:
    """How many cards would hear of a change now."""
    row = _program(session, program)
    return bulk.count(session, Cards(row.id, bound=_newest_card(session, row.id)))


def start(
    session: Session, *, program: str, before: int | None = None, plan: Plan, actor: str, now: datetime
) -> Campaign | None:
    """Every card hears that the program changed, which stood at version `before`; without it nothing but
    pictures changed, or a template's folder. A campaign that is still open ends here: its cards are among
    these. None where there is no card.
    """
    row = _locked_program(session, program)
    bound = _newest_card(session, row.id)
    total = bulk.count(session, Cards(row.id, bound=bound))
    last = _end_open(session, row, now)
    if not total:
        return None
    from_version = row.version if before is None else before
    new = _campaign(row, from_version, plan.steps, plan, bound=bound, total=total, actor=actor, now=now)
    new.look_before = _look_before(session, row, from_version)
    if last is not None:
        _go_on_from(session, new, last)
    return _opened(session, new, row, now)


def pause(session: Session, *, program: str, actor: str, now: datetime) -> Campaign:
    """Marks that are raised go out; no more are raised until somebody resumes."""
    campaign = newest(session, program, lock=True)
    if campaign.state != RUNNING:
        raise NothingToStop("This campaign does not run, so it cannot be paused.")
    campaign.state, campaign.reason = PAUSED, None
    _audit(session, campaign, "campaign-paused", actor, now)
    return campaign


def resume(session: Session, *, program: str, actor: str, now: datetime) -> Campaign:
    """What phones complained about until now is forgiven."""
    campaign = newest(session, program, lock=True)
    if campaign.state not in (PAUSED, HALTED):
        raise NothingToResume("This campaign does not stand still, so it cannot be resumed.")
    campaign.state, campaign.reason = RUNNING, None
    campaign.step_at, campaign.complaints = now, 0
    _quiet_alarm(session, campaign, now)
    _audit(session, campaign, "campaign-resumed", actor, now)
    session.info[WAKE] = True
    return campaign


def rolled_back_cards(session: Session, program: str) -> int:
    """How many cards would hear of it if the newest campaign was rolled back now."""
    return bulk.count(session, _touched(session, _to_roll_back(newest(session, program))))


def roll_back(session: Session, *, program: str, actor: str, now: datetime) -> tuple[int, int]:
    """The version of before becomes a new version, and the cards that were marked hear of it at once.
    Answers the new version and how many cards that are.
    """
    row = _locked_program(session, program)
    old = _to_roll_back(newest(session, program, lock=True))
    cards = _touched(session, old)
    old.state, old.finished_at = ROLLED_BACK, now
    _quiet_alarm(session, old, now)
    _audit(session, old, "campaign-rolled-back", actor, now)
    session.flush()  # before the next one opens: a program has one open campaign
    version = publish(session, slug=program, body=_body(session, row, old.from_version), now=now)
    total = bulk.count(session, cards)
    if total:
        plan = Plan()
        new = _campaign(
            row, old.to_version, (cards.high,), plan, bound=cards.bound, total=total, actor=actor, now=now
        )
        _opened(session, new, row, now)
    return version, total


def newest(session: Session, program: str, *, lock: bool = False) -> Campaign:
    query = (
        select(Campaign)
        .join(ProgramRow, ProgramRow.id == Campaign.program_id)
        .where(ProgramRow.slug == program)
        .order_by(Campaign.id.desc())
        .limit(1)
    )
    if lock:
        query = query.with_for_update(of=Campaign).execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise NoCampaign("No campaign was started for this program yet.")
    return found


def all_campaigns(session: Session, most: int) -> Sequence[Campaign]:
    """Newest first."""
    return session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(most)).all()


def can_roll_back(campaign: Campaign) -> bool:
    """Only what is in force can be taken back, and only where there was something before."""
    changed = 0 < campaign.from_version != campaign.to_version
    return changed and campaign.to_version == campaign.program.version and campaign.state != ROLLED_BACK


def _program(session: Session, slug: str, *, lock: bool = False) -> ProgramRow:
    query = select(ProgramRow).where(ProgramRow.slug == slug)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise UnknownProgram("There is no such program. Look at the address again.", program=slug[:64])
    return row


def _locked_program(session: Session, slug: str) -> ProgramRow:
    return _program(session, slug, lock=True)


def _newest_card(session: Session, program_id: int) -> int:
    return session.scalar(select(func.max(Card.id)).where(Card.program_id == program_id)) or 0


def _end_open(session: Session, row: ProgramRow, now: datetime) -> Campaign | None:
    last = session.scalar(
        select(Campaign).where(Campaign.program_id == row.id, Campaign.state.in_(OPEN)).with_for_update()
    )
    if last is None:
        return None
    last.state, last.finished_at = DONE, now
    last.reason = "Another campaign took its place."
    _quiet_alarm(session, last, now)
    session.flush()  # before the next one opens: a program has one open campaign
    return last


def _campaign(
    row: ProgramRow,
    from_version: int,
    steps: Sequence[int],
    plan: Plan,
    *,
    bound: int,
    total: int,
    actor: str,
    now: datetime,
) -> Campaign:
    return Campaign(
        program_id=row.id,
        from_version=from_version,
        to_version=row.version,
        state=RUNNING,
        rate=plan.rate,
        quiet=plan.quiet,
        steps=[*steps],
        percent=steps[0],
        step_at=now,
        watch_minutes=plan.watch_minutes,
        after_id=0,
        bound=bound,
        total=total,
        marked=0,
        complaints=0,
        actor=actor,
        created_at=now,
    )


def _look_before(session: Session, row: ProgramRow, version: int) -> str | None:
    """None where the look did not change."""
    before = _template(session, row, version)
    return before if before != _template(session, row, row.version) else None


def _template(session: Session, row: ProgramRow, number: int) -> str:
    return str(_body(session, row, number)["template"])


def _body(session: Session, row: ProgramRow, number: int) -> Mapping[str, Any]:
    return session.scalars(
        select(ProgramVersion.body).where(
            ProgramVersion.program_id == row.id, ProgramVersion.number == number
        )
    ).one()


def _go_on_from(session: Session, new: Campaign, last: Campaign) -> None:
    """A look that was on its way goes on from the step where it was; the cards outside of it keep on showing
    what they show.
    """
    if last.look_before is None or last.percent >= ALL:
        return
    row = session.get_one(ProgramRow, new.program_id)
    if _template(session, row, new.to_version) == last.look_before:
        new.look_before = None
        return
    same_look, new.look_before = new.look_before is None, last.look_before
    if same_look:
        new.steps = [step for step in last.steps if step >= last.percent]
        new.percent, new.watch_minutes = last.percent, last.watch_minutes


def _opened(session: Session, campaign: Campaign, row: ProgramRow, now: datetime) -> Campaign:
    session.add(campaign)
    session.flush()
    audit.write(
        session,
        campaign.actor,
        "campaign-started",
        f"program:{row.slug}",
        {"from": campaign.from_version, "to": campaign.to_version, "cards": campaign.total},
        now,
    )
    session.info[WAKE] = True
    return campaign


def _to_roll_back(campaign: Campaign) -> Campaign:
    if not can_roll_back(campaign):
        raise NothingToRollBack(
            "The program has changed since, was rolled back, or had no other version before."
        )
    return campaign


def _touched(session: Session, campaign: Campaign) -> Cards:
    """The cards that were marked. Of a later step that is under way all cards: those may show the new look
    already, because their phones asked by themselves.
    """
    bound = campaign.bound
    if campaign.after_id < bound and not step_before(campaign.steps, campaign.percent):
        bound = campaign.after_id
    elif campaign.percent == ALL and campaign.after_id >= bound:
        bound = _newest_card(session, campaign.program_id)
    return Cards(campaign.program_id, bound=bound, high=campaign.percent)


def _quiet_alarm(session: Session, campaign: Campaign, now: datetime) -> None:
    clear_alarm(session, ALARM, session.get_one(ProgramRow, campaign.program_id).slug, now)


def _audit(session: Session, campaign: Campaign, verb: str, actor: str, now: datetime) -> None:
    figures = {"to": campaign.to_version, "marked": campaign.marked, "cards": campaign.total}
    audit.write(session, actor, verb, f"program:{campaign.program.slug}", figures, now)
