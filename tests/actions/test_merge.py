"""One person had two cards."""

from __future__ import annotations

import pytest

from tests.shop import Shop
from wallet_service.domain.errors import CardNotActive, Conflict, UnknownReceipt

RATE = {"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 100, "give": 1}}]}
GOLD = {"id": "gold", "name": {"en": "Gold", "ru": "Золото"}, "threshold": 50_000}
TERMS = {
    "visit_minimum": 0,
    "welcome": 2,
    "rules": [RATE],
    "expiry": {"kind": "rolling", "months": 1},
    "tiers": {"counts": "spend", "window": "calendar", "levels": [GOLD]},
}


@pytest.fixture
def shop(street: Shop) -> Shop:
    return street.next_door(**TERMS)


def test_every_point_goes_over_and_keeps_its_days(shop: Shop) -> None:
    old = shop.join()
    shop.earn(old, total=1_000)
    shop.clock.forward(days=20)
    new = shop.join()
    shop.earn(new, total=500)
    shop.merge(new, old)
    assert shop.stand(new).balance == 2 + 10 + 2 + 5
    shop.clock.forward(days=15)
    assert shop.stand(new).balance == 2 + 5


def test_both_barcodes_lead_to_the_card_that_is_kept(shop: Shop) -> None:
    kept, dropped = shop.join(), shop.join()
    numbers = [shop.stand(card).number for card in (kept, dropped)]
    shop.merge(kept, dropped)
    for number in numbers:
        assert shop.earn(number, total=1_000).serial == kept
    assert shop.face(dropped).voided
    with pytest.raises(CardNotActive):
        shop.earn(dropped, total=1_000)


def test_two_halves_of_a_tier_make_a_whole_one(shop: Shop) -> None:
    kept, dropped = shop.join(), shop.join()
    shop.earn(kept, total=25_000)
    shop.earn(dropped, total=25_000)
    shop.merge(kept, dropped)
    stand = shop.stand(kept)
    assert (stand.status, stand.level and stand.level.id) == (50_000, "gold")


def test_a_debt_goes_over_as_well(shop: Shop) -> None:
    kept, dropped = shop.join(), shop.join()
    shop.earn(kept, total=3_000)
    shop.earn(dropped, total=2_000, receipt="r1")
    shop.redeem(dropped)
    shop.refund(dropped, "r1")
    assert shop.stand(dropped).balance == -8  # 22, 12 for the coffee, 2 for the new round, 20 came back
    shop.merge(kept, dropped)
    assert (shop.stand(kept).balance, shop.stand(dropped).balance) == (24, 0)


def test_the_same_merge_again_by_the_numbers_on_the_cards_is_the_same_answer(shop: Shop) -> None:
    kept, dropped = (shop.stand(shop.join()).number for _ in range(2))
    key = shop.key()
    first = shop.merge(kept, dropped, key=key)
    again = shop.merge(kept, dropped, key=key)
    assert again.repeated
    assert again.entries == first.entries


def test_what_was_booked_on_the_dropped_card_is_corrected_by_hand(shop: Shop) -> None:
    kept, dropped = shop.join(), shop.join()
    sale = shop.earn(dropped, total=2_000, receipt="r1")
    merged = shop.merge(kept, dropped)
    with pytest.raises(Conflict):
        shop.undo(sale)
    with pytest.raises(Conflict):
        shop.undo(merged)
    with pytest.raises(UnknownReceipt):
        shop.refund(kept, "r1")
    shop.adjust(kept, -20, "receipt r1 came back")
    assert shop.stand(kept).balance == 4


def test_fractions_that_fit_nowhere_become_coarser_and_never_more(street: Shop) -> None:
    shop, cards = street.next_door(), []
    for per in (999_999_937, 999_999_929, 999_999_893, 999_999_883):
        rate = {"id": "rate", "trigger": "purchase", "then": [{"points": {"per": per, "give": 1}}]}
        shop.publish(visit_minimum=0, welcome=0, rules=[rate])
        cards.append(shop.join())
        shop.earn(cards[-1], total=100_000_001)
    first, *others = cards
    for card in others:
        shop.merge(first, card)
    over, under = shop.stand(first).account.carried
    assert under == 10**15
    assert 0.4 < over / under < 0.400001
