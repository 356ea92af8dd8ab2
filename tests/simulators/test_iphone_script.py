"""The phone registers, lists and fetches as Apple's do, and complains about a service that lies."""

import json
from datetime import UTC, datetime

import pytest

from simulators.iphone.phone import Phone
from tests.simulators.bundle_maker import PASS_TYPE, TOKEN, PassMaker, coffee_pass, make_papers
from tests.simulators.hand import COFFEE, Hand, stamps
from tests.simulators.web_service import Service

# Item 1


def test_adding_registers_and_then_asks_for_the_list(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    register, listing = service.requests
    assert register.verb == "POST"
    assert register.path == f"/v1/devices/{phone.state.device}/registrations/{PASS_TYPE}/coffee-0001"
    assert register.authorization == f"ApplePass {TOKEN}"
    assert register.body == {"pushToken": phone.state.push_token}
    assert (listing.verb, listing.path.endswith(PASS_TYPE), listing.authorization) == ("GET", True, None)
    assert card.registered
    assert phone.state.tags == {(service.url, PASS_TYPE): "1"}
    assert not phone.state.complaints


def test_a_second_card_is_fetched_at_once_because_there_is_a_tag(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    phone.add(service.card("coffee-0002"))
    assert [one.path.split("/")[-1] for one in service.asked("GET", "/v1/passes/")] == ["coffee-0002"]
    assert "passesUpdatedSince=1" in service.asked("GET", "/registrations/")[-1].path


def test_a_card_without_web_service_stays_silent(service: Service, phone: Phone) -> None:
    maker = PassMaker(make_papers(), coffee_pass())
    del maker.content["webServiceURL"], maker.content["authenticationToken"]
    assert not phone.add(maker.make()).registered
    assert service.requests == []


def test_a_refused_registration_orphans_the_card(service: Service, phone: Phone, hand: Hand) -> None:
    service.lie("register", 401)
    card = phone.add(service.card())
    assert card.orphaned
    assert "Register task" in service.logged[0]
    assert service.logged[0].endswith("Authentication failure")
    assert hand.later == []


# Items 2 and 3


def test_a_push_lists_with_the_tag_fetches_and_replaces(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    service.change(3)
    phone.push(PASS_TYPE)
    assert "passesUpdatedSince=1" in service.asked("GET", "/registrations/")[-1].path
    assert stamps(card) == "3"
    assert phone.state.tags[service.url, PASS_TYPE] == "2"
    assert (phone.state.wake_ups, card.wake_ups) == (1, 1)
    assert not phone.state.complaints


def test_the_condition_is_the_servers_own_string(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    service.change(3)
    phone.push(PASS_TYPE)
    service.change(4)
    phone.push(PASS_TYPE)
    first, second = service.asked("GET", "/v1/passes/")
    assert first.since is None
    assert second.since == "Mon, 21 Sep 2026 14:13:22 GMT"
    assert card.last_modified == "Mon, 21 Sep 2026 14:13:23 GMT"


def test_a_push_without_change_is_complained_of(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    phone.push(PASS_TYPE)
    assert "no changed passes" in service.logged[0]


def test_a_push_for_another_pass_type_wakes_nobody(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    phone.push("pass.example.tea")
    assert (phone.state.wake_ups, len(service.requests)) == (0, 2)


def test_a_daily_look_that_finds_nothing_is_silent(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    phone.poll()
    assert service.logged == []
    service.change(9)
    phone.poll()
    assert stamps(phone.state.cards[COFFEE]) == "9"
    assert phone.state.wake_ups == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[]", "Malformed"),
        (b"<html>", "Malformed"),
        (b'{"serialNumbers": ["coffee-0001"], "lastUpdated": 5}', "Malformed"),
        (b'{"serialNumbers": [5], "lastUpdated": "5"}', "Malformed"),
        (b'{"serialNumbers": [], "lastUpdated": "5"}', "without serial numbers"),
        (b'{"serialNumbers": ["coffee-0001"], "lastUpdated": "1"}', "did not advance"),
        (b'{"serialNumbers": ["stranger"], "lastUpdated": "5"}', "'stranger', which is not registered"),
    ],
)
def test_a_lying_list_is_complained_of(service: Service, phone: Phone, body: bytes, words: str) -> None:
    phone.add(service.card())
    service.lie("list", 200, body)
    phone.push(PASS_TYPE)
    assert words in service.logged[0]
    assert phone.state.tags[service.url, PASS_TYPE] in ("1", "5")


def test_complaints_of_one_wake_up_come_in_one_batch(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    service.lie("list", 200, json.dumps({"serialNumbers": ["x", "y"], "lastUpdated": "1"}).encode())
    phone.push(PASS_TYPE)
    batches = service.asked("POST", "/v1/log")
    assert [len(batch.body["logs"]) for batch in batches] == [3]
    assert batches[0].authorization is None
    assert service.logged[0].startswith(f"[{datetime.now(UTC):%Y-}")
    assert f"with web service url {service.url}) encountered error: " in service.logged[0]


def test_a_pass_of_another_serial_is_not_taken(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    service.change(5)
    other = service.card("coffee-0002")
    service.lie("pass", 200, other)
    phone.push(PASS_TYPE)
    assert "but received pass.example.coffee coffee-0002" in service.logged[0]
    assert stamps(card) == "2"


def test_an_invalid_new_version_leaves_the_old_card(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    service.change(5)
    service.lie("pass", 200, b"<html>")
    phone.push(PASS_TYPE)
    assert "Invalid pass data" in service.logged[0]
    assert (stamps(card), card.last_modified) == ("2", None)


def test_a_missing_last_modified_is_complained_of(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    service.last_modified = False
    service.change(5)
    phone.push(PASS_TYPE)
    assert "did not send Last-Modified" in service.logged[0]


def test_an_ignored_condition_is_complained_of(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    phone.refresh(card)
    service.conditional = False
    phone.refresh(card)
    assert "ignored If-Modified-Since" in service.logged[0]


# Item 4


def test_listed_but_unchanged_is_forgiven_for_five_minutes(
    service: Service, phone: Phone, hand: Hand
) -> None:
    phone.refresh(phone.add(service.card()))
    lying = json.dumps({"serialNumbers": ["coffee-0001"], "lastUpdated": "7"}).encode()
    service.lie("list", 200, lying)
    phone.push(PASS_TYPE)
    assert service.logged == []
    hand.wait(seconds=301)
    service.lie("list", 200, lying.replace(b"7", b"8"))
    phone.push(PASS_TYPE)
    assert "but the pass is unchanged" in service.logged[0]


# Items 5 and 6


def test_a_401_on_fetching_orphans_the_card_until_it_is_added_again(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    service.change(5)
    service.lie("pass", 401)
    phone.push(PASS_TYPE)
    assert card.orphaned
    assert service.logged[0].endswith("Authentication failure")
    phone.push(PASS_TYPE)
    assert phone.state.wake_ups == 1
    again = phone.add(service.bundle("coffee-0001"))
    assert (again.orphaned, again.registered, stamps(again)) == (False, True, "5")


def test_other_answers_are_tried_again_with_growing_delay(service: Service, phone: Phone, hand: Hand) -> None:
    card = phone.add(service.card())
    service.change(5)
    for status in (503, 500, 404):
        service.lie("pass", status)
    phone.push(PASS_TYPE)
    waits = [hand.run_later() for _ in range(3)]
    assert waits == [[2.0], [4.0], [8.0]]
    assert stamps(card) == "5"
    assert [line[-3:] for line in service.logged] == ["503", "500", "404"]
    assert hand.later == []


def test_a_failing_list_is_tried_again(service: Service, phone: Phone, hand: Hand) -> None:
    card = phone.add(service.card())
    service.change(5)
    service.lie("list", 503)
    phone.push(PASS_TYPE)
    hand.run_later()
    assert stamps(card) == "5"


def test_after_ten_tries_the_phone_waits_for_the_next_push(
    service: Service, phone: Phone, hand: Hand
) -> None:
    phone.add(service.card())
    service.lies["list"] = [(503, b"", {})] * 30
    phone.push(PASS_TYPE)
    rounds = 0
    while hand.later:
        hand.run_later()
        rounds += 1
    assert rounds == 10


def test_no_answer_at_all_is_a_connection_error(hand: Hand, free_port: int) -> None:
    phone = hand.phone()
    content = coffee_pass(2, "coffee-0001", f"http://127.0.0.1:{free_port}")
    card = phone.add(PassMaker(make_papers(), content).make())
    assert not card.registered
    assert "Connection error" in phone.state.complaints[0]
    assert len(hand.later) == 1
