"""A setting that cannot work is told in a sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from wallet_service.settings import BadSetting, from_environment


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(BadSetting, match=r"WALLET_DATA_DIR .*/file/data cannot be written"):
        from_environment({"WALLET_DATA_DIR": str(in_the_way / "data")})


@pytest.mark.parametrize("url", ["foo", "/var/lib/queue.db", "amqp://localhost"])
def test_a_queue_of_an_unknown_kind_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="WALLET_QUEUE_URL has an unknown form"):
        from_environment({"WALLET_DATA_DIR": str(tmp_path), "WALLET_QUEUE_URL": url})
