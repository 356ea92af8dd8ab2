"""The verbs: join, earn, redeem, take back, leave; each once, each whole."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tests.shop import DEMO, Shop, make_shop
from wallet_service.db.tables import Card, LedgerEntry, Outbox
from wallet_service.domain.errors import (
    AlreadyReversed,
    BadAmount,
    BadCardNumber,
    CardNotActive,
    Conflict,
    Invalid,
    KeyReused,
    NotEnoughPoints,
    NotFound,
    ReceiptAlreadyBooked,
    TooLateToUndo,
    UnknownCard,
    UnknownProgram,
    UnknownReward,
    WalletError,
)
from wallet_service.domain.identifiers import card_number, grouped
from wallet_service.domain.progress import Kind


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    shop = make_shop(tmp_path, database_url)
    yield shop
    shop.services.sessions.close()


def entries(shop: Shop, card: str) -> list[tuple[str, int, int]]:
    with shop.services.sessions.read() as session:
        rows = session.scalars(
            select(LedgerEntry).join(Card).where(Card.serial == card).order_by(LedgerEntry.seq)
        )
        return [(row.kind, row.points, row.balance_after) for row in rows]


def test_a_new_card_has_its_welcome_gift_drawn_as_progress(shop: Shop) -> None:
    face = shop.face(shop.join())
    assert (face.progress.value, face.progress.goal, face.progress.endowed) == (2, 12, 2)
    assert face.news["en"] == "Your card is ready. 2 of 12 are already yours, a welcome gift."
    assert face.news["ru"] == "Карта готова. 2 из 12 уже ваши — подарок за знакомство."


def test_ten_visits_make_a_free_coffee_in_every_round(shop: Shop) -> None:
    card = shop.join()
    for _round in range(2):
        for _ in range(9):
            shop.earn(card)
        with pytest.raises(NotEnoughPoints):
            shop.redeem(card)
        shop.earn(card)
        assert shop.face(card).progress.ready
        shop.redeem(card)
        assert shop.face(card).news["en"] == "New round: 2 of 12 already counted."


def test_a_purchase_is_a_visit_from_two_hundred_up(shop: Shop) -> None:
    card = shop.join()
    assert shop.earn(card, total=20000).entry.points == 1
    small = shop.earn(card, total=15000).entry
    assert small.points == 0
    assert dict(small.steps[0].facts) == {"id": "visit", "short": 5000, "minimum": 20000}


def test_the_same_press_is_booked_once(shop: Shop) -> None:
    card = shop.join()
    first = shop.earn(card, key="press", visits=1)
    again = shop.earn(card, key="press", visits=1)
    assert (first.repeated, again.repeated) == (False, True)
    assert again.entries == first.entries
    assert shop.face(card).progress.value == 3


def test_the_same_key_for_something_else_is_refused(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, key="press", visits=1)
    with pytest.raises(KeyReused):
        shop.earn(card, key="press", visits=2)
    assert shop.face(card).progress.value == 3


def test_a_receipt_earns_once_whatever_the_key(shop: Shop) -> None:
    card, other = shop.join(), shop.join()
    first = shop.earn(card, total=30000, receipt="R-1")
    assert shop.earn(card, total=30000, receipt="R-1").entries == first.entries
    with pytest.raises(ReceiptAlreadyBooked):
        shop.earn(other, total=30000, receipt="R-1")
    shop.undo(first)
    with pytest.raises(ReceiptAlreadyBooked):
        shop.earn(card, total=30000, receipt="R-1")


def test_undo_gives_back_exactly_what_was(shop: Shop) -> None:
    card = shop.join()
    before = shop.face(card).progress
    shop.undo(shop.earn(card))
    after = shop.face(card)
    assert (after.progress.value, after.progress.endowed) == (before.value, before.endowed)
    assert after.news["en"] == "Taken back at the till. 2 of 12 now."
    assert [kind for kind, *_ in entries(shop, card)] == [Kind.GRANT, Kind.EARN, Kind.REVERSE]


def test_undoing_a_reward_takes_the_new_rounds_gift_back_too(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, visits=10)
    shop.undo(shop.redeem(card))
    progress = shop.face(card).progress
    assert (progress.value, progress.endowed, progress.ready) == (12, 2, True)


def test_undo_ends_after_its_time_and_works_once(shop: Shop) -> None:
    card = shop.join()
    booking = shop.earn(card)
    shop.clock.forward(seconds=61)
    with pytest.raises(TooLateToUndo):
        shop.undo(booking, within=timedelta(seconds=60))
    undone = shop.undo(booking)
    with pytest.raises(AlreadyReversed):
        shop.undo(booking)
    with pytest.raises(Conflict):
        shop.undo(undone)


def test_the_bar_never_shows_less_than_nothing(shop: Shop) -> None:
    card = shop.join()
    earned = shop.earn(card, visits=10)
    shop.redeem(card)
    shop.undo(earned)
    with shop.services.sessions.read() as session:
        assert session.scalar(select(Card.balance).where(Card.serial == card)) == -8
    assert shop.face(card).progress.value == 0


def test_a_closed_card_books_nothing_and_shows_it(shop: Shop) -> None:
    card = shop.join()
    shop.leave(card)
    shop.leave(card)
    assert shop.face(card).voided
    with pytest.raises(CardNotActive):
        shop.earn(card)
    with pytest.raises(CardNotActive):
        shop.redeem(card)


@pytest.mark.parametrize(
    ("bought", "error"),
    [
        ({"visits": 0}, BadAmount),
        ({"visits": 101}, BadAmount),
        ({"total": -1}, BadAmount),
        ({"total": 10**15}, BadAmount),
        ({"total": 100, "currency": "USD"}, Invalid),
        ({"receipt": "R"}, Invalid),
    ],
)
def test_absurd_purchases_are_named_and_change_nothing(
    shop: Shop, bought: dict[str, Any], error: type[WalletError]
) -> None:
    card = shop.join()
    with pytest.raises(error):
        shop.earn(card, **bought)
    assert entries(shop, card) == [("grant", 2, 2)]


def test_unknown_things_are_named(shop: Shop) -> None:
    card = shop.join()
    with pytest.raises(UnknownReward, match="coffee"):
        shop.redeem(card, "tea")
    with pytest.raises(UnknownCard):
        shop.earn(card_number(b"nobody has this!"))
    with pytest.raises(BadCardNumber):
        shop.earn("12345")
    shop.program = "tea"
    with pytest.raises(UnknownProgram):
        shop.join()


def test_a_card_answers_to_its_number_as_people_type_it(shop: Shop) -> None:
    card = shop.join()
    number = shop.face(card).number
    assert shop.earn(grouped(number)).serial == card


def test_every_change_leaves_one_mark(shop: Shop) -> None:
    card = shop.join()
    for _ in range(5):
        shop.earn(card)
    with shop.services.sessions.read() as session:
        (mark,) = session.scalars(select(Outbox)).all()
        assert (mark.wanted, mark.told) == (session.scalar(select(Card.version)), 0)


def test_the_ledger_refuses_to_be_changed_by_anybody(shop: Shop) -> None:
    shop.join()
    for statement in ("UPDATE ledger_entry SET points = 100", "DELETE FROM ledger_entry"):
        with (
            pytest.raises((DatabaseError, WalletError), match=r"append-only|same moment"),
            shop.services.sessions.begin() as session,
        ):
            session.execute(text(statement))


def test_fifty_tills_at_once_lose_nothing(shop: Shop) -> None:
    """As installed, the database library would answer "ok" fifty times and keep one."""
    card = shop.join()
    with ThreadPoolExecutor(8) as tills:
        list(tills.map(lambda n: shop.earn(card, key=f"till-{n}", visits=1), range(50)))
    assert shop.face(card).progress.value == 52
    with shop.services.sessions.read() as session:
        seqs = session.scalars(select(LedgerEntry.seq).order_by(LedgerEntry.seq)).all()
    assert list(seqs) == list(range(1, 52))


def test_one_press_sent_twenty_times_at_once_is_booked_once(shop: Shop) -> None:
    card = shop.join()
    with ThreadPoolExecutor(8) as tills:
        answers = list(tills.map(lambda _: shop.earn(card, key="press", visits=1), range(20)))
    assert len({answer.entry.id for answer in answers}) == 1
    assert sum(not answer.repeated for answer in answers) == 1
    assert shop.face(card).progress.value == 3


def test_of_twenty_tills_one_gives_the_reward(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, visits=10)

    def give(till: int) -> bool:
        try:
            return bool(shop.redeem(card, key=f"till-{till}"))
        except NotEnoughPoints:
            return False

    with ThreadPoolExecutor(8) as tills:
        assert sum(tills.map(give, range(20))) == 1


def test_publishing_the_same_again_makes_no_new_version(shop: Shop) -> None:
    assert shop.publish() == 1
    assert shop.publish(welcome=3) == 2


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"languages": ["ru", "de"]}, "cards speak en, ru"),
        ({"currency": "roubles"}, "currency"),
        ({"welcome": 12}, "welcome"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"earning": {"give": 5}}, "per_amount"),
        ({"rewards": []}, "rewards"),
        ({"surprise": 1}, "surprise"),
        ({"unit": {"counted": "stamps", "forms": {"ru": {"other": "x"}, "en": {"other": "x"}}}}, "plural"),
    ],
)
def test_a_faulty_program_is_told_where(shop: Shop, change: dict[str, object], named: str) -> None:
    with pytest.raises(Invalid, match=named):
        shop.publish(**change)


@pytest.mark.parametrize("slug", ["", "Coffee", "../coffee", 'a"\n', "a" * 65])
def test_a_program_whose_slug_fits_no_address_is_refused(shop: Shop, slug: str) -> None:
    shop.program = slug
    with pytest.raises(Invalid, match="slug"):
        shop.publish()


@pytest.mark.parametrize("key", ["\x00", "a\nb", "a" * 129])
def test_a_key_that_no_page_made_books_nothing(shop: Shop, key: str) -> None:
    card = shop.join()
    with pytest.raises(Invalid, match="idempotency key"):
        shop.earn(card, key=key)
    assert shop.face(card).progress.value == 2


def test_a_page_token_of_somebody_else_opens_nothing(shop: Shop) -> None:
    card = shop.join()
    token = shop.services.links.token(card)
    assert shop.services.links.serial(token) == card
    for forged in (token[:-2] + "xx", token.replace(".", ""), "", "x" * 500, "é"):
        with pytest.raises(NotFound):
            shop.services.links.serial(forged)


def test_the_state_of_a_card_tells_a_reward_that_begins_today(shop: Shop) -> None:
    (coffee,) = DEMO["rewards"]
    shop.publish(rewards=[coffee | {"valid": ["2026-11-03", None]}])
    card = shop.join()
    before = shop.stand(card)
    shop.clock.forward(days=1)
    after = shop.stand(card)
    assert [stand.offered(stand.program.rewards[0]) for stand in (before, after)] == [False, True]
    assert before.state != after.state
