"""A face becomes an object that Google takes and that says what the card says."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings

from simulators.google_wallet.schema import OBJECT, check_object, check_patch
from tests.google.cards import FACES, HERO, ISSUER, LOOK, PROGRESSES, make_face, make_history, make_program
from wallet_service.domain.errors import Misconfigured
from wallet_service.domain.face import CardFace
from wallet_service.domain.progress import Kind, Progress, Standing
from wallet_service.google.look import GoogleLook
from wallet_service.google.loyalty_object import for_patch, loyalty_object, without_picture
from wallet_service.google.text_bar import text_bar

UNKNOWN = "UNSPECIFIED"
patiently = settings(max_examples=60, deadline=None)  # a machine that is busy is no fault
NAMELESS = ("accountName", "name", "email", "phone")


def body_of(face: CardFace | None = None, look: GoogleLook = LOOK, picture: str | None = HERO) -> Any:
    """Every object of these tests has passed Google's own description, as an insert and as a PATCH."""
    body = loyalty_object(face or make_face(), look, ISSUER, picture)
    assert check_object(body, allow_http=look.plain_http) == []
    assert check_patch(OBJECT, for_patch(body), allow_http=look.plain_http) == []
    return body


def modules(body: Any) -> dict[str, Any]:
    return {module["id"]: module for module in body["textModulesData"]}


def said(localized: Any) -> dict[str, str]:
    """What a phone of each language shows."""
    return {
        one["language"]: one["value"] for one in (localized["defaultValue"], *localized["translatedValues"])
    }


def inside(value: Any) -> list[Any]:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(part for one in below for part in inside(one))]


def test_G13_an_insert_has_all_that_google_needs_and_all_that_a_card_shows() -> None:
    face = make_face()
    body = body_of(face)
    assert body["id"] == f"{ISSUER}.{face.serial}"
    assert body["classId"] == f"{ISSUER}.coffee"
    assert body["state"] == "ACTIVE"
    assert body["accountId"] == body["barcode"]["value"] == face.number
    assert {"loyaltyPoints", "secondaryLoyaltyPoints", "heroImage", "textModulesData"} <= set(body)


def test_G13_no_name_and_nothing_that_was_not_on_the_face() -> None:
    text = json.dumps(body_of(), ensure_ascii=False)
    assert not any(f'"{word}"' in text for word in NAMELESS)


def test_the_balance_and_what_is_to_go_stand_beside_each_other() -> None:
    body = body_of()
    assert body["loyaltyPoints"]["balance"] == {"string": "7/12"}
    assert said(body["loyaltyPoints"]["localizedLabel"]) == {"ru": "Штампы", "en": "Stamps"}
    assert body["secondaryLoyaltyPoints"]["balance"] == {"string": "5"}
    assert said(body["secondaryLoyaltyPoints"]["localizedLabel"]) == {"ru": "Осталось", "en": "To go"}


def test_points_are_called_points() -> None:
    body = body_of(make_face(progress=Progress(430, 1000)))
    assert body["loyaltyPoints"]["balance"] == {"string": "430/1000"}
    assert body["loyaltyPoints"]["label"] == "Баллы"


def test_G14_one_body_carries_balance_picture_and_words_of_the_same_state() -> None:
    before, after = (
        body_of(),
        body_of(make_face(Standing(8, endowed=2, gained=1, last=Kind.EARN)), picture=HERO),
    )
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"loyaltyPoints", "secondaryLoyaltyPoints", "textModulesData", "heroImage"}
    assert after["loyaltyPoints"]["balance"]["string"] == "8/12"
    assert modules(after)["progress"]["body"].endswith("8 из 12, осталось 4")
    assert said(after["heroImage"]["contentDescription"])["en"] == "8 of 12, 4 to go"


def test_G14_a_patch_leaves_nothing_of_an_older_state_behind() -> None:
    """Objects are merged, lists replaced, null takes away: whatever was there, the new state stands."""
    richest = replace(
        make_face(), expires_at=datetime(2027, 1, 1, tzinfo=UTC), tier={"en": "Gold", "ru": "Золото"}
    )
    held = body_of(richest, replace(LOOK, redemption_issuers=("1",)))
    plain = make_face(Standing(1, last=Kind.EARN), make_program(languages=["en"]), history=())
    assert merged(held, for_patch(body_of(plain))) == body_of(plain)


