"""Many tills at once (load cases L1 to L3, threats S7 and S8), through sessions of their own."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.shop import DEMO, Shop, make_shop
from wallet_service.actions.once import Booking
from wallet_service.db.tables import Card, LedgerEntry, RewardCount
from wallet_service.domain.errors import KeyReused, NotEnoughPoints, OutOfStock, Refusal, Unavailable

TILLS = 50
ROUNDS = 100 if os.environ.get("LONG") else 10


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    shop = make_shop(tmp_path, database_url)
    yield shop
    shop.services.sessions.close()


@pytest.fixture(scope="module")
def tills() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(TILLS) as pool:
        yield pool


def at_once(tills: ThreadPoolExecutor, presses: Sequence[Callable[[], Booking]]) -> list[Any]:
    """What each till heard: a booking or a refusal. All begin together; who finds the database busy asks
    again, as tills do.
    """
    start = Barrier(len(presses))

    def press(one: Callable[[], Booking]) -> Any:
        start.wait()
        try:
            return patiently(one)
        except Refusal as refusal:
            return refusal

    return list(tills.map(press, presses))


def patiently(one: Callable[[], Booking]) -> Booking:
    while True:
        try:
            return one()
        except Unavailable:
            continue


def heard(answers: Sequence[Any]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


def lines(shop: Shop, card: str, kind: str) -> int:
    with shop.services.sessions.read() as session:
        query = select(func.count()).select_from(LedgerEntry).join(Card).where(Card.serial == card)
        return session.scalar(query.where(LedgerEntry.kind == kind)) or 0


def test_fifty_tills_and_a_thousand_purchases_on_one_card_lose_none(
    shop: Shop, tills: ThreadPoolExecutor
) -> None:
    card = shop.join()

    def one_till() -> Booking:
        *_, last = [patiently(lambda: shop.earn(card)) for _ in range(20)]  # who begins anew books some twice
        return last

    assert heard(at_once(tills, [one_till] * TILLS)) == {"Booking": TILLS}
    assert shop.stand(card).account.card.balance == 1_002
    assert lines(shop, card, "earn") == 1_000


def test_S8_the_points_for_one_reward_are_given_for_once(shop: Shop, tills: ThreadPoolExecutor) -> None:
    card = shop.join()
    shop.publish(welcome=0)
    for _ in range(ROUNDS):
        shop.earn(card, visits=12 - shop.stand(card).balance)
        answers = at_once(tills, [lambda: shop.redeem(card)] * TILLS)
        assert heard(answers) == {"Booking": 1, "NotEnoughPoints": TILLS - 1}
        loser = next(answer for answer in answers if isinstance(answer, NotEnoughPoints))
        assert loser.facts == {"cost": 12, "balance": 0, "missing": 12}


def test_S8_the_last_piece_goes_to_one_of_fifty_cards(shop: Shop, tills: ThreadPoolExecutor) -> None:
    (reward,) = DEMO["rewards"]
    cards = [shop.join() for _ in range(TILLS)]
    shop.publish(welcome=0)
    for card in cards:
        shop.earn(card, visits=100)
    for given in range(1, ROUNDS + 1):
        shop.publish(welcome=0, rewards=[reward | {"stock": given, "cost": 1}])
        answers = at_once(tills, [lambda card=card: shop.redeem(card) for card in cards])  # type: ignore[misc]
        assert heard(answers) == {"Booking": 1, "OutOfStock": TILLS - 1}
        loser = next(answer for answer in answers if isinstance(answer, OutOfStock))
        assert loser.facts == {"reward": "coffee", "stock": given}
        with shop.services.sessions.read() as session:
            assert session.scalars(select(RewardCount.given)).one() == given


def test_S7_one_operation_sent_fifty_times_is_done_once_and_answered_alike(
    shop: Shop, tills: ThreadPoolExecutor
) -> None:
    card = shop.join()
    for round_ in range(ROUNDS):
        key = f"round-{round_}"
        answers = at_once(tills, [lambda key=key: shop.earn(card, key=key)] * TILLS)  # type: ignore[misc]
        assert Counter(answer.repeated for answer in answers) == {False: 1, True: TILLS - 1}
        assert len({answer.entries for answer in answers}) == 1
        assert lines(shop, card, "earn") == round_ + 1


def test_S7_the_same_key_for_something_else_is_refused_whoever_comes_first(
    shop: Shop, tills: ThreadPoolExecutor
) -> None:
    card = shop.join()
    for round_ in range(ROUNDS):
        key, before = f"round-{round_}", lines(shop, card, "earn")
        presses = [lambda at=at, key=key: shop.earn(card, key=key, visits=1 + at) for at in range(TILLS)]
        answers = at_once(tills, presses)
        assert heard(answers) == {"Booking": 1, "KeyReused": TILLS - 1}
        assert lines(shop, card, "earn") == before + 1
        with pytest.raises(KeyReused):
            shop.redeem(card, key=key)


def test_one_receipt_at_fifty_tills_earns_once(shop: Shop, tills: ThreadPoolExecutor) -> None:
    cards = [shop.join() for _ in range(5)]
    for round_ in range(ROUNDS):
        presses = [
            lambda card=cards[at % 5], receipt=f"r{round_}": shop.earn(card, total=20_000, receipt=receipt)
            for at in range(TILLS)
        ]
        answers = at_once(tills, presses)
        booked = [answer for answer in answers if isinstance(answer, Booking)]
        assert len({booking.serial for booking in booked}) == 1
        assert [booking.repeated for booking in booked].count(False) == 1
        assert set(heard(answers)) <= {"Booking", "ReceiptAlreadyBooked", "Conflict"}
    assert sum(lines(shop, card, "earn") for card in cards) == ROUNDS


def test_merging_crosswise_ends_with_one_card(shop: Shop, tills: ThreadPoolExecutor) -> None:
    for _ in range(ROUNDS):
        one, other = shop.join(), shop.join()
        shop.earn(one, visits=3)
        shop.earn(other, visits=4)
        answers = at_once(
            tills,
            [lambda: shop.merge(one, other), lambda: shop.merge(other, one)] * 5,  # noqa: B023
        )
        assert heard(answers) == {"Booking": 1, "CardNotActive": 9}
        assert sorted((shop.stand(one).balance, shop.stand(other).balance)) == [0, 11]
