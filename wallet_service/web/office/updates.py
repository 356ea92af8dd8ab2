"""Why does this card show no update, and what do phones complain about: pages for whoever is asked."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from wallet_service.actions import programs
from wallet_service.apple.service import complaint_groups
from wallet_service.apple.service import why as why_apple
from wallet_service.apple.service.desk import desk as apple_desk
from wallet_service.db import queries
from wallet_service.db.tables import ApplePass
from wallet_service.google import why as why_google
from wallet_service.web.auth import needs
from wallet_service.web.office.frame import page
from wallet_service.web.office.shop_floor import all_programs, zone_of
from wallet_service.web.office.way import way
from wallet_service.web.office.why_texts import complaint, moment, said, wrong_with
from wallet_service.web.page import services

office_updates = Blueprint("office_updates", __name__, template_folder="templates")


@office_updates.get("/office/cards/<serial>/updates")
@needs("admin")
def card(serial: str) -> ResponseReturnValue:
    now, google = services().clock(), services().settings.google
    with services().sessions.read() as session:
        row = queries.card(session, serial, retired=True)
        applied = session.get(ApplePass, row.id)
        return page(
            "updates.html",
            serial=row.serial,
            zone=programs.current(session, row.program.slug)[0].time_zone,
            chain=why_apple.chain(apple_desk(), session, row, now),
            google=why_google.chain(session, google.issuer_id, row, now) if google else [],
            phones=why_apple.phones(session, applied) if applied else [],
            way=way(session, row.id),
            sentence=said,
            wrong_with=wrong_with,
            moment=moment,
        )


@office_updates.get("/office/phones")
@needs("admin")
def phones() -> ResponseReturnValue:
    with services().sessions.read() as session:
        return page(
            "phones.html",
            zone=zone_of(all_programs(session)),
            groups=complaint_groups.groups(session, services().clock()),
            complaint=complaint,
            moment=moment,
        )