@patiently
@given(before=FACES, after=FACES)
def test_G14_from_any_state_to_any_other(before: CardFace, after: CardFace) -> None:
    after = replace(after, serial=before.serial)
    assert merged(body_of(before), for_patch(body_of(after))) == body_of(after)


def merged(held: Any, patch: Any) -> Any:
    """As Google describes a PATCH."""
    result = dict(held)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(held.get(name), dict):
            result[name] = merged(held[name], value)
        else:
            result[name] = value
    return result


def test_G15_a_body_asks_for_no_notice_by_itself() -> None:
    assert "notify" not in json.dumps(body_of()).lower()


def test_G17_a_card_that_was_closed_is_inactive() -> None:
    assert body_of(make_face(voided=True))["state"] == "INACTIVE"
    assert body_of() | {"state": "INACTIVE"} == body_of(make_face(voided=True))


def test_G17_an_expiry_is_googles_to_watch() -> None:
    body = body_of(make_face(expires_at=datetime(2027, 1, 1, tzinfo=UTC)))
    assert body["validTimeInterval"] == {"end": {"date": "2027-01-01T00:00:00+00:00"}}
    assert body["state"] == "ACTIVE"


@patiently
@given(FACES)
def test_G18_an_id_is_the_issuer_a_dot_and_the_random_serial_number(face: CardFace) -> None:
    issuer, suffix = body_of(face)["id"].split(".", 1)
    assert (issuer, suffix) == (ISSUER, face.serial)
    assert face.number != suffix


@patiently
@given(FACES)
def test_G19_no_module_has_a_dot_and_every_text_has_its_language(face: CardFace) -> None:
    body = body_of(face)
    assert all("." not in module["id"] for module in body["textModulesData"])
    assert len(modules(body)) == len(body["textModulesData"])
    texts = [part for part in inside(body) if isinstance(part, dict) and "defaultValue" in part]
    assert texts
    assert all(tuple(said(text)) == face.languages for text in texts)


@patiently
@given(FACES)
def test_G20_nothing_is_unspecified_or_empty(face: CardFace) -> None:
    body = body_of(face, picture=None)
    assert UNKNOWN not in json.dumps(body)
    assert all(part for part in inside(body) if isinstance(part, dict))
    assert None not in inside(body)
    assert body["barcode"]["type"] == "QR_CODE"
    assert body["barcode"]["alternateText"] == face.number_grouped


@patiently
@given(FACES)
def test_G21_each_balance_is_of_one_kind_and_always_of_the_same(face: CardFace) -> None:
    body = body_of(face)
    assert [list(body[name]["balance"]) for name in ("loyaltyPoints", "secondaryLoyaltyPoints")] == [
        ["string"]
    ] * 2


@pytest.mark.parametrize("tier", [None, {"en": "Gold", "ru": "Золото"}])
def test_G22_of_a_long_history_google_gets_what_it_shows(tier: dict[str, str] | None) -> None:
    body = body_of(make_face(history=make_history(20), tier=tier))
    assert len(body["textModulesData"]) == 10
    assert modules(body)["history-1"]["header"] == "20 нояб. 2026\u202fг."
    assert said(modules(body)["history-1"]["localizedHeader"])["en"] == "Nov 20, 2026"
    assert said(modules(body)["history-1"]["localizedBody"]) == {"ru": "+1 штампов", "en": "+1 stamps"}


def test_a_line_of_the_history_has_the_date_of_the_shop() -> None:
    late = replace(make_history(1)[0], occurred_at=datetime(2026, 11, 20, 22, 30, tzinfo=UTC))
    body = body_of(make_face(history=(late,)))
    assert said(modules(body)["history-1"]["localizedHeader"])["en"] == "Nov 21, 2026"


