"""Receipts come as whatever somebody had at hand."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from wallet_service.actions.import_receipts import import_receipts
from wallet_service.db.session import Sessions
from wallet_service.wiring import utc_now


def test_what_is_no_table_says_so_from_its_first_line_on(tmp_path: Path) -> None:
    with closing(Sessions(f"sqlite:///{tmp_path / 'wallet.db'}")) as sessions:
        told = [str(one) for one in import_receipts(sessions, ["x" * 200_000], (), utc_now())]
    assert told == ["line 1: this is no CSV: field larger than field limit (131072)"]
