"""A till without a network: what it signed comes back later, and each piece gets its verdict."""

from __future__ import annotations

import json
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select, update

from tests.web.site import Site
from tests.web.till import (
    Json,
    OfflineTill,
    fiscal,
    list_drive,
    make_mine,
    offline_till,
    public_key,
    signature,
    stamp,
    till_page,
)
from wallet_service.db.tables import Card, LedgerEntry, Shift, Staff, Store, TillKey
from wallet_service.domain.identifiers import card_number

CREDITED, DUPLICATE, REFUSED, LATER = "credited", "duplicate", "refused", "later"


@pytest.fixture
def till(site: Site) -> OfflineTill:
    return offline_till(till_page(site))


def number(site: Site, card: str | None = None) -> str:
    return site.shop.face(card or site.shop.join()).number


def earned(site: Site) -> list[LedgerEntry]:
    with site.shop.services.sessions.read() as session:
        query = select(LedgerEntry).where(LedgerEntry.kind == "earn").order_by(LedgerEntry.id)
        return list(session.scalars(query))


def test_twenty_operations_of_an_airplane_mode_get_twenty_verdicts_and_none_is_doubled(
    site: Site, till: OfflineTill
) -> None:
    booked = []
    for _ in range(20):
        booked.append(till.books(number(site)))
        site.clock.forward(minutes=2)
    verdicts = till.sends(*booked)
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED] * 20
    assert [verdict["id"] for verdict in verdicts] == [json.loads(one["said"])["id"] for one in booked]
    assert [row.flags for row in earned(site)] == ["offline"] * 20
    again = till.sends(*booked)  # the answer was lost, the page was loaded again
    assert [verdict["verdict"] for verdict in again] == [DUPLICATE] * 20
    assert [verdict["entry"] for verdict in again] == [verdict["entry"] for verdict in verdicts]
    assert len(earned(site)) == 20


def test_it_is_booked_for_whoever_stood_there_at_the_time_it_happened(site: Site, till: OfflineTill) -> None:
    at = site.clock()
    said = till.books(number(site))
    site.clock.forward(hours=3)
    (verdict,) = till.sends(said)
    assert verdict["said"]["title"] == "Credited"
    assert verdict["headline"] == "+1\u00a0stamp"
    (row,) = earned(site)
    assert (row.actor, row.store, row.till) == ("staff:1", "main", "till-1")
    assert (row.occurred_at, row.recorded_at) == (at, site.clock())


def test_what_was_booked_with_a_network_before_its_answer_was_lost_is_a_duplicate(
    site: Site, till: OfflineTill
) -> None:
    card = site.shop.join()
    till.page.scan(number(site, card), "scan")
    till.page.press(other := site.shop.join(), "purchases", key="sum", total=30_000)
    verdicts = till.sends(
        till.books(number(site, card), id="scan"),
        till.books(number(site, other), id="sum", total=30_000, visits=None),
    )
    assert [verdict["verdict"] for verdict in verdicts] == [DUPLICATE, DUPLICATE]
    assert len(earned(site)) == 2


def test_the_same_key_for_something_else_is_refused(site: Site, till: OfflineTill) -> None:
    card = site.shop.join()
    till.page.scan(number(site, card), "scan")
    (verdict,) = till.sends(till.books(number(site, card), id="scan", visits=2))
    assert verdict["verdict"] == REFUSED
    assert len(earned(site)) == 1


def test_an_amount_under_the_key_of_a_scan_that_booked_a_visit_is_a_duplicate_and_says_so(
    site: Site, till: OfflineTill
) -> None:
    """The answer to the scan was lost, so that the cashier typed what was bought."""
    card = site.shop.join()
    booked = till.page.scan(number(site, card), "scan")
    (verdict,) = till.sends(till.books(number(site, card), id="scan", total=30_000, visits=None))
    assert (verdict["verdict"], verdict["entry"]) == (DUPLICATE, booked["entry"]["id"])
    assert verdict["headline"] == booked["entry"]["headline"]
    assert verdict["said"]["text"] == "The scan had booked a visit already; the amount was not added."
    assert [row.total for row in earned(site)] == [None]


def test_an_amount_is_counted_where_the_scan_with_its_key_did_not_arrive(
    site: Site, till: OfflineTill
) -> None:
    (verdict,) = till.sends(till.books(number(site), id="scan", total=30_000, visits=None))
    assert verdict["verdict"] == CREDITED
    assert [row.total for row in earned(site)] == [30_000]


