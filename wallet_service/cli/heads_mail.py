"""Each night the newest seals go out by mail: kept elsewhere, they show later that nothing was taken away."""

from __future__ import annotations

import logging

from sqlalchemy import select

from wallet_service.actions import audit_chain
from wallet_service.actions.services import Services
from wallet_service.cli.alarm_jobs import language_of
from wallet_service.db.tables import LedgerDay
from wallet_service.push.alarm_post import NotTaken
from wallet_service.push.alarm_ways import mail
from wallet_service.web.languages import speaking
from wallet_service.web.office.heads_letter import heads_letter
from wallet_service.web.office.shop_floor import all_programs

log = logging.getLogger(__name__)


def mail_heads(services: Services) -> None:
    """Only where alarms go by mail, and never twice a night: what was not taken goes out the next night."""
    post = mail(services.settings)
    if post is None:
        return
    with services.sessions.read() as session:
        seal = audit_chain.head(session)
        day = session.scalar(select(LedgerDay).order_by(LedgerDay.day.desc()).limit(1))
        language = language_of(all_programs(session))
    if seal is None and day is None:
        return
    with speaking(language):
        letter = heads_letter(seal.hash if seal else "", day)
    try:
        post.post(letter)
    except NotTaken as error:
        log.error("the newest seals could not be mailed: %s", error)
