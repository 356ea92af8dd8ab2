"""Every request of Apple's pass web service and the answer that a phone understands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.apple.service_fixtures import PASS_TYPE, Service, pass_json, wire
from tests.services.ports import free_port
from wallet_service.db.tables import Device, Registration


def test_W1_a_new_registration_is_201(service: Service) -> None:
    assert service.phone().register(service.shop.join()).status_code == 201
    assert service.count(Registration) == 1


def test_W2_the_same_again_is_200(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    assert [phone.register(card).status_code for _ in range(3)] == [201, 200, 200]
    assert service.count(Registration) == 1


def test_W3_new_push_token_replaces_the_old_everywhere(on_both: Service) -> None:
    first, second, phone = on_both.shop.join(), on_both.shop.join(), on_both.phone()
    phone.register(first)
    phone.register(second)
    phone.push_token = "bb" * 32
    assert phone.register(first).status_code == 200
    with on_both.shop.services.sessions.read() as session:
        pairs = session.query(Registration.card_id, Device.push_token).join(Device).all()
    assert [token for _, token in pairs] == ["bb" * 32] * 2


@pytest.mark.parametrize("device", ["x" * 129, "nul%00", "line%0abreak", "%d0%bf"])
def test_W5_a_device_that_cannot_be_one_is_400(service: Service, device: str) -> None:
    assert service.phone(device).register(service.shop.join()).status_code == 400
    assert service.count(Device) == 0


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff\xfe\x00", b"[" * 9000, b"9" * 9000, b"[]", b"null", b"{}", b'"pushToken"'),
        *(b'{"pushToken": 7}', b'{"pushToken": null}', b'{"pushToken": ""}', b'{"pushToken": ["a"]}'),
        *(b'{"pushToken": "a\\u0000b"}', b'{"pushToken": "\\ud800"}', b'{"pushToken": "a\\nb"}'),
        b'{"pushToken": "' + b"a" * 513 + b'"}',
    ],
)
def test_W5_a_body_without_a_push_token_is_400_and_stores_nothing(service: Service, body: bytes) -> None:
    answer = service.phone().register(service.shop.join(), json=None, data=body)
    assert (answer.status_code, answer.data) == (400, b"")
    assert service.count(Device) == service.count(Registration) == 0


def test_W6_a_closed_card_is_registered_all_the_same(service: Service) -> None:
    card = service.shop.join()
    service.shop.leave(card)
    assert [service.phone().register(card).status_code for _ in range(2)] == [201, 200]


def test_W7_the_same_phone_many_times_at_once_is_one_row(on_both: Service) -> None:
    cards = [on_both.shop.join() for _ in range(3)]
    phone = on_both.phone()
    with on_both.served() as address, ThreadPoolExecutor(8) as threads:
        statuses = list(
            threads.map(
                lambda card: (
                    requests.post(
                        address + phone.registration(card),
                        json={"pushToken": "aa"},
                        headers=phone.token(card),
                        timeout=30,
                    ).status_code
                ),
                cards * 8,
            )
        )
    assert sorted(statuses) == [200] * 21 + [201] * 3
    assert (on_both.count(Device), on_both.count(Registration)) == (1, 3)


def test_W7_two_phones_may_hold_one_card(service: Service) -> None:
    card = service.shop.join()
    assert [service.phone(name).register(card).status_code for name in ("a", "b")] == [201, 201]
    assert service.count(Registration) == 2


def test_W8_what_is_removed_is_really_gone(service: Service) -> None:
    first, second, phone = service.shop.join(), service.shop.join(), service.phone()
    phone.register(first)
    phone.register(second)
    assert phone.unregister(first).status_code == 200
    assert service.count(Registration) == 1
    assert phone.listed()[0] == {second}


def test_W9_removing_what_was_not_registered_is_200(service: Service) -> None:
    card = service.shop.join()
    service.phone("other").register(card)
    assert service.phone().unregister(card).status_code == 200
    assert service.phone("other").unregister(card).status_code == 200
    assert service.phone("other").unregister(card).status_code == 200


def test_W10_removing_with_a_wrong_token_is_401_and_the_row_stays(service: Service) -> None:
    card, other, phone = service.shop.join(), service.shop.join(), service.phone()
    phone.register(card)
    assert phone.unregister(card, headers=phone.token(other)).status_code == 401
    assert service.count(Registration) == 1


def test_W11_the_list_needs_no_token(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    phone.register(card)
    answer = phone.changed()
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.get_json()["serialNumbers"] == [card]
    assert isinstance(answer.get_json()["lastUpdated"], str)


def test_W12_the_list_holds_all_that_changed_since_the_tag(service: Service) -> None:
    cards, phone = [service.shop.join() for _ in range(4)], service.phone()
    for card in cards:
        phone.add(card)
    _, tag = phone.listed()
    service.change_and_number(cards[0])
    service.change_and_number(cards[2])
    serials, later = phone.listed(tag)
    assert serials == {cards[0], cards[2]}
    assert phone.changed(later).status_code == 204


def test_W13_nothing_new_is_204_with_an_empty_body(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    phone.add(card)
    _, tag = phone.listed()
    answers = [
        phone.changed(tag),
        phone.changed(pass_type="pass.other"),
        phone.changed(pass_type="%00"),
        service.phone("stranger").changed(),
        service.phone("%00%ff").changed(),
        service.phone("x" * 5000).changed(),
    ]
    assert [(answer.status_code, answer.data) for answer in answers] == [(204, b"")] * 6


@pytest.mark.parametrize(
    "strange",
    [
        "",
        "0",
        "-1",
        "null",
        "00000000",
        "0000000099",
        "2026-11-02T08:00:00+00:00",
        "\0",
        "💳",
        "9" * 5000,
        "1e9",
    ],
)
def test_W14_a_tag_that_is_not_ours_is_no_tag(service: Service, strange: str) -> None:
    card, phone = service.shop.join(), service.phone()
    phone.add(card)
    assert phone.changed(strange).get_json()["serialNumbers"] == [card]


def test_W14_a_tag_ahead_of_us_is_no_tag(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    phone.add(card)
    epoch = phone.listed()[1][:8]
    for number in ("7", "9" * 18, "9" * 300, "", "٣", "-1"):
        assert phone.listed(epoch + number)[0] == {card}


def test_W15_a_pass_with_its_date(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    answer = phone.fetch(card)
    assert answer.status_code == 200
    assert answer.headers["Last-Modified"] == "Mon, 02 Nov 2026 08:00:00 GMT"
    assert pass_json(answer)["serialNumber"] == card


def test_W16_unchanged_is_304_with_the_same_date_and_no_body(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    stamp = phone.fetch(card).headers["Last-Modified"]
    service.clock.forward(days=2)
    answer = phone.fetch(card, since=stamp)
    assert (answer.status_code, answer.data, answer.headers["Last-Modified"]) == (304, b"", stamp)


def test_W18_a_member_who_left_has_a_voided_card(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    stamp = phone.add(card)
    service.shop.leave(card)
    answer = phone.fetch(card, since=stamp)
    assert answer.status_code == 200
    assert pass_json(answer)["voided"] is True


def test_W21_personalization_is_not_offered(service: Service) -> None:
    """Only cards with NFC ask for it (Z1); ours have none."""
    card, phone = service.shop.join(), service.phone()
    path = f"/apple/v1/passes/{PASS_TYPE}/{card}/personalize"
    assert phone.ask("POST", path, headers=phone.token(card), json={}).status_code == 404
    assert "nfc" not in pass_json(phone.fetch(card))


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/apple/v1/devices/d/registrations/t/s", {"POST", "DELETE"}),
        ("PUT", "/apple/v1/devices/d/registrations/t", {"GET", "HEAD"}),
        ("POST", "/apple/v1/passes/t/s", {"GET", "HEAD"}),
        ("GET", "/apple/v1/log", {"POST"}),
        ("DELETE", "/apple/v1/passes/t/s/personalize", {"POST"}),
    ],
)
def test_W22_a_wrong_method_is_405_with_allow(
    service: Service, method: str, path: str, allowed: set[str]
) -> None:
    answer = service.phone().ask(method, path)
    assert answer.status_code == 405
    assert {name.strip() for name in answer.headers["Allow"].split(",")} - {"OPTIONS"} == allowed


def test_W23_without_a_database_it_is_503_with_retry_after(service: Service) -> None:
    card, phone = service.shop.join(), without_database(service).phone()
    answers = [
        phone.fetch(card),
        phone.register(card),
        phone.unregister(card),
        phone.changed(),
        phone.ask("POST", "/apple/v1/log", json={"logs": ["hello"]}),
    ]
    assert [answer.status_code for answer in answers] == [503] * 5
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)


def without_database(service: Service) -> Service:
    """The same service whose PostgreSQL has gone away."""
    gone = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/gone"
    return wire(service.shop.services.settings.data_dir, service.certs, gone)


@pytest.mark.parametrize("slashes", ["/apple//v1", "/apple/v1", "/apple///v1"])
@pytest.mark.parametrize("end", ["", "/"])
def test_W24_double_slashes_and_one_at_the_end_are_served_without_a_redirect(
    service: Service, slashes: str, end: str
) -> None:
    card, phone = service.shop.join(), service.phone()
    base = f"{slashes}/devices/device-1/registrations/{PASS_TYPE}"
    push = {"headers": phone.token(card), "json": {"pushToken": "aa"}}
    assert phone.ask("POST", f"{base}/{card}{end}", **push).status_code == 201
    assert phone.ask("GET", f"{base}{end}").status_code == 200
    path = f"{slashes}/passes/{PASS_TYPE}/{card}{end}"
    assert phone.ask("GET", path, headers=phone.token(card)).status_code == 200
    assert phone.ask("POST", f"{slashes}/log{end}", json={"logs": []}).status_code == 200
    assert phone.ask("DELETE", f"{base}/{card}{end}", headers=phone.token(card)).status_code == 200


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "text/plain", ""])
def test_W25_json_is_read_whatever_it_is_called(service: Service, kind: str) -> None:
    more = {"json": None, "data": b'{"pushToken": "aa"}', "content_type": kind}
    assert service.phone().register(service.shop.join(), **more).status_code == 201
    more = {"data": b'{"logs": ["x"]}', "content_type": kind}
    assert service.phone().ask("POST", "/apple/v1/log", **more).status_code == 200


def test_W26_a_pass_is_never_packed_twice_nor_elsewhere(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    with service.served() as address:
        answer = requests.get(
            f"{address}/apple/v1/passes/{PASS_TYPE}/{card}",
            headers=phone.token(card) | {"Accept-Encoding": "gzip, br"},
            allow_redirects=False,
            timeout=30,
        )
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
    assert "no-transform" in answer.headers["Cache-Control"]
    assert answer.content[:2] == b"PK"
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_W27_head_has_the_same_headers_and_no_body(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    whole, head = phone.fetch(card), phone.fetch(card, method="HEAD")
    assert (head.status_code, head.data) == (200, b"")
    assert {**head.headers, "X-Request-Id": ""} == {**whole.headers, "X-Request-Id": ""}


@pytest.mark.parametrize("more", ["/more", "/../x", "%2Fmore", "/a/b/c"])
def test_W29_each_part_is_one_segment(service: Service, more: str) -> None:
    card, phone = service.shop.join(), service.phone()
    answer = phone.ask("GET", f"/apple/v1/passes/{PASS_TYPE}/{card}{more}", headers=phone.token(card))
    assert answer.status_code == 404
    assert phone.register(card + more).status_code in (401, 404)
    assert service.count(Registration) == 0


@pytest.mark.parametrize("path", ["/apple/v1/log", "/apple/v1/devices/d/registrations/t/{card}"])
def test_S18_a_body_over_16_kB_is_413(service: Service, path: str) -> None:
    card, phone = service.shop.join(), service.phone()
    path = path.format(card=card)
    answer = phone.ask("POST", path, headers=phone.token(card), data=b"x" * 17_000)
    assert answer.status_code == 413

    with service.served() as address:
        chunked = requests.post(
            address + path, data=iter([b"x" * 9_000] * 2), headers=phone.token(card), timeout=30
        )
    assert chunked.status_code == 413
    assert phone.fetch(card).status_code == 200
