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


@pytest.mark.parametrize("hours", ["night", "22:00", "25:00-08:00", "08:00-08:00"])
def test_quiet_hours_that_could_mean_two_things_are_refused(hours: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="WALLET_QUIET_HOURS"):
        from_environment({"WALLET_DATA_DIR": str(tmp_path), "WALLET_QUIET_HOURS": hours})


@pytest.mark.parametrize("seconds", ["0", "half", "-3"])
def test_a_lease_that_is_none_is_refused(seconds: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="Set it to a whole number from 1 on"):
        from_environment({"WALLET_DATA_DIR": str(tmp_path), "WALLET_LEASE_SECONDS": seconds})


REAL = {
    "WALLET_MODE": "production",
    "WALLET_PUBLIC_URL": "https://cards.example.com",
    "WALLET_SECRET_KEY": "s" * 32,
    "WALLET_APPLE_TOKEN_KEY": "a" * 32,
}


def queue_in_production(url: str, folder: Path) -> str:
    return from_environment({**REAL, "WALLET_DATA_DIR": str(folder), "WALLET_QUEUE_URL": url}).queue_url


@pytest.mark.parametrize(
    "url",
    [
        "redis://10.0.0.7:6379/0",
        "redis://:secret@10.0.0.7:6379/0",
        "rediss://10.0.0.7:6379/0",
        "rediss://redis.example.com:6379/0",
        "redis://127.0.0.1.example.com:6379/0",
    ],
)
def test_S26_a_broker_on_the_network_without_tls_and_password_stops_the_start(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(BadSetting, match="without TLS and a password") as refused:
        queue_in_production(url, tmp_path)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:6379/0",
        "redis://localhost:6379/0",
        "redis://[::1]:6379/0",
        "unix:///run/redis/redis.sock",
        "rediss://:secret@10.0.0.7:6379/0",
    ],
)
def test_S26_a_broker_that_strangers_cannot_reach_is_taken(url: str, tmp_path: Path) -> None:
    assert queue_in_production(url, tmp_path) == url