@pytest.mark.parametrize("change", [{"visits": 2}, {"total": 40_000, "visits": None}])
def test_a_key_tells_nothing_of_another_card_nor_of_another_amount(
    site: Site, till: OfflineTill, change: dict[str, Any]
) -> None:
    card, other = site.shop.join(), site.shop.join()
    till.page.scan(number(site, card), "scan")
    till.page.press(other, "purchases", key="sum", total=30_000)
    verdicts = till.sends(
        till.books(number(site, other), id="scan", **change),
        till.books(number(site, other), id="sum", **change),
    )
    assert [(one["verdict"], one["entry"]) for one in verdicts] == [(REFUSED, None)] * 2
    assert len(earned(site)) == 2


def test_an_amount_and_a_receipt_count_as_they_do_with_a_network(site: Site, till: OfflineTill) -> None:
    list_drive(site)
    receipt = fiscal("350.50")
    verdicts = till.sends(
        till.books(number(site), total=30_000, visits=None),
        till.books(number(site), receipt=receipt, visits=None),
        till.books(number(site), receipt=receipt, visits=None),
        till.books(number(site), total=0, visits=None),
    )
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, CREDITED, REFUSED, REFUSED]
    assert verdicts[2]["said"]["title"] == "This receipt was booked before"
    assert [row.total for row in earned(site)] == [30_000, 35_050]


def test_one_that_is_off_does_not_spoil_the_others(site: Site, till: OfflineTill) -> None:
    good = [till.books(number(site)) for _ in range(3)]
    bad = [
        till.books("123"),
        till.books(card_number(b"another shop 123")),
        till.signed({"id": "no-more"}),
        {"said": "{", "key": till.key, "signature": "x"},
    ]
    verdicts = till.sends(good[0], bad[0], bad[1], good[1], bad[2], bad[3], good[2])
    assert [verdict["verdict"] for verdict in verdicts] == [
        CREDITED,
        REFUSED,
        REFUSED,
        CREDITED,
        REFUSED,
        REFUSED,
        CREDITED,
    ]
    assert [verdict["id"] for verdict in verdicts[4:6]] == ["no-more", None]
    assert all(verdict["said"]["text"] for verdict in verdicts)
    assert len(earned(site)) == 3


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Without a network a card earns 3 times a day."),
        ("ru", "Без сети по карте начисляется 3 раза в день."),
    ],
)
def test_a_card_earns_without_a_network_as_often_a_day_as_the_program_says(
    site: Site, language: str, said: str
) -> None:
    till, card = offline_till(till_page(site, language)), number(site)
    booked = []
    for _ in range(4):
        booked.append(till.books(card))
        site.clock.forward(minutes=20)
    verdicts = till.sends(*booked)
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, CREDITED, CREDITED, REFUSED]
    assert verdicts[3]["said"]["text"] == said


def test_the_next_day_the_card_earns_again(site: Site, till: OfflineTill) -> None:
    site.shop.publish(offline_a_day=1)
    card = number(site)
    site.clock.forward(hours=11)  # 22:00 in Moscow
    first, second = till.books(card), till.books(card, at=stamp(site.clock() + timedelta(minutes=30)))
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Shift).values(began_at=site.clock()))
    site.clock.forward(hours=3)
    third = till.signed(json.loads(second["said"]) | {"id": "next-day", "at": stamp(site.clock())})
    verdicts = [verdict["verdict"] for verdict in till_of(site, till).sends(first, second, third)]
    assert verdicts == [CREDITED, REFUSED, CREDITED]


def till_of(site: Site, till: OfflineTill) -> OfflineTill:
    """The same browser, with whoever stands there signed in again."""
    with till.page.visitor.client.session_transaction() as kept:
        kept["since"] = int(site.clock().timestamp())
    till.page.state()
    return till


def test_a_program_may_count_nothing_without_a_network(site: Site, till: OfflineTill) -> None:
    site.shop.publish(offline_a_day=0)
    (verdict,) = till.sends(till.books(number(site)))
    assert verdict["verdict"] == REFUSED
    assert till.page.state()["offline"]["per_card_a_day"] == 0


def test_a_till_books_two_hundred_a_day_and_no_more(site: Site, till: OfflineTill) -> None:
    site.shop.publish(offline_a_day=1_000, purchases_a_day=1_000, repeat_minutes=0)
    card = number(site)
    for _ in range(4):
        assert {one["verdict"] for one in till.sends(*(till.books(card) for _ in range(50)))} == {CREDITED}
    verdicts = till.sends(till.books(card), till.books(number(site)))
    assert [verdict["verdict"] for verdict in verdicts] == [REFUSED, REFUSED]
    assert "200 times a day" in verdicts[0]["said"]["text"]
    other = offline_till(till_page(site, name="Olga"))
    assert other.sends(other.books(number(site)))[0]["verdict"] == CREDITED


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
    assert earned(site) == []


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
    assert earned(site) == []


