"""A face becomes pass.json: identity, keys, dates and fields as phones want them."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apple.made_templates import (
    COFFEE,
    IDENTITY,
    NOON,
    Phone,
    body_of,
    build,
    make_face,
    make_template,
    simple_body,
    with_fields,
)
from wallet_service.apple.bundle import pass_json
from wallet_service.apple.bundle.pass_json import Identity
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.pass_dates import is_w3c, w3c
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.domain.errors import Misconfigured
from wallet_service.domain.face import CardFace, HistoryLine


def test_P1_the_required_keys_are_there_and_full(coffee: PassTemplate) -> None:
    body = body_of(coffee)
    assert body["formatVersion"] == 1
    names = ("passTypeIdentifier", "serialNumber", "teamIdentifier", "organizationName", "description")
    assert all(isinstance(body[name], str) and body[name] for name in names)


def test_P1_an_empty_organisation_or_description_is_filled(tmp_path: Path) -> None:
    body = body_of(make_template(tmp_path, simple_body(organizationName="", description=None)))
    assert (body["organizationName"], body["description"]) == ("Brew & Bean", "Coffee Card")


def test_P2_there_is_exactly_one_style(coffee: PassTemplate, tmp_path: Path) -> None:
    assert [name for name in ("storeCard", "generic", "coupon") if name in body_of(coffee)] == ["storeCard"]
    with pytest.raises(Misconfigured, match="exactly one style"):
        make_template(tmp_path, simple_body(coupon={}))


def test_P2_a_poster_may_bring_generic_for_older_phones(tmp_path: Path) -> None:
    body = body_of(make_template(tmp_path, simple_body(storeCard=None, posterGeneric={}, generic={})))
    assert all(body[style]["backFields"][0]["key"] == "news" for style in ("posterGeneric", "generic"))


def test_P3_P4_P5_identity_is_the_cards_and_never_the_templates(tmp_path: Path) -> None:
    foreign = simple_body(authenticationToken="theirs-0123456789", webServiceURL="https://theirs.example")
    body = body_of(make_template(tmp_path, foreign))
    assert body["serialNumber"] == make_face().serial
    assert body["passTypeIdentifier"] == "pass.sandbox.coffee"
    assert body["teamIdentifier"] == "SANDBOX123"
    assert body["authenticationToken"] == "t" * 43
    assert body["webServiceURL"] == "https://cards.example.com/apple"


@pytest.mark.parametrize("token", ["short", "t" * 20 + " ", "ж" * 20, "t" * 20 + "\n"])
def test_P4_a_token_has_sixteen_plain_characters(token: str) -> None:
    with pytest.raises(Misconfigured, match="authentication token"):
        Identity("pass.x", "TEAM", "https://cards.example.com/apple", token)


@pytest.mark.parametrize("url", ["https://cards.example.com/apple/v1", "https://cards.example.com/apple/"])
def test_P5_the_web_service_address_ends_neither_in_v1_nor_in_a_slash(url: str) -> None:
    with pytest.raises(Misconfigured, match="/v1"):
        Identity("pass.x", "TEAM", url, "t" * 20)


def test_P6_every_pass_names_the_address_of_today(coffee: PassTemplate) -> None:
    moved = replace(IDENTITY, web_service_url="https://new.example.com/apple")
    before, after_it = (
        json.loads(pass_json.build(make_face(), coffee, i).pass_json) for i in (IDENTITY, moved)
    )
    assert before["webServiceURL"] == "https://cards.example.com/apple"
    assert after_it["webServiceURL"] == "https://new.example.com/apple"


def test_S3_the_token_is_not_in_the_identitys_own_words() -> None:
    assert IDENTITY.authentication_token not in repr(IDENTITY)


def test_P7_colours_go_out_as_rgb_and_bad_ones_not_at_all(tmp_path: Path) -> None:
    template = make_template(
        tmp_path, simple_body(backgroundColor="#0a141E", labelColor="red", stripColor="rgb(1, 2, 3)")
    )
    body = body_of(template)
    assert body["backgroundColor"] == "rgb(10, 20, 30)"
    assert "labelColor" not in body
    assert "stripColor" not in body


def test_P8_L5_a_lone_numeric_placeholder_is_a_number_that_the_phone_writes(tmp_path: Path) -> None:
    field = {
        "key": "points",
        "label": "{{goal}}!",
        "value": "{{value}}",
        "numberStyle": "PKNumberStyleDecimal",
    }
    phone = Phone(build(make_face(), make_template(tmp_path, with_fields(field))))
    assert phone.fields()["points"]["value"] == 3
    assert phone.label("points") == "10!"


@given(
    st.datetimes(datetime(1880, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()),  # noqa: DTZ001
    st.sampled_from(sorted(available_timezones() - {"localtime"})),
)
def test_P9_every_moment_in_every_zone_is_a_date_that_phones_read(moment: datetime, name: str) -> None:
    text = w3c(moment, ZoneInfo(name))
    assert is_w3c(text)
    assert datetime.fromisoformat(text) == moment.astimezone(UTC).replace(microsecond=0)


@pytest.mark.parametrize(
    "text", ["2026-11-21", "2026-11-21T18:30:00+0300", "2026-11-21 18:30:00Z", "2026-13-01T00:00Z", 20261121]
)
def test_P9_other_ways_to_write_a_date_are_refused(text: object) -> None:
    assert not is_w3c(text)


def test_P9_history_keeps_the_shops_own_day_wherever_the_phone_is(coffee: PassTemplate) -> None:
    field = Phone(build(make_face(), coffee)).fields()["history-2"]
    assert field["value"] == "2026-11-21T00:30:00+03:00"
    assert field["ignoresTimeZone"] is True


def test_P10_every_key_is_used_once_however_long_the_history(coffee: PassTemplate) -> None:
    line = HistoryLine(NOON, {"en": "+1", "ru": "+1"})
    body = body_of(coffee, history=(line,) * 12)
    fields = [field for value in body["storeCard"].values() for field in value]
    keys = [field["key"] for field in fields]
    assert len(keys) == len(set(keys)) == len(fields) > 12


def test_P11_every_field_has_a_key_and_a_value_and_an_empty_one_is_left_out(coffee: PassTemplate) -> None:
    without = Phone(build(make_face(), coffee)).fields()
    silver = Phone(build(make_face(tier={"en": "Silver", "ru": "Серебро"}), coffee), "ru")
    assert "tier" not in without
    assert silver.shows("tier") == "Серебро"
    assert all(field["value"] not in ("", None) for field in without.values())


def test_P12_the_page_is_a_link_with_a_plain_value_beside_it(coffee: PassTemplate) -> None:
    field = Phone(build(make_face(), coffee)).fields()["page"]
    assert field["attributedValue"] == "<a href='https://cards.example.com/card/abc'>Open my page</a>"
    assert field["value"] == "https://cards.example.com/card/abc"
    assert "textAlignment" not in field


def test_P12_a_persons_words_never_become_markup(tmp_path: Path) -> None:
    field = {"key": "x", "value": "x", "attributedValue": "<a href='{{page}}'>{{reward}}</a>"}
    face = make_face(reward={"en": "<b onclick='x'>Tea</b>", "ru": "Чай"})
    shown = Phone(build(face, make_template(tmp_path, with_fields(field)))).fields()["x"]["attributedValue"]
    assert shown.count("<") == 2
    assert "&lt;b onclick=&#x27;x&#x27;&gt;Tea" in shown


def test_P14_I5_the_front_has_room_and_nothing_lies_over_the_bar(coffee: PassTemplate) -> None:
    card = body_of(coffee, tier={"en": "Silver", "ru": "Серебро"})["storeCard"]
    assert card["primaryFields"] == []
    assert len(card["headerFields"]) <= 3
    assert len(card["secondaryFields"]) + len(card["auxiliaryFields"]) <= 4


def test_P18_P22_P27_what_the_template_says_more_passes_through(tmp_path: Path) -> None:
    more: dict[str, Any] = {
        "locations": [{"latitude": 55.75, "longitude": 37.61, "relevantText": "Coffee near you"}],
        "beacons": [{"proximityUUID": "F8F589E9-C07E-58B0-AEAB-A36BE4D48FAC", "major": 1}],
        "associatedStoreIdentifiers": [1234567890],
        "somethingOfTheYear2031": {"deep": [1, 2.5, None, True, "текст"]},
    }
    body = body_of(make_template(tmp_path, simple_body(**more)))
    assert {name: body[name] for name in more} == more


def test_P20_voided_and_expired_are_the_cards_and_go_away_again(tmp_path: Path) -> None:
    template = make_template(tmp_path, simple_body(voided=True, expirationDate="2020-01-01T00:00Z"))
    fresh, old = body_of(template), body_of(template, voided=True, expires_at=NOON)
    assert fresh.keys().isdisjoint({"voided", "expirationDate"})
    assert (old["voided"], old["expirationDate"]) == (True, "2026-11-21T12:00:00+00:00")


def test_P23_the_share_button_is_the_templates_to_hide(coffee: PassTemplate) -> None:
    assert body_of(coffee)["sharingProhibited"] is True


def test_P25_user_info_says_what_a_support_desk_asks(tmp_path: Path) -> None:
    template = make_template(tmp_path / "mine.pass", simple_body(userInfo={"shop": 7}))
    assert body_of(template)["userInfo"] == {
        "shop": 7,
        "program": "coffee",
        "template": "mine",
        "version": template.version,
    }


def test_P26_no_shine_on_a_drawn_strip(tmp_path: Path) -> None:
    assert body_of(make_template(tmp_path, simple_body()))["suppressStripShine"] is True


def test_B15_the_same_face_gives_the_same_sorted_bytes(coffee: PassTemplate) -> None:
    one, other = build(make_face(), coffee), build(make_face(), pass_template.load(COFFEE))
    assert one == other
    sorted_again = json.dumps(
        json.loads(one.pass_json), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    assert one.pass_json.decode() == sorted_again


def test_L5_dates_of_the_history_are_left_to_the_phone(coffee: PassTemplate) -> None:
    field = Phone(build(make_face(), coffee)).fields()["history-1"]
    assert (field["dateStyle"], field["value"]) == ("PKDateStyleMedium", "2026-11-21T15:00:00+03:00")


def test_a_pass_takes_a_fraction_of_its_signature(coffee: PassTemplate) -> None:
    faces = [with_number(number) for number in range(200)]
    build(faces[0], coffee)
    started = time.process_time()
    for face in faces:
        build(face, coffee)
    assert (time.process_time() - started) / len(faces) < 0.002  # 45 microseconds on a quiet core


def with_number(number: int) -> CardFace:
    moment = NOON.astimezone(timezone(timedelta(hours=3))) + timedelta(seconds=number)
    line = HistoryLine(moment, {"en": "+1 stamp", "ru": "+1 штамп"})
    return make_face(number=f"{number:019d}", history=(line,) * 5)
