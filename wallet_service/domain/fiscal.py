"""The code on a fiscal receipt: `t=20261122T1430&s=1250.00&fn=9960440301234567&i=12345&fp=1234567890&n=1`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from wallet_service.domain.errors import BadReceipt

CURRENCY = "RUB"
LONGEST = 200
SALE, RETURN = 1, 2
PARTS: Mapping[str, re.Pattern[str]] = {
    "t": re.compile(r"20\d{6}t\d{4}(?:\d{2})?", re.ASCII),
    "s": re.compile(r"(\d{1,10})(?:\.(\d{1,2}))?", re.ASCII),
    "fn": re.compile(r"\d{16}", re.ASCII),
    "i": re.compile(r"\d{1,10}", re.ASCII),
    "fp": re.compile(r"\d{1,10}", re.ASCII),
    "n": re.compile(r"[1-4]", re.ASCII),
}
KEY = re.compile(r"\d{16}:\d{1,10}:\d{1,10}", re.ASCII)


@dataclass(frozen=True)
class FiscalReceipt:
    """`printed` is the wall clock of the till that printed it, `total` its sum in minor units, `drive` the
    number of its fiscal storage. `key` is the same however its figures are padded.
    """

    printed: datetime
    total: int
    drive: str
    key: str
    kind: int

    @property
    def returned(self) -> bool:
        """Something was brought back; otherwise it was sold."""
        return self.kind == RETURN

    def at(self, zone: str) -> datetime:
        """Where the clock was set back, the first of the two moments."""
        return self.printed.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def looks_fiscal(text: str) -> bool:
    """Whether it is meant as a receipt, readable or not."""
    return {"t", "s", "fn"} <= {part.partition("=")[0] for part in text[:LONGEST].strip().lower().split("&")}


def fiscal_receipt(text: str) -> FiscalReceipt:
    """In any order and, as a scanner with a shift lock types it, in any case. BadReceipt names the part that
    is off.
    """
    said = _parts(text)
    for name, form in PARTS.items():
        if not form.fullmatch(said.get(name, "")):
            raise BadReceipt(f"`{name}` of the receipt's code cannot be read. Scan it again.", part=name)
    if len(said) > len(PARTS):
        raise BadReceipt("There is more in this code than a receipt has. Scan it again.", part="more")
    kind = int(said["n"])
    if kind not in (SALE, RETURN):
        raise BadReceipt("This receipt is neither a sale nor the return of one.", n=kind)
    key = f"{said['fn']}:{int(said['i'])}:{int(said['fp'])}"
    return FiscalReceipt(_printed(said["t"]), _minor_units(said["s"]), said["fn"], key, kind)


def _parts(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in text[:LONGEST].strip().lower().split("&"):
        name, _, value = part.partition("=")
        if name in found:
            raise BadReceipt("This code names a part twice. Scan it again.", part=name[:8])
        found[name] = value
    return found


def _printed(said: str) -> datetime:
    try:
        return datetime.strptime(said, "%Y%m%dt%H%M%S" if len(said) == 15 else "%Y%m%dt%H%M")  # noqa: DTZ007
    except ValueError:
        raise BadReceipt("`t` of the receipt's code is no time. Scan it again.", part="t") from None


def _minor_units(said: str) -> int:
    whole, _, rest = said.partition(".")
    return int(whole) * 100 + int(rest.ljust(2, "0") or "0")
