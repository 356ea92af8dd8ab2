"""The faults of our own processes, each at a small share of its count; `make faults` has them whole."""

from __future__ import annotations

import os

import pytest

from tests.faults import (
    broker,
    campaigned,
    deployed,
    drained,
    full_disk,
    killed,
    loads,
    locked,
    paused,
    restarted,
    shuffled,
)
from tests.faults import statements as broken
from tests.faults.count import Count
from tests.faults.ground import POSTGRESQL, SQLITE

pytestmark = pytest.mark.alone
SEED = 7
KINDS = [SQLITE, POSTGRESQL] if os.environ.get("LONG") else [SQLITE]
long = pytest.mark.skipif(not os.environ.get("LONG"), reason="takes its time: LONG=1, and `make faults`")


def held(count: Count) -> None:
    assert count.held, count


def test_fault_F1_F2_web_and_worker_are_killed_and_nothing_is_lost_or_doubled() -> None:
    held(killed.run(SQLITE, 0.03, SEED))


def test_fault_F3_a_worker_that_wakes_up_late_does_no_harm() -> None:
    held(paused.run(POSTGRESQL, 0.1, SEED))


def test_fault_F4_purchases_go_on_while_the_broker_is_dead() -> None:
    held(broker.run(0.02, SEED))


def test_fault_F5_the_database_is_restarted_in_mid_load() -> None:
    held(restarted.run(0.02, SEED))


def test_fault_F6_a_full_disk_refuses_writes_and_recovers_by_itself() -> None:
    held(full_disk.run(SQLITE, 0.05, SEED))


@pytest.mark.parametrize("kind", KINDS)
def test_fault_F7_a_statement_that_fails_leaves_nothing_by_halves(kind: str) -> None:
    held(broken.run(kind, 0.05, SEED))


@long
def test_fault_F12_what_comes_twice_and_in_another_order_makes_no_difference() -> None:
    held(shuffled.run(SQLITE, 0.04, SEED))


def test_fault_F14_a_stop_under_load_returns_its_leases() -> None:
    held(deployed.run(POSTGRESQL, 0.1, SEED))


@long
def test_fault_F16_a_locked_database_is_told_as_such() -> None:
    held(locked.run(SQLITE, 0.01, SEED))


@long
@pytest.mark.parametrize("kind", KINDS)
def test_load_L5_tills_sell_as_ever_while_a_change_goes_out_to_all_cards(kind: str) -> None:
    held(campaigned.run(kind, 0.05, SEED))


@long
@pytest.mark.parametrize("kind", KINDS)
def test_load_L6_a_sender_works_off_a_mountain_of_marks(kind: str) -> None:
    held(drained.run(kind, 0.1, SEED))


@long
def test_load_L9_a_hundred_changes_of_a_card_are_few_pushes() -> None:
    held(loads.burst(SQLITE, 0.1, SEED))
