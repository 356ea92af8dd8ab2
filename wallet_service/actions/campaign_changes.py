"""A manager stops a campaign, lets it go on, takes back what it brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from wallet_service.actions import audit, campaigns
from wallet_service.actions.campaign_bystanders import bystanders
from wallet_service.actions.campaign_start import begin
from wallet_service.actions.publish import publish
from wallet_service.db.session import WAKE
from wallet_service.db.tables import Campaign
from wallet_service.db.tables.campaigns import HALTED, PAUSED, ROLLED_BACK, RUNNING
from wallet_service.domain.errors import Conflict
from wallet_service.domain.rollout import ALL, Plan, step_before
from wallet_service.push import bulk
from wallet_service.push.bulk import Cards


class NothingToStop(Conflict):
    slug, title = "nothing-to-stop", "This campaign does not run"


class NothingToResume(Conflict):
    slug, title = "nothing-to-resume", "This campaign does not stand still"


class NothingToRollBack(Conflict):
    slug, title = "nothing-to-roll-back", "There is nothing to go back to"


class LookGone(Conflict):
    slug, title = "look-gone", "The look cannot be used"


def pause(session: Session, *, program: str, actor: str, now: datetime) -> Campaign:
    """Marks that are raised go out; no more are raised until somebody resumes."""
    campaign = that_runs(session, program, lock=True)
    campaign.state, campaign.reason = PAUSED, None
    _audit(session, campaign, "campaign-paused", actor, now)
    return campaign


def resume(session: Session, *, program: str, actor: str, now: datetime) -> Campaign:
    """What phones complained about until now is forgiven."""
    campaign = that_stands(session, program, lock=True)
    campaign.state, campaign.reason = RUNNING, None
    campaign.step_at, campaign.complaints = now, 0
    campaigns.quiet_alarm(session, campaign, now)
    _audit(session, campaign, "campaign-resumed", actor, now)
    session.info[WAKE] = True
    return campaign


def that_runs(session: Session, program: str, *, lock: bool = False) -> Campaign:
    campaign = campaigns.newest(session, program, lock=lock)
    if campaign.state != RUNNING:
        raise NothingToStop("This campaign does not run, so it cannot be paused.")
    return campaign


def that_stands(session: Session, program: str, *, lock: bool = False) -> Campaign:
    campaign = campaigns.newest(session, program, lock=lock)
    if campaign.state not in (PAUSED, HALTED):
        raise NothingToResume("This campaign does not stand still, so it cannot be resumed.")
    return campaign


def rolled_back_cards(session: Session, program: str) -> int:
    """How many cards would hear of it if the newest campaign was rolled back now."""
    cards, others = _going_back(session, _to_roll_back(session, campaigns.newest(session, program)))
    return bulk.count(session, cards) + len(others)


def template_before(session: Session, program: str) -> str:
    """The look that a roll-back brings back."""
    campaign = _to_roll_back(session, campaigns.newest(session, program))
    return campaigns.template(session, campaign.program_id, campaign.from_version)


def roll_back(session: Session, *, program: str, actor: str, now: datetime) -> tuple[int, int]:
    """The version of before becomes a new version, and the cards that were marked hear of it at once, and
    those that show it all the same. Answers the new version and how many cards that are.
    """
    row = campaigns.program_row(session, program, lock=True)
    old = _to_roll_back(session, campaigns.newest(session, program, lock=True))
    cards, others = _going_back(session, old)
    old.state, old.finished_at = ROLLED_BACK, now
    campaigns.quiet_alarm(session, old, now)
    _audit(session, old, "campaign-rolled-back", actor, now)
    session.flush()  # before the next one opens: a program has one open campaign
    before = campaigns.body(session, row.id, old.from_version)
    version = publish(session, slug=program, body=before, now=now)
    back = begin(session, row, from_version=old.to_version, cards=cards, plan=Plan(), actor=actor, now=now)
    bulk.raise_again(session, others, now=now)
    return version, (back.total if back else 0) + len(others)


def _to_roll_back(session: Session, campaign: Campaign) -> Campaign:
    if not campaigns.can_roll_back(session, campaign):
        raise NothingToRollBack(
            "The program has changed since, was rolled back, or had no other version before."
        )
    return campaign


def _going_back(session: Session, campaign: Campaign) -> tuple[Cards, Sequence[int]]:
    """And the ids of others."""
    marked = _touched(session, campaign)
    others = bystanders(session, campaign, marked)
    return (marked, others) if others is not None else (campaigns.everybody(session, campaign.program), ())


def _touched(session: Session, campaign: Campaign) -> Cards:
    """The cards that were marked. Of a later step that is under way all cards: those may show the new look
    already, because their phones asked by themselves. Everybody, where it took the place of another: of what
    that brought some have not heard, and some no longer show it.
    """
    if campaigns.took_over(session, campaign):
        return campaigns.everybody(session, campaign.program)
    bound = campaign.bound
    if campaign.after_id < bound and not step_before(campaign.steps, campaign.percent):
        bound = campaign.after_id
    elif campaign.percent == ALL and campaign.after_id >= bound:
        bound = campaigns.newest_card(session, campaign.program_id)
    return Cards(campaign.program_id, bound=bound, high=campaign.percent)


def _audit(session: Session, campaign: Campaign, verb: str, actor: str, now: datetime) -> None:
    figures = {"to": campaign.to_version, "marked": campaign.marked, "cards": campaign.total}
    audit.write(session, actor, verb, f"program:{campaign.program.slug}", figures, now)
