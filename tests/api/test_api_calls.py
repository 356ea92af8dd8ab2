"""What tills and shops do by machine, told as they do it."""

from __future__ import annotations

import re

from tests.api.till import Till, answer, make_key, problem
from wallet_service.domain.identifiers import grouped


def test_a_shop_hands_out_a_card_with_its_welcome_gift(busy_till: Till) -> None:
    response = busy_till.post("/programs/coffee/cards", {"language": "en", "name": "Ann", "source": "shop"})
    card = answer(response)
    assert response.status_code == 201
    assert list(card) == (
        "serial number program status balance progress tier rewards spendable pending expiring links".split()  # noqa: SIM905
    )
    assert (card["program"], card["status"], card["balance"], card["tier"]) == ("coffee", "active", 2, None)
    assert card["progress"] == {
        "value": 2,
        "goal": 12,
        "unit": "stamps",
        "reward": "coffee",
        "text": "2 of 12, 10 to go",
    }
    assert card["rewards"] == [
        {"id": "coffee", "name": "Free coffee", "cost": 12, "available": False, "missing": 12}
    ]
    assert (card["spendable"], card["pending"], card["expiring"]) == (
        0,
        0,
        None,
    )  # the gift waits for the first purchase
    assert re.fullmatch(r"http://localhost:8000/card/\S{60,}/apple", card["links"]["apple"])
    assert card["links"]["apple"] == card["links"]["page"] + "/apple"
    assert card["links"]["google"] is None
    assert busy_till.card(card["serial"]) == card


def test_a_shop_may_say_nothing_at_all_about_the_member(busy_till: Till) -> None:
    response = busy_till.ask("POST", "/programs/coffee/cards", Idempotency_Key="k")
    assert answer(response)["balance"] == 2


def test_a_card_answers_to_its_serial_and_to_its_number_however_written(busy_till: Till) -> None:
    card = busy_till.card(busy_till.join())
    for reference in (card["number"], grouped(card["number"]), grouped(card["number"]).replace(" ", "-")):
        assert busy_till.card(reference) == card


def test_a_purchase_is_booked_and_explained(busy_till: Till) -> None:
    card = busy_till.join()
    bought = {
        "total": 25000,
        "currency": "RUB",
        "receipt": "R-1",
        "store": "north",
        "till": "2",
        "occurred_at": "2026-11-02T10:30:00+03:00",
    }
    response = busy_till.post(f"/cards/{card}/purchases", bought)
    booked = answer(response)
    entry = dict(booked["entry"])
    assert response.status_code == 201
    assert isinstance(entry.pop("id"), str)
    assert entry == {
        "kind": "earn",
        "points": 1,
        "balance_after": 3,
        "occurred_at": "2026-11-02T07:30:00Z",
        "recorded_at": "2026-11-02T08:00:00Z",
        "receipt": "R-1",
        "total": 25000,
        "reward": None,
        "store": "north",
        "flags": [],
        "explanation": "1\u00a0stamp for the visit.",
    }
    assert booked["card"] == busy_till.card(card)
    assert booked["card"]["balance"] == 3


def test_a_quote_says_what_it_would_earn_and_what_not_and_books_nothing(busy_till: Till) -> None:
    card = busy_till.join()
    enough = answer(busy_till.ask("POST", f"/cards/{card}/quotes", json={"total": 20000}))
    short = answer(busy_till.ask("POST", f"/cards/{card}/quotes", json={"total": 15000}))
    assert (enough["points"], enough["would_not_earn"]) == (1, [])
    assert enough["would_earn"] == [
        {"rule": "visit", "points": 1, "explanation": "1\u00a0stamp for the visit."}
    ]
    assert (short["points"], short["would_earn"]) == (0, [])
    assert short["explanation"] == "No stamps: a visit counts from ₽200, this was ₽50 short."
    assert short["would_not_earn"][0]["explanation"] == short["explanation"]
    assert busy_till.entries(card) == [("grant", 2)]


def test_what_is_done_without_a_rule_for_it_says_why_it_earns_nothing(busy_till: Till) -> None:
    card = busy_till.join()
    entry = busy_till.buy(card, action="dance")["entry"]
    assert (entry["points"], entry["explanation"]) == (0, "No rule of the program gives anything for this.")


def test_a_reward_is_given_and_the_next_round_begins(busy_till: Till) -> None:
    card = busy_till.join()
    assert busy_till.buy(card, visits=10)["card"]["rewards"][0]["available"]
    given = answer(busy_till.post(f"/cards/{card}/redemptions", {"reward": "coffee"}))
    assert (given["entry"]["kind"], given["entry"]["points"]) == ("redeem", -12)
    assert given["entry"]["explanation"] == "Free coffee was given."
    assert (given["card"]["balance"], given["card"]["rewards"][0]["missing"]) == (2, 10)


