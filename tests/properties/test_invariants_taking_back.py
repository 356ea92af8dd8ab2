"""Invariants of taking back: cancelled redemptions, refunds in parts, debts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties.books import Page, books
from tests.properties.plans import Plan, plans
from tests.properties.presses import Press, Town, examples, presses
from tests.shop import Shop
from wallet_service.domain.errors import NotEnoughPoints, PointsSpent

totals = st.lists(st.integers(0, 9_999), min_size=1, max_size=5)


@examples(20)
@given(plan=plans, bought=totals, points=st.integers(1, 60), idle=st.integers(0, 150))
def test_invariant_07_a_cancelled_redemption_gives_back_to_the_same_lots(
    shop: Shop, plan: Plan, bought: list[int], points: int, idle: int
) -> None:
    """What burnt meanwhile lives for the days of grace, or burns again; both are told."""
    town = Town(shop, replace(plan, paying={}))
    card, shop = town.cards[0], town.shop
    for total in bought:
        shop.earn(card, total=total)
        shop.clock.forward(days=plan.pending_days, hours=30)
    before, stood = books(town)[0], shop.stand(card)
    try:
        paid = shop.pay(card, points)
    except NotEnoughPoints:
        assume(False)
    shop.clock.forward(days=idle)
    back = shop.undo(paid)
    after = books(town)[0]
    undone = next(entry for entry in after.entries if entry["id"] == back.entry.id)
    took = after.takes_of(undone["seq"] - 1) if idle == 0 else _took(after, paid.entry.id)
    late = points + sum(after.takes_of(undone["seq"]).values())
    told = {step.rule: dict(step.facts) for step in back.entry.steps}
    if not any(step in told for step in ("graced", "burnt_since")):
        assert after.takes_of(undone["seq"]) == {lot: -amount for lot, amount in took.items()}
    if idle == 0:
        assert _lots(after) == _lots(before)
        assert shop.stand(card).spendable == stood.spendable
    elif late:
        grace = plan.grace(shop.clock())
        assert grace is not None
        assert after.lots[undone["seq"]]["points_left"] == late == told["graced"]["points"]
        assert after.lots[undone["seq"]]["expires_at"] == grace


def _took(page: Page, entry_id: int) -> dict[int, int]:
    return page.takes_of(next(entry["seq"] for entry in page.entries if entry["id"] == entry_id))


def _lots(page: Page) -> dict[int, tuple[Any, ...]]:
    names = ("points_left", "available_from", "expires_at", "slides", "gift")
    return {seq: tuple(lot[name] for name in names) for seq, lot in page.lots.items()}


@examples(20)
@given(
    plan=plans,
    bought=totals,
    spent=st.integers(0, 80),
    cuts=st.lists(st.integers(1, 9_998), max_size=5, unique=True),
    idle=st.sampled_from([0, 0, 3, 40, 400]),
)
def test_invariant_08_a_refund_in_any_number_of_parts_ends_where_one_would(
    shop: Shop, plan: Plan, bought: list[int], spent: int, cuts: list[int], idle: int
) -> None:
    assume(bought[0])
    one = _refunded(shop, plan, bought, spent, idle, [bought[0]])
    other = _refunded(shop, plan, bought, spent, idle, _parts(bought[0], cuts))
    assert _end(one) == _end(other)
    earned = next(entry for entry in books(other)[0].entries if entry["kind"] == "earn")
    refunds = [entry["points"] for entry in books(other)[0].entries if entry["reverses_id"] == earned["id"]]
    assert 0 <= -sum(refunds) <= earned["points"]


def _refunded(shop: Shop, plan: Plan, bought: list[int], spent: int, idle: int, parts: list[int]) -> Town:
    town = Town(shop, plan)
    for number, money in enumerate(bought):
        town.shop.earn(town.cards[0], total=money, receipt=f"r{number}")
    if spent:
        _spend(town, spent)
    town.shop.clock.forward(days=idle)
    for part in parts:
        try:
            town.shop.refund(town.cards[0], "r0", part)
        except PointsSpent:
            assume(False)
    return town


def _parts(total: int, cuts: list[int]) -> list[int]:
    edges = [0, *sorted(cut for cut in cuts if cut < total), total]
    return [edge - before for before, edge in pairwise(edges)]


def _spend(town: Town, points: int) -> None:
    there = town.shop.stand(town.cards[0]).balance
    if there > 0:
        town.shop.adjust(town.cards[0], -min(points, there), approved_by="staff:2")


def _end(town: Town) -> tuple[Any, ...]:
    """Where the card stands, and what it has, whatever lines led there."""
    page, stand = books(town)[0], town.shop.stand(town.cards[0])
    names = ("balance", "status_points", "endowed", "carried", "receipts", "pending", "tier", "idle_until")
    tallies = {name: amount for name, amount in page.tallies.items() if amount}
    kept = tuple(page.card[name] for name in names)
    return kept, _lots(page), tallies, (stand.balance, stand.spendable, stand.status, stand.level)


@examples(15)
@given(plan=plans, pressed=presses, credit=st.integers(1, 40))
def test_invariant_11_a_debt_is_paid_by_the_next_credits_and_no_bar_falls_below_nothing(
    shop: Shop, plan: Plan, pressed: Sequence[Press], credit: int
) -> None:
    town = Town(shop, replace(plan, adjustment_limit=None))

    def look(town: Town) -> None:
        for card in town.cards:
            stand = town.shop.stand(card)
            shown = stand.progress
            assert 0 <= shown.endowed <= shown.value
            assert 0 <= shown.gained <= shown.value
            there = stand.status if stand.goal.measure == "status" else stand.balance
            assert shown.value == max(there, 0)
            assert shown.ready == (there >= stand.goal.cost)

    town.play(pressed, after_each=look)
    for page in books(town):
        if page.card["balance"] < 0:
            assert not page.lots
            if page.card["status"] == "active":
                _absorbs(town, page, credit)


def _absorbs(town: Town, before: Page, credit: int) -> None:
    debt, card = -before.card["balance"], before.card["serial"]
    town.shop.adjust(card, credit)
    after = next(page for page in books(town) if page.card["serial"] == card)
    seq = after.card["seq"]
    assert after.takes_of(seq) == {seq: min(debt, credit)}
    assert after.card["balance"] == credit - debt
    assert sum(lot["points_left"] for lot in after.lots.values()) == max(credit - debt, 0)


@examples(15)
@given(bought=st.lists(st.integers(1_000, 9_999), min_size=1, max_size=4), back=st.integers(1, 999))
def test_a_debt_is_reached_and_climbed_out_of(shop: Shop, bought: list[int], back: int) -> None:
    """So that the invariant above is not empty: who spends and then brings all back is in debt."""
    town = Town(shop, Plan())
    card = town.cards[0]
    for number, total in enumerate(bought):
        town.shop.earn(card, total=total, receipt=f"r{number}")
    town.shop.redeem(card, "tea")
    for number in range(len(bought)):
        town.shop.refund(card, f"r{number}")
    assert town.shop.stand(card).balance == -5
    town.shop.clock.forward(days=1)
    town.shop.earn(card, total=back)
    assert town.shop.stand(card).balance == -5 + back // 100
    if back < 500:
        _absorbs(town, books(town)[0], 7)
