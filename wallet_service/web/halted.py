"""What people read while nothing is booked: the restored database waits for somebody to confirm it."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from wallet_service.actions import installation
from wallet_service.web.page import services
from wallet_service.web.saying import Facts, Said

TILL, OFFICE = "/till", "/office"


def quarantined(_facts: Facts) -> Said:
    if request.path.startswith(OFFICE):
        return Said(_("Booking stands still"), to_open())
    if request.path.startswith(TILL):
        return Said(_("Booking stands still"), _to_cashiers())
    return Said(_("Back soon"), _("Nothing can be changed at the moment. Come back in an hour."))


def standing_still() -> bool:
    """For the banner of the office."""
    with services().sessions.read() as session:
        return installation.stands_still(session)


def to_open() -> str:
    """To managers, who are the ones that cashiers tell."""
    text = _(
        "The database was restored or copied, so nothing is booked and nothing is pushed. On the server, "
        "`flask wallet quarantine status` says what is missing and how to bring it back, and "
        "`flask wallet quarantine open` opens it again."
    )
    return str(text)


def _to_cashiers() -> str:
    text = _(
        "The data of the shop was restored, and the manager has not opened it again yet. "
        "Serve on, keep the receipts with the card numbers, and tell the manager."
    )
    return str(text)
