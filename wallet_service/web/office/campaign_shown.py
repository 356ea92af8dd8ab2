"""A campaign as the office shows it: a bar, a sentence about where it stands, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from wallet_service.actions import campaigns, programs
from wallet_service.db.tables import Campaign
from wallet_service.db.tables.campaigns import DONE, HALTED, PAUSED, ROLLED_BACK, RUNNING
from wallet_service.domain import rollout
from wallet_service.domain.program import Program
from wallet_service.web.saying import Facts, Said


@dataclass(frozen=True)
class CampaignShown:
    """`marked` of `total` is the bar, `share` the same in words."""

    id: int
    program: Program
    version: int
    created_at: datetime
    state: str
    words: str
    share: str
    marked: int
    total: int
    steps: str | None
    quiet: str | None
    can_pause: bool
    can_resume: bool
    can_roll_back: bool


def shown(session: Session, row: Campaign, rows: Sequence[Campaign], now: datetime) -> CampaignShown:
    """`rows` are all that are shown, newest first."""
    program, _version = programs.current(session, row.program.slug)
    newest = next(one for one in rows if one.program_id == row.program_id) is row
    total = row.marked if row.state in (DONE, ROLLED_BACK) else max(row.total, row.marked)
    return CampaignShown(
        id=row.id,
        program=program,
        version=row.to_version,
        created_at=row.created_at,
        state=row.state,
        words=_words(row, program, now),
        share=ngettext(
            "%(marked)s of %(num)s card", "%(marked)s of %(num)s cards", row.total, marked=row.marked
        ),
        marked=row.marked,
        total=total or 1,
        steps=_steps(row),
        quiet=_quiet(row),
        can_pause=newest and row.state == RUNNING,
        can_resume=newest and row.state in (PAUSED, HALTED),
        can_roll_back=newest and campaigns.can_roll_back(session, row),
    )


def _words(row: Campaign, program: Program, now: datetime) -> str:
    if row.state == RUNNING:
        return _running(row, program, now)
    if row.state == HALTED:
        words = ngettext(
            "Halted: the phone of %(num)s card complains. Look at what phones report.",
            "Halted: the phones of %(num)s cards complain. Look at what phones report.",
            row.complaints,
        )
    elif row.state == DONE and row.reason:
        words = _("Another one took its place")
    else:
        words = {PAUSED: _("Paused"), DONE: _("Through"), ROLLED_BACK: _("Rolled back")}[row.state]
    return str(words)


def _running(row: Campaign, program: Program, now: datetime) -> str:
    words = _("On its way")
    if rollout.is_quiet(row.quiet, now, program.time_zone):
        words = _("Waits until the quiet hours are over")
    elif row.after_id >= row.bound and row.percent < rollout.ALL:
        words = _("Watches the phones before the next step")
    return str(words)


def _steps(row: Campaign) -> str | None:
    if row.steps == [rollout.ALL] or row.state in (DONE, ROLLED_BACK):
        return None
    steps = ", ".join(f"{step} %" for step in row.steps)
    return str(_("Steps %(steps)s; now %(percent)s %%", steps=steps, percent=row.percent))


def _quiet(row: Campaign) -> str | None:
    if row.quiet is None or row.state in (DONE, ROLLED_BACK):
        return None
    begin, _dash, end = row.quiet.partition("-")
    return str(_("Nobody is woken from %(begin)s to %(end)s", begin=begin, end=end))


def _not_running(_facts: Facts) -> Said:
    return Said(_("It does not run"), _("It was paused, is through, or was rolled back meanwhile."))


def _not_standing(_facts: Facts) -> Said:
    return Said(
        _("It does not stand still"), _("It goes on already, is through, or was rolled back meanwhile.")
    )


def _nothing_before(_facts: Facts) -> Said:
    text = _("The program has changed since, or was rolled back already. Publish the version that you want.")
    return Said(_("There is nothing to go back to"), text)


def _look_gone(facts: Facts) -> Said:
    text = _("Its pass template %(template)s is not there any more. Put it back, then try again.", **facts)
    return Said(_("The look of before is gone"), text)


def _none(_facts: Facts) -> Said:
    return Said(_("Nothing here"), _("Nothing went out to the cards of this program yet."))


TELLERS: dict[str, Callable[[Facts], Said]] = {
    "nothing-to-stop": _not_running,
    "nothing-to-resume": _not_standing,
    "nothing-to-roll-back": _nothing_before,
    "look-gone": _look_gone,
    "no-campaign": _none,
}
