"""A pass is dated by what it shows, and not by who asks when."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from shutil import copytree
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apple.service_fixtures import Service, pass_json
from tests.shop import OPENING
from wallet_service.apple.service import issue, versions
from wallet_service.apple.signing.sandbox_certificates import make_sandbox


def stamp_of(service: Service, card: str) -> datetime:
    return parsedate_to_datetime(service.phone().fetch(card).headers["Last-Modified"])


def test_M1_the_date_is_that_of_the_version_and_not_of_the_request(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    service.clock.forward(seconds=1.7)
    stamps = []
    for _ in range(3):
        stamps.append(phone.fetch(card).headers["Last-Modified"])
        service.clock.forward(hours=1)
    assert stamps == ["Mon, 02 Nov 2026 08:00:01 GMT"] * 3


def test_M1_a_change_after_the_version_was_decided_is_fetched_next_time(service: Service) -> None:
    """Stepped: the card changes between the reading of the card and the sending of the pass."""
    card, phone = service.shop.join(), service.phone()
    version = versions.current(service.desk, card)
    service.change(card)
    issued = issue.signed(service.desk, version)
    answer = phone.fetch(card, since=f"{issued.last_modified:%a, %d %b %Y %H:%M:%S GMT}")
    assert answer.status_code == 200
    assert pass_json(answer) != pass_json_of(issued.body)


def pass_json_of(body: bytes) -> object:
    with ZipFile(BytesIO(body)) as bundle:
        return bundle.read("pass.json")


def test_M1_the_first_to_fetch_at_the_same_moment_agree_on_the_date(on_both: Service) -> None:
    cards = [on_both.shop.join() for _ in range(3)]
    with ThreadPoolExecutor(6) as threads:
        for _ in range(2):
            seen = list(threads.map(lambda card: (card, stamp_of(on_both, card)), cards * 4))
            assert len(set(seen)) == 3
            on_both.clock.forward(seconds=0.4)
            for card in cards:
                on_both.change(card)


def test_M2_the_date_that_we_gave_is_understood_when_it_comes_back(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    assert phone.fetch(card, since=phone.fetch(card).headers["Last-Modified"]).status_code == 304


def test_M3_two_versions_within_a_second_have_two_dates(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    stamps = []
    for _ in range(3):
        stamps.append(phone.fetch(card).headers["Last-Modified"])
        service.change(card)
    assert [stamp[-6:-4] for stamp in stamps] == ["00", "01", "02"]
    assert phone.fetch(card, since=stamps[-1]).status_code == 200


def test_M3_a_burst_that_nobody_fetched_does_not_run_into_the_future(service: Service) -> None:
    card = service.shop.join()
    stamp_of(service, card)
    for _ in range(20):
        service.change(card)
    assert stamp_of(service, card) == OPENING + timedelta(seconds=1)


TICKS = st.lists(st.tuples(st.booleans(), st.floats(-3, 3), st.booleans()), max_size=10)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ticks=TICKS)
def test_M3_whatever_the_clock_does_a_phone_with_a_date_has_that_version(
    service: Service, ticks: list[tuple[bool, float, bool]]
) -> None:
    card, phone = service.shop.join(), service.phone()
    first = phone.fetch(card)
    stamp, held, changed = first.headers["Last-Modified"], first.data, False
    for change, seconds, fetch in ticks:
        service.clock.forward(seconds=seconds)
        if change:
            service.change(card)
            changed = True
        if fetch:
            answer = phone.fetch(card, since=stamp)
            assert answer.status_code == (200 if changed else 304)
            assert parsedate_to_datetime(answer.headers["Last-Modified"]) >= parsedate_to_datetime(stamp)
            assert (answer.headers["Last-Modified"] != stamp) is changed
            stamp, held, changed = answer.headers["Last-Modified"], answer.data or held, False
    assert phone.fetch(card, since=stamp).status_code == (200 if changed else 304)


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Mon, 02 Nov 2026 08:00:00 GMT", 304),
        ("Tue, 03 Nov 2026 08:00:00 GMT", 304),
        ("Monday, 02-Nov-26 08:00:00 GMT", 304),
        ("Mon Nov  2 08:00:00 2026", 304),
        ("Mon, 02 Nov 2026 07:59:59 GMT", 200),
        ("Monday, 02-Nov-86 08:00:00 GMT", 200),
        ("Mon, 02 Nov 2026 08:00:00 +0000", 200),
        ("Mon, 02 Nov 2026 08:00:00 GMT, Mon, 02 Nov 2026 08:00:00 GMT", 200),
        ("Mon, 31 Feb 2026 08:00:00 GMT", 200),
        ("Mon, 02 Nov 2026 25:00:00 GMT", 200),
        ("1793520000.5", 200),
        ("2026-11-02T08:00:00Z", 200),
        ("now", 200),
        ("", 200),
        ("Mon, ٠٢ Nov 2026 08:00:00 GMT".encode().decode("latin-1"), 200),
        ("x" * 4000, 200),
    ],
)
def test_M4_only_a_date_is_a_condition(service: Service, since: str, status: int) -> None:
    card, phone = service.shop.join(), service.phone()
    answer = phone.fetch(card, headers=phone.token(card) | {"If-Modified-Since": since})
    assert answer.status_code == status


def test_M4_a_registration_has_no_condition(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    headers = phone.token(card) | {"If-Modified-Since": "Tue, 03 Nov 2026 08:00:00 GMT"}
    assert phone.register(card, headers=headers).status_code == 201


def test_M5_a_change_of_the_template_is_a_change_of_its_cards(
    open_service: Callable[..., Service], templates: Path
) -> None:
    service = open_service(WALLET_TEMPLATES_DIR=str(templates))
    card, phone = service.shop.join(), service.phone()
    stamp = phone.fetch(card).headers["Last-Modified"]
    look = templates / "coffee.pass" / "pass.json"
    look.write_text(look.read_text().replace("rgb(33, 17, 10)", "rgb(34, 17, 10)"))
    service.clock.forward(seconds=5)
    answer = phone.fetch(card, since=stamp)
    assert answer.status_code == 200
    assert pass_json(answer)["backgroundColor"] == "rgb(34, 17, 10)"


def test_M5_a_change_of_the_program_is_a_change_of_its_cards(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    stamp = phone.fetch(card).headers["Last-Modified"]
    service.shop.publish(organization="Other & Sons")
    assert phone.fetch(card, since=stamp).status_code == 200


def test_M5_a_renewed_certificate_is_no_change(
    open_service: Callable[..., Service], sandbox_certs: Path, tmp_path: Path
) -> None:
    certs = copytree(sandbox_certs, tmp_path / "certs")
    service = open_service(WALLET_CERTS_DIR=str(certs))
    card, phone = service.shop.join(), service.phone()
    first = phone.fetch(card)
    service.clock.forward(days=350)
    make_sandbox(certs, service.clock())
    again = phone.fetch(card)
    assert again.headers["Last-Modified"] == first.headers["Last-Modified"]
    assert phone.fetch(card, since=first.headers["Last-Modified"]).status_code == 304
    assert pass_json(again) == pass_json(first)
    assert again.data != first.data, "signed with the new certificate"


def test_M6_every_pass_has_its_date(service: Service) -> None:
    card, phone = service.shop.join(), service.phone()
    answers = [phone.fetch(card), phone.fetch(card, method="HEAD"), service.downloaded(card)]
    assert {answer.headers["Last-Modified"] for answer in answers} == {"Mon, 02 Nov 2026 08:00:00 GMT"}