def test_an_older_key_of_the_till_still_counts_for_what_it_signed(site: Site, till: OfflineTill) -> None:
    before = till.books(number(site))
    newer = offline_till(till.page)
    assert newer.key != till.key
    assert [one["verdict"] for one in newer.sends(before, newer.books(number(site)))] == [CREDITED] * 2


def test_nobody_speaks_for_a_colleague_who_was_not_there(site: Site, till: OfflineTill) -> None:
    with site.shop.services.sessions.read() as session:
        olga = session.scalars(select(Staff.id).where(Staff.name == "Olga")).one()
    other_shift = till_page(site, name="Olga").state()["shift"]
    verdicts = till.sends(
        till.books(number(site), operator=olga),
        till.books(number(site), shift=999),
        till.books(number(site), shift=other_shift, operator=olga),
        till.books(number(site), operator=999),
    )
    assert [verdict["verdict"] for verdict in verdicts] == [REFUSED] * 4
    assert verdicts[0]["said"]["title"] == "Nobody on shift"
    assert earned(site) == []


def test_what_happened_outside_the_shift_is_refused(site: Site, till: OfflineTill) -> None:
    began = site.clock()
    site.clock.forward(hours=1)
    in_it, ended = till.books(number(site)), site.clock()
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Shift).values(ended_at=ended))
    site.clock.forward(hours=1)
    later = offline_till(till_page(site))
    later.page = till.page = again(site, till)
    verdicts = till.sends(
        in_it,
        till.signed(json.loads(in_it["said"]) | {"id": "before", "at": stamp(began - timedelta(minutes=5))}),
        till.signed(json.loads(in_it["said"]) | {"id": "after", "at": stamp(ended + timedelta(minutes=5))}),
        till.signed(
            json.loads(in_it["said"]) | {"id": "a-little", "at": stamp(ended + timedelta(minutes=1))}
        ),
    )
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, REFUSED, REFUSED, CREDITED]


def test_a_shift_of_a_second_is_one(site: Site, till: OfflineTill) -> None:
    """The moment of an operation is in whole seconds."""
    booked = till.books(number(site))
    with site.shop.services.sessions.begin() as session:
        later = {"began_at": site.clock() + timedelta(milliseconds=400)}
        session.execute(update(Shift).values(**later, ended_at=site.clock() + timedelta(seconds=2)))
    site.clock.forward(seconds=10)
    till.page = again(site, till)
    assert till.sends(booked)[0]["verdict"] == CREDITED


def again(site: Site, till: OfflineTill) -> Any:
    """Somebody signs in at the same browser."""
    page = till.page
    with site.shop.services.sessions.begin() as session:
        shift = Shift(till_id=1, staff_id=1, began_at=site.clock())
        session.add(shift)
        session.flush()
        number = shift.id
    with page.visitor.client.session_transaction() as kept:
        kept.update(shift=number, since=int(site.clock().timestamp()))
    page.state()
    return page


@pytest.mark.parametrize(("hours", "verdict"), [(71, CREDITED), (73, REFUSED)])
def test_an_operation_waits_for_three_days_and_no_longer(
    site: Site, till: OfflineTill, hours: int, verdict: str
) -> None:
    signed = till.books(number(site))
    site.clock.forward(hours=hours)
    till.page = again(site, till)
    assert till.sends(signed)[0]["verdict"] == verdict


@pytest.mark.parametrize(
    "at",
    [
        "",
        "now",
        "2026-11-02T08:00:00",
        "2026-11-02T08:00:00+03:00",
        "2026-13-02T08:00:00Z",
        "2126-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ],
)
def test_a_time_that_cannot_be_is_refused(site: Site, till: OfflineTill, at: str) -> None:
    assert till.sends(till.books(number(site), at=at))[0]["verdict"] == REFUSED


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
    assert earned(site) == []


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


def test_cards_that_cannot_be_used_are_refused_and_say_why(site: Site, till: OfflineTill) -> None:
    closed, mine, foreign = (site.shop.join() for _ in range(3))
    booked = [till.books(number(site, card)) for card in (closed, mine)]
    site.shop.leave(closed)
    make_mine(site, mine)
    verdicts = till.sends(*booked)
    assert [verdict["verdict"] for verdict in verdicts] == [REFUSED, REFUSED]
    assert [verdict["said"]["title"] for verdict in verdicts] == [
        "This card is closed",
        "This is your own card",
    ]
    assert [verdict["card_tail"] for verdict in verdicts] == [
        number(site, card)[-4:] for card in (closed, mine)
    ]
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Store).values(programs=["another"]))
    assert till.sends(till.books(number(site, foreign)))[0]["verdict"] == REFUSED


