"""The gate for Google payloads lets good ones in, and names what is wrong with each of the others."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.google_wallet.schema import (
    CLASS,
    OBJECT,
    check_class,
    check_message,
    check_object,
    check_patch,
)
from tests.simulators.google_issuer import rich_class, rich_object, set_at, texts

ROTATING = {
    "type": "QR_CODE",
    "valuePattern": "123.{totp_timestamp_seconds}.{totp_value_0}",
    "totpDetails": {
        "algorithm": "TOTP_SHA1",
        "periodMillis": "30000",
        "parameters": [{"key": "3132333435363738393031323334353637383930", "valueLength": 8}],
    },
}


def test_rich_payloads_are_good() -> None:
    assert check_class(rich_class()) == []
    assert check_object(rich_object()) == []
    assert check_object(rich_object() | {"rotatingBarcode": ROTATING}) == []
    message = {"id": "m", "header": "a", "body": "b", "messageType": "TEXT_AND_NOTIFY"}
    assert check_message({"message": message | {"localizedBody": texts("a", "б")}}) == []


MODULES = [{"id": f"m{number}", "header": "h", "body": "b"} for number in range(11)]
PLACES = [{"latitude": 55.7, "longitude": 37.6}] * 11
ROW = {"oneItem": {"item": {"firstValue": {"fields": [{"fieldPath": "object.accountName"}]}}}}
ROWS = "classTemplateInfo.cardTemplateOverride.cardRowTemplateInfos"
PATH = "oneItem.item.firstValue.fields.0.fieldPath"


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("surprise", 1, "surprise"),
        ("state", "active", "ACTIVE"),
        ("state", "STATE_UNSPECIFIED", "ACTIVE"),
        ("state", ..., "'state' is a required property"),
        ("id", ..., "'id' is a required property"),
        ("classId", ..., "'classId' is a required property"),
        ("id", "3388.a@b.example", "is no id"),
        ("id", "card-1", "is no id"),
        ("classId", "3388 .x", "is no id"),
        ("locations", [{"latitude": 1, "longitude": 2}], "locations"),
        ("infoModuleData", {"showLastUpdateTime": True}, "infoModuleData"),
        ("kind", "walletobjects#loyaltyObject", "kind"),
        ("version", "1", "version"),
        ("hasUsers", True, "hasUsers"),
        ("rewardsTier", "Gold", "rewardsTier"),
        ("notifyPreference", "notifyOnUpdate", "NOTIFY_ON_UPDATE"),
        ("loyaltyPoints.balance", {"string": "7", "int": 7}, "only one of string"),
        ("loyaltyPoints.balance", {}, "is empty"),
        ("loyaltyPoints.balance", ..., "balance must be set"),
        ("loyaltyPoints.balance", {"int": 2**31}, "greater than the maximum"),
        ("loyaltyPoints.balance", {"int": "7"}, "not of type 'integer'"),
        ("loyaltyPoints.balance", {"money": {"micros": 1_000_000, "currencyCode": "USD"}}, "micros"),
        ("loyaltyPoints.balance", {"money": {"micros": "1.5", "currencyCode": "USD"}}, "micros"),
        ("loyaltyPoints.balance", {"money": {"micros": "1500000"}}, "currencyCode must be set"),
        ("loyaltyPoints.balance", {"money": {"micros": "1500000", "currencyCode": "$"}}, "no currency"),
        ("heroImage.sourceUri.uri", "http://cards.example/a.png", "must use https"),
        ("heroImage.sourceUri.uri", "https:///a.png", "good scheme"),
        ("heroImage.sourceUri.uri", "ftp://cards.example/a.png", "good scheme"),
        ("heroImage.privateImageId", "x", "only one of sourceUri"),
        ("heroImage.sourceUri", ..., "exactly one of sourceUri"),
        ("barcode.type", ..., "Barcode type must be set."),
        ("barcode.type", "BARCODE_TYPE_UNSPECIFIED", "QR_CODE"),
        ("barcode.type", "qrCode", "QR_CODE"),
        ("barcode.value", "", "value must be set"),
        ("textModulesData.0.id", "pro.gress", "no dot"),
        ("textModulesData", MODULES, "11 entries"),
        ("merchantLocations", PLACES, "11 entries"),
        ("merchantLocations", [{"latitude": 91, "longitude": 0}], "out of range"),
        ("messages", [{"header": "a", "body": "b"}] * 11, "11 entries"),
        ("messages.0.body", "", "body"),
        ("messages.0.messageType", "text", "TEXT"),
        ("linkedObjectIds", ["3388.x"] * 51, "51 entries"),
        ("linksModuleData.uris.0.uri", "javascript:alert(1)", "good scheme"),
        ("linksModuleData.uris.0.uri", ..., "uri must be set"),
        ("linksModuleData", {}, "is empty"),
        ("textModulesData.0.localizedBody.defaultValue.language", "", "language"),
        ("textModulesData.0.localizedBody.defaultValue.language", "en_US", "BCP 47"),
        ("textModulesData.0.localizedBody.translatedValues.0.value", "", "value must be set"),
        ("textModulesData.0.localizedBody.defaultValue", ..., "defaultValue must be set"),
        ("validTimeInterval", {"start": {"date": "yesterday"}}, "ISO 8601"),
        ("smartTapRedemptionValue", "карта", "ASCII"),
        ("rotatingBarcode", ROTATING | {"valuePattern": "{totp_value_1}"}, "totp_value_1"),
        ("rotatingBarcode", ROTATING | {"totpDetails": {"algorithm": "TOTP_SHA1"}}, "must be set"),
        (
            "rotatingBarcode",
            set_at(ROTATING, "totpDetails.parameters.0.key", "secret"),
            "no Base16",
        ),
    ],
)
def test_an_object_is_refused(place: str, value: Any, said: str) -> None:
    faults = check_object(set_at(rich_object(), place, value))
    assert any(said in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("issuerName", ..., "'issuerName' is a required property"),
        ("programName", ..., "'programName' is a required property"),
        ("programLogo", ..., "'programLogo' is a required property"),
        ("reviewStatus", ..., "'reviewStatus' is a required property"),
        ("reviewStatus", "APPROVED", "Invalid review status Optional[APPROVED]."),
        ("reviewStatus", "REJECTED", "Invalid review status"),
        ("reviewStatus", "underReview", "UNDER_REVIEW"),
        ("hexBackgroundColor", "5b3420", "no colour"),
        ("hexBackgroundColor", "rgb(1, 2, 3)", "no colour"),
        ("countryCode", "Russia", "country"),
        ("callbackOptions.url", "http://cards.example/google/callback", "must use https"),
        ("callbackOptions.updateRequestUrl", "https://cards.example/", "updateRequestUrl"),
        ("allowMultipleUsersPerObject", True, "allowMultipleUsersPerObject"),
        ("multipleDevicesAndHoldersAllowedStatus", "multipleHolders", "MULTIPLE_HOLDERS"),
        ("wordMark", {"sourceUri": {"uri": "https://cards.example/a.png"}}, "wordMark"),
        ("localizedProgramName", "Coffee", "not of type 'object'"),
        ("review", {"comments": "fine"}, "review"),
        (ROWS, [ROW] * 4, "4 entries"),
        (ROWS, [{}], "exactly one of oneItem"),
        (f"{ROWS}.0", set_at(ROW, PATH, "object.textModulesData['a.b']"), "leads nowhere"),
        (f"{ROWS}.0", set_at(ROW, PATH, "object.rewardsTier"), "leads nowhere"),
        (f"{ROWS}.0", set_at(ROW, PATH, "loyaltyPoints.balance"), "leads nowhere"),
    ],
)
def test_a_class_is_refused(place: str, value: Any, said: str) -> None:
    faults = check_class(set_at(rich_class(), place, value))
    assert any(said in fault for fault in faults), faults


def test_plain_http_is_for_a_sandbox_that_asks_for_it() -> None:
    inside = rich_object("http://127.0.0.1:8000")
    assert check_object(inside) != []
    assert check_object(inside, allow_http=True) == []


@pytest.mark.parametrize("body", [None, [], "object", 7, {}])
def test_what_is_no_object_at_all_is_refused(body: Any) -> None:
    assert check_object(body) != []
    assert check_class(body) != []


def test_a_patch_needs_nothing_and_may_take_fields_away() -> None:
    assert check_patch(OBJECT, {"loyaltyPoints": {"balance": {"string": "8/10"}}}) == []
    assert check_patch(OBJECT, {"heroImage": None, "loyaltyPoints": {"balance": {"int": None}}}) == []
    assert check_patch(CLASS, {"reviewStatus": "UNDER_REVIEW"}) == []


@pytest.mark.parametrize(
    "body",
    [
        {"surprise": None},
        {"loyaltyPoints": {"surprise": None}},
        {"state": "gone"},
        {"loyaltyPoints": {"balance": {"int": 1, "string": "1"}}},
        {"textModulesData": [{"id": "a.b"}]},
        [],
    ],
)
def test_a_patch_is_looked_at_as_closely(body: Any) -> None:
    assert check_patch(OBJECT, body) != []


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"header": "a"},
        {"header": "a", "body": "b", "messageType": "NOTIFY"},
        {"header": "a", "text": "b"},
    ],
)
def test_a_message_has_words_and_a_known_type(message: dict[str, Any]) -> None:
    assert check_message({"message": message}) != []
    assert check_message(message) != []
