"""The phone follows its script against an honest service, and complains about a lying one."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simulators.iphone.bundle import Trust
from simulators.iphone.face import face_of
from simulators.iphone.phone import Phone
from simulators.iphone.rate_limit import PushScore
from simulators.iphone.refusal import Refused
from simulators.iphone.service_client import Network, ServiceClient
from simulators.iphone.state import HeldCard, Knobs, PhoneState
from tests.simulators.bundle_maker import PASS_TYPE, TOKEN, PassMaker, coffee_pass, make_papers
from tests.simulators.web_service import Service, running

COFFEE = (PASS_TYPE, "coffee-0001")


@dataclass
class Hand:
    """Holds phones, turns their clock, and runs what they put off."""

    trust: Trust
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    later: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def phone(self, name: str = "one", language: str = "en") -> Phone:
        return Phone(
            PhoneState(name, language),
            ServiceClient(Network({})),
            self.trust,
            clock=lambda: self.now,
            later=lambda seconds, work: self.later.append((seconds, work)),
            changed=lambda: None,
        )

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def run_later(self) -> list[float]:
        due, self.later = self.later, []
        for _, work in due:
            work()
        return [seconds for seconds, _ in due]


@pytest.fixture
def service() -> Iterator[Service]:
    with running(make_papers()) as one:
        yield one


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    return Hand(Trust(make_papers().write_root(tmp_path), allow_http=True))


@pytest.fixture
def phone(hand: Hand) -> Phone:
    return hand.phone()


def stamps(card: HeldCard, language: str = "en") -> str:
    return face_of(card.bundle, language).fields()["balance"].value


def notices(phone: Phone) -> list[str]:
    return [notice.text for notice in phone.state.notices]


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


# Item 7


def test_too_many_pushes_are_put_off_and_then_switched_off(
    service: Service, phone: Phone, hand: Hand
) -> None:
    card = phone.add(service.card())
    phone.turn(rate_limit=True)
    for _ in range(20):
        phone.push(PASS_TYPE)
    assert [seconds for seconds, _ in hand.later] == [120.0]
    assert phone.state.switched_off == {PASS_TYPE}
    assert (card.updates_on, card.registered) == (False, False)
    assert service.registrations == {}


def test_a_put_off_look_finds_everything_at_once(service: Service, phone: Phone, hand: Hand) -> None:
    card = phone.add(service.card())
    phone.turn(rate_limit=True)
    for number in range(3, 10):
        service.change(number)
        phone.push(PASS_TYPE)
    assert stamps(card) == "6"
    assert hand.run_later() == [120.0]
    assert stamps(card) == "9"


@pytest.mark.parametrize(("points", "delay"), [(4, 0), (5, 120), (10, 600), (15, 3600)])
def test_the_delay_grows_in_three_levels(points: float, delay: float) -> None:
    assert PushScore(points).delay == delay
    assert not PushScore(points).exhausted


def test_quiet_hours_restore_the_phones_patience(service: Service, phone: Phone, hand: Hand) -> None:
    phone.add(service.card())
    for _ in range(4):
        phone.push(PASS_TYPE)
    hand.wait(hours=4)
    phone.push(PASS_TYPE)
    assert phone.state.scores[PASS_TYPE].points == pytest.approx(3.0)


# Items 8 and 9


def test_a_new_push_token_registers_everything_again(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    phone.add(service.card("coffee-0002"))
    old = phone.state.push_token
    phone.new_push_token()
    assert phone.state.push_token != old
    assert set(service.registrations.values()) == {phone.state.push_token}
    assert {device for device, _ in service.registrations} == {phone.state.device}


def test_a_push_token_that_changed_off_line_is_told_when_the_network_is_back(
    service: Service, phone: Phone
) -> None:
    phone.add(service.card())
    phone.turn(offline=True)
    phone.new_push_token()
    phone.turn(offline=False)
    assert set(service.registrations.values()) == {phone.state.push_token}


def test_a_failed_farewell_is_repeated(service: Service, phone: Phone, hand: Hand) -> None:
    card = phone.add(service.card())
    service.lie("unregister", 503)
    phone.remove(card)
    assert len(service.registrations) == 1
    hand.run_later()
    assert service.registrations == {}
    assert service.logged[0].endswith("Unexpected response code 503")


def test_removing_tells_the_service_and_forgets_the_tag(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    phone.remove(card)
    assert service.registrations == {}
    assert (phone.state.cards, phone.state.tags) == ({}, {})
    phone.add(service.bundle("coffee-0001"))
    assert "passesUpdatedSince" not in service.asked("GET", "/registrations/")[-1].path


def test_an_offline_removal_never_arrives(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    phone.turn(offline=True)
    phone.remove(card)
    assert service.asked("DELETE") == []
    assert len(service.registrations) == 1


def test_automatic_updates_off_and_on(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    phone.updates(card, on=False)
    assert service.registrations == {}
    service.change(6)
    phone.push(PASS_TYPE)
    assert phone.state.wake_ups == 0
    phone.updates(card, on=True)
    assert len(service.registrations) == 1
    assert stamps(card) == "6"


# Items 10, 11 and 13


def test_pulling_fetches_without_a_push(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    service.change(8)
    phone.refresh(card)
    phone.refresh(card)
    assert stamps(card) == "8"
    assert [call.status for call in phone.state.calls if call.path == "pass"] == [200, 304]


def test_a_shared_card_lives_on_two_phones(service: Service, phone: Phone, hand: Hand) -> None:
    other = hand.phone("two", "ru")
    phone.share(phone.add(service.card()), other)
    assert {device for device, _ in service.registrations} == {phone.state.device, other.state.device}
    service.change(4)
    for one in (phone, other):
        one.push(PASS_TYPE)
        assert stamps(one.state.cards[COFFEE]) == "4"


def test_a_card_that_prohibits_sharing_is_not_shared(service: Service, phone: Phone, hand: Hand) -> None:
    service.change(2, sharingProhibited=True)
    with pytest.raises(Refused):
        phone.share(phone.add(service.bundle("coffee-0001")), hand.phone("two"))


def test_a_voided_card_keeps_updating(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    service.change(4, voided=True)
    phone.push(PASS_TYPE)
    assert card.bundle.content["voided"] is True
    service.change(5)
    phone.push(PASS_TYPE)
    assert "voided" not in card.bundle.content


# Off line


def test_apns_keeps_one_push_for_a_phone_that_is_away(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    phone.turn(offline=True)
    for number in (3, 4, 5):
        service.change(number)
        phone.push(PASS_TYPE)
    assert stamps(card) == "2"
    phone.turn(offline=False)
    assert (stamps(card), phone.state.wake_ups) == ("5", 1)


def test_a_lost_push_is_found_by_the_daily_look(service: Service, phone: Phone) -> None:
    card = phone.add(service.card())
    phone.turn(offline=True, lose_pushes=True)
    service.change(3)
    phone.push(PASS_TYPE)
    phone.turn(offline=False)
    assert stamps(card) == "2"
    phone.poll()
    assert stamps(card) == "3"


def test_a_card_taken_off_line_registers_when_the_network_is_back(service: Service, phone: Phone) -> None:
    phone.turn(offline=True)
    card = phone.add(service.card())
    assert service.requests == []
    phone.turn(offline=False)
    assert card.registered


def test_knobs_start_kind() -> None:
    assert Knobs() == Knobs(offline=False, lose_pushes=False, slow_ms=0, rate_limit=False)


# Lock screen


def test_P13_only_a_changed_field_with_a_message_speaks(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    service.change(3)
    phone.push(PASS_TYPE)
    assert notices(phone) == ["3 of 10 — 7 to a free coffee"]
    assert phone.state.notices[0].title == "Ada’s Coffee"


def test_the_notice_is_in_the_language_of_the_phone(service: Service, hand: Hand) -> None:
    phone = hand.phone("two", "ru")
    phone.add(service.card())
    service.change(3)
    phone.push(PASS_TYPE)
    assert notices(phone) == ["3 из 10 — ещё 7 до кофе в подарок"]
    assert phone.state.notices[0].title == "Кофе у Ады"


def with_tier(tier: str, message: str, stamps: int = 2) -> dict[str, Any]:
    style = coffee_pass(stamps)["storeCard"]
    style["auxiliaryFields"][0] |= {"value": tier, "changeMessage": message}
    return {"storeCard": style}


def test_a_message_wraps_the_new_value(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    service.change(2, **with_tier("100% gold", "50%% off: you are %@"))
    phone.push(PASS_TYPE)
    assert notices(phone) == ["50% off: you are 100% gold"]


def test_a_message_without_its_place_gives_a_generic_text(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    service.change(2, **with_tier("Gold", "Hurray"))
    phone.push(PASS_TYPE)
    assert notices(phone) == ["Your card has changed."]


def test_several_changed_fields_make_one_summary(service: Service, phone: Phone) -> None:
    phone.add(service.card())
    service.change(3, **with_tier("Gold", "You are now: %@", stamps=3))
    phone.push(PASS_TYPE)
    assert notices(phone) == ["Several details have changed: Next reward, Status."]


def test_numbers_and_dates_are_written_as_the_phone_does(service: Service, phone: Phone) -> None:
    service.change(1250)
    bundle = phone.add(service.bundle("coffee-0001")).bundle
    english, russian = (face_of(bundle, language).fields() for language in ("en", "ru"))
    assert (english["balance"].value, russian["balance"].value) == ("1,250", "1\xa0250")
    assert english["until"].value == "May 31, 2027"
    assert russian["until"].value == "31 мая 2027\u202fг."
