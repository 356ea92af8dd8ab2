"""What each answer of Google's means: by its reason, and what stays for the operator to read."""

from __future__ import annotations

import json

import pytest

from wallet_service.google.answers import Verdict, answered, refused_fields


def said(status: int, reason: str, message: str = "No.") -> bytes:
    one = {"reason": reason, "message": message, "domain": "walletobjects"}
    return json.dumps({"error": {"code": status, "message": message, "errors": [one]}}).encode()


@pytest.mark.parametrize(
    ("status", "reason", "verdict"),
    [
        (400, "invalidResource", Verdict.OUR_BUG),
        (401, "authError", Verdict.TOKEN),
        (403, "permissionDenied", Verdict.CREDENTIAL),
        (403, "insufficientPermissions", Verdict.CREDENTIAL),
        (403, "quotaExceeded", Verdict.BUDGET),
        (403, "rateLimitExceeded", Verdict.SLOW_DOWN),
        (429, "rateLimitExceeded", Verdict.SLOW_DOWN),
        (429, "somethingNew", Verdict.SLOW_DOWN),
        (404, "resourceNotFound", Verdict.OBJECT_GONE),
        (404, "classNotFound", Verdict.CLASS_GONE),
        (409, "existingResource", Verdict.EXISTS),
        (412, "conditionNotMet", Verdict.LOCKED),
        (408, "", Verdict.UNKNOWN),
        (500, "backendError", Verdict.UNKNOWN),
        (503, "", Verdict.UNKNOWN),
        (403, "somethingNew", Verdict.CREDENTIAL),
        (302, "", Verdict.UNKNOWN),
    ],
)
def test_an_answer_is_known_by_its_reason(status: int, reason: str, verdict: Verdict) -> None:
    assert answered(status, said(status, reason)).verdict is verdict


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        ("Image cannot be loaded. https://cards.example/x.png", Verdict.BAD_PICTURE),
        ("Issuer not allowlisted for Merchant Locations.", Verdict.NOT_FOR_US),
        ("Issuer not allowlisted for Smart Tap.", Verdict.NOT_FOR_US),
        ("Invalid barcode type.", Verdict.OUR_BUG),
    ],
)
def test_a_bad_request_is_known_by_what_it_is_about(message: str, verdict: Verdict) -> None:
    assert answered(400, said(400, "invalidResource", message)).verdict is verdict


def test_fields_that_are_not_open_to_us_are_named() -> None:
    assert refused_fields("Issuer not allowlisted for Merchant Locations.") == ("merchantLocations",)
    assert "smartTapRedemptionValue" in refused_fields("not allowlisted for SMART TAP")


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'"ok"', b"[" * 100_000, b"\xff\xfe", b'{"id": "33']
)
def test_a_success_that_cannot_be_read_says_nothing(content: bytes) -> None:
    assert answered(200, content).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b'{"error": 7}', b'{"error": {"errors": 7}}', b'{"error": {"errors": [7]}}']
)
def test_an_error_that_cannot_be_read_goes_by_its_status(content: bytes) -> None:
    assert answered(409, content).verdict is Verdict.EXISTS
    assert answered(503, content).verdict is Verdict.UNKNOWN


def test_googles_words_are_kept_for_the_operator_and_names_are_not() -> None:
    answer = answered(400, said(400, "invalidResource", "accountName alice@example.com\nis too long" * 20))
    assert answer.told.startswith("Google: 400 invalidResource. accountName … is too long")
    assert len(answer.message) <= 300


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("999999", 3600), ("soon", None), (None, None)])
def test_retry_after_is_honoured_within_reason(header: str | None, seconds: int | None) -> None:
    assert answered(429, b"", header).retry_after == seconds
