"""The days of the certificates, as any calendar reads them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wallet_service.apple.signing.certificate_status import Standing
from wallet_service.cli.certs_calendar import calendar

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ENDS = datetime(2027, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["pass.com.example.coffee", "pass." + "long." * 40 + "end", "pass." + "кофе☕" * 30]
)
def test_long_lines_are_folded_and_no_character_is_torn(name: str) -> None:
    written = calendar([Standing(name, "1", ENDS, 365, "good", False)], NOW).encode()
    assert all(len(line) <= 75 and line.decode() for line in written.split(b"\r\n")[:-1])
    unfolded = written.decode().replace("\r\n ", "").split("\r\n")
    assert f"SUMMARY:Renew it now: {name}" in unfolded
    assert f"UID:{name}-20271122-20271122" in unfolded
