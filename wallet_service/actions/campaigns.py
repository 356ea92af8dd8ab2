"""Changes on their way to all cards of a program: which there are, and how many cards they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_service.actions import programs
from wallet_service.db.tables import Campaign, Card, ProgramRow, ProgramVersion
from wallet_service.db.tables.campaigns import OPEN, ROLLED_BACK, RUNNING
from wallet_service.domain import rollout
from wallet_service.domain.errors import NotFound, UnknownProgram
from wallet_service.push import bulk
from wallet_service.push.alarms import clear_alarm
from wallet_service.push.bulk import Cards

ALARM = "campaign"
REPLACED = "Another campaign took its place."
QUIET, WATCH = "quiet", "watch"


class NoCampaign(NotFound):
    slug, title = "no-campaign", "There is no such campaign"


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
        program_row(session, program)  # a name that is not there is told as that
        raise NoCampaign("No campaign was started for this program yet.")
    return found


def all_campaigns(session: Session, most: int) -> Sequence[Campaign]:
    """Newest first."""
    return session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(most)).all()


def is_open(session: Session, program: str) -> bool:
    mine = select(Campaign.id).join(ProgramRow, ProgramRow.id == Campaign.program_id)
    return session.scalar(mine.where(ProgramRow.slug == program, Campaign.state.in_(OPEN))) is not None


def left(campaign: Campaign) -> int:
    """Cards that are not marked yet, as far as it was known at its start: some come and go meanwhile."""
    return max(campaign.total - campaign.marked, 0)


def waits_for(session: Session, campaign: Campaign, now: datetime) -> str | None:
    """Why one that runs marks no card now: the QUIET hours, or the WATCH before its next step."""
    program, _ = programs.current(session, campaign.program.slug)
    if campaign.state != RUNNING:
        return None
    if rollout.is_quiet(campaign.quiet, now, program.time_zone):
        return QUIET
    return WATCH if campaign.after_id >= campaign.bound and campaign.percent < rollout.ALL else None


def meant(session: Session, program: str) -> int:
    """How many cards would hear of a change now."""
    return bulk.count(session, everybody(session, program_row(session, program)))


def can_roll_back(session: Session, campaign: Campaign) -> bool:
    """Only what is in force can be taken back, and only where there was something before. What took another
    back stays: who presses twice would be where they did not want to be.
    """
    changed = 0 < campaign.from_version != campaign.to_version
    in_force = campaign.to_version == campaign.program.version and campaign.state != ROLLED_BACK
    return changed and in_force and not _took_back(session, campaign)


def _took_back(session: Session, campaign: Campaign) -> bool:
    taken = select(Campaign.id).where(
        Campaign.program_id == campaign.program_id,
        Campaign.state == ROLLED_BACK,
        Campaign.to_version == campaign.from_version,
    )
    return session.scalar(taken.limit(1)) is not None


def took_over(session: Session, campaign: Campaign) -> bool:
    """Whether another one was still open when this one began."""
    other = select(Campaign.id).where(
        Campaign.program_id == campaign.program_id,
        Campaign.id < campaign.id,
        Campaign.finished_at == campaign.created_at,
        Campaign.reason == REPLACED,
    )
    return session.scalar(other.limit(1)) is not None


def everybody(session: Session, row: ProgramRow) -> Cards:
    return Cards(row.id, bound=newest_card(session, row.id))


def newest_card(session: Session, program_id: int) -> int:
    return session.scalar(select(func.max(Card.id)).where(Card.program_id == program_id)) or 0


def program_row(session: Session, slug: str, *, lock: bool = False) -> ProgramRow:
    query = select(ProgramRow).where(ProgramRow.slug == slug)
    row = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if row is None:
        raise UnknownProgram("There is no such program. Look at the address again.", program=slug[:64])
    return row


def body(session: Session, program_id: int, number: int) -> Mapping[str, Any]:
    of_program = select(ProgramVersion).where(ProgramVersion.program_id == program_id)
    return session.scalars(of_program.where(ProgramVersion.number == number)).one().body


def template(session: Session, program_id: int, number: int) -> str:
    return str(body(session, program_id, number)["template"])


def template_in_force(session: Session, program: str) -> str:
    row = program_row(session, program)
    return template(session, row.id, row.version)


def quiet_alarm(session: Session, campaign: Campaign, now: datetime) -> None:
    clear_alarm(session, ALARM, session.get_one(ProgramRow, campaign.program_id).slug, now)
