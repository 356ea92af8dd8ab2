"""What was booked is taken back or corrected: at once by anybody there, later with a manager."""

from __future__ import annotations

import pytest

from tests.web.site import ADMIN, CASHIER, Site
from tests.web.till.page import TillPage, last_entry, rows, till_page


def test_undo_takes_the_visit_back_within_a_minute(site: Site, page: TillPage, card: str) -> None:
    entry = page.scan(page.number(card))["entry"]["id"]
    site.clock.forward(seconds=59)
    screen = page.undo(entry)
    assert (screen["kind"], screen["entry"]["taken_back"], screen["undo_seconds"]) == ("booked", True, 0)
    assert screen["entry"]["headline"] == "Taken back: \u22121\u00a0stamp"
    assert screen["more"] is False
    assert site.shop.face(card).progress.value == 2


def test_undo_gives_a_reward_back(site: Site, page: TillPage, card: str) -> None:
    site.shop.earn(card, visits=10)
    page.undo(page.press(card, "rewards", reward="coffee")["entry"]["id"])
    assert site.shop.face(card).progress.value == 12


def test_a_repeated_undo_answers_the_same_and_another_one_says_so(page: TillPage, card: str) -> None:
    entry = page.scan(page.number(card))["entry"]["id"]
    assert page.undo(entry, key="one") == page.undo(entry, key="one")
    page.undo(entry)
    assert (page.status, page.slug) == (409, "already-reversed")


def test_a_press_that_was_taken_back_since_says_so_when_it_is_repeated(page: TillPage, card: str) -> None:
    entry = page.press(card, "purchases", key="one", visits=1)["entry"]["id"]
    page.undo(entry)
    again = page.press(card, "purchases", key="one", visits=1)
    assert (again["entry"]["taken_back"], again["undo_seconds"]) == (True, 0)
    assert again["entry"]["why"] == "Taken back at the till."


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Undo works for 60 seconds."), ("ru", "Отмена работает 60 секунд.")]
)
def test_S9_a_late_undo_wants_a_manager_who_is_kept_with_it(
    site: Site, card: str, language: str, said: str
) -> None:
    page = till_page(site, language)
    entry = page.scan(page.number(card))["entry"]["id"]
    site.clock.forward(seconds=61)
    page.undo(entry, key="late")
    assert (page.status, page.slug) == (409, "too-late-to-undo")
    assert said in page.said["said"]["text"]
    page.undo(entry, key="late", manager_pin=CASHIER)
    assert (page.status, page.slug) == (403, "not-allowed")
    assert page.undo(entry, key="late", manager_pin=ADMIN)["entry"]["taken_back"] is True
    assert [row.approved_by for row in rows(site, "reverse")] == ["staff:2"]
    assert site.shop.face(card).progress.value == 2


def test_a_manager_at_the_till_undoes_late_with_their_own_pin(site: Site, card: str) -> None:
    page = till_page(site, name="Olga")
    entry = page.scan(page.number(card))["entry"]["id"]
    site.clock.forward(minutes=30)
    assert page.undo(entry, manager_pin=ADMIN)["entry"]["taken_back"] is True
    assert [row.approved_by for row in rows(site, "reverse")] == [None]


def test_undo_is_offered_while_it_works(site: Site, page: TillPage, card: str) -> None:
    assert page.press(card, "purchases", key="one", visits=1)["undo_seconds"] == 60
    site.clock.forward(seconds=50)
    assert page.press(card, "purchases", key="one", visits=1)["undo_seconds"] == 10
    site.clock.forward(seconds=50)
    assert page.press(card, "purchases", key="one", visits=1)["undo_seconds"] == 0


def test_another_stores_entries_are_not_taken_back_here(site: Site, page: TillPage, card: str) -> None:
    booked = site.shop.earn(card)  # by the shop's own cashier, in a store of another name
    page.undo(booked.entry.id)
    assert (page.status, page.slug) == (404, "unknown-entry")
    page.undo(booked.entry.id, manager_pin=ADMIN)
    assert (page.status, page.slug) == (404, "unknown-entry")


@pytest.mark.parametrize("entry", [999, 999999999999999999])
def test_an_entry_that_nobody_wrote_is_unknown(page: TillPage, entry: int) -> None:
    page.undo(entry)
    assert (page.status, page.slug) == (404, "unknown-entry")


def test_S9_a_correction_is_made_with_a_manager_who_is_kept_with_it(
    site: Site, page: TillPage, card: str
) -> None:
    page.press(card, "adjustments", points=3, reason="machine was broken", manager_pin=CASHIER)
    assert page.slug == "not-allowed"
    page.press(card, "adjustments", points=3, reason="machine was broken")
    assert (page.status, page.said["field"]) == (400, "manager_pin")
    screen = page.press(card, "adjustments", points=3, reason="machine was broken", manager_pin=ADMIN)
    assert screen["entry"]["headline"] == "Correction: +3\u00a0stamps"
    row = last_entry(site)
    assert (row.actor, row.approved_by, row.note) == ("staff:1", "staff:2", "machine was broken")


def test_S9_a_manager_alone_at_the_till_is_one_person(site: Site, card: str) -> None:
    site.shop.publish(adjustment_limit=5)
    alone = till_page(site, name="Olga")
    alone.press(card, "adjustments", points=6, reason="goodwill", manager_pin=ADMIN)
    assert (alone.status, alone.slug) == (409, "second-person-needed")
    together = till_page(site)
    assert together.press(card, "adjustments", points=6, reason="goodwill", manager_pin=ADMIN)["entry"]


def test_what_a_manager_corrected_is_not_taken_back_without_one(page: TillPage, card: str) -> None:
    page.press(card, "purchases", visits=5)
    screen = page.press(card, "adjustments", points=-3, reason="never here", manager_pin=ADMIN)
    page.undo(screen["entry"]["id"])
    assert (page.status, page.slug) == (409, "too-late-to-undo")
    assert page.undo(screen["entry"]["id"], manager_pin=ADMIN)["entry"]["points"] == 3
