"""Every no about who may do what where, in the language of the page, with the way out."""

from __future__ import annotations

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


def not_allowed(_facts: Facts) -> Said:
    return Said(_("Not for you"), _("Only a manager may do this. Let a manager sign in."))
