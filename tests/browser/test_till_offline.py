"""The till without a network: it opens, books, and each booking ends in one verdict when the network is back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.at_till import AtTill, lose_the_answer
from tests.browser.counter import Counter, open_counter, ready


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    with open_counter(tmp_path_factory.mktemp("counter")) as counter:
        yield counter


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en", viewport={"width": 1100, "height": 800}) as context:
        yield context


@pytest.fixture
def till(counter: Counter, desk: BrowserContext) -> AtTill:
    return AtTill(counter.sign_in(desk))


def opens_again(counter: Counter, desk: BrowserContext) -> AtTill:
    page = desk.new_page()
    page.goto(f"{counter.address}/till")
    ready(page)
    return AtTill(page)


def test_twenty_bookings_in_airplane_mode_end_in_twenty_verdicts_and_no_duplicate(
    counter: Counter, desk: BrowserContext, till: AtTill
) -> None:
    cards = [counter.card(f"Guest {number}") for number in range(20)]
    desk.set_offline(True)
    for card in cards[:8]:
        till.book_visit_offline(card)

    till.page.reload()
    till.sees("Next card, please")
    till.waits(8)
    for card in cards[8:14]:
        till.book_visit_offline(card)

    till.page.close()
    till = opens_again(counter, desk)
    till.waits(14)
    for card in cards[14:]:
        till.book_visit_offline(card)
    till.waits(20)

    desk.set_offline(False)
    till.is_online()
    till.waits(0)
    assert [told["verdict"] for told in till.verdicts()] == ["credited"] * 20
    assert [len(counter.booked(card)) for card in cards] == [1] * 20