def test_G23_a_members_tier_is_a_text_because_google_knows_tiers_of_classes_only() -> None:
    body = body_of(make_face(tier={"en": "Gold", "ru": "Золото"}))
    assert said(modules(body)["tier"]["localizedBody"]) == {"ru": "Золото", "en": "Gold"}
    assert "rewardsTier" not in body
    assert "tier" not in modules(body_of())


def test_G27_every_movement_changes_the_balance_which_is_what_google_tells() -> None:
    seen = [body_of(make_face(Standing(value, last=Kind.EARN)))["loyaltyPoints"] for value in range(30)]
    assert all(one != other for one, other in pairwise(seen))


def test_the_bar_stands_in_words_under_the_name_of_the_reward() -> None:
    shown = modules(body_of())["progress"]
    assert said(shown["localizedHeader"]) == {"ru": "Бесплатный кофе", "en": "Free coffee"}
    assert said(shown["localizedBody"])["en"] == "▰▰▰▰▰▱▱▱▱▱ 7 of 12, 5 to go"
    assert shown["body"] == "▰▰▰▰▰▱▱▱▱▱ 7 из 12, осталось 5"


@patiently
@given(PROGRESSES)
def test_a_text_bar_has_ten_glyphs_and_is_full_only_when_the_reward_is_ready(shown: Progress) -> None:
    bar = text_bar(shown)
    assert len(bar) == 10
    assert (bar == "▰" * 10) == shown.ready
    assert (bar == "▱" * 10) == (shown.value == 0)
    assert "▱▰" not in bar


def test_the_card_page_is_among_the_links() -> None:
    (link,) = body_of()["linksModuleData"]["uris"]
    assert link["uri"] == make_face().page
    assert said(link["localizedDescription"]) == {"ru": "Ваша карта онлайн", "en": "Your card online"}


def test_without_its_picture_a_card_is_otherwise_the_same() -> None:
    body = body_of()
    assert set(body) - set(without_picture(body)) == {"heroImage"}
    assert without_picture(body) == body_of(picture=None)
    assert check_object(without_picture(body)) == []


def test_smart_tap_sends_the_card_number_and_only_where_it_is_switched_on() -> None:
    assert "smartTapRedemptionValue" not in body_of()
    assert (
        body_of(look=replace(LOOK, redemption_issuers=("1",)))["smartTapRedemptionValue"]
        == make_face().number
    )


def test_a_plain_address_goes_to_a_simulated_google_alone() -> None:
    plain = make_face(page="http://localhost:8000/card/abc")
    with pytest.raises(Misconfigured, match=r"http://localhost:8000\. Set WALLET_PUBLIC_URL"):
        body_of(plain)
    with pytest.raises(Misconfigured, match="https"):
        body_of(picture="http://localhost:8000/art/x.png")
    assert body_of(plain, replace(LOOK, plain_http=True))["linksModuleData"]["uris"][0]["uri"] == plain.page


def test_every_part_of_a_face_is_somewhere_on_the_card() -> None:
    """A field that is added to the face and forgotten here would be seen."""
    face = make_face(
        tier_name={"en": "Aurum", "ru": "Аурум"},
        tier={"en": "Gold", "ru": "Золото"},
        ready={"en": "Free coffee, cake", "ru": "Бесплатный кофе, торт"},
        expiring={"en": "3 burn on Friday", "ru": "3 сгорят в пятницу"},
    )
    text = json.dumps(body_of(face), ensure_ascii=False)
    told = [
        "serial",
        "number",
        "number_grouped",
        "program",
        "news",
        "progress_text",
        "reward",
        "tier",
        "ready",
        "expiring",
        "page",
    ]
    for name in told:
        value = getattr(face, name)
        assert (value if isinstance(value, str) else value["en"]) in text, name
    of_the_class = ["template", "organization", "languages", "program_name"]
    in_another_form = [
        "balance",
        "progress",
        "to_go",
        "rules",
        "history",
        "voided",
        "erased",
        "expires_at",
        "time_zone",
    ]
    in_none = ["tier_name"]  # short, for where there is no room: here `tier` tells the whole of it
    assert "Aurum" not in text
    assert {field.name for field in fields(CardFace)} == {*told, *of_the_class, *in_another_form, *in_none}
