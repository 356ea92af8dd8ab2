"""The till without a network: it opens and books, and each booking ends in one verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Request, Route, expect

from tests.browser.at_till import AtTill, lose_the_answer
from tests.browser.counter import Counter, ready
from tests.web.site import ADMIN
from tests.web.till.page import fiscal
from wallet_service.domain import identifiers

KEPT_KEY = """async ({ answer, read }) => {
  const kept = await read(["facts"], (facts) => answer(facts.getAll()));
  const { pair, number } = kept.find((one) => one.pair);
  const { extractable, usages, algorithm } = pair.privateKey;
  return { extractable, usages, curve: algorithm.namedCurve, registered: number > 0 };
}"""


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en", viewport={"width": 1100, "height": 800}) as context:
        yield context


@pytest.fixture
def till(counter: Counter, window: BrowserContext) -> AtTill:
    return AtTill(counter.sign_in(window))


def opens_again(counter: Counter, window: BrowserContext) -> AtTill:
    page = window.new_page()
    page.goto(f"{counter.address}/till")
    ready(page)
    return AtTill(page)


def test_twenty_bookings_in_airplane_mode_end_in_twenty_verdicts_and_no_duplicate(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    cards = [counter.card(f"Guest {number}") for number in range(20)]
    window.set_offline(True)
    for card in cards[:8]:
        till.book_visit_offline(card)

    till.page.reload()
    till.sees("Next card, please")
    till.waits(8)
    for card in cards[8:14]:
        till.book_visit_offline(card)

    till.page.close()
    till = opens_again(counter, window)
    till.waits(14)
    for card in cards[14:]:
        till.book_visit_offline(card)
    till.waits(20)

    window.set_offline(False)
    till.is_online()
    till.waits(0)
    assert [told["verdict"] for told in till.verdicts(20)] == ["credited"] * 20
    assert [len(counter.booked(card)) for card in cards] == [1] * 20


def test_a_booking_whose_answer_was_lost_counts_once_and_ends_as_a_duplicate(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    card = counter.card()
    window.route("**/till/scans", lose_the_answer, times=1)
    till.book_visit_offline(card)
    assert till.verdict() == "duplicate"
    assert len(counter.booked(card)) == 1


def test_an_amount_that_is_typed_after_a_lost_scan_neither_doubles_the_visit_nor_gets_lost(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    """With the key of the scan: what it had booked stays alone, and what it had not is booked now."""
    arrived, lost = counter.card("Bob"), counter.card("Alice")
    window.route("**/till/scans", lose_the_answer, times=1)
    book_amount_offline(till, arrived)
    assert till.verdict() == "duplicate"
    window.set_offline(True)
    book_amount_offline(till, lost)
    window.set_offline(False)
    newest, before = till.verdicts(2)
    assert (newest["verdict"], before["verdict"]) == ("credited", "duplicate")
    assert before["said"]["text"] == "The scan had booked a visit already; the amount was not added."
    assert [len(counter.booked(card)) for card in (arrived, lost)] == [1, 1]


def test_what_cannot_be_done_without_a_network_says_that_it_has_to_wait(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    window.set_offline(True)
    till.scan(counter.card())
    till.sees("Offline")
    till.scan(fiscal("350.50", 76, n=2))
    expect(till.page.locator("#notice")).to_have_text("Returns have to wait for the network.")
    till.sees("Rewards, payments with points and refunds have to wait.")
    till.page.keyboard.press("Escape")
    till.page.locator("[data-do=search]").click()
    till.page.fill("#digits", "4567")
    till.page.keyboard.press("Enter")
    till.sees("The search has to wait for the network.")


def book_amount_offline(till: AtTill, number: str) -> None:
    till.scan(number)
    till.sees("Offline")
    till.page.keyboard.press("F2")
    till.page.keyboard.type("300")
    till.page.keyboard.press("Enter")
    till.sees("Kept on this till")
    till.page.keyboard.press("Escape")
    till.sees("Next card, please")


def test_verdicts_that_were_lost_on_their_way_come_again_as_duplicates(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    cards = [counter.card() for _ in range(3)]
    window.set_offline(True)
    for card in cards:
        till.book_visit_offline(card)
    window.route("**/till/operations", lose_the_answer, times=1)
    window.set_offline(False)
    till.is_online()
    till.waits(3)
    till.sends_now()
    assert [told["verdict"] for told in till.verdicts(3)] == ["duplicate"] * 3
    assert [len(counter.booked(card)) for card in cards] == [1] * 3


def test_a_tab_that_is_closed_before_it_hears_the_verdict_loses_nothing(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    card = counter.card()
    window.set_offline(True)
    till.book_visit_offline(card)

    def close_the_tab(route: Route) -> None:
        route.fetch()
        till.page.close()

    window.route("**/till/operations", close_the_tab, times=1)
    with till.page.expect_event("close"):
        window.set_offline(False)
    assert len(counter.booked(card)) == 1
    till = opens_again(counter, window)
    assert till.verdict() == "duplicate"
    assert len(counter.booked(card)) == 1


def test_two_tabs_send_each_booking_once(counter: Counter, window: BrowserContext, till: AtTill) -> None:
    other = opens_again(counter, window)
    cards = [counter.card() for _ in range(6)]
    sent: list[str] = []
    window.on("request", lambda request: sent.extend(_operations_in(request)))
    window.set_offline(True)
    for card in cards:
        till.book_visit_offline(card)
    other.waits(6)
    window.set_offline(False)
    for tab in (till, other):
        tab.is_online()
        tab.waits(0)
    assert sorted(sent) == sorted(cards)
    assert [told["verdict"] for told in other.verdicts(6)] == ["credited"] * 6


def test_what_waits_is_sent_by_whoever_signs_in_next(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    """The session ended while there was no network; the booking stays with whoever made it."""
    card = counter.card()
    window.set_offline(True)
    till.book_visit_offline(card)
    window.clear_cookies(name="session")
    window.set_offline(False)
    expect(till.page).to_have_url(re.compile("/till/sign-in"), timeout=15_000)
    till = AtTill(counter.sign_in_here(till.page, ADMIN))
    (told,) = till.verdicts(1)
    assert (told["verdict"], told["said"]["title"]) == ("credited", "Credited")
    (entry,) = counter.booked(card)
    assert entry.actor == f"staff:{counter.person('Mira').id}"


def test_nobody_signs_out_while_something_waits(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    window.set_offline(True)
    till.book_visit_offline(counter.card())
    till.chooses("leave")
    till.sees("These are not sent yet")
    window.set_offline(False)
    till.is_online()
    till.waits(0)
    till.chooses("leave")
    expect(till.page).to_have_url(re.compile("/till/sign-in"))


def test_signing_out_sends_what_waits_first(counter: Counter, window: BrowserContext, till: AtTill) -> None:
    """Even if nobody has noticed yet that the network is back."""
    card = counter.card()
    window.route(re.compile("/till/(scans|operations|ping)$"), lambda route: route.abort())
    till.book_visit_offline(card)
    till.waits(1)
    window.unroute_all()
    till.chooses("leave")
    expect(till.page).to_have_url(re.compile("/till/sign-in"))
    assert len(counter.booked(card)) == 1


def test_a_card_earns_three_times_a_day_without_a_network(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    card = counter.card()
    window.set_offline(True)
    for _ in range(3):
        till.put(card)
    assert till.may_queue(card) == "card"
    assert till.may_queue(counter.card()) is None
    assert till.may_queue(f"{card}12345678") == "card", "its live code makes it no other card"
    till.scan(card)
    till.sees("Enough for this card today")


def test_a_till_keeps_two_hundred_and_no_more(counter: Counter, window: BrowserContext, till: AtTill) -> None:
    window.set_offline(True)
    till.put(*(f"{number:019}" for number in range(200)))
    assert till.may_queue(counter.card()) == "full"
    with pytest.raises(Error, match="full"):
        till.put(counter.card())
    till.waits(200)


def test_what_the_server_refuses_says_why(counter: Counter, window: BrowserContext, till: AtTill) -> None:
    unknown = identifiers.card_number(b"nobody's card at all")
    window.set_offline(True)
    till.put(unknown)
    window.set_offline(False)
    assert till.verdict() == "refused"
    (told,) = till.verdicts(1)
    assert told["card_tail"] == unknown[-4:]
    till.chooses("queue")
    till.sees("Refused")
    till.sees(told["said"]["text"])
    expect(till.page.locator("main [data-do=replay]")).to_be_hidden()  # nothing waits any more


def test_one_that_the_server_stumbles_over_does_not_hold_up_the_others(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    poison, *others = cards = [counter.card() for _ in range(4)]
    window.set_offline(True)
    till.put(*cards)

    def stumble(route: Route) -> None:
        if poison in _operations_in(route.request):
            route.fulfill(status=500, body="")
        else:
            route.continue_()

    window.route("**/till/operations", stumble)
    window.set_offline(False)
    till.is_online()
    till.waits(1)
    assert [len(counter.booked(card)) for card in others] == [1] * 3
    till.is_online()
    window.unroute_all()
    till.sends_now()
    assert len(counter.booked(poison)) == 1


def test_a_slow_network_is_left_by_itself_and_taken_again_when_it_is_quick(
    counter: Counter, window: BrowserContext, till: AtTill
) -> None:
    held: list[Route] = []
    window.route(re.compile("/till/(scans|ping)$"), lambda route: held.append(route))
    first, second, third = (counter.card() for _ in range(3))
    till.has_limit(0.4)
    till.scan(first)
    till.sees("Offline")
    till.is_online()  # one may be an accident
    till.page.keyboard.press("Escape")
    till.scan(second)
    till.is_offline()
    asked = len(held)
    till.page.keyboard.press("Escape")
    till.book_visit_offline(third)
    assert "scans" not in "".join(route.request.url for route in held[asked:]), "nobody waits for it any more"
    till.has_limit(3)
    window.unroute_all()
    till.is_online()
    assert till.verdict() == "credited"
    assert [len(counter.booked(card)) for card in (first, second, third)] == [0, 0, 1]


def test_the_page_of_a_hotel_is_no_answer(counter: Counter, window: BrowserContext, till: AtTill) -> None:
    card = counter.card()
    hotel = "<title>Welcome to our network</title>"
    window.route("**/till/scans", lambda route: route.fulfill(body=hotel, content_type="text/html"), times=1)
    till.book_visit_offline(card)
    assert till.verdict() == "credited"
    assert len(counter.booked(card)) == 1


def test_a_form_that_grew_old_is_sent_again_with_the_token_of_now(counter: Counter, till: AtTill) -> None:
    card = counter.card()
    till.ask("state.js", "({ state }) => { state().csrf = 'old'; }")
    till.scan(card)
    till.sees("3 of 12")
    assert len(counter.booked(card)) == 1


def test_the_key_of_the_till_cannot_be_taken_out_of_it(till: AtTill) -> None:
    kept = till.ask("store.js", KEPT_KEY)
    assert kept == {"extractable": False, "usages": ["sign"], "curve": "P-256", "registered": True}


def _operations_in(request: Request) -> list[str]:
    """The cards that it books on."""
    if not request.url.endswith("/till/operations"):
        return []
    sent = json.loads(request.post_data or "{}")
    return [json.loads(one["said"])["code"] for one in sent["operations"]]
