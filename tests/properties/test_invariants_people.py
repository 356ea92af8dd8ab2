"""Invariants of members: status, pictures, leaving for good, merging, coming over, and the days' roots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.art.pixels import COFFEE
from tests.properties.books import Page, books, findings
from tests.properties.plans import ZONE, Plan, plans
from tests.properties.presses import Press, Town, examples, presses
from tests.shop import Shop, make_shop
from wallet_service.actions import erase, import_cards
from wallet_service.actions.check_ledger import check_ledger
from wallet_service.actions.close_day import close_days
from wallet_service.art.strip import strip
from wallet_service.domain.errors import Refusal
from wallet_service.domain.local_days import local_day


@examples(20)
@given(plan=plans.filter(lambda plan: plan.tiers is not None), pressed=presses)
def test_invariant_13_status_is_what_purchases_counted_and_spending_never_lowers_it(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    town = Town(shop, plan)
    unmerged = [press for press in pressed if press.verb != "merge"]
    for press in unmerged:
        before = [town.shop.stand(card) for card in town.cards]
        town.play([press])
        if press.verb in ("redeem", "pay", "adjust", "sweep", "rest"):
            after = [town.shop.stand(card) for card in town.cards]
            assert [one.status for one in after] == [one.status for one in before]
            assert [one.level for one in after] == [one.level for one in before]
    for page in books(town):
        counted = {
            month: amount for (name, month), amount in page.tallies.items() if name == "status" and amount
        }
        assert counted == {month: points for month, points in _by_month(page).items() if points}


def _by_month(page: Page) -> Counter[str]:
    """What each entry counts, in the month of the purchase that it is about."""
    at = {entry["id"]: entry["occurred_at"] for entry in page.entries}
    months: Counter[str] = Counter()
    for entry in page.entries:
        if entry["kind"] in ("redeem", "expire", "grant", "adjust"):
            assert entry["status_points"] == 0
        moment = at[entry["reverses_id"] or entry["id"]]
        months[local_day(moment, ZONE).isoformat()[:7]] += entry["status_points"]
    return months


@examples(10)
@given(plan=plans, pressed=presses)
def test_invariant_17_cards_that_stand_alike_show_the_same_bytes(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    """Two cards of two programs that lived the same, whoever holds them."""
    one, other = Town(shop, plan).play(pressed), Town(shop, plan).play(pressed)
    for mine, yours in zip(one.cards, other.cards, strict=True):
        shown, same = one.shop.face(mine).progress, other.shop.face(yours).progress
        assert shown == same
        assert sha256(strip(shown, COFFEE, 1)).digest() == sha256(strip(same, COFFEE, 1)).digest()


@examples(15)
@given(plan=plans, pressed=presses, who=st.integers(0, 3))
def test_invariant_20_who_is_forgotten_leaves_every_line_and_every_sum_as_it_was(
    shop: Shop, plan: Plan, pressed: Sequence[Press], who: int
) -> None:
    town = Town(shop, plan).play(pressed)
    before = books(town)
    with town.shop.services.sessions.begin() as session:
        card = town.cards[who % len(town.cards)]
        erased = erase.erase(session, card=card, wallets=shop.services.wallets, now=town.now)
    after = books(town)
    assert card in erased.serials
    assert [_of_the_ledger(page) for page in after] == [_of_the_ledger(page) for page in before]
    assert findings(town) == []


def _of_the_ledger(page: Page) -> tuple[Any, ...]:
    kept = {name: page.card[name] for name in ("balance", "status_points", "head", "seq", "carried")}
    return kept, page.entries, page.takes, page.lots, page.tallies


@examples(15)
@given(plan=plans, pressed=presses, keep=st.integers(0, 3), drop=st.integers(0, 3))
def test_invariant_21_merging_keeps_every_point_and_both_numbers_work(
    shop: Shop, plan: Plan, pressed: Sequence[Press], keep: int, drop: int
) -> None:
    town = Town(shop, plan).play(pressed)
    kept, dropped = town.cards[keep % len(town.cards)], town.cards[drop % len(town.cards)]
    one, other = town.shop.stand(kept), town.shop.stand(dropped)
    town.shop.sweep()
    before = _points(books(town))
    try:
        town.shop.merge(kept, dropped)
    except Refusal:
        assert _points(books(town)) == before
        return
    both = town.shop.stand(kept)
    assert _points(books(town)) == before
    assert both.status == one.status + other.status
    assert town.shop.stand(dropped).balance == 0
    if min(one.account.card.balance, other.account.card.balance) >= 0:
        assert both.balance == one.balance + other.balance
    assert [town.shop.stand(one.number).serial, town.shop.stand(other.number).serial] == [kept, kept]
    assert findings(town) == []


def _points(pages: list[Page]) -> int:
    return sum(page.card["balance"] for page in pages)


@examples(15)
@given(
    plan=plans,
    balances=st.lists(st.integers(0, 10_000), min_size=1, max_size=5),
    pressed=presses,
)
def test_invariant_22_opening_balances_are_lines_like_any_other_and_come_over_once(
    shop: Shop, plan: Plan, balances: list[int], pressed: Sequence[Press]
) -> None:
    town = Town(shop, plan)
    lines = ["reference,balance", *(f"member-{at},{balance}" for at, balance in enumerate(balances))]
    _imported(town, lines)
    before = books(town)
    _imported(town, lines)
    assert books(town) == before
    imported = [page for page in before if page.card["serial"] not in town.cards]
    assert [page.card["balance"] for page in imported] == balances
    assert all(page.entries[0]["kind"] == "import" for page in imported)
    town.play(pressed)
    for page in imported:
        if page.card["balance"] > 0 and plan.adjustment_limit is None:
            town.shop.adjust(page.card["serial"], 1)
    assert findings(town) == []


def _imported(town: Town, lines: list[str]) -> None:
    sessions, now = town.shop.services.sessions, town.now
    checked = list(import_cards.check(sessions, program=town.shop.program, lines=lines, now=now))
    assert [bad for one in checked for bad in one.bad] == []
    with sessions.begin() as session:
        import_cards.import_rows(
            session,
            program=town.shop.program,
            rows=[row for one in checked for row in one.new],
            wallets=town.shop.services.wallets,
            entropy=town.shop.services.entropy,
            now=now,
        )


def test_invariant_23_the_root_of_a_day_stands_for_every_line_of_it(tmp_path: Any, database_url: str) -> None:
    shop = make_shop(tmp_path, database_url)
    cards = [shop.join() for _ in range(3)]
    for _ in range(4):
        for card in cards:
            shop.earn(card)
        shop.clock.forward(hours=18)
    shop.clock.forward(days=1)
    closed = close_days(shop.services.sessions, shop.clock())
    assert len(closed) == 3
    assert close_days(shop.services.sessions, shop.clock()) == []
    looked = check_ledger(shop.services.sessions, wallets=shop.services.wallets)
    assert [finding for one in looked for finding in one.findings] == []
    shop.services.sessions.close()
