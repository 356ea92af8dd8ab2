"""A campaign as the office shows it: a bar, a sentence about where it stands, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_decimal, format_percent
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from wallet_service.actions import campaigns, programs
from wallet_service.db.tables import Campaign
from wallet_service.db.tables.campaigns import DONE, HALTED, PAUSED, ROLLED_BACK, RUNNING
from wallet_service.domain import rollout
from wallet_service.domain.program import Program
from wallet_service.web.languages import language
from wallet_service.web.saying import Facts, Said

REPLACED = "replaced"


@dataclass(frozen=True)
class CampaignShown:
    """`marked` of `total` is the bar, `share` the same in words; `look` is what colours it."""

    id: int
    program: Program
    version: int
    created_at: datetime
    look: str
    words: str
    share: str
    marked: int
    total: int
    steps: str | None
    quiet: str | None
    complained: bool
    can_pause: bool
    can_resume: bool
    can_roll_back: bool


def shown(session: Session, row: Campaign, rows: Sequence[Campaign], now: datetime) -> CampaignShown:
    """`rows` are all that are shown, newest first."""
    program, _version = programs.current(session, row.program.slug)
    newest = next(one for one in rows if one.program_id == row.program_id) is row
    total = row.marked if _is_through(row) else max(row.total, row.marked)
    return CampaignShown(
        id=row.id,
        program=program,
        version=row.to_version,
        created_at=row.created_at,
        look=REPLACED if row.state == DONE and row.reason else row.state,
        words=_words(row, campaigns.waits_for(session, row, now)),
        share=_share(row),
        marked=row.marked,
        total=total or 1,
        steps=_steps(row),
        quiet=_quiet(row),
        complained=row.state == HALTED,
        can_pause=newest and row.state == RUNNING,
        can_resume=newest and row.state in (PAUSED, HALTED),
        can_roll_back=newest and campaigns.can_roll_back(session, row),
    )


def _is_through(row: Campaign) -> bool:
    """To the last card, however many those turned out to be."""
    return row.state == DONE and row.reason is None


def _share(row: Campaign) -> str:
    marked, total = (format_decimal(count, locale=language()) for count in (row.marked, row.total))
    words = ngettext(
        "%(marked)s of %(total)s card",
        "%(marked)s of %(total)s cards",
        row.total,
        marked=marked,
        total=total,
    )
    return str(words)


def _words(row: Campaign, waits_for: str | None) -> str:
    if row.state == RUNNING:
        return _running(waits_for)
    if row.state == HALTED:
        words = ngettext(
            "Halted: the phone of %(num)s member complains.",
            "Halted: the phones of %(num)s members complain.",
            row.complaints,
        )
    elif row.state == DONE and row.reason:
        words = _("Replaced by a later one")
    else:
        words = {PAUSED: _("Paused"), DONE: _("Completed"), ROLLED_BACK: _("Rolled back")}[row.state]
    return str(words)


def _running(waits_for: str | None) -> str:
    if waits_for == campaigns.QUIET:
        words = _("Waits until the quiet hours are over")
    elif waits_for == campaigns.WATCH:
        words = _("Watches the phones before the next step")
    else:
        words = _("On its way")
    return str(words)


def _steps(row: Campaign) -> str | None:
    if row.steps == [rollout.ALL] or row.state in (DONE, ROLLED_BACK):
        return None
    steps = ", ".join(_percent(step) for step in row.steps)
    return str(_("Steps: %(steps)s. Now %(percent)s", steps=steps, percent=_percent(row.percent)))


def _percent(step: int) -> str:
    return str(format_percent(step / 100, locale=language()))


def _quiet(row: Campaign) -> str | None:
    if row.quiet is None or row.state in (DONE, ROLLED_BACK):
        return None
    begin, _dash, end = row.quiet.partition("-")
    return str(_("No phone is woken from %(begin)s to %(end)s", begin=begin, end=end))


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
    text = _(
        "Its pass template %(template)s is gone or faulty, so no phone could be given a card. "
        "`flask wallet template check` says what is wrong with it. Mend it, then try again.",
        **facts,
    )
    return Said(_("The look cannot be used"), text)


def _none(_facts: Facts) -> Said:
    return Said(_("Nothing here"), _("Nothing went out to the cards of this program yet."))


TELLERS: dict[str, Callable[[Facts], Said]] = {
    "nothing-to-stop": _not_running,
    "nothing-to-resume": _not_standing,
    "nothing-to-roll-back": _nothing_before,
    "look-gone": _look_gone,
    "no-campaign": _none,
}
