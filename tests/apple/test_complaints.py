"""What phones complain about is read, grouped by what it means, and told to the operator when it is many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from simulators.iphone import complaints as phone_says
from tests.apple.service_fixtures import Service
from wallet_service.apple.service import complaint_groups
from wallet_service.apple.service.complaint_reading import read
from wallet_service.db.tables import DeviceLog
from wallet_service.push.alarms import open_alarms
from wallet_service.push.complaints import SERIOUS, Complaint

SERIAL = "0f3c1a2b-1111-2222-3333-444455556666"
DEVICE = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
KEY = ("pass.sandbox.coffee", SERIAL)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
WHERE = "https://cards.example.com/apple"
FETCH = phone_says.fetch_task(WHERE, KEY, None)
LIST = phone_says.list_task(WHERE, DEVICE, KEY[0], "0000000112")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (phone_says.AUTHENTICATION, Complaint.AUTHENTICATION),
        (phone_says.MALFORMED, Complaint.MALFORMED),
        (phone_says.NOTHING_LISTED, Complaint.MALFORMED),
        (phone_says.PUSH_WITHOUT_CHANGE, Complaint.PUSH_IN_VAIN),
        (phone_says.TAG_MISSING_MOVE, Complaint.TAG),
        (phone_says.NO_LAST_MODIFIED, Complaint.NO_LAST_MODIFIED),
        (phone_says.IGNORED_CONDITION, Complaint.CONDITION_IGNORED),
        (phone_says.UNCHANGED, Complaint.LISTED_UNCHANGED),
        (phone_says.unexpected(404), Complaint.UNEXPECTED_STATUS),
        (phone_says.unexpected(401), Complaint.AUTHENTICATION),
        (phone_says.unexpected(500), Complaint.SERVER_ERROR),
        (phone_says.unexpected(503), Complaint.PUT_OFF),
        (phone_says.unexpected(429), Complaint.PUT_OFF),
        (phone_says.invalid_pass("The manifest does not fit."), Complaint.INVALID_PASS),
        (phone_says.invalid_pass("Duplicate field key 'balance'"), Complaint.DUPLICATE_KEYS),
        (phone_says.other_pass(KEY, ("pass.other", "7")), Complaint.WRONG_PASS),
        (phone_says.not_held(SERIAL), Complaint.NOT_REGISTERED),
        ("Connection error: ConnectTimeout", Complaint.CONNECTION),
        (
            "Response to 'What changed?' request included 1 serial numbers, lastUpdated unchanged",
            Complaint.TAG,
        ),
        ("Device received spurious push. The request returned no serial numbers.", Complaint.PUSH_IN_VAIN),
        ("Server ignored the 'if-modified-since' header and returned all of it", Complaint.CONDITION_IGNORED),
        ("The personalization signature is bad", Complaint.PERSONALIZATION),
        ("Something that nobody has seen yet", Complaint.OTHER),
        ("", Complaint.OTHER),
    ],
)
def test_each_complaint_has_its_kind(text: str, kind: Complaint) -> None:
    assert read(FETCH.complaint(NOW, text)).kind is kind
    assert read(f"Web service error for {KEY[0]} ({WHERE}): {text}").kind is kind


def test_the_card_is_the_one_that_the_phone_names() -> None:
    assert read(FETCH.complaint(NOW, phone_says.AUTHENTICATION)).serial == SERIAL
    assert read(LIST.complaint(NOW, phone_says.AUTHENTICATION)).serial is None
    assert read(LIST.complaint(NOW, phone_says.not_held(SERIAL))).serial == SERIAL
    assert read("serial number 7; drop table card").serial is None


def test_W11_the_identifier_of_a_phone_is_not_kept_because_it_opens_its_list() -> None:
    line = read(LIST.complaint(NOW, phone_says.MALFORMED)).line
    assert DEVICE not in line
    assert "for device a1b2…, pass type" in line
    assert read(f"GET /v1/devices/{DEVICE}/registrations failed").line.count("…") == 1


def send(service: Service, cards: list[str], text: str) -> None:
    lines = [phone_says.fetch_task(WHERE, (KEY[0], card), None).complaint(NOW, text) for card in cards]
    assert service.phone().ask("POST", "/apple/v1/log", json={"logs": lines}).status_code == 200


def watch(service: Service) -> list[str]:
    with service.shop.services.sessions.begin() as session:
        complaint_groups.watch(session, service.clock())
        return [alarm.subject for alarm in open_alarms(session) if alarm.kind == complaint_groups.ALARM]


def test_a_log_is_grouped_with_the_serious_ones_first(service: Service) -> None:
    cards = [service.shop.join() for _ in range(2)]
    send(service, cards * 3, phone_says.unexpected(503))
    send(service, cards, phone_says.invalid_pass("x"))
    with service.shop.services.sessions.begin() as session:
        session.add(DeviceLog(received_at=service.clock(), line="from before kinds were read"))
    with service.shop.services.sessions.read() as session:
        found = complaint_groups.groups(session, service.clock())
        assert [(one.kind, one.lines, one.cards) for one in found] == [
            (Complaint.INVALID_PASS, 2, 2),
            (Complaint.PUT_OFF, 2, 2),
            (Complaint.OTHER, 1, 0),
        ]
        assert [line.line for line in found[-1].last] == ["from before kinds were read"]
        service.clock.forward(days=8)
        assert complaint_groups.groups(session, service.clock()) == []


def test_phones_of_five_cards_that_cannot_read_theirs_are_an_alarm_until_they_are_quiet(
    service: Service,
) -> None:
    cards = [service.shop.join() for _ in range(5)]
    for card in cards:
        service.phone().add(card)
    send(service, cards[:4] * 4, phone_says.invalid_pass("x"))
    assert watch(service) == []
    send(service, cards[4:], phone_says.invalid_pass("x"))
    assert watch(service) == [Complaint.INVALID_PASS]
    service.clock.forward(minutes=61)
    assert watch(service) == []


def test_S19_lines_of_cards_that_no_phone_has_alarm_nobody(service: Service) -> None:
    send(service, [service.shop.join() for _ in range(20)], phone_says.invalid_pass("x"))
    send(service, [SERIAL] * 20, phone_says.invalid_pass("x"))
    assert watch(service) == []


def test_on_both_databases_a_kind_is_kept_and_grouped(on_both: Service) -> None:
    send(on_both, [on_both.shop.join()], phone_says.AUTHENTICATION)
    assert watch(on_both) == []
    with on_both.shop.services.sessions.read() as session:
        assert session.scalars(select(DeviceLog.kind)).all() == [Complaint.AUTHENTICATION]
        (group,) = complaint_groups.groups(session, on_both.clock())
    assert group.serious
    assert group.kind in SERIOUS
