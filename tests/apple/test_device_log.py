"""What phones complain about is kept, bounded, and cannot pretend to be anything else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.apple.service_fixtures import Service
from wallet_service.apple.service import device_log
from wallet_service.db.tables import DeviceLog

ANSI = "\x1b[31mred\x1b[0m"


def lines(service: Service) -> list[str]:
    with service.shop.services.sessions.read() as session:
        return list(session.scalars(select(DeviceLog.line).order_by(DeviceLog.id)))


def send(service: Service, body: object, address: str = "127.0.0.1") -> int:
    return service.phone(address=address).ask("POST", "/apple/v1/log", json=body).status_code


def test_W19_complaints_are_kept(service: Service) -> None:
    assert send(service, {"logs": ["first", "второе"]}) == 200
    assert send(service, {"logs": []}) == 200
    assert lines(service) == ["first", "второе"]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"7", b"{}", b'{"logs": "x"}', b'{"logs": [1]}', b'{"logs": [["x"]]}'),
        *(b'{"logs": null}', b'{"logs": {"0": "x"}}', b"\xff", b"[" * 9_000),
    ],
)
def test_W20_what_is_no_log_is_400_and_not_kept(service: Service, body: bytes) -> None:
    assert service.phone().ask("POST", "/apple/v1/log", data=body).status_code == 400
    assert lines(service) == []


def test_W20_a_huge_one_is_413_and_a_flood_429(service: Service) -> None:
    assert send(service, {"logs": ["x" * 1_000_000]}) == 413
    statuses = [send(service, {"logs": ["x"]}, address="192.0.2.9") for _ in range(70)]
    assert statuses == [200] * 60 + [429] * 10
    assert send(service, {"logs": ["x"]}, address="192.0.2.10") == 200


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("one\r\n2026-11-02 INFO two", "one\\r\\n2026-11-02 INFO two"),
        (ANSI, "\\x1b[31mred\\x1b[0m"),
        ("${jndi:ldap://evil}", "${jndi:ldap://evil}"),
        ("a\\nb", "a\\\\nb"),
        ("nul\0", "nul\\x00"),
        ("\u202eright to left", "\\u202eright to left"),
        ("\u2028line", "\\u2028line"),
        ("\ud800", "\\ud800"),
    ],
)
def test_S19_a_line_is_one_line_and_nothing_else(service: Service, line: str, kept: str) -> None:
    assert send(service, {"logs": [line]}) == 200
    assert lines(service) == [kept]


def test_S19_a_line_has_at_most_a_kilobyte_and_a_message_twenty_lines(service: Service) -> None:
    assert send(service, {"logs": ["ы" * 1000, "\n" * 1000, *["x"] * 100]}) == 200
    kept = lines(service)
    assert len(kept) == 20
    assert all(0 < len(line.encode()) <= 1024 for line in kept)


def test_S19_a_day_holds_a_thousand_lines_and_old_ones_go(service: Service) -> None:
    for n in range(60):
        assert send(service, {"logs": ["x"] * 20}, address=f"192.0.2.{n}") == 200
    assert len(lines(service)) == 1000
    service.clock.forward(days=1)
    assert send(service, {"logs": ["the next day"]}) == 200
    assert len(lines(service)) == 1001
    service.clock.forward(days=31)
    assert send(service, {"logs": ["a month later"]}) == 200
    assert lines(service) == ["a month later"]


def test_S19_on_postgresql_too(on_both: Service) -> None:
    now = on_both.clock()
    with on_both.shop.services.sessions.begin() as session:
        device_log.keep(session, device_log.lines_of({"logs": ["a\0b", "\ud800"]}), now)
    with on_both.shop.services.sessions.read() as session:
        assert device_log.has_room(session, now + timedelta(hours=1))
    assert lines(on_both) == ["a\\x00b", "\\ud800"]