def test_a_reward_taken_back_is_there_again(busy_till: Till) -> None:
    card = busy_till.join()
    busy_till.buy(card, visits=10)
    given = answer(busy_till.post(f"/cards/{card}/redemptions", {"reward": "coffee"}))
    undone = answer(busy_till.post(f"/entries/{given['entry']['id']}/reversal"))
    assert (undone["entry"]["kind"], undone["entry"]["points"]) == ("reverse", 12)
    assert undone["entry"]["balance_after"] == 14  # the start of the new round is taken back after it
    assert undone["card"]["balance"] == 12
    again = busy_till.post(f"/entries/{given['entry']['id']}/reversal", {})
    assert problem(again) == (409, "already-reversed")


def test_a_whole_receipt_is_refunded_once(busy_till: Till) -> None:
    card = busy_till.join()
    busy_till.buy(card, total=30000, receipt="R-7")
    refunded = answer(busy_till.post(f"/cards/{card}/refunds", {"receipt": "R-7"}))
    assert (refunded["entry"]["points"], refunded["card"]["balance"]) == (-1, 2)
    assert problem(busy_till.post(f"/cards/{card}/refunds", {"receipt": "R-7"})) == (409, "already-reversed")
    assert problem(busy_till.post(f"/cards/{card}/refunds", {"receipt": "R-8"})) == (404, "unknown-receipt")
    assert problem(busy_till.post(f"/cards/{busy_till.join()}/refunds", {"receipt": "R-7"})) == (
        404,
        "unknown-receipt",
    )


def test_a_correction_is_booked_with_its_reason_and_takes_no_more_than_there_is(busy_till: Till) -> None:
    card = busy_till.join()
    path = f"/cards/{card}/adjustments"
    given = answer(busy_till.post(path, {"points": 5, "reason": "the till was broken {0}"}))
    assert (given["entry"]["kind"], given["entry"]["balance_after"]) == ("adjust", 7)
    assert given["entry"]["explanation"] == "Corrected: the till was broken {0}"
    refused = busy_till.post(path, {"points": -8, "reason": "by mistake"})
    assert problem(refused) == (409, "not-enough-points")
    assert refused.json
    assert refused.json["missing"] == 1
    assert answer(busy_till.post(path, {"points": -7, "reason": "by mistake"}))["card"]["balance"] == 0


def test_entries_are_told_newest_first_page_by_page_while_new_ones_come(busy_till: Till) -> None:
    card = busy_till.join()
    for visits in range(1, 6):
        busy_till.buy(card, visits=visits)
    first = answer(busy_till.get(f"/cards/{card}/entries?limit=2"))
    busy_till.buy(card, visits=9)
    second = answer(busy_till.get(f"/cards/{card}/entries?limit=2&cursor={first['next']}"))
    third = answer(busy_till.get(f"/cards/{card}/entries?limit=2&cursor={second['next']}"))
    told = [entry["points"] for page in (first, second, third) for entry in page["items"]]
    assert told == [5, 4, 3, 2, 1, 2]
    assert (third["items"][-1]["explanation"], third["next"]) == ("A welcome gift.", None)


def test_texts_come_in_the_callers_language_or_the_programs_first(busy_till: Till) -> None:
    card = busy_till.join()

    def told(wish: str) -> str:
        return str(answer(busy_till.get(f"/cards/{card}", Accept_Language=wish))["progress"]["text"])

    assert told("en-GB, en;q=0.9") == "2 of 12, 10 to go"
    for wish in ("ru", "", "de", "*", ";;q=x,,\t"):
        assert told(wish) == "2 из 12, осталось 10"


def test_a_card_that_has_not_changed_is_not_told_again(busy_till: Till) -> None:
    card = busy_till.join()
    tag = busy_till.get(f"/cards/{card}").headers["ETag"]
    unchanged = busy_till.get(f"/cards/{card}", If_None_Match=tag)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert busy_till.get(f"/cards/{card}", If_None_Match=tag, Accept_Language="ru").status_code == 200
    busy_till.buy(card)
    changed = busy_till.get(f"/cards/{card}", If_None_Match=tag)
    assert (changed.status_code, changed.headers["Cache-Control"]) == (200, "no-store")


def test_a_closed_card_is_told_and_books_nothing(busy_till: Till) -> None:
    card = busy_till.join()
    busy_till.buy(card, visits=10)
    busy_till.shop.leave(card)
    told = busy_till.card(card)
    assert (told["status"], told["rewards"][0]["available"]) == ("left", False)
    assert problem(busy_till.post(f"/cards/{card}/purchases", {"visits": 1})) == (409, "card-not-active")


def test_a_machine_is_named_in_the_ledger_by_its_number(busy_till: Till) -> None:
    """A name may be longer than the ledger's column, and given anew."""
    named = make_key(busy_till.shop, "x" * 64)
    path = f"/cards/{busy_till.join()}/purchases"
    assert answer(busy_till.post(path, {"visits": 1}, Authorization=f"Bearer {named}"))
