"""Receipts come as whatever somebody had at hand."""

from __future__ import annotations

from wallet_service.actions.import_receipts import import_receipts
from wallet_service.db.session import Sessions
from wallet_service.wiring import utc_now


def test_what_is_no_table_says_so_from_its_first_line_on() -> None:
    told = import_receipts(Sessions("sqlite://"), ["x" * 200_000], (), utc_now())
    assert [str(one) for one in told] == ["line 1: this is no CSV: field larger than field limit (131072)"]
