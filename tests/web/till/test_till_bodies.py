"""What a page may send when it books: a field that is off is named, and nothing is booked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.site import Site
from tests.web.till.page import TillPage, new_key
from wallet_service.db.tables import LedgerEntry

BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("purchases", {"total": "300"}, "total"),
    ("purchases", {"total": 3.5}, "total"),
    ("purchases", {"total": True}, "total"),
    ("purchases", {"total": -1}, "total"),
    ("purchases", {"total": 10**12}, "total"),
    ("purchases", {"visits": 0}, "visits"),
    ("purchases", {"visits": 101}, "visits"),
    ("purchases", {"receipt": "x" * 300}, "receipt"),
    ("purchases", {"receipt": 5}, "receipt"),
    ("purchases", {"visits": 1, "confirmed": "yes"}, "confirmed"),
    ("purchases", {"visits": 1, "key": ""}, "key"),
    ("purchases", {"visits": 1, "key": "k" * 129}, "key"),
    ("purchases", {"visits": 1, "key": "a b"}, "key"),
    ("purchases", {"visits": 1, "key": 7}, "key"),
    ("purchases", {"visits": 1, "points": 500}, "points"),
    ("purchases", {"visits": 1, "store": "other"}, "store"),
    ("rewards", {}, "reward"),
    ("rewards", {"reward": "x" * 65}, "reward"),
    ("rewards", {"reward": "coffee", "manager_pin": 1234}, "manager_pin"),
    ("rewards", {"reward": "coffee", "live": True}, "live"),
    ("payments", {"points": 0, "total": 100}, "points"),
    ("payments", {"points": 10}, "total"),
    ("adjustments", {"points": 10**10, "reason": "x", "manager_pin": "1"}, "points"),
    ("adjustments", {"points": 1, "reason": "", "manager_pin": "1"}, "reason"),
    ("adjustments", {"points": 1, "reason": "r" * 201, "manager_pin": "1"}, "reason"),
    ("adjustments", {"points": 1, "reason": "r", "manager_pin": "1" * 99}, "manager_pin"),
    ("refunds", {}, "receipt"),
    ("refunds", {"receipt": "x", "of": ""}, "of"),
    ("quotes", {"total": None}, "total"),
]


@pytest.mark.parametrize(("verb", "body", "field"), BODIES)
def test_the_field_that_is_off_is_named_and_nothing_is_booked(
    site: Site, page: TillPage, card: str, verb: str, body: dict[str, Any], field: str
) -> None:
    key = {} if verb == "quotes" else {"key": new_key()}
    said = page.post(f"/cards/{card}/{verb}", key | body)
    assert (page.status, page.slug, said["field"]) == (400, "invalid-body", field)
    assert said["said"]["text"]
    assert site.count(LedgerEntry) == 1


def test_a_purchase_of_nothing_is_refused(page: TillPage, card: str) -> None:
    page.press(card, "purchases")
    assert page.status == 400


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff", b"{" * 5000])
def test_what_is_no_json_object_is_refused_politely(page: TillPage, card: str, sent: bytes) -> None:
    answer = page.visitor.client.post(
        f"/till/cards/{card}/purchases",
        data=sent,
        content_type="application/json",
        headers={"X-CSRFToken": page.csrf},
    )
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_a_form_is_no_json(page: TillPage, card: str) -> None:
    answer = page.visitor.client.post(
        f"/till/cards/{card}/purchases", data={"visits": "1"}, headers={"X-CSRFToken": page.csrf}
    )
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
