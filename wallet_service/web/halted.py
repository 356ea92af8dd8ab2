"""What people read while nothing is booked: the restored database waits for somebody to confirm it."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from wallet_service.actions import installation
from wallet_service.web.page import services
from wallet_service.web.saying import Facts, Said

BEHIND_THE_COUNTER = ("/till", "/office")


def quarantined(_facts: Facts) -> Said:
    if request.path.startswith(BEHIND_THE_COUNTER):
        return Said(_("Booking stands still"), _to_staff())
    return Said(_("One moment, please"), _("Nothing can be changed at the moment. Come back in an hour."))


def standing_still() -> bool:
    """For the banner of the office."""
    with services().sessions.read() as session:
        return installation.stands_still(session)


def _to_staff() -> str:
    text = _(
        "The data of the shop was restored, and the manager has not opened it again yet. "
        "Serve on, keep the receipts with the card numbers, and tell the manager."
    )
    return str(text)
