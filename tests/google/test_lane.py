"""Never more than twenty calls a second, whoever makes them: one lane, evenly paced."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest
from sqlalchemy import update

from simulators.google_wallet.process import Simulator
from tests.google.google_shop import GoogleShop, make_wallet, make_worker
from tests.shop import Shop, make_shop
from wallet_service.db.tables import GoogleIssuer, Installation, Outbox
from wallet_service.domain.errors import Unavailable
from wallet_service.google.lane import GuestPace, Lane
from wallet_service.google.pace import CAMPAIGNS, GUESTS, LANE, Pace, Share
from wallet_service.google.wallet import AT_ONCE
from wallet_service.push.outbox import CAMPAIGN

ISSUER = "3388"


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Shop:
    return make_shop(tmp_path, database_url)


def lane(shop: Shop) -> Lane:
    return Lane(shop.services.sessions, ISSUER, shop.clock)


def test_G25_one_worker_holds_the_lane_and_another_takes_over_within_15_seconds(here: Shop) -> None:
    first, second = lane(here), lane(here)
    assert first.held()
    assert not second.held()
    for _ in range(5):
        here.clock.forward(seconds=6)
        assert first.held()
        assert not second.held()
    here.clock.forward(seconds=15)  # the first is gone without a word
    assert second.held()
    assert not first.held()
    here.services.sessions.close()


def test_G25_a_worker_that_leaves_frees_the_lane_at_once(here: Shop) -> None:
    first, second = lane(here), lane(here)
    assert first.held()
    first.leave()
    assert second.held()
    here.services.sessions.close()


def test_a_worker_leaves_without_a_word_where_the_installation_stands_still(here: Shop) -> None:
    held = lane(here)
    assert held.held()
    with here.services.sessions.begin() as session:
        session.merge(Installation(id=1, life="x", created_at=here.clock(), quarantined_at=here.clock()))
    held.leave()
    with here.services.sessions.read() as session:
        assert session.get_one(GoogleIssuer, ISSUER).lane_until is None
    here.services.sessions.close()


def test_G25_of_two_that_start_together_one_gets_the_lane(here: Shop) -> None:
    lanes = [lane(here) for _ in range(8)]
    with ThreadPoolExecutor(8) as crew:
        assert sum(crew.map(Lane.held, lanes)) == 1
    here.services.sessions.close()


def test_G25_a_worker_without_the_lane_sends_nothing_and_loses_nothing(google_shop: GoogleShop) -> None:
    card = google_shop.saved_card()
    google_shop.earn(card)
    first, second = make_wallet(google_shop), make_wallet(google_shop)
    assert first.lane.held()
    make_worker(google_shop, second).run_until_idle()
    assert google_shop.patches() == []
    google_shop.clock.forward(seconds=9)
    make_worker(google_shop, first).run_until_idle()
    assert google_shop.shows(card) == "3/12"
    first.close()
    second.close()


def test_G25_the_pace_is_even(google_shop: GoogleShop) -> None:
    pace = Pace(50.0)
    begun = time.monotonic()
    for _ in range(26):
        pace.wait()
    assert 0.45 < time.monotonic() - begun < 1.5


def test_G25_a_complaint_halves_the_pace_until_it_goes_well_again() -> None:
    pace = Pace(100.0)
    pace.slow_down(0.0)
    pace.slow_down(0.0)
    begun = time.monotonic()
    for _ in range(6):
        pace.wait()
    assert time.monotonic() - begun >= 0.19
    for _ in range(200):
        pace.went_well()
    assert pace._now == 100.0


def test_G25_lane_and_guests_together_stay_below_twenty() -> None:
    """Evenly spaced calls: a second that begins anywhere holds one more than the rate of each."""
    assert (LANE + 1) + (GUESTS + 1) < 20


def test_G25_guests_share_one_pace_in_the_database(here: Shop) -> None:
    guests = [GuestPace(here.services.sessions, ISSUER) for _ in range(3)]
    begun = time.monotonic()
    with ThreadPoolExecutor(3) as crew:
        list(crew.map(GuestPace.wait, guests))
    assert time.monotonic() - begun >= 2 / GUESTS - 0.05
    here.services.sessions.close()


def test_G25_a_crowd_of_guests_is_put_off_with_a_time(here: Shop) -> None:
    guest = GuestPace(here.services.sessions, ISSUER)
    guest.slow_down(60)
    with pytest.raises(Unavailable) as put_off:
        guest.wait()
    assert 50 < put_off.value.retry_after <= 61
    here.services.sessions.close()


def test_G25_the_simulator_never_saw_twenty_in_a_second(google_shop: GoogleShop, google: Simulator) -> None:
    cards = [google_shop.saved_card() for _ in range(3)]
    wallet = make_wallet(google_shop, Pace(LANE))
    worker = make_worker(google_shop, wallet)
    google.ask("DELETE", "/history")
    for _ in range(12):
        for card in cards:
            google_shop.earn(card)
        google_shop.clock.forward(seconds=3)
        worker.run_until_idle()
    rate = google.ask("GET", "/rate")
    assert rate["requests"] == 36
    assert rate["most_in_a_second"] < 20
    wallet.close()


def test_G25_a_campaign_leaves_a_quarter_of_the_lane_free() -> None:
    pace = Pace(20.0)
    share = Share(pace, 0.5)
    assert [share.slot() for _ in range(4)] == pytest.approx([0, 0.1, 0.2, 0.3], abs=0.05)
    assert pace._slot() == 0  # whoever stands at a till does not stand behind them
    pace.slow_down(0)
    assert share.slot() == pytest.approx(0.4, abs=0.05)
    assert share.slot() == pytest.approx(0.6, abs=0.05)
    assert CAMPAIGNS == 0.75


class Busy(Share):
    """Somebody buys while the third card of a campaign is about to be told."""

    def __init__(self, buys: Callable[[], object]) -> None:
        super().__init__(Pace(None))
        self._buys, self.asked = buys, 0
        self._counting = Lock()

    def slot(self) -> float:
        with self._counting:
            self.asked += 1
            if self.asked == 3:
                self._buys()
        return super().slot()


def test_G25_a_purchase_overtakes_a_campaign_in_the_midst_of_it(google_shop: GoogleShop) -> None:
    cards = [google_shop.saved_card() for _ in range(20)]
    buyer = google_shop.saved_card()
    worker = make_worker(google_shop, wallet := make_wallet(google_shop))
    worker.run_until_idle()
    wallet.close()
    google_shop.clock.forward(seconds=5)
    for card in cards:
        google_shop.earn(card)
    with google_shop.services.sessions.begin() as session:
        session.execute(update(Outbox).values(priority=CAMPAIGN))
    wallet = make_wallet(google_shop, campaigns=Busy(lambda: google_shop.earn(buyer)))
    make_worker(google_shop, wallet).run_until_idle()
    told = [call["body"]["id"] for call in google_shop.patches()]
    assert told.index(google_shop.object_id(buyer)) <= 2 + AT_ONCE
    assert sorted(told) == sorted(google_shop.object_id(card) for card in [*cards, buyer])
    assert {google_shop.shows(card) for card in [*cards, buyer]} == {"3/12"}
    assert google_shop.mark(cards[-1]).last_error is None
    wallet.close()


def test_G25_a_card_that_looks_the_same_at_google_waits_for_no_pace(google_shop: GoogleShop) -> None:
    card = google_shop.saved_card()
    worker = make_worker(
        google_shop, wallet := make_wallet(google_shop, campaigns=(share := Busy(lambda: None)))
    )
    worker.run_until_idle()
    with google_shop.services.sessions.begin() as session:
        session.execute(update(Outbox).values(told=0, due_at=google_shop.clock(), priority=CAMPAIGN))
    worker.run_until_idle()
    assert google_shop.mark(card).told == google_shop.mark(card).wanted
    assert share.asked == 0
    wallet.close()
