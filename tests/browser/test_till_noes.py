"""Every no of the till has a plain screen of its own."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.web.till.page import make_mine
from wallet_service.actions.block import block
from wallet_service.actions.once import Actor
from wallet_service.actions.rekey import rekey
from wallet_service.domain.identifiers import card_number

MANAGER = Actor("staff:2")


def closed(desk: Desk) -> str:
    card = desk.shop.join()
    number = desk.number(card)
    desk.shop.leave(card)
    return number


def blocked(desk: Desk) -> str:
    card = desk.shop.join()
    with desk.shop.services.sessions.begin() as session:
        block(session, card=card, reason="lost", actor=MANAGER, now=desk.site.clock())
    return desk.number(card)


def replaced(desk: Desk) -> str:
    number = desk.number(card := desk.shop.join())
    services = desk.shop.services
    with services.sessions.begin() as session:
        rekey(
            session,
            card=card,
            reason="photographed",
            wallets=services.wallets,
            entropy=services.entropy,
            actor=MANAGER,
            now=desk.site.clock(),
        )
    return number


def mine(desk: Desk) -> str:
    card = desk.shop.join()
    make_mine(desk.site, card)
    return desk.number(card)


def too_soon(desk: Desk) -> str:
    shop = desk.shop.next_door(guards={"refuse": ["repeat"]})
    card = shop.join()
    shop.earn(card)
    return desk.number(card)


def run_out(desk: Desk) -> str:
    return desk.number(desk.shop.next_door(rotating_code=True).join()) + "00000000"


SCREENS: list[tuple[str, Callable[[Desk], str]]] = [
    ("card-not-active", closed),
    ("card-blocked", blocked),
    ("card-replaced", replaced),
    ("own-card", mine),
    ("guard-refused", too_soon),
    ("code-ran-out", run_out),
    ("bad-card-number", Desk.slip),
    ("unknown-card", lambda _: card_number(b"another shop 123")),
    ("foreign-card", lambda _: "4006381333931"),
    ("foreign-card", lambda _: "https://example.com/member/7"),
    ("foreign-card", lambda _: "ABC-DEF-12345"),
]


@pytest.mark.parametrize(("slug", "card"), SCREENS)
def test_each_no_has_a_plain_screen_of_its_own(desk: Desk, slug: str, card: Callable[[Desk], str]) -> None:
    desk.scan(card(desk))
    desk.on(f"no-{slug}")
    expect(desk.part(".seal svg use")).to_have_attribute("href", re.compile("#i-"))
    expect(desk.part("h1")).to_be_focused()
    expect(desk.part("h1")).not_to_be_empty()
    expect(desk.part(".lead")).not_to_be_empty()
    desk.press("Escape")
    desk.on("screen-waiting")


def test_a_reward_that_went_elsewhere_meanwhile_is_told_with_its_figures(desk: Desk) -> None:
    card = desk.has_a_full_card()
    desk.shop.redeem(card)
    desk.press("F4")
    desk.on("no-not-enough-points")
    desk.sees("Still missing: 10")
