"""What looks odd is asked about before it is booked, refused where a program says so, and else flagged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.overheard import overheard
from tests.shop import OPENING, Shop, make_shop
from wallet_service.actions import strange_codes
from wallet_service.actions.block import block, unblock
from wallet_service.actions.once import Actor
from wallet_service.db import queries
from wallet_service.db.tables import Audit
from wallet_service.domain.errors import (
    AskFirst,
    CardBlocked,
    GuardRefused,
    Invalid,
    NotEnoughPoints,
    OwnCard,
    TooMuch,
)

BY_AMOUNT = {
    "visit_minimum": 0,
    "rules": [{"id": "rate", "trigger": "purchase", "then": [{"points": {"per": 10_000, "give": 1}}]}],
}


@pytest.fixture
def shop(street: Shop) -> Shop:
    return street.next_door(**BY_AMOUNT)


def refused(shop: Shop, card: str, **bought: Any) -> GuardRefused:
    with pytest.raises(GuardRefused) as refusal:
        shop.earn(card, **bought)
    return refusal.value


def asked(shop: Shop, card: str, **bought: Any) -> AskFirst:
    with pytest.raises(AskFirst) as question:
        shop.earn(card, ask=True, **bought)
    return question.value


def test_a_second_purchase_within_minutes_is_asked_about_with_the_one_before(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, ask=True, total=35_000)
    at = shop.clock()
    shop.clock.forward(minutes=4)
    question = asked(shop, card, total=20_000)
    assert question.facts["flags"] == "repeat"
    assert (question.facts["last_at"], question.facts["last_total"]) == (at.isoformat(), 35_000)


def test_nothing_is_booked_by_a_question_and_the_same_press_confirmed_goes_through_flagged(
    shop: Shop,
) -> None:
    card, key = shop.join(), f"meant in {shop.program}"
    shop.earn(card, total=35_000)
    asked(shop, card, total=20_000, key=key)
    confirmed = shop.earn(card, total=20_000, key=key, counter=True)
    assert (confirmed.repeated, confirmed.entry.flags) == (False, ("repeat",))


def test_a_press_that_is_repeated_is_answered_and_never_asks(shop: Shop) -> None:
    card, key = shop.join(), f"once in {shop.program}"
    first = shop.earn(card, ask=True, total=35_000, key=key)
    again = shop.earn(card, ask=True, total=35_000, key=key)
    assert (again.repeated, again.entry) == (True, first.entry)


def test_what_was_taken_back_to_be_typed_again_is_no_repeat(shop: Shop) -> None:
    card = shop.join()
    shop.undo(shop.earn(card, ask=True, total=350_000))
    assert shop.earn(card, ask=True, total=35_000).entry.flags == ()


def test_a_machine_is_never_asked_and_what_it_books_is_flagged(shop: Shop) -> None:
    card = shop.join()
    shop.earn(card, total=35_000)
    assert shop.earn(card, total=20_000).entry.flags == ("repeat",)


def test_S7_the_same_amount_in_the_same_store_within_a_minute_is_asked_about_in_every_program(
    street: Shop,
) -> None:
    shop = street.next_door(**BY_AMOUNT, repeat_minutes=0)
    card = shop.join()
    shop.earn(card, ask=True, total=35_000)
    shop.clock.forward(seconds=59)
    assert asked(shop, card, total=35_000).facts["flags"] == "repeat"
    elsewhere = replace(shop, cashier=Actor("staff:1", store="2", till="1"))
    assert elsewhere.earn(card, ask=True, total=35_000).entry.flags == ()
    assert shop.earn(card, ask=True, total=40_000).entry.flags == ()


def test_S7_a_minute_later_it_is_another_purchase(street: Shop) -> None:
    shop = street.next_door(**BY_AMOUNT, repeat_minutes=0)
    card = shop.join()
    shop.earn(card, ask=True, total=35_000)
    shop.clock.forward(seconds=60)
    assert shop.earn(card, ask=True, total=35_000).entry.flags == ()


def test_the_seventh_purchase_of_a_day_is_asked_about(shop: Shop) -> None:
    card = shop.join()
    for _ in range(6):
        shop.earn(card, ask=True, total=35_000)
        shop.clock.forward(minutes=11)
    assert asked(shop, card, total=35_000).facts["flags"] == "often"


def test_the_fourth_redemption_of_a_day_is_asked_about_and_one_that_was_taken_back_does_not_count(
    shop: Shop,
) -> None:
    card = shop.join()
    shop.earn(card, total=10_000_000)
    shop.undo(shop.redeem(card))
    for _ in range(3):
        assert shop.redeem(card, ask=True).entry.flags == ()
    with pytest.raises(AskFirst) as question:
        shop.redeem(card, ask=True)
    assert question.value.facts["flags"] == "redeems-often"
    assert shop.redeem(card).entry.flags == ("redeems-often",)
    shop.clock.forward(days=1)
    assert shop.redeem(card, ask=True).entry.flags == ()


def test_a_receipt_that_lay_about_is_asked_about_at_a_till_and_nowhere_else(shop: Shop) -> None:
    card, paid = shop.join(), shop.clock() - timedelta(minutes=11)
    assert asked(shop, card, total=35_000, receipt="1", at=paid).facts["flags"] == "old-receipt"
    assert shop.earn(card, total=35_000, receipt="1", at=paid).entry.flags == ()
    friend = shop.join()
    confirmed = shop.earn(friend, total=35_000, receipt="2", at=paid, counter=True)
    assert confirmed.entry.flags == ("old-receipt",)


def test_a_receipt_of_this_moment_is_not(shop: Shop) -> None:
    paid = shop.clock() - timedelta(minutes=10)
    assert shop.earn(shop.join(), ask=True, total=35_000, receipt="1", at=paid).entry.flags == ()


@pytest.mark.parametrize(
    ("hours", "at", "flags"),
    [
        (["08:00", "22:00"], "08:00", ()),
        (["08:00", "22:00"], "21:59", ()),
        (["08:00", "22:00"], "22:00", ("after-hours",)),
        (["08:00", "22:00"], "07:59", ("after-hours",)),
        (["18:00", "02:00"], "01:59", ()),
        (["18:00", "02:00"], "02:00", ("after-hours",)),
        (["18:00", "02:00"], "18:00", ()),
    ],
)
def test_a_booking_while_the_shop_is_closed_is_flagged_by_its_own_clock(
    street: Shop, hours: list[str], at: str, flags: tuple[str, ...]
) -> None:
    shop = street.next_door(**BY_AMOUNT, guards={"hours": hours}, time_zone="UTC")
    shop.clock.now = datetime.fromisoformat(f"2026-11-03T{at}:00+00:00")
    assert shop.earn(shop.join(), total=35_000).entry.flags == flags


def test_an_order_of_the_night_through_another_channel_is_none(street: Shop) -> None:
    shop = street.next_door(**BY_AMOUNT, guards={"hours": ["09:00", "22:00"], "refuse": ["after-hours"]})
    shop.clock.now = OPENING.replace(hour=23)
    assert shop.earn(shop.join(), total=35_000, channel="app").entry.flags == ()
    assert refused(shop, shop.join(), total=35_000).facts["flags"] == "after-hours"


def test_a_program_refuses_what_it_names_at_tills_and_for_machines_and_says_until_when(street: Shop) -> None:
    shop = street.next_door(**BY_AMOUNT, guards={"refuse": ["repeat"]})
    card = shop.join()
    shop.earn(card, total=35_000)
    shop.clock.forward(minutes=3)
    refusal = refused(shop, card, total=20_000)
    assert refusal.facts["flags"] == "repeat"
    assert refusal.facts["again_at"] == (OPENING + timedelta(minutes=10)).isoformat()
    assert refused(shop, card, total=20_000, ask=True).facts["flags"] == "repeat"
    shop.clock.forward(minutes=7)
    assert shop.earn(card, total=20_000).entry.flags == ()


def test_refused_until_tomorrow_or_until_the_shop_opens(street: Shop) -> None:
    shop = street.next_door(
        **BY_AMOUNT,
        time_zone="UTC",
        purchases_a_day=1,
        guards={"refuse": ["often", "after-hours"], "hours": ["07:30", "20:00"]},
    )
    card = shop.join()
    shop.earn(card, total=35_000)
    shop.clock.forward(hours=1)
    assert refused(shop, card, total=35_000).facts["again_at"] == "2026-11-03T00:00:00+00:00"
    shop.clock.forward(hours=13)
    assert refused(shop, shop.join(), total=35_000).facts["again_at"] == "2026-11-03T07:30:00+00:00"


def test_a_usual_purchase_costs_no_statement_more_for_being_guarded(tmp_path: Path) -> None:
    """On SQLite, which tells what it is asked."""
    shop = make_shop(tmp_path, f"sqlite:///{tmp_path / 'wallet.db'}").next_door(**BY_AMOUNT)
    usual, watched = shop.join(), shop.join()
    shop.earn(usual, total=35_000)
    shop.earn(watched, total=35_000)
    shop.clock.forward(minutes=11)
    unguarded = statements(shop, usual, ask=False)
    assert "BEGIN IMMEDIATE" in unguarded
    assert statements(shop, watched, ask=True) == unguarded
    shop.services.sessions.close()


def statements(shop: Shop, card: str, *, ask: bool) -> list[str]:
    """By how they begin: their values differ."""
    with overheard(shop.services.sessions) as said:
        shop.earn(card, ask=ask, total=35_000)
    return [" ".join(words.split()[:3]) for words in said]


def test_nobody_serves_their_own_card_in_any_way(shop: Shop) -> None:
    own = shop.join("Anna")
    with shop.services.sessions.read() as session:
        carried = queries.card(session, own).id
    sale = shop.earn(own, total=1_000_000, receipt="1")
    anna = replace(shop, cashier=replace(shop.cashier, own_card=carried))
    presses: list[Callable[[], object]] = [
        lambda: anna.earn(own, total=35_000),
        lambda: anna.redeem(own),
        lambda: anna.undo(sale),
        lambda: anna.refund(own, "1"),
        lambda: anna.adjust(own, 5),
        lambda: anna.merge(own, shop.join()),
        lambda: anna.merge(shop.join(), own),
    ]
    for press in presses:
        with pytest.raises(OwnCard):
            press()
    assert anna.earn(shop.join(), total=35_000).entry.points == 3


def test_a_blocked_card_keeps_its_points_and_books_nothing_until_it_is_opened_again(shop: Shop) -> None:
    card, manager = shop.join(), Actor("staff:2")
    shop.earn(card, total=1_000_000)
    with shop.services.sessions.begin() as session:
        block(session, card=card, reason="lost", actor=manager, now=shop.clock())
    presses: list[Callable[[], object]] = [lambda: shop.earn(card, total=35_000), lambda: shop.redeem(card)]
    for press in presses:
        with pytest.raises(CardBlocked):
            press()
    with shop.services.sessions.begin() as session:
        unblock(session, card=card, reason="found", actor=manager, now=shop.clock())
    assert shop.redeem(card).entry.balance_after == 90
    assert audited(shop, card) == [
        ("staff:2", "block-card", {"reason": "lost"}),
        ("staff:2", "unblock-card", {"reason": "found"}),
    ]


def test_a_card_is_blocked_for_a_reason_that_people_can_read(shop: Shop) -> None:
    card = shop.join()
    with pytest.raises(Invalid), shop.services.sessions.begin() as session:
        block(session, card=card, reason="\u200b ", actor=Actor("staff:2"), now=shop.clock())
    with pytest.raises(NotEnoughPoints):
        shop.redeem(card)


def audited(shop: Shop, card: str) -> list[tuple[str, str, dict[str, object]]]:
    with shop.services.sessions.read() as session:
        rows = session.query(Audit).filter(Audit.subject == f"card:{card}").order_by(Audit.id).all()
        return [(row.actor, row.verb, row.detail) for row in rows]


def test_three_unknown_codes_are_free_and_then_each_waits_twice_as_long(shop: Shop) -> None:
    place = f"till:{shop.program}"
    for _ in range(3):
        show_strange_code(shop, place)
    for wait in (1, 2, 4, 8):
        assert held_up(shop, place) == wait
        shop.clock.forward(seconds=wait - 0.5)
        assert held_up(shop, place) == 1
        shop.clock.forward(seconds=0.5)
        show_strange_code(shop, place)
    show_strange_code(shop, f"another {place}")


def test_after_ten_quiet_minutes_they_are_free_again(shop: Shop) -> None:
    place = f"till:{shop.program}"
    for _ in range(3):
        show_strange_code(shop, place)
    shop.clock.forward(minutes=10, seconds=1)
    for _ in range(3):
        show_strange_code(shop, place)


def test_whoever_goes_on_guessing_is_an_alarm_until_they_stop(shop: Shop) -> None:
    place = f"till:{shop.program}"
    for _ in range(strange_codes.ALARMING):
        show_strange_code(shop, place)
        shop.clock.forward(seconds=32)
    assert place in alarms(shop)
    shop.clock.forward(minutes=11)
    with shop.services.sessions.begin() as session:
        strange_codes.clear_quiet(session, shop.clock())
    assert place not in alarms(shop)


def show_strange_code(shop: Shop, place: str) -> None:
    strange_codes.strange_code(shop.services.sessions, place=place, now=shop.clock())


def held_up(shop: Shop, place: str) -> object:
    with pytest.raises(TooMuch) as refusal:
        show_strange_code(shop, place)
    return refusal.value.facts["seconds"]


def alarms(shop: Shop) -> list[str]:
    return [alarm.subject for alarm in shop.alarms() if alarm.kind == strange_codes.ALARM]
