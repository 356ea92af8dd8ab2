"""What a rotating barcode shows at a moment: the phone fills the pattern by itself, without any network."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Shown:
    """`seconds_left` is None for a code that stays."""

    value: str
    seconds_left: float | None = None


def code_of(resource: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Google draws the rotating one where both are given."""
    code: Mapping[str, Any] | None = resource.get("rotatingBarcode") or resource.get("barcode")
    return code


def shown_at(code: Mapping[str, Any], now: datetime) -> Shown:
    if "valuePattern" not in code:
        return Shown(code.get("value", ""))
    details = code["totpDetails"]
    period, millis = int(details["periodMillis"]), int(now.timestamp() * 1000)
    step = millis // period
    began = step * period
    filled = code["valuePattern"].replace("{totp_timestamp_millis}", str(began))
    filled = filled.replace("{totp_timestamp_seconds}", str(began // 1000))
    for number, one in enumerate(details["parameters"]):
        password = totp(bytes.fromhex(one["key"]), step, one["valueLength"])
        filled = filled.replace(f"{{totp_value_{number}}}", password)
    return Shown(filled, (began + period - millis) / 1000)


def totp(key: bytes, step: int, digits: int) -> str:
    """RFC 6238 with SHA-1, the only algorithm that Google has."""
    mac = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)
