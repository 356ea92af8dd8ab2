"""Nobody gets in without a card's own token, learns anything by trying, or locks out somebody else."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from itertools import count
from statistics import median
from time import perf_counter
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.apple.service_fixtures import PASS_TYPE, Phone, Service
from wallet_service.db.tables import Registration


@pytest.fixture
def addresses() -> Iterator[str]:
    """Somebody with many addresses, whom no limit stops."""
    return (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in count())


def asked(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted({**answer.headers, "X-Request-Id": ""}.items())


def wrong_headers(phone: Phone, card: str, other: str) -> dict[str, dict[str, str]]:
    token = phone.service.desk.authentication_token(card)
    return {
        "missing": {},
        "empty": {"Authorization": ""},
        "bare word": {"Authorization": "ApplePass"},
        "bare token": {"Authorization": token},
        "bare word with blank": {"Authorization": "ApplePass "},
        "other scheme": {"Authorization": f"Bearer {token}"},
        "two blanks": {"Authorization": f"ApplePass  {token}"},
        "wrong": {"Authorization": "ApplePass 0123456789abcdef"},
        "of another card": phone.token(other),
        "longer": {"Authorization": f"ApplePass {token}x"},
        "shorter": {"Authorization": f"ApplePass {token[:-1]}"},
        "other case": {"Authorization": f"ApplePass {token.swapcase()}"},
        "latin": {"Authorization": f"ApplePass {token}\xe9\xff"},
        "very long": {"Authorization": "ApplePass " + "a" * 8000},
    }


def test_W4_W10_W17_every_wrong_token_gets_one_and_the_same_401(service: Service) -> None:
    card, other, phone = service.shop.join(), service.shop.join(), service.phone()
    answers = {}
    for name, headers in wrong_headers(phone, card, other).items():
        answers[f"register {name}"] = asked(phone.register(card, headers=headers))
        answers[f"remove {name}"] = asked(phone.unregister(card, headers=headers))
        answers[f"fetch {name}"] = asked(phone.fetch(card, headers=headers))
    unknown = str(uuid4())
    for name, serial in {"unknown": unknown, "no serial": "x", "nul": "%00", "odd": "%ff%fe"}.items():
        headers = {"Authorization": f"ApplePass {secrets.token_urlsafe(32)}"}
        answers[f"fetch {name}"] = asked(phone.fetch(serial, headers=headers))
        answers[f"register {name}"] = asked(phone.register(serial, headers=headers))
    expected = answers["fetch missing"]
    assert expected[:2] == (401, b"")
    assert {name: answer for name, answer in answers.items() if answer != expected} == {}
    assert service.count(Registration) == 0


def test_W4_a_serial_of_another_pass_type_is_401(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    expected = asked(phone.fetch(card, headers={}))
    path = phone.registration(card, "pass.other")
    assert asked(phone.ask("POST", path, headers=phone.token(card), json={"pushToken": "aa"})) == expected
    assert (
        asked(phone.ask("GET", f"/apple/v1/passes/pass.other/{card}", headers=phone.token(card))) == expected
    )
    phone.register(card)
    assert asked(phone.ask("DELETE", path, headers=phone.token(card))) == expected
    assert service.count(Registration) == 1


def test_W4_a_right_token_of_a_card_that_is_no_more_is_401(service: Service) -> None:
    phone, lost = service.phone(), str(uuid4())
    expected = asked(phone.fetch(lost, headers={}))
    assert [asked(phone.fetch(lost)), asked(phone.register(lost)), asked(phone.unregister(lost))] == [
        expected
    ] * 3


def test_W17_a_stranger_does_not_learn_which_cards_exist(service: Service) -> None:
    card, stranger = service.shop.join(), service.phone()
    wrong = {"Authorization": f"ApplePass {secrets.token_urlsafe(32)}"}
    there, elsewhere = (stranger.fetch(serial, headers=wrong) for serial in (card, str(uuid4())))
    assert asked(there) == asked(elsewhere)
    assert there.status_code == 401
    assert "Last-Modified" not in there.headers


@pytest.mark.parametrize("scheme", ["ApplePass", "applepass", "APPLEPASS"])
def test_W28_the_scheme_may_be_written_in_any_case(service: Service, scheme: str) -> None:
    card, phone = service.shop.join(), service.phone()
    headers = {"Authorization": f"{scheme} {service.desk.authentication_token(card)}"}
    assert phone.fetch(card, headers=headers).status_code == 200


def test_W30_S5_guessing_is_slowed_down_and_real_phones_are_not(service: Service) -> None:
    card, guesser = service.shop.join(), service.phone(address="192.0.2.1")
    stamp = guesser.fetch(card).headers["Last-Modified"]
    tried = [guesser.fetch(str(uuid4()), headers={"Authorization": "ApplePass x"}) for _ in range(150)]
    statuses = [answer.status_code for answer in tried]
    assert statuses == [401] * 60 + [429] * 90
    assert guesser.fetch(card, since=stamp).status_code == 304, (
        "a right token gets in, whoever shares the address"
    )
    assert service.phone(address="192.0.2.2").fetch("x", headers={}).status_code == 401


def test_W30_one_home_of_IPv6_is_one_address(service: Service) -> None:
    answers = [
        service.phone(address=f"2001:db8::{n:x}").fetch("x", headers={}).status_code for n in range(61)
    ]
    assert answers == [401] * 60 + [429]


def test_S5_guessing_devices_is_slowed_down_and_known_ones_are_not(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    phone.add(card)
    statuses = [service.phone(f"guess-{n}").changed().status_code for n in range(320)]
    assert statuses == [204] * 300 + [429] * 20
    assert phone.changed().status_code == 200


def test_S3_no_near_miss_opens_a_card_and_none_is_written_down(
    service: Service, addresses: Iterator[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    card = service.shop.join()
    token = service.desk.authentication_token(card)
    near = [token[:n] + chr((ord(token[n]) - 32) % 90 + 33) + token[n + 1 :] for n in range(len(token))]
    guesses = near + [secrets.token_urlsafe(32) for _ in range(500 - len(near))]
    path, seen = f"/apple/v1/passes/{PASS_TYPE}/{card}", set()
    client = service.app.test_client()
    for guess in guesses:
        answer = client.get(
            path,
            headers={"Authorization": f"ApplePass {guess}", "X-Request-Id": "guess"},
            environ_overrides={"REMOTE_ADDR": next(addresses)},
        )
        seen.add((answer.status_code, answer.data, str(answer.headers)))
    assert len(seen) == 1
    assert seen.pop()[0] == 401
    assert not [guess for guess in (token, *guesses) if guess in caplog.text]


def test_S4_the_time_of_a_refusal_does_not_tell_whether_a_card_exists(
    service: Service, addresses: Iterator[str]
) -> None:
    card, client = service.shop.join(), service.app.test_client()
    service.phone().add(card)

    def refused(serial: str) -> float:
        headers, address = {"Authorization": f"ApplePass {'a' * 43}"}, {"REMOTE_ADDR": next(addresses)}
        start = perf_counter()
        client.get(f"/apple/v1/passes/{PASS_TYPE}/{serial}", headers=headers, environ_overrides=address)
        return perf_counter() - start

    def difference() -> float:
        unknown, known = zip(*[(refused(str(uuid4())), refused(card)) for _ in range(500)], strict=True)
        return abs(float(median(unknown)) / float(median(known)) - 1)

    refused(card)
    assert min(difference() for _ in range(2)) < 0.1


def test_S3_the_token_is_each_cards_own_and_stays(service: Service) -> None:
    """P4: long, plain characters, never changing, not stored."""
    cards = [service.shop.join() for _ in range(20)]
    tokens = [service.desk.authentication_token(card) for card in cards]
    assert len(set(tokens)) == 20
    assert all(len(token) >= 32 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    service.change(cards[0])
    assert service.desk.authentication_token(cards[0]).encode() == tokens[0].encode()
