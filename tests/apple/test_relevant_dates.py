"""When a card of somebody else's template is relevant."""

from __future__ import annotations

from typing import Any

import pytest

from wallet_service.apple.template.template_checks.keys import check

GOOD = "2026-11-21T18:30:00+03:00"


def faults(**entry: Any) -> list[str]:
    return [fault.key for fault in check({"storeCard": {}, "relevantDates": [entry]})]


@pytest.mark.parametrize("name", ["date", "relevantDate", "startDate", "endDate"])
def test_P19_a_relevant_date_is_one_that_phones_read(name: str) -> None:
    assert faults(**{name: GOOD}) == []
    assert faults(**{name: "2026-11-21"}) == [f"relevantDates[0].{name}"]
