"""Invariant 9 and threat S7: one press of a button counts once, however often it is sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.api.till import Till, answer, make_key, problem
from tests.shop import make_settings
from wallet_service.actions import retention
from wallet_service.actions.join import join
from wallet_service.actions.once import Actor
from wallet_service.db import queries
from wallet_service.db.tables import Card, Member, Operation
from wallet_service.domain.errors import KeyReused
from wallet_service.wiring import create_app

REPLAYED = "Idempotent-Replayed"


def test_the_same_press_hears_the_same_answer_whatever_happened_since(till: Till) -> None:
    card = till.join()
    bought = {"total": 30000, "occurred_at": "2026-11-02T08:00:00Z", "store": "north"}
    first = till.post(f"/cards/{card}/purchases", bought, key="press")
    till.buy(card, visits=5)
    till.shop.publish(
        rules=[{"id": "visit", "trigger": "visit", "then": [{"points": {"each": "visit", "give": 7}}]}]
    )
    till.shop.leave(card)
    till.shop.clock.forward(hours=100)
    again = till.post(f"/cards/{card}/purchases", bought, key="press", Accept_Language="ru")
    assert (again.status_code, again.data) == (201, first.data)
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    assert till.entries(card) == [("earn", 5), ("earn", 1), ("grant", 2)]


def test_after_three_days_the_answer_is_made_anew_and_nothing_is_booked_twice(till: Till) -> None:
    card = till.join()
    bought = {"total": 30000, "occurred_at": "2026-11-02T08:00:00Z", "receipt": "R-1"}
    first = till.post(f"/cards/{card}/purchases", bought, key="press")
    seconds = till.post(f"/cards/{card}/purchases", bought, key="other")
    till.shop.clock.forward(hours=73)
    with till.shop.services.sessions.begin() as session:
        retention.drop_answers(session, 0, till.shop.clock())
    till.buy(card, visits=5)
    for key, before in (("press", first), ("other", seconds)):
        again = till.post(f"/cards/{card}/purchases", bought, key=key)
        assert (again.status_code, again.headers[REPLAYED]) == (201, "true")
        assert answer(again)["entry"] == answer(before)["entry"]
        assert answer(again)["card"]["balance"] == 8
    assert till.entries(card) == [("earn", 5), ("earn", 1), ("grant", 2)]


def test_the_order_of_fields_and_their_blanks_are_no_other_body(busy_till: Till) -> None:
    card = busy_till.join()
    path, json = f"/cards/{card}/purchases", "application/json"
    first = busy_till.ask(
        "POST", path, data=b'{"visits":1,"till":"1"}', Content_Type=json, Idempotency_Key="k"
    )
    again = busy_till.ask(
        "POST", path, data=b'{ "till": "1", "visits": 1 }', Content_Type=json, Idempotency_Key="k"
    )
    assert again.data == first.data


@pytest.mark.parametrize(
    "other",
    [
        {"visits": 2},
        {"visits": 1, "store": "south"},
        {"visits": 1, "receipt": "R-1"},
        {"visits": 1, "occurred_at": "2026-11-02T07:59:00Z"},
    ],
)
def test_the_same_key_with_another_body_is_refused(busy_till: Till, other: dict[str, object]) -> None:
    card = busy_till.join()
    key = f"key of {card}".replace(" ", "-")
    busy_till.buy(card, visits=1, key=key)
    assert problem(busy_till.post(f"/cards/{card}/purchases", other, key=key)) == (409, "key-reused")
    assert busy_till.entries(card) == [("earn", 1), ("grant", 2)]


def test_the_key_of_another_card_or_call_is_refused(busy_till: Till) -> None:
    card, other = busy_till.join(), busy_till.join()
    busy_till.buy(card, visits=1, key="another")
    for path, said in (
        (f"/cards/{other}/purchases", {"visits": 1}),
        (f"/cards/{other}/adjustments", {"points": 1, "reason": "why"}),
        (f"/cards/{card}/redemptions", {"reward": "coffee"}),
        ("/programs/coffee/cards", {}),
    ):
        assert problem(busy_till.post(path, said, key="another")) == (409, "key-reused")
    assert busy_till.entries(other) == [("grant", 2)]


def test_two_machines_may_make_the_same_key(till: Till) -> None:
    card = till.join()
    till.buy(card, key="1")
    till.key = make_key(till.shop, "till-2")
    assert till.buy(card, key="1")["card"]["balance"] == 4


def test_a_card_is_handed_out_once(till: Till) -> None:
    first = till.post("/programs/coffee/cards", {"name": "Ann"}, key="join")
    till.buy(answer(first)["serial"])
    again = till.post("/programs/coffee/cards", {"name": "Ann"}, key="join")
    assert (again.data, again.headers[REPLAYED]) == (first.data, "true")
    assert problem(till.post("/programs/coffee/cards", {"name": "Bob"}, key="join")) == (409, "key-reused")
    assert cards(till) == 1


def test_a_card_without_a_gift_is_handed_out_once_too(till: Till) -> None:
    till.shop.publish(welcome=0)
    first, again = (till.post("/programs/coffee/cards", {}, key="join") for _ in range(2))
    assert again.data == first.data
    assert cards(till) == 1


def test_a_receipt_earns_once_whatever_the_key(busy_till: Till) -> None:
    card = busy_till.join()
    first = busy_till.buy(card, total=30000, receipt="R-1")
    again = busy_till.post(f"/cards/{card}/purchases", {"total": 30000, "receipt": "R-1"})
    assert answer(again)["entry"] == first["entry"]
    assert again.headers[REPLAYED] == "true"
    elsewhere = busy_till.post(f"/cards/{busy_till.join()}/purchases", {"total": 30000, "receipt": "R-1"})
    assert problem(elsewhere) == (409, "receipt-already-booked")


def test_a_key_that_heard_of_a_booked_receipt_hears_the_same_again_and_stands_for_nothing_else(
    busy_till: Till,
) -> None:
    card = busy_till.join()
    first = busy_till.buy(card, total=30000, receipt="R-2")
    path, bought = f"/cards/{card}/purchases", {"total": 30000, "receipt": "R-2"}
    heard = busy_till.post(path, bought, key="offline-7")
    busy_till.post(f"/entries/{first['entry']['id']}/reversal")
    assert busy_till.post(path, bought, key="offline-7").data == heard.data
    assert problem(busy_till.post(path, {"visits": 1}, key="offline-7")) == (409, "key-reused")


def test_a_refused_press_may_be_pressed_again_with_its_key(busy_till: Till) -> None:
    card = busy_till.join()
    path = f"/cards/{card}/redemptions"
    assert problem(busy_till.post(path, {"reward": "coffee"}, key="patient")) == (409, "not-enough-points")
    busy_till.buy(card, visits=10)
    assert answer(busy_till.post(path, {"reward": "coffee"}, key="patient"))["card"]["balance"] == 2


def test_S7_one_press_sent_fifty_times_at_once_is_booked_once(busy_till: Till) -> None:
    card = busy_till.join()
    answers = at_once(lambda: busy_till.post(f"/cards/{card}/purchases", {"visits": 1}, key="fifty"))
    assert {response.status_code for response in answers} == {201}
    assert len({response.data for response in answers}) == 1
    assert sum(REPLAYED not in response.headers for response in answers) == 1
    assert busy_till.entries(card) == [("earn", 1), ("grant", 2)]


def test_S7_of_two_questions_under_one_key_that_wait_for_the_card_one_is_answered(busy_till: Till) -> None:
    card = busy_till.join()

    def press(store: str) -> TestResponse:
        return busy_till.post(f"/cards/{card}/purchases", {"visits": 1, "store": store}, key="waiting")

    with ThreadPoolExecutor(2) as hands:
        with busy_till.shop.services.sessions.begin() as session:
            queries.card_for_update(session, card)
            pressed = [hands.submit(press, store) for store in ("north", "south")]
            time.sleep(0.3)
        answers = [hand.result().status_code for hand in pressed]
    assert sorted(answers) == [201, 409]
    assert busy_till.entries(card) == [("earn", 1), ("grant", 2)]


def test_a_join_under_a_key_that_was_used_leaves_no_second_card(till: Till) -> None:
    """Even when the first was not there yet as the second began."""
    services = till.shop.services

    def join_once() -> None:
        with services.sessions.begin() as session:
            join(
                session,
                program="coffee",
                wallets=services.wallets,
                entropy=services.entropy,
                now=till.shop.clock(),
                actor=Actor("api:1"),
                key="join",
            )

    join_once()
    with pytest.raises(KeyReused):
        join_once()
    assert cards(till) == 1


def test_S7_one_join_sent_fifty_times_at_once_is_one_card(till: Till) -> None:
    answers = at_once(lambda: till.post("/programs/coffee/cards", {"name": "Ann"}, key="join"))
    assert {response.status_code for response in answers} == {201}
    assert len({response.data for response in answers}) == 1
    assert cards(till) == 1


def test_no_address_of_a_card_is_kept_with_an_answer(till: Till) -> None:
    """Whoever reads the database has not got the cards."""
    page = till.buy(till.join(name="Ann"))["card"]["links"]["page"]
    with till.shop.services.sessions.read() as session:
        kept = "".join(session.scalars(select(Operation.answer)).all())  # type: ignore[arg-type]
    assert "serial" in kept
    assert page.rpartition("/")[2] not in kept
    assert "Ann" not in kept


def test_an_answer_is_the_same_byte_for_byte_while_the_key_of_its_links_is_known(till: Till) -> None:
    """Also when another key signs by now. When it is taken away its links are dead, and new ones are told."""
    card = till.join()
    path, said = f"/cards/{card}/purchases", {"visits": 1}
    first = till.post(path, said, key="press")
    old, new = till.shop.services.settings.secret_keys[0], "n" * 64
    with after(till, f"{new},{old}") as rotated:
        again, links = rotated.post(path, said, key="press"), rotated.card(card)["links"]
    assert (again.data, again.headers[REPLAYED]) == (first.data, "true")
    assert links != answer(first)["card"]["links"]
    with after(till, new) as alone:
        last = answer(alone.post(path, said, key="press"))
    assert last["entry"] == answer(first)["entry"]
    assert last["card"]["links"] == links


@contextmanager
def after(till: Till, secrets: str) -> Iterator[Till]:
    """The same shop after a start with these secrets."""
    settings = till.shop.services.settings
    others = make_settings(settings.data_dir, settings.database_url, WALLET_SECRET_KEY=secrets)
    app = create_app(others, clock=till.shop.clock)
    yield Till(till.shop, app, till.key)
    app.extensions["wallet"].sessions.close()


def at_once(press: Callable[[], TestResponse]) -> list[TestResponse]:
    with ThreadPoolExecutor(8) as hands:
        return [hand.result() for hand in [hands.submit(press) for _ in range(50)]]


def cards(till: Till) -> int:
    with till.shop.services.sessions.read() as session:
        members = session.scalar(select(func.count(Member.id)))
        assert members == session.scalar(select(func.count(Card.id)))
        return members or 0
