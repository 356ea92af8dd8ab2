"""Marks of many cards at once come out as if each had been raised by itself."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tests.shop import Shop
from wallet_service.db.tables import Card, Outbox, ProgramRow
from wallet_service.push import bulk, outbox
from wallet_service.push.bulk import Cards, Slice
from wallet_service.push.wallet import TOLD

APPLE = ("apple",)


def program(shop: Shop) -> int:
    with shop.services.sessions.read() as session:
        return session.scalars(select(ProgramRow.id).where(ProgramRow.slug == shop.program)).one()


def mark(shop: Shop, card: str) -> Outbox:
    with shop.services.sessions.read() as session:
        of_card = select(Outbox).join(Card, Card.id == Outbox.card_id).where(Card.serial == card)
        return session.scalars(of_card).one()


def version(shop: Shop, card: str) -> int:
    with shop.services.sessions.read() as session:
        return session.scalars(select(Card.version).where(Card.serial == card)).one()


def card_id(shop: Shop, card: str) -> int:
    with shop.services.sessions.read() as session:
        return session.scalars(select(Card.id).where(Card.serial == card)).one()


def set_mark(shop: Shop, card: str, **columns: object) -> None:
    with shop.services.sessions.begin() as session:
        row = session.scalars(select(Outbox).where(Outbox.card_id == card_id(shop, card))).one()
        for name, value in columns.items():
            setattr(row, name, value)


def tell_all(shop: Shop) -> None:
    with shop.services.sessions.begin() as session:
        for row in session.scalars(select(Outbox)):
            row.told = row.wanted


def raise_all(shop: Shop, cards: Cards | None = None, most: int = 100) -> Slice:
    wanted = cards or Cards(program(shop), bound=10_000)
    with shop.services.sessions.begin() as session:
        return bulk.raise_slice(session, wanted, wallets=APPLE, now=shop.clock(), most=most)


def test_every_card_is_marked_once_quietly_and_behind_the_till(shop: Shop) -> None:
    cards = [shop.join() for _ in range(5)]
    tell_all(shop)
    before = [version(shop, card) for card in cards]
    assert raise_all(shop).count == 5
    for card, old in zip(cards, before, strict=True):
        row = mark(shop, card)
        assert (row.wanted, row.priority, row.notify) == (old + 1, outbox.CAMPAIGN, False)
        assert (row.wanted, row.due_at, row.raised_at) == (version(shop, card), shop.clock(), shop.clock())


def test_a_slice_ends_where_the_next_begins(shop: Shop) -> None:
    for _ in range(5):
        shop.join()
    first = raise_all(shop, most=2)
    assert first.last_id is not None
    after = Cards(program(shop), bound=10_000, after_id=first.last_id)
    assert [first.count, raise_all(shop, after).count] == [2, 3]


def test_a_card_without_a_mark_gets_one(shop: Shop) -> None:
    card = shop.join()
    with shop.services.sessions.begin() as session:
        session.delete(session.scalars(select(Outbox)).one())
    raise_all(shop)
    assert mark(shop, card).wanted == version(shop, card)
    assert mark(shop, card).told == 0


def test_neither_who_left_nor_the_program_next_door_hears_of_it(shop: Shop) -> None:
    gone, here = shop.join(), shop.join()
    other = shop.next_door()
    foreign = other.join()
    shop.leave(gone)
    tell_all(shop)
    assert raise_all(shop).count == 1
    waiting = [mark(shop, card).told < mark(shop, card).wanted for card in (gone, here, foreign)]
    assert waiting == [False, True, False]


def test_what_the_till_waits_for_stays_urgent_and_keeps_its_place(shop: Shop) -> None:
    card = shop.join()
    tell_all(shop)
    shop.earn(card)
    due, raised = mark(shop, card).due_at, mark(shop, card).raised_at
    shop.clock.forward(seconds=5)
    raise_all(shop)
    row = mark(shop, card)
    assert (row.priority, row.notify, row.due_at, row.raised_at) == (outbox.TILL, True, due, raised)
    assert row.wanted == version(shop, card)


def test_a_mark_that_was_given_up_is_tried_again_soon(shop: Shop) -> None:
    card = shop.join()
    set_mark(shop, card, tries=10, parked=True, due_at=shop.clock() + timedelta(days=1))
    raise_all(shop)
    row = mark(shop, card)
    assert (row.tries, row.parked, row.due_at) == (0, False, shop.clock() + outbox.FIRST_RETRY)


def test_a_telling_that_is_under_way_does_not_speak_for_it(shop: Shop) -> None:
    card = shop.join()
    with shop.services.sessions.begin() as session:
        lease, notes = outbox.claim(session, "apple", shop.clock())
    raise_all(shop)
    with shop.services.sessions.begin() as session:
        assert not outbox.settle(session, lease, [(note, TOLD) for note in notes], shop.clock())
    assert mark(shop, card).told == mark(shop, card).wanted - 1


def test_a_share_is_the_same_cards_every_time(shop: Shop) -> None:
    cards = [shop.join() for _ in range(12)]
    low = card_id(shop, cards[4]) % 100
    part = Cards(program(shop), bound=10_000, high=low)
    with shop.services.sessions.read() as session:
        meant = bulk.count(session, part)
    assert raise_all(shop, part).count == meant
    rest = Cards(program(shop), bound=10_000, low=low)
    assert meant + raise_all(shop, rest).count == len(cards)


def test_only_what_holds_up_the_worker_counts_as_waiting(shop: Shop) -> None:
    cards = [shop.join() for _ in range(4)]
    tell_all(shop)
    raise_all(shop)
    later = shop.clock() + timedelta(minutes=30)
    set_mark(shop, cards[0], due_at=later)  # its phone was woken a moment ago
    set_mark(shop, cards[1], due_at=later, last_error="APNs: 503")
    set_mark(shop, cards[2], parked=True)
    with shop.services.sessions.read() as session:
        assert bulk.waiting(session, "apple", shop.clock(), 100) == 2
        assert bulk.waiting(session, "apple", shop.clock(), 1) == 1


def test_what_is_told_of_it_is_not_the_last_purchase_any_more(shop: Shop) -> None:
    card, other = shop.join(), shop.join()
    set_mark(shop, card, request_id="purchase-1")
    tell_all(shop)
    set_mark(shop, other, request_id="purchase-2", told=0)
    raise_all(shop)
    assert (mark(shop, card).request_id, mark(shop, other).request_id) == (None, "purchase-2")
