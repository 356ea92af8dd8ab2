"""The office's page of what stood out in the last days, with the way to each card."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from wallet_service.actions.outliers import Review
from wallet_service.actions.review import review
from wallet_service.web.auth import needs
from wallet_service.web.office.flagged import flagged, names_of
from wallet_service.web.office.frame import page
from wallet_service.web.office.shop_floor import all_programs, zone_of
from wallet_service.web.page import services

office_look = Blueprint("office_look", __name__, template_folder="templates")


@office_look.get("/office/look")
@needs("admin")
def overview() -> ResponseReturnValue:
    with services().sessions.read() as session:
        found = review(session, services().clock())
        return page(
            "look.html",
            found=found,
            flagged=flagged(session, found.since),
            names=names_of(session, _people(found)),
            zone=zone_of(all_programs(session)),
        )


def _people(found: Review) -> set[str]:
    who = {one.who for part in (found.served, found.took_back, found.favours, found.late) for one in part}
    return who | {one.whose for one in found.favours}
