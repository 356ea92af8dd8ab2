"""What phones complain about is kept, bounded, and cannot pretend to be anything else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from simulators.iphone import complaints as phone_says
from tests.apple.service_fixtures import PASS_TYPE, Service
from wallet_service.cli.funnel_jobs import forget as forget_tellings
from wallet_service.db.tables import DeviceLog
from wallet_service.push.complaints import Complaint
from wallet_service.web.office.today import today

NOBODY = "0f3c1a2b-1111-2222-3333-444455556666"
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


def fill_the_day(service: Service) -> None:
    for n in range(60):
        assert send(service, {"logs": [f"serial {NOBODY}"] * 20}, address=f"192.0.2.{n}") == 200


def test_S19_a_day_holds_a_thousand_lines_and_old_ones_go(service: Service) -> None:
    fill_the_day(service)
    assert len(lines(service)) == 1000
    service.clock.forward(days=1)
    assert send(service, {"logs": ["the next day"]}) == 200
    assert len(lines(service)) == 1001
    service.clock.forward(days=31)
    assert send(service, {"logs": ["a month later"]}) == 200
    forget_tellings(service.shop.services)
    assert lines(service) == ["a month later"]


def test_S19_a_phone_of_ours_is_heard_however_many_shout(service: Service) -> None:
    card, other = service.shop.join(), service.shop.join()
    phone = service.phone(device="a1b2c3d4e5f60718")
    phone.add(card)
    phone.add(other)
    service.change_and_number(card)
    fill_the_day(service)
    of_card = phone_says.fetch_task("https://x", (PASS_TYPE, other), None)
    of_list = phone_says.list_task("https://x", phone.device, PASS_TYPE, None)
    for task in (of_card, of_list):
        assert send(service, {"logs": [task.complaint(service.clock(), phone_says.MALFORMED)]}) == 200
    with service.shop.services.sessions.read() as session:
        heard = select(DeviceLog.serial, DeviceLog.kind).where(DeviceLog.serial.is_not(None))
        assert session.execute(heard.order_by(DeviceLog.id)).all() == [
            (other, Complaint.MALFORMED),
            (card, Complaint.MALFORMED),  # it was asking what changed, and this one did last
        ]


def test_S19_who_repeats_a_complaint_takes_no_more_room(service: Service) -> None:
    said = phone_says.fetch_task("https://x", (PASS_TYPE, service.shop.join()), None)
    for text in (phone_says.MALFORMED, phone_says.invalid_pass("x")):
        for _ in range(3):
            service.clock.forward(minutes=1)
            assert send(service, {"logs": [said.complaint(service.clock(), text)] * 3}) == 200
    with service.shop.services.sessions.read() as session:
        heard = session.scalars(select(DeviceLog).order_by(DeviceLog.id)).all()
        assert [one.kind for one in heard] == [Complaint.MALFORMED, Complaint.INVALID_PASS]
        assert heard[-1].received_at == service.clock()
    service.clock.forward(minutes=1)
    send(service, {"logs": [said.complaint(service.clock(), phone_says.MALFORMED)]})
    with service.shop.services.sessions.read() as session:
        assert today(session, service.clock()).log[0].kind == Complaint.MALFORMED


def test_S19_on_postgresql_too(on_both: Service) -> None:
    said = phone_says.list_task("https://x", "a1b2c3d4e5f60718", PASS_TYPE, None)
    assert send(on_both, {"logs": ["a\0b", "\ud800", said.complaint(on_both.clock(), "?")]}) == 200
    assert lines(on_both)[:2] == ["a\\x00b", "\\ud800"]
