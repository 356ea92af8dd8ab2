"""The simulated phone shows a code that turns, as the standard says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulators.google_wallet.process import Simulator
from simulators.google_wallet.rotating import Shown, shown_at
from tests.simulators.google_issuer import (
    OBJECT_ID,
    Issuer,
)


# RFC 6238, appendix B, with eight digits.
@pytest.mark.parametrize(
    ("seconds", "value"), [(59, "94287082"), (1111111109, "07081804"), (20000000000, "65353130")]
)
def test_a_rotating_barcode_is_filled_as_the_standard_says(seconds: int, value: str) -> None:
    key = {"key": b"12345678901234567890".hex(), "valueLength": 8}
    code = {
        "valuePattern": "7.{totp_timestamp_seconds}.{totp_value_0}",
        "totpDetails": {"periodMillis": "30000", "parameters": [key]},
    }
    began = seconds // 30 * 30
    shown = shown_at(code, datetime.fromtimestamp(seconds, UTC))
    assert shown == Shown(f"7.{began}.{value}", began + 30 - seconds)


def test_the_phone_shows_the_rotating_one_of_two_barcodes(google: Simulator, member: Issuer) -> None:
    assert google.ask("GET", f"/phone/barcode/{OBJECT_ID}")["value"] == "1234567890123456789"
    key = {"key": b"12345678901234567890".hex(), "valueLength": 6}
    details = {"algorithm": "TOTP_SHA1", "periodMillis": "3000", "parameters": [key]}
    code = {"type": "QR_CODE", "valuePattern": "7{totp_value_0}", "totpDetails": details}
    assert member.patch({"rotatingBarcode": code}).status_code == 200
    first = google.ask("GET", f"/phone/barcode/{OBJECT_ID}")
    google.forward(3)
    assert google.ask("GET", f"/phone/barcode/{OBJECT_ID}")["value"] != first["value"]
    assert 0 < first["seconds_left"] <= 3
