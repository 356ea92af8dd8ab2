"""What a phone says on its locked screen when a card has changed."""

from typing import Any

from simulators.iphone.face import face_of
from simulators.iphone.phone import Phone
from tests.simulators.bundle_maker import PASS_TYPE, coffee_pass
from tests.simulators.hand import Hand
from tests.simulators.web_service import Service


def notices(phone: Phone) -> list[str]:
    return [notice.text for notice in phone.state.notices]


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
