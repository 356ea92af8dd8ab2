"""A program becomes a class that Google takes, again and again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from simulators.google_wallet.schema import CLASS, check_class, check_patch
from tests.google.cards import ISSUER, LINKS, LOOK, make_program
from wallet_service.actions.links import Links
from wallet_service.domain import wording
from wallet_service.domain.errors import Invalid, Misconfigured
from wallet_service.domain.program import Program
from wallet_service.google import texts
from wallet_service.google.identifiers import class_id, object_id
from wallet_service.google.look import GoogleLook
from wallet_service.google.loyalty_class import country_of, loyalty_class

FIVE = {"id", "issuerName", "programName", "programLogo", "reviewStatus"}
PLAIN = Links("http://localhost:8000", ("s" * 32,))


def body_of(program: Program | None = None, look: GoogleLook = LOOK, links: Links = LINKS) -> Any:
    """Every class of these tests has passed Google's own description, as an insert and as a PATCH."""
    body = loyalty_class(program or make_program(), look, ISSUER, links)
    assert check_class(body, allow_http=look.plain_http) == []
    assert check_patch(CLASS, body, allow_http=look.plain_http) == []
    return body


def test_G10_the_five_that_google_needs_and_the_five_that_we_need() -> None:
    body = body_of()
    assert set(body) >= FIVE | {"callbackOptions", "multipleDevicesAndHoldersAllowedStatus", "countryCode"}
    assert body["id"] == f"{ISSUER}.coffee"
    assert body["callbackOptions"] == {"url": "https://cards.example.com/google/callback"}
    assert body["programLogo"]["sourceUri"] == {"uri": LOOK.logo}


@pytest.mark.parametrize("name", sorted(FIVE))
def test_G10_without_one_of_the_five_google_would_refuse(name: str) -> None:
    assert check_class({key: value for key, value in body_of().items() if key != name})


@pytest.mark.parametrize("name", ["issuerName", "programName", "accountIdLabel"])
def test_G10_a_name_stands_plain_and_in_each_language(name: str) -> None:
    body = body_of()
    twin = body[f"localized{name[0].upper()}{name[1:]}"]
    assert twin["defaultValue"] == {"language": "ru", "value": body[name]}
    assert [other["language"] for other in twin["translatedValues"]] == ["en"]


def test_G11_the_same_body_serves_for_a_patch_and_always_asks_for_review() -> None:
    assert body_of() == body_of()
    assert body_of()["reviewStatus"] == "UNDER_REVIEW"
    assert check_patch(CLASS, body_of() | {"reviewStatus": "APPROVED"})


def test_G12_a_definition_that_did_not_change_is_the_same_to_the_byte() -> None:
    again = loyalty_class(make_program(), replace(LOOK), ISSUER, LINKS)
    assert json.dumps(again) == json.dumps(body_of())


def test_G15_a_class_asks_for_no_notice() -> None:
    assert "notify" not in json.dumps(body_of()).lower()


@pytest.mark.parametrize("suffix", ["", "a b", "alice@example.com", "кофе", "a/b", "a\n", "x" * 101])
def test_G18_other_ids_are_not_made(suffix: str) -> None:
    with pytest.raises(Invalid, match="letters, digits"):
        class_id(ISSUER, suffix)
    with pytest.raises(Invalid, match="letters, digits"):
        object_id(ISSUER, suffix)


def test_G19_a_language_is_written_as_google_reads_it() -> None:
    assert texts.tag("pt_BR") == "pt-BR"
    with pytest.raises(ValueError, match="language"):
        texts.tag("")


def test_G19_the_rows_name_modules_that_every_object_has() -> None:
    rows = body_of()["classTemplateInfo"]["cardTemplateOverride"]["cardRowTemplateInfos"]
    assert "object.textModulesData['progress']" in json.dumps(rows)
    assert len(rows) <= 2


def test_G20_nothing_is_unspecified_or_empty() -> None:
    text = json.dumps(body_of())
    assert "UNSPECIFIED" not in text
    assert "{}" not in text
    assert "null" not in text


def test_G22_ten_locations_and_no_more() -> None:
    ten = tuple((55.75, float(place)) for place in range(10))
    assert len(body_of(look=replace(LOOK, locations=ten))["merchantLocations"]) == 10
    assert check_class(loyalty_class(make_program(), replace(LOOK, locations=ten * 2), ISSUER, LINKS))


def test_G23_a_class_has_no_tier_of_its_own() -> None:
    assert not any("Tier" in name for name in body_of())


def test_the_colour_of_the_card_is_always_said() -> None:
    """Or it would follow the hero's main colour, which changes while the bar fills."""
    assert body_of()["hexBackgroundColor"] == "#21110a"


def test_one_person_saves_a_card_unless_it_is_a_familys() -> None:
    assert body_of()["multipleDevicesAndHoldersAllowedStatus"] == "ONE_USER_ALL_DEVICES"
    family = body_of(look=replace(LOOK, many_holders=True))
    assert family["multipleDevicesAndHoldersAllowedStatus"] == "MULTIPLE_HOLDERS"


def test_smart_tap_and_locations_are_off_until_somebody_asks() -> None:
    plain = body_of()
    asked = body_of(look=replace(LOOK, redemption_issuers=("42",), locations=((55.75, 37.61),)))
    assert not {"enableSmartTap", "redemptionIssuers", "merchantLocations"} & set(plain)
    assert (asked["enableSmartTap"], asked["redemptionIssuers"]) == (True, ["42"])
    assert asked["merchantLocations"] == [{"latitude": 55.75, "longitude": 37.61}]
    options = {"enableSmartTap", "redemptionIssuers", "merchantLocations"}
    assert {name: value for name, value in asked.items() if name not in options} == plain


def test_the_rules_are_among_the_links_of_every_card() -> None:
    link = body_of()["homepageUri"]
    assert (link["uri"], link["description"]) == ("https://cards.example.com/join/coffee", "Как это работает")


@pytest.mark.parametrize(
    ("zone", "languages", "country"),
    [
        ("Europe/Moscow", ["ru", "en"], "RU"),
        ("Asia/Almaty", ["ru"], "KZ"),
        ("UTC", ["ru"], "RU"),
        ("Etc/GMT", ["en"], "US"),
    ],
)
def test_a_card_is_at_home_where_its_clock_stands(zone: str, languages: list[str], country: str) -> None:
    program = make_program(time_zone=zone, languages=languages)
    assert country_of(program) == country
    assert body_of(program)["countryCode"] == country
    assert body_of(program, replace(LOOK, country="GE"))["countryCode"] == "GE"


def test_a_plain_address_goes_to_a_simulated_google_alone() -> None:
    with pytest.raises(Misconfigured, match=r"http://localhost:8000\. Set WALLET_PUBLIC_URL"):
        body_of(links=PLAIN)
    body = body_of(look=replace(LOOK, plain_http=True), links=PLAIN)
    assert body["callbackOptions"]["url"] == "http://localhost:8000/google/callback"


@pytest.mark.parametrize("label", [texts.STAMPS, texts.POINTS, texts.TO_GO])
def test_a_label_beside_a_figure_has_nine_letters_at_most(label: dict[str, str]) -> None:
    assert max(map(len, label.values())) <= 9


def test_every_label_speaks_every_language_that_a_card_can_have() -> None:
    labels = {name: value for name, value in vars(texts).items() if name.isupper()}
    assert labels
    assert [name for name, value in labels.items() if set(value) != wording.LANGUAGES] == []
