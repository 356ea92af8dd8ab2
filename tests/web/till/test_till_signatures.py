"""Each till signs with keys of its own: what they did not sign, or what is no operation, books nothing."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from tests.web.site import Site
from tests.web.till.offline import (
    CREDITED,
    REFUSED,
    OfflineTill,
    number,
    offline_till,
    public_key,
    signature,
)
from tests.web.till.page import rows, till_page
from wallet_service.db.tables import TillKey

CHANGES: list[dict[str, Any]] = [
    {"total": 100_000},
    {"visits": 5},
    {"at": "2026-11-02T08:00:01Z"},
    {"operator": 2},
    {"id": "another-press"},
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_after_it_was_signed_is_refused(
    site: Site, till: OfflineTill, change: dict[str, Any]
) -> None:
    signed = till.books(number(site))
    forged = json.dumps(json.loads(signed["said"]) | change, ensure_ascii=False)
    (verdict,) = till.sends(signed | {"said": forged})
    assert (verdict["verdict"], verdict["said"]["title"]) == (REFUSED, "Not from this till")
    assert rows(site, "earn") == []


def test_the_signature_covers_the_very_bytes(site: Site, till: OfflineTill) -> None:
    signed = till.books(number(site))
    spaced = json.dumps(json.loads(signed["said"]), indent=1)
    assert till.sends(signed | {"said": spaced})[0]["verdict"] == REFUSED
    assert till.sends(signed | {"said": signed["said"] + " "})[0]["verdict"] == REFUSED
    assert till.sends(signed)[0]["verdict"] == CREDITED


@pytest.mark.parametrize(
    "wrong",
    ["", "x", "AAAA", b64encode(bytes(64)).decode(), b64encode(b"\xff" * 64).decode(), "A" * 88, "é" * 20],
)
def test_what_is_no_signature_is_refused(site: Site, till: OfflineTill, wrong: str) -> None:
    (verdict,) = till.sends(till.books(number(site)) | {"signature": wrong})
    assert (verdict["verdict"], verdict["said"]["title"]) == (REFUSED, "Not from this till")


def test_a_key_of_nobody_or_of_another_till_signs_nothing_here(site: Site, till: OfflineTill) -> None:
    other = offline_till(till_page(site, name="Olga"))
    said = till.says(number(site))
    text = json.dumps(said)
    verdicts = till.sends(
        {"said": text, "key": 999, "signature": signature(till.secret, text)},
        {"said": text, "key": other.key, "signature": signature(other.secret, text)},
        {"said": text, "key": till.key, "signature": signature(other.secret, text)},
        other.signed(said),
        other.signed(other.says(number(site))),
    )
    assert [verdict["verdict"] for verdict in verdicts] == [REFUSED] * 5
    assert rows(site, "earn") == []


def test_an_older_key_of_the_till_still_counts_for_what_it_signed(site: Site, till: OfflineTill) -> None:
    before = till.books(number(site))
    newer = offline_till(till.page)
    assert newer.key != till.key
    assert [one["verdict"] for one in newer.sends(before, newer.books(number(site)))] == [CREDITED] * 2


ODD: list[dict[str, Any]] = [
    {"id": ""},
    {"id": "x" * 129},
    {"id": "\x00"},
    {"id": 5},
    {"till": "1"},
    {"till": 2},
    {"operator": True},
    {"operator": 2**70},
    {"shift": None},
    {"code": None},
    {"code": "x" * 600},
    {"code": "\x00"},
    {"total": "300"},
    {"total": -5, "visits": None},
    {"total": 10**14, "visits": None},
    {"visits": 0},
    {"visits": 1000},
    {"visits": None},
    {"receipt": "x"},
    {"receipt": "x" * 300},
    {"reward": "coffee"},
    {"points": 500},
]


@pytest.mark.parametrize("odd", ODD)
def test_an_operation_that_says_something_odd_is_refused_and_books_nothing(
    site: Site, till: OfflineTill, odd: dict[str, Any]
) -> None:
    (verdict,) = till.sends(till.signed(till.says(number(site)) | odd))
    assert (till.page.status, verdict["verdict"]) == (200, REFUSED)
    assert rows(site, "earn") == []


@pytest.mark.parametrize(
    "said", ["", "null", "[]", "5", '"x"', "{}", '{"id": {}}', '{"id": "\\ud800"}', "[" * 1900, "x" * 3000]
)
def test_a_text_that_is_no_operation_is_refused(site: Site, till: OfflineTill, said: str) -> None:
    sent = {"said": said, "key": till.key, "signature": "AAAA"}
    assert [one["verdict"] for one in till.sends(sent, till.books(number(site)))] == [REFUSED, CREDITED]


@pytest.mark.parametrize(
    "odd",
    [{"key": "1"}, {"key": None}, {"key": 0}, {"signature": 5}, {"said": 5}, {"said": None}, {"more": 1}],
)
def test_an_operation_of_another_form_is_refused_by_itself(
    site: Site, till: OfflineTill, odd: dict[str, Any]
) -> None:
    verdicts = till.sends(till.books(number(site)) | odd, till.books(number(site)))
    assert [one["verdict"] for one in verdicts] == [REFUSED, CREDITED]


def test_a_call_brings_fifty_at_the_most(site: Site, till: OfflineTill) -> None:
    one = {"said": "{}", "key": till.key, "signature": ""}
    till.page.post("/operations", {"operations": [one] * 51})
    assert (till.page.status, till.page.said["field"]) == (400, "operations")
    card = number(site)
    full = [till.books(card, id=f"{turn:0>64}", receipt="r" * 80) for turn in range(50)]
    assert len(till.sends(*full)) == 50  # with the longest that a page sends


def test_a_key_is_kept_once_and_belongs_to_its_till(site: Site, till: OfflineTill) -> None:
    assert till.register() == till.key
    assert till.page.status == 201
    other = till_page(site, name="Olga")
    assert other.post("/keys", {"public_key": public_key(till.secret)})["key"] != till.key
    with site.shop.services.sessions.read() as session:
        assert session.scalar(select(func.count(TillKey.id))) == 2


def test_a_till_keeps_twenty_keys_and_is_told_the_way_out_of_more(site: Site, till: OfflineTill) -> None:
    for _ in range(19):
        till.page.post("/keys", {"public_key": public_key(generate_private_key(SECP256R1()))})
        assert till.page.status == 201
    till.page.post("/keys", {"public_key": public_key(generate_private_key(SECP256R1()))})
    assert (till.page.status, till.page.slug) == (409, "too-many-keys")
    assert "new till" in str(till.page.said)
    assert site.count(TillKey) == 20
    assert till.register() == till.key  # one that is kept is known as before
    assert till.page.status == 201


NO_KEYS = [
    "",
    "x",
    "AAAA",
    "-----BEGIN PUBLIC KEY-----",
    public_key(generate_private_key(SECP384R1())),
    public_key(Ed25519PrivateKey.generate()),
]


@pytest.mark.parametrize("sent", [*NO_KEYS, "A" * 300, 5, None], ids=range(9))
def test_what_is_no_key_of_this_kind_is_refused(site: Site, sent: object) -> None:
    page = till_page(site)
    page.post("/keys", {"public_key": sent})
    assert (page.status, page.said["field"]) == (400, "public_key")
    assert site.count(TillKey) == 0
