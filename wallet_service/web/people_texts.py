"""Every no about who may do what where, in the language of the page, with the way out."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from wallet_service.web.saying import Facts, Said


def signed_out(_facts: Facts) -> Said:
    return Said(_("Nobody is signed in"), _("Sign in with your PIN. What waits here is kept."))


def till_unknown(facts: Facts) -> Said:
    if facts.get("blocked"):
        return Said(_("This till is blocked"), _("Nothing was booked. Ask the manager to unblock it."))
    if facts.get("code"):
        return Said(
            _("This code does not fit"), _("It is wrong, or has run out. Ask the office for a new one.")
        )
    return Said(_("This browser is no till"), _("Ask the manager for a code from the office, under Tills."))


def not_allowed(facts: Facts) -> Said:
    if facts.get("themselves"):
        return Said(_("Not to yourself"), _("Let another manager change this for you."))
    return Said(_("Not for you"), _("Only a manager may do this. Let a manager sign in."))


def bad_name(_facts: Facts) -> Said:
    return Said(_("A name is missing"), _("Type a name that others know."))


def name_taken(facts: Facts) -> Said:
    return Said(
        _("The name is taken"), _("There is “%(name)s” already. Choose another name.", name=facts.get("name"))
    )


def bad_pin(_facts: Facts) -> Said:
    return Said(_("This is no PIN"), _("A PIN has 4 to 6 digits."))


def pin_taken(_facts: Facts) -> Said:
    return Said(_("Choose another PIN"), _("This one cannot be used."))


def wrong_code(_facts: Facts) -> Said:
    text = _("The PIN or the six digits of the app are not right. Wait for new digits and type them.")
    return Said(_("This did not fit"), text)


def bad_store_name(_facts: Facts) -> Said:
    text = _("It has small letters, digits and dashes, such as north-2.")
    return Said(_("This is no short name"), text)


def bad_drive(facts: Facts) -> Said:
    title = _("This is no fiscal storage")
    if line := facts.get("line"):
        return Said(title, _("“%(line)s”: its number has 16 digits, one a line.", line=line))
    return Said(title, _("These are too many for one store."))


def drive_taken(facts: Facts) -> Said:
    text = _(
        "%(number)s is in the list of another store. Take it out there first.", number=facts.get("number")
    )
    return Said(_("It belongs to another store"), text)


def last_manager(facts: Facts) -> Said:
    text = _("%(name)s is the only manager. Make somebody else one first.", name=facts.get("name"))
    return Said(_("Somebody has to open the office"), text)


def look_again(_facts: Facts) -> Said:
    return Said(_("Something changed meanwhile"), _("Nothing was done. Look at the figures and press again."))


def till_is_blocked(_facts: Facts) -> Said:
    return Said(_("This till is blocked"), _("Unblock it first, then pair it."))


TELLERS: dict[str, Callable[[Facts], Said]] = {
    "signed-out": signed_out,
    "till-unknown": till_unknown,
    "not-allowed": not_allowed,
    "bad-name": bad_name,
    "name-taken": name_taken,
    "bad-pin": bad_pin,
    "pin-taken": pin_taken,
    "wrong-code": wrong_code,
    "bad-store-name": bad_store_name,
    "bad-drive": bad_drive,
    "drive-taken": drive_taken,
    "last-manager": last_manager,
    "look-again": look_again,
    "till-is-blocked": till_is_blocked,
}
