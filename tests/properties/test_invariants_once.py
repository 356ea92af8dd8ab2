"""Invariants of doing a thing once: keys, receipts, prices and stock, marks for the wallets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.properties.books import books, dump, every_entry, given_away
from tests.properties.plans import Plan, plans
from tests.properties.presses import Press, Town, examples, presses
from tests.shop import Shop
from wallet_service.db.tables import LedgerEntry
from wallet_service.db.tables.base import table
from wallet_service.domain.errors import KeyReused, ReceiptAlreadyBooked


@examples(20)
@given(plan=plans, pressed=presses, later=st.integers(0, 400))
def test_invariant_09_the_same_press_again_is_answered_the_same_and_books_nothing(
    shop: Shop, plan: Plan, pressed: Sequence[Press], later: int
) -> None:
    town = Town(shop, plan).play(pressed)
    town.shop.clock.forward(days=later)
    before = dump(town.shop)
    for verb, said, key, booking in town.said:
        again = verb(*said, key=key)
        assert again.repeated
        assert again.entries == booking.entries
    assert dump(town.shop) == before


@examples(20)
@given(plan=plans, pressed=presses)
def test_invariant_09_the_same_key_for_something_else_is_refused_and_books_nothing(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    town = Town(shop, plan).play(pressed)
    before = dump(town.shop)
    for _, _, key, _ in town.said:
        for other in (
            lambda key: town.shop.adjust(town.cards[0], 77, "never booked", key=key),
            lambda key: town.shop.earn(town.cards[0], key=key, total=123_456),
            lambda key: town.shop.redeem(town.cards[0], "unknown", key=key),
        ):
            assert _refused(KeyReused, lambda other=other, key=key: other(key))
    assert dump(town.shop) == before


def _refused(by: type[Exception], press: Any) -> bool:
    try:
        press()
    except by:
        return True
    return False


def test_invariant_09_the_database_knows_a_key_once(shop: Shop) -> None:
    shop.earn(shop.join(), key="once")
    columns = "scope, key, verb, fingerprint, made_at"
    again = f"INSERT INTO operation ({columns}) SELECT {columns} FROM operation WHERE key = 'once'"
    assert _refused(IntegrityError, lambda: _run(shop, again))


@examples(20)
@given(plan=plans, pressed=presses)
def test_invariant_10_a_receipt_earns_once_whatever_the_key_and_the_card(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    town = Town(shop, plan).play(pressed)
    before = dump(town.shop)
    for _, receipt in town.receipts:
        for card in town.cards:
            try:
                assert town.shop.earn(card, total=999, receipt=receipt).repeated
            except ReceiptAlreadyBooked:
                continue
    assert dump(town.shop) == before
    keys = Counter(
        entry["natural_key"]
        for _, entry in every_entry(books(town))
        if entry["kind"] == "earn" and entry["natural_key"]
    )
    assert set(keys.values()) <= {1}


def test_invariant_10_the_database_knows_a_receipt_once(shop: Shop) -> None:
    shop.earn(shop.join(), total=20_000, receipt="only-one")
    names = [column.name for column in table(LedgerEntry).columns if column.name != "id"]
    changed = {"seq": "seq + 1", "points": "0", "previous_hash": "hash"}
    again = (
        f"INSERT INTO ledger_entry ({', '.join(names)}) "
        f"SELECT {', '.join(changed.get(name, name) for name in names)} "
        "FROM ledger_entry WHERE natural_key = 'only-one'"
    )
    assert _refused(IntegrityError, lambda: _run(shop, again))


def _run(shop: Shop, statement: str) -> None:
    with shop.services.sessions.engine.begin() as connection:
        connection.execute(text(statement))


@examples(15)
@given(plan=plans, pressed=presses)
def test_invariant_14_a_reward_costs_its_price_and_the_stock_never_falls_below_nothing(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    town = Town(shop, plan)
    most: Counter[str] = Counter()

    def look(town: Town) -> None:
        for reward, count in given_away(town).items():
            most[reward] = max(most[reward], count)
            assert count >= 0

    town.play(pressed, after_each=look)
    stock = {reward.id: reward.stock for reward in town.model.program.rewards}
    assert all(stock[reward] is None or count <= (stock[reward] or 0) for reward, count in most.items())
    pages = books(town)
    undone = {entry["reverses_id"] for _, entry in every_entry(pages)}
    there: Counter[str] = Counter()
    for _, entry in every_entry(pages):
        if entry["kind"] == "redeem" and entry["reward"]:
            price = town.model.program.reward(entry["reward"])
            assert price is not None
            assert entry["points"] == -price.cost
            there[entry["reward"]] += entry["id"] not in undone
    assert {reward: count for reward, count in given_away(town).items() if count} == +there


def test_invariant_14_the_database_refuses_fewer_than_none_given(shop: Shop) -> None:
    columns = "program_id, reward, given"
    less = f"INSERT INTO reward_count ({columns}) SELECT id, 'less', -1 FROM program"
    assert _refused(IntegrityError, lambda: _run(shop, less))


@examples(20)
@given(plan=plans, pressed=presses)
def test_invariant_16_every_change_of_what_a_card_shows_leaves_one_mark_for_each_wallet(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    """In the same transaction: whatever a phone would show differently, it is told of."""
    town = Town(shop, plan)
    seen: dict[str, tuple[Any, int]] = {}

    def look(town: Town) -> None:
        for page in books(town):
            card = page.card
            assert sorted(mark["wallet"] for mark in page.marks) == sorted(shop.services.wallets)
            assert {mark["wanted"] for mark in page.marks} == {card["version"]}
            names = ("balance", "pending", "status_points", "endowed", "tier", "goal", "status", "seq")
            shown = tuple(card[name] for name in names)
            before, version = seen.get(card["serial"], (shown, card["version"]))
            assert version <= card["version"]
            assert shown == before or version < card["version"]
            seen[card["serial"]] = (shown, card["version"])

    look(town)
    town.play(pressed, after_each=look)