def test_a_live_code_that_ran_out_meanwhile_still_earns(site: Site, till: OfflineTill) -> None:
    card = site.shop.join()
    assert till.sends(till.books(number(site, card) + "12345678"))[0]["verdict"] == CREDITED


def test_guards_flag_what_they_would_have_asked_about(site: Site, till: OfflineTill) -> None:
    card = number(site)
    verdicts = till.sends(till.books(card), till.books(card))
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, CREDITED]
    assert earned(site)[1].flags == "offline repeat"


def test_what_the_program_refuses_is_refused_afterwards_too(site: Site, till: OfflineTill) -> None:
    site.shop.publish(guards={"refuse": ["repeat"]})
    card = number(site)
    verdicts = till.sends(till.books(card), till.books(card))
    assert [verdict["verdict"] for verdict in verdicts] == [CREDITED, REFUSED]
    assert verdicts[1]["said"]["title"] == "Not allowed here"


def test_guessing_numbers_by_replays_is_slowed_down(site: Site, till: OfflineTill) -> None:
    strange = [till.books(card_number(f"strange number {turn}".encode())) for turn in range(6)]
    verdicts = [one["verdict"] for one in till.sends(*strange)]
    assert verdicts == [REFUSED, REFUSED, REFUSED, LATER, LATER, LATER]


def test_a_database_that_is_busy_keeps_the_operation_for_later(site: Site, till: OfflineTill) -> None:
    booked = till.books(number(site))
    with site.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE outbox RENAME TO gone")
    (verdict,) = till.sends(booked)
    assert (till.page.status, verdict["verdict"]) == (200, LATER)
    with site.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE gone RENAME TO outbox")
    assert till.sends(booked)[0]["verdict"] == CREDITED


def test_S7_one_operation_replayed_fifty_times_at_once_is_booked_once(site: Site, till: OfflineTill) -> None:
    booked, page = till.books(number(site)), till.page

    def send(_turn: int) -> Json:
        client = page.another_tab()
        answer = client.post(
            "/till/operations", json={"operations": [booked]}, headers={"X-CSRFToken": page.csrf}
        )
        found: Json = answer.get_json()["verdicts"][0]
        return found

    with ThreadPoolExecutor(25) as pool:
        verdicts = list(pool.map(send, range(50)))
    assert sorted(verdict["verdict"] for verdict in verdicts) == [CREDITED] + [DUPLICATE] * 49
    assert len({verdict["entry"] for verdict in verdicts}) == 1
    assert len(earned(site)) == 1


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
        till.page.post("/keys", {"public_key": spki(generate_private_key(SECP256R1()))})
        assert till.page.status == 201
    till.page.post("/keys", {"public_key": spki(generate_private_key(SECP256R1()))})
    assert (till.page.status, till.page.slug) == (409, "too-many-keys")
    assert "new till" in str(till.page.said)
    assert site.count(TillKey) == 20
    assert till.register() == till.key  # one that is kept is known as before
    assert till.page.status == 201


def spki(secret: Any) -> str:
    return b64encode(
        secret.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode()


NO_KEYS = [
    "",
    "x",
    "AAAA",
    "-----BEGIN PUBLIC KEY-----",
    spki(generate_private_key(SECP384R1())),
    spki(Ed25519PrivateKey.generate()),
]


@pytest.mark.parametrize("sent", [*NO_KEYS, "A" * 300, 5, None], ids=range(9))
def test_what_is_no_key_of_this_kind_is_refused(site: Site, sent: object) -> None:
    page = till_page(site)
    page.post("/keys", {"public_key": sent})
    assert (page.status, page.said["field"]) == (400, "public_key")
    assert site.count(TillKey) == 0


def test_nothing_is_ever_given_without_a_network(site: Site, till: OfflineTill) -> None:
    """There are no words for it: an operation earns."""
    card = site.shop.join()
    site.shop.earn(card, visits=10)
    (verdict,) = till.sends(till.signed(till.says(number(site, card)) | {"reward": "coffee", "visits": None}))
    assert verdict["verdict"] == REFUSED
    with site.shop.services.sessions.read() as session:
        balance = session.scalars(select(Card.balance).where(Card.serial == card)).one()
    assert balance == 12
