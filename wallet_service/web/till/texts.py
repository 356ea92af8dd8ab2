"""Sentences with figures that the till's page is told beside those of a no."""

from __future__ import annotations

from flask_babel import gettext as _

from wallet_service.web.saying import Said


def pay_up_to(points: str) -> str:
    return str(_("Can pay up to %(points)s", points=points))


def to_be_spent_later(points: str) -> str:
    return str(_("Earned, and to be spent later: %(points)s.", points=points))


def credited() -> Said:
    return Said(_("Credited"), _("It was booked now, with the time of the purchase."))


def booked_before() -> Said:
    return Said(_("Booked before"), _("It had arrived already, and counts once."))


def visit_of_scan() -> Said:
    return Said(_("Booked before"), _("The scan had booked a visit already; the amount was not added."))


def kept_for_later() -> Said:
    return Said(_("Not yet"), _("It could not be looked at, and is sent again by itself."))
