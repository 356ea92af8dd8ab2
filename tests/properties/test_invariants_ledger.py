"""Invariants of the ledger itself, made again from its rows after any sequence of presses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests.properties.books import Page, Row, books, every_entry
from tests.properties.plans import Plan, plans
from tests.properties.presses import Press, Town, agree, examples, presses
from tests.shop import Shop
from wallet_service.actions import entries
from wallet_service.db.tables import LedgerEntry
from wallet_service.db.tables.base import table
from wallet_service.domain import chain
from wallet_service.domain.lots import Take

NEVER = datetime.max.replace(tzinfo=UTC)


def without(*verbs: str) -> st.SearchStrategy[list[Press]]:
    return presses.map(lambda all_of: [press for press in all_of if press.verb not in verbs])


@examples(12)
@given(plan=plans, pressed=presses)
def test_invariant_01_totals_by_kind_add_up_to_the_balance_in_whole_points(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    for page in books(Town(shop, plan).play(pressed)):
        totals: Counter[str] = Counter()
        for entry in page.entries:
            assert type(entry["points"]) is int
            totals[entry["kind"]] += entry["points"]
            assert entry["balance_after"] == totals.total()
        assert totals.total() == page.card["balance"]


def test_invariant_01_the_database_refuses_a_line_that_does_not_add_up(shop: Shop) -> None:
    card = shop.join()
    for changed in ("balance_after + 1, seq + 1", "balance_after, seq + 2", "balance_after, seq"):
        assert _refused(shop, _copy_of_last_line("balance_after, seq", changed), card)


def _copy_of_last_line(columns: str, values: str) -> str:
    """Of a card, with other values in these columns."""
    names = [column.name for column in table(LedgerEntry).columns if column.name != "id"]
    changed = dict(zip(columns.split(", "), values.split(", "), strict=True))
    said = {name: name for name in names} | {"previous_hash": "hash", "points": "0"} | changed
    return (
        f"INSERT INTO ledger_entry ({', '.join(said)}) SELECT {', '.join(said.values())} FROM ledger_entry "
        "WHERE id = (SELECT max(ledger_entry.id) FROM ledger_entry JOIN card ON card.id = card_id "
        "WHERE serial = :card)"
    )


def _refused(shop: Shop, statement: str, card: str) -> bool:
    try:
        with shop.services.sessions.engine.begin() as connection:
            connection.execute(text(statement), {"card": card} if ":card" in statement else {})
    except DatabaseError:
        return True
    return False


def test_a_line_that_does_follow_is_taken(shop: Shop) -> None:
    """So that the refusals are for what they say."""
    card = shop.join()
    assert not _refused(shop, _copy_of_last_line("balance_after, seq", "balance_after, seq + 1"), card)


@pytest.mark.parametrize("name", ["ledger_entry", "allocation", "ledger_day"])
def test_invariant_02_the_database_refuses_to_change_or_delete_a_line(shop: Shop, name: str) -> None:
    card = shop.join()
    for _ in range(10):
        shop.earn(card)
    shop.redeem(card)
    if name == "ledger_day":
        with shop.services.sessions.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO ledger_day (day, entries, last_entry_id, previous_root, root, made_at) "
                    "VALUES ('1999-01-01', 0, 0, '', 'root', '1999-01-02') ON CONFLICT DO NOTHING"
                )
            )
    key = next(iter(LedgerEntry.metadata.tables[name].primary_key.columns)).name
    assert _refused(shop, f"UPDATE {name} SET {key} = {key}", card)
    assert _refused(shop, f"DELETE FROM {name}", card)
    if not shop.services.sessions.sqlite:
        assert _refused(shop, f"TRUNCATE {name} CASCADE", card)


@examples(12)
@given(plan=plans, pressed=presses, later=st.integers(0, 500))
def test_invariant_03_what_is_kept_equals_what_the_entries_say_at_any_moment(
    shop: Shop, plan: Plan, pressed: Sequence[Press], later: int
) -> None:
    town = Town(shop, plan).play(pressed)
    for page in books(town):
        kept, made = page.card, page.entries
        left = {seq: left for seq, left in page.left(kept["seq"] + 1).items() if left}
        assert {seq: lot["points_left"] for seq, lot in page.lots.items()} == left
        assert kept["balance"] == (sum(left.values()) if left else min(kept["balance"], 0))
        assert kept["seq"] == len(made)
        assert kept["head"] == (made[-1]["hash"] if made else "")
        assert kept["carried"] == (made[-1]["carried"] if made else "0/1")
        assert kept["status_points"] == sum(entry["status_points"] for entry in made)
        assert [entry["seq"] for entry in made] == list(range(1, len(made) + 1))
    town.shop.clock.forward(days=later)
    agree(town)


@examples(12)
@given(plan=plans, pressed=presses)
def test_invariant_04_no_lot_gives_more_than_it_has_or_takes_back_more_than_it_gave(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    for page, entry in every_entry(books(Town(shop, plan).play(pressed))):
        sizes = page.lot_sizes()
        assert all(0 <= left <= sizes[lot] for lot, left in page.left(entry["seq"] + 1).items())


def test_invariant_04_the_database_refuses_a_lot_with_less_than_nothing(shop: Shop) -> None:
    card = shop.join()
    mine = "WHERE card_id = (SELECT id FROM card WHERE serial = :card)"
    assert _refused(shop, f"UPDATE open_lot SET points_left = 0 {mine}", card)
    assert _refused(shop, f"UPDATE open_lot SET points_left = -1 {mine}", card)


@examples(15)
@given(plan=plans, pressed=without("merge"))
def test_invariant_05_a_debit_takes_from_lots_in_their_days_the_soonest_to_expire_first(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    for page, entry in every_entry(books(Town(shop, plan).play(pressed))):
        if entry["kind"] == "redeem":
            assert page.takes_of(entry["seq"]) == _soonest(page, plan, entry)


def _soonest(page: Page, plan: Plan, debit: Row) -> dict[int, int]:
    """What the debit should have taken, lot by lot."""
    now, idle = debit["recorded_at"], page.idle_until(plan, debit["seq"])
    left, due, takes = page.left(debit["seq"]), -debit["points"], {}
    lots = [entry for entry in page.entries if left.get(entry["seq"])]
    ends = {lot["seq"]: (idle if lot["slides"] else lot["expires_at"]) or NEVER for lot in lots}
    for lot in sorted(lots, key=lambda lot: (ends[lot["seq"]], lot["seq"])):
        part = min(left[lot["seq"]], due)
        if part and lot["available_from"] <= now < ends[lot["seq"]]:
            takes[lot["seq"]], due = part, due - part
    assert due == 0
    return takes


@examples(15)
@given(plan=plans, pressed=presses)
def test_invariant_06_it_makes_no_difference_whether_the_sweep_has_run(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    swept, unswept = _lived(shop, plan, pressed, swept=True), _lived(shop, plan, pressed, swept=False)
    assert swept == unswept


def _lived(shop: Shop, plan: Plan, pressed: Sequence[Press], *, swept: bool) -> list[Any]:
    """All that anybody saw at any moment, and what was booked in the end."""
    seen: list[Any] = []

    def look(town: Town) -> None:
        stands = map(town.shop.stand, town.cards)
        seen.append([(one.balance, one.spendable, one.status, one.level, one.goal.id) for one in stands])

    pressed = [press for press in pressed if press.verb != "sweep"]
    town = Town(shop, plan, swept=swept).play(pressed, after_each=look)
    town.shop.clock.forward(days=10)
    town.shop.sweep()
    seen.append([line for line in town.told if line.startswith(" ")])
    columns = ("kind", "points", "balance_after", "status_points", "occurred_at", "expires_at", "carried")
    for page in books(town):
        seen.append([[entry[name] for name in columns] for entry in page.entries])
        seen.append([page.takes, {seq: lot["points_left"] for seq, lot in page.lots.items()}])
    return seen


@examples(15)
@given(
    plan=plans,
    totals=st.lists(st.integers(0, 9_999), min_size=1, max_size=6),
    back=st.sets(st.integers(0, 5), max_size=3),
)
def test_invariant_12_rounding_happens_once_and_by_the_mode_of_the_program(
    shop: Shop, plan: Plan, totals: list[int], back: set[int]
) -> None:
    """Each purchase by itself; and those that carry on, all together to the last fraction."""
    plan = replace(plan, present=0, welcome=0, refunds="allow_negative", expiry={"kind": "never"})
    town = Town(shop, plan)
    card, model, exact = town.cards[0], town.model, Fraction(0)
    for number, total in enumerate(totals):
        points, now = town.shop.earn(card, total=total, receipt=f"r{number}").entry.points, town.now
        model.do("earn", 0, now, now, total, None, f"r{number}")
        bought = model.receipts[f"r{number}"].bought
        assert bought is not None
        assert points == plan.worth(bought, 0)[0]
        whole, fraction, _ = plan.worth(replace(bought, carried=Fraction(0)), 0)
        if number in back:
            town.shop.refund(card, f"r{number}")
            model.do("refund", 0, now, f"r{number}", None)
        else:
            exact += whole + fraction
    kept = books(town)[0].card
    assert kept["balance"] + Fraction(kept["carried"]) == exact


@examples(10)
@given(plan=plans, pressed=presses)
def test_invariant_18_every_line_says_who_where_and_by_hand_why(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    for _, entry in every_entry(books(Town(shop, plan).play(pressed))):
        assert entry["actor"]
        assert entry["store"]
        assert entry["till"]
        if entry["kind"] == "adjust":
            assert entry["note"]
        if entry["kind"] == "adjust" and entry["note"] != "merged" and plan.adjustment_limit is not None:
            alone = abs(entry["points"]) <= plan.adjustment_limit
            assert alone or entry["approved_by"] not in (None, entry["actor"])


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("actor", "NULL"),
        ("store", "NULL"),
        ("till", "NULL"),
        ("kind, note", "'adjust', NULL"),
        ("kind, note, approved_by", "'adjust', 'why', actor"),
    ],
)
def test_invariant_18_the_database_refuses_a_line_without_them(shop: Shop, columns: str, values: str) -> None:
    statement = _copy_of_last_line(f"seq, {columns}", f"seq + 1, {values}")
    assert _refused(shop, statement, shop.join())


@examples(10)
@given(plan=plans, pressed=presses)
def test_invariant_23_the_chain_of_every_card_verifies(
    shop: Shop, plan: Plan, pressed: Sequence[Press]
) -> None:
    town = Town(shop, plan).play(pressed)
    for page in books(town):
        numbers = {entry["id"]: entry["seq"] for entry in page.entries}
        lines = []
        for entry in page.entries:
            takes = [Take(lot, amount) for lot, amount in page.takes_of(entry["seq"]).items()]
            said = entries.line(
                entry,
                serial=page.card["serial"],
                program=f"{town.shop.program}@1",
                reverses=numbers.get(entry["reverses_id"]),
                takes=takes,
            )
            lines.append((said, entry["hash"]))
        assert chain.first_break(lines) is None
        assert [entry["previous_hash"] for entry in page.entries[1:]] == [said for _, said in lines[:-1]]
