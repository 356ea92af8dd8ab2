"""A phone has habits: it puts off and switches off, changes its token, forgets, shares, goes off line."""

import pytest

from simulators.iphone.phone import Phone
from simulators.iphone.rate_limit import PushScore
from simulators.iphone.refusal import Refused
from simulators.iphone.state import Knobs
from tests.simulators.bundle_maker import PASS_TYPE
from tests.simulators.hand import COFFEE, Hand, stamps
from tests.simulators.web_service import Service

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
