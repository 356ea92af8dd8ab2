"""A new look reaches the phones whose step it is; the others keep the look of before until theirs comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

from sqlalchemy import select, update

from tests.apple.service_fixtures import Service, pass_json
from wallet_service.actions.campaign_loop import CampaignLoop
from wallet_service.actions.campaign_start import start
from wallet_service.db.tables import Card, Outbox
from wallet_service.domain.rollout import Plan

OLD, NEW = "rgb(33, 17, 10)", "rgb(34, 17, 10)"


def test_N18_a_phone_is_served_the_look_of_its_step(
    open_service: Callable[..., Service], templates: Path
) -> None:
    another = copytree(templates / "coffee.pass", templates / "another.pass") / "pass.json"
    another.write_text(another.read_text().replace(OLD, NEW))
    service = open_service(WALLET_TEMPLATES_DIR=str(templates))
    phone, cards = service.phone(), [service.shop.join() for _ in range(4)]
    early, late = cards[0], cards[-1]
    for card in (early, late):
        phone.add(card)
    step = share_of(service, late)
    service.clock.forward(seconds=5)
    publish(service, Plan(steps=(step, 100), watch_minutes=30))
    assert [colour(service, card) for card in (early, late)] == [NEW, OLD]
    stamp = phone.fetch(late).headers["Last-Modified"]
    assert phone.fetch(late, since=stamp).status_code == 304
    service.clock.forward(minutes=1)
    CampaignLoop(service.shop.services).run_until_idle()
    tell(service)
    service.clock.forward(minutes=31)
    CampaignLoop(service.shop.services).run_until_idle()
    assert phone.fetch(late, since=stamp).status_code == 200
    assert colour(service, late) == NEW


def share_of(service: Service, card: str) -> int:
    with service.shop.services.sessions.read() as session:
        return session.scalars(select(Card.id).where(Card.serial == card)).one() % 100


def publish(service: Service, plan: Plan) -> None:
    service.shop.publish(template="another")
    with service.shop.services.sessions.begin() as session:
        start(session, program="coffee", before=1, plan=plan, actor="service", now=service.clock())


def tell(service: Service) -> None:
    with service.shop.services.sessions.begin() as session:
        session.execute(update(Outbox).values(told=Outbox.wanted))


def colour(service: Service, card: str) -> str:
    return str(pass_json(service.phone().fetch(card))["backgroundColor"])
