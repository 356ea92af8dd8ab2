"""The member opens the code of this minute on their own page, for a reward that wants a second proof."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.web.site import Site
from wallet_service.actions.live_code import scanned
from wallet_service.domain.errors import CodeRanOut

OPEN = "Show the code for my reward"


@pytest.fixture
def careful(site: Site) -> Site:
    site.shop.publish(step_up_above=5)
    return site


def shown_code(text: str) -> str:
    """What a till would read: the number, and the code below it."""
    (said,) = re.findall(r"1\d{3}(?: \d{4}){3} \d{3} \d{4} \d{4}\b", text)
    return str(said)


def test_its_page_shows_number_and_code_and_the_till_takes_them_for_the_card_itself(careful: Site) -> None:
    card = careful.shop.join()
    page = careful.visitor().get(careful.page_of(card))
    assert OPEN in page.text
    code = shown_code(page.get(f"{careful.page_of(card)}/code").text)
    secrets = careful.shop.services.settings.secret_keys
    with careful.shop.services.sessions.read() as session:
        seen = scanned(session, code, secret_keys=secrets, now=careful.clock.forward(seconds=30))
        assert (seen.card, seen.live) == (card, True)
        with pytest.raises(CodeRanOut):
            scanned(session, code, secret_keys=secrets, now=careful.clock.forward(seconds=60))


def test_it_is_another_one_half_a_minute_later(careful: Site) -> None:
    address = f"{careful.page_of(careful.shop.join())}/code"
    first = shown_code(careful.visitor().get(address).text)
    careful.clock.forward(seconds=30)
    assert shown_code(careful.visitor().get(address).text) != first


def test_without_scripts_the_page_loads_itself_again_in_time(careful: Site) -> None:
    careful.clock.forward(seconds=10)
    page = careful.visitor().get(f"{careful.page_of(careful.shop.join())}/code")
    assert page.answer is not None
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in page.answer.text
    assert page.answer.headers["Cache-Control"] == "no-store"


def test_a_program_that_asks_for_no_proof_offers_no_code(site: Site) -> None:
    card = site.shop.join()
    visitor = site.visitor().get(site.page_of(card))
    assert OPEN not in visitor.text
    assert visitor.get(f"{site.page_of(card)}/code").status == 404


def test_a_card_that_was_given_back_has_none_either(careful: Site) -> None:
    card = careful.shop.join()
    careful.shop.leave(card)
    assert careful.visitor().get(f"{careful.page_of(card)}/code").status == 404


def test_a_program_whose_codes_turn_offers_it_to_those_without_a_wallet(site: Site) -> None:
    site.shop.publish(rotating_code=True)
    assert OPEN in site.visitor().get(site.page_of(site.shop.join())).text


def test_an_open_page_fetches_the_next_code_by_itself(open_site: Callable[..., Site], page: Page) -> None:
    site = open_site()
    site.shop.publish(step_up_above=5)
    site.clock.forward(seconds=29)
    with site.served() as address:
        page.goto(f"{address}{site.page_of(site.shop.join())}/code")
        shown = page.locator("strong.number")
        first = shown.inner_text()
        site.clock.forward(seconds=1)
        page.wait_for_function(
            "first => document.querySelector('strong.number').innerText !== first", arg=first
        )
