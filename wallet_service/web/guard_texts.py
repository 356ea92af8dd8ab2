"""What a guard asks or refuses, in the language of the page: what it saw, and how to go on."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask_babel import gettext as _

from wallet_service.actions import guards
from wallet_service.domain import offline
from wallet_service.web.languages import language
from wallet_service.web.saying import Facts, Said, counted, money


def ask_first(facts: Facts) -> Said:
    title = _("Again?") if guards.REPEAT in _flags(facts) else _("Really?")
    return Said(title, " ".join((*_seen(facts), _("Nothing is booked yet."))))


def guard_refused(facts: Facts) -> Said:
    told = _seen(facts) or [_("The program of the shop does not allow it.")]
    if again := _moment(facts, "again_at"):
        told.append(_("It works again from %(moment)s on.", moment=again))
    return Said(_("Not allowed here"), " ".join(told))


def seen(flag: str) -> str:
    """For a list, without a full stop."""
    words = {
        guards.REPEAT: _("the same card again within minutes"),
        guards.OFTEN: _("more often in a day than usual"),
        guards.REDEEMS_OFTEN: _("more rewards in a day than usual"),
        guards.OLD_RECEIPT: _("an old receipt"),
        guards.AFTER_HOURS: _("outside of the opening hours"),
        offline.FLAG: _("booked without a network"),
    }
    return str(words.get(flag, flag))


def own_card(_facts: Facts) -> Said:
    return Said(_("This is your own card"), _("Nobody serves their own card. Ask a colleague."))


def step_up(facts: Facts) -> Said:
    text = _(
        "For more than %(limit)s a day, scan the code of this minute: from Google Wallet, or from the "
        "member's page under “Show the code for my reward”. Or let a manager type their PIN.",
        limit=counted(facts, "limit"),
    )
    return Said(_("A second proof is needed"), text)


def blocked(_facts: Facts) -> Said:
    return Said(_("This card is blocked"), _("A manager can open it again in the office."))


def replaced(_facts: Facts) -> Said:
    text = _("It has a new one. Ask for the card to be opened again in the wallet, and scan that.")
    return Said(_("This code was replaced"), text)


def _seen(facts: Facts) -> list[str]:
    return [told for flag in _flags(facts) if (told := _sentence(flag, facts))]


def _sentence(flag: str, facts: Facts) -> str:
    if flag == guards.REPEAT:
        return _last(facts)
    sentences = {
        guards.OFTEN: _("This card was booked more often today than usual."),
        guards.REDEEMS_OFTEN: _("This card had more rewards today than usual."),
        guards.OLD_RECEIPT: _("This receipt is not from just now."),
        guards.AFTER_HOURS: _("The shop is closed at this hour."),
    }
    return str(sentences.get(flag, ""))


def _last(facts: Facts) -> str:
    at = _moment(facts, "last_at")
    if at and isinstance(facts.get("last_total"), int):
        return str(_("Last: %(moment)s, %(total)s.", moment=at, total=money(facts, "last_total")))
    if at:
        return str(_("Last: %(moment)s.", moment=at))
    return str(_("The same card was here a moment ago."))


def _moment(facts: Facts, name: str) -> str | None:
    """By the shop's clock: "14:02", with the day where it lies ahead."""
    said, zone = facts.get(name), facts.get("time_zone")
    if not isinstance(said, str) or not isinstance(zone, str):
        return None
    local = datetime.fromisoformat(said).astimezone(ZoneInfo(zone))
    clock = str(format_time(local, "HH:mm", locale=language()))
    if name == "last_at":
        return clock
    return f"{format_date(local, 'd MMMM', locale=language())}, {clock}"


def _flags(facts: Facts) -> list[str]:
    return str(facts.get("flags") or "").split()
