"""Everything that people open in a browser, hung into the application."""

from __future__ import annotations

from flask import Flask

from wallet_service.web import errors, halted, languages, limits, page, safety, standing
from wallet_service.web.figures import figures
from wallet_service.web.health import health
from wallet_service.web.join.views import join
from wallet_service.web.member.code_of_now import member_code
from wallet_service.web.member.views import member
from wallet_service.web.office.campaigns import office_campaigns
from wallet_service.web.office.card_changes import office_cards
from wallet_service.web.office.cheat_sheet import office_cheat_sheet
from wallet_service.web.office.keys import office_keys
from wallet_service.web.office.look import office_look
from wallet_service.web.office.people import office_people
from wallet_service.web.office.personal import office_personal
from wallet_service.web.office.second_factor import office_second_factor
from wallet_service.web.office.status import office_status
from wallet_service.web.office.tills import office_tills
from wallet_service.web.office.updates import office_updates
from wallet_service.web.office.views import office
from wallet_service.web.office.webhooks import office_webhooks
from wallet_service.web.pictures import pictures
from wallet_service.web.till.app import installable
from wallet_service.web.till.door import door
from wallet_service.web.till.page import till_page
from wallet_service.web.till.views import till
from wallet_service.web.welcome import welcome

ROOMS = (
    page.shared,
    welcome,
    health,
    figures,
    pictures,
    join,
    member,
    member_code,
    door,
    till_page,
    installable,
    till,
    office,
    office_cards,
    office_personal,
    office_campaigns,
    office_updates,
    office_look,
    office_status,
    office_tills,
    office_people,
    office_second_factor,
    office_keys,
    office_webhooks,
    office_cheat_sheet,
)


def open_doors(app: Flask) -> None:
    safety.guard(app)
    languages.speak(app)
    limits.count_requests(app, app.extensions["wallet"].settings.queue_url)
    errors.catch(app)
    page.furnish(app)
    standing.stand(app)
    app.jinja_env.globals.update(standing_still=halted.standing_still, to_open=halted.to_open)
    for room in ROOMS:
        app.register_blueprint(room)
