"""A served pass is whole, signed, dated by what it shows, and signed once."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from shutil import copytree, rmtree
from threading import Event
from zipfile import ZipFile

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from werkzeug.test import TestResponse

from simulators.iphone.bundle import Trust, open_bundle
from tests.apple.service_fixtures import PASS_TYPE, Service, pass_json
from tests.shop import OPENING
from wallet_service.apple.service import issue, versions
from wallet_service.apple.service.desk import EXTENSION, AppleDesk
from wallet_service.apple.service.finished_passes import FinishedPasses
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.apple.signing.signer import Keyring, Signer
from wallet_service.apple.signing.signing_desk import SigningDesk
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Alarm
from wallet_service.domain.errors import Unavailable
from wallet_service.push.alarms import open_alarms

TEMPLATES = Path(__file__).parents[2] / "pass_templates"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """Templates that a test may change."""
    return copytree(TEMPLATES, tmp_path / "templates")


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
    answers = [phone.fetch(card), phone.fetch(card, method="HEAD"), downloaded(service, card)]
    assert {answer.headers["Last-Modified"] for answer in answers} == {"Mon, 02 Nov 2026 08:00:00 GMT"}


def downloaded(service: Service, card: str) -> TestResponse:
    return service.app.test_client().get(f"/card/{service.shop.services.links.token(card)}/apple")


def test_B4_openssl_accepts_what_is_served(service: Service, tmp_path: Path) -> None:
    with ZipFile(BytesIO(service.phone().fetch(service.shop.join()).data)) as bundle:
        bundle.extractall(tmp_path / "pass")
    root = service.certs / "sandbox" / "root.pem"
    checked = subprocess.run(
        [
            *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature"),
            *("-content", "manifest.json", "-CAfile", str(root), "-purpose", "any", "-out", "checked"),
            *("-attime", str(int(OPENING.timestamp()))),
        ],
        cwd=tmp_path / "pass",
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


def test_P3_P4_P5_a_strict_phone_takes_it_and_finds_its_way_back(service: Service) -> None:
    card = service.shop.join()
    answer = service.phone().fetch(card)
    trust = Trust(service.certs / "sandbox" / "root.pem", allow_http=True)
    content = open_bundle(answer.data, trust, OPENING).content
    assert content["serialNumber"] == card
    assert content["passTypeIdentifier"] == PASS_TYPE
    assert content["webServiceURL"] == "http://localhost:8000/apple"
    token = content["authenticationToken"]
    service.change(card)
    assert pass_json(service.phone().fetch(card))["authenticationToken"] == token
    assert service.phone().fetch(card, headers={"Authorization": f"ApplePass {token}"}).status_code == 200


def test_B13_a_download_is_called_and_measured_as_a_pass(service: Service) -> None:
    card = service.shop.join()
    answers = [downloaded(service, card), service.phone().fetch(card)]
    assert [answer.status_code for answer in answers] == [200, 200]
    for answer in answers:
        assert answer.headers["Content-Type"] == "application/vnd.apple.pkpass"
        assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answers[0].headers["Content-Disposition"] == 'attachment; filename="coffee.pkpass"'


def test_B15_the_same_state_is_the_same_manifest(service: Service) -> None:
    card = service.shop.join()
    manifests = set()
    for _ in range(2):
        service.app.extensions[EXTENSION] = replace(service.desk, finished=FinishedPasses(1))
        service.clock.forward(hours=1)
        with ZipFile(BytesIO(service.phone().fetch(card).data)) as bundle:
            manifests.add(bundle.read("manifest.json"))
    assert len(manifests) == 1


def alarms(service: Service) -> list[Alarm]:
    with service.shop.services.sessions.read() as session:
        return list(open_alarms(session))


def test_B17_an_expired_certificate_is_503_and_an_alarm_until_it_is_renewed(
    open_service: Callable[..., Service], sandbox_certs: Path, tmp_path: Path
) -> None:
    certs = copytree(sandbox_certs, tmp_path / "certs")
    service = open_service(WALLET_CERTS_DIR=str(certs))
    card, phone = service.shop.join(), service.phone()
    stamp = phone.fetch(card).headers["Last-Modified"]
    service.clock.forward(days=400)
    answers = [phone.fetch(card), phone.fetch(card), downloaded(service, card)]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    (alarm,) = alarms(service)
    assert "expired" in alarm.detail
    assert phone.fetch(card, since=stamp).status_code == 304
    make_sandbox(certs, service.clock())
    service.clock.forward(minutes=1)
    assert phone.fetch(card).status_code == 200
    assert alarms(service) == []


def test_B17_without_any_certificate_it_is_503(open_service: Callable[..., Service], tmp_path: Path) -> None:
    service = open_service(WALLET_CERTS_DIR=str(tmp_path / "none"))
    card, phone = service.shop.join(), service.phone()
    assert [phone.fetch(card).status_code, phone.register(card).status_code] == [503, 503]
    assert int(phone.fetch(card).headers["Retry-After"]) > 0


def test_B17_a_template_that_is_gone_or_broken_is_503_until_it_is_mended(
    open_service: Callable[..., Service], templates: Path
) -> None:
    service = open_service(WALLET_TEMPLATES_DIR=str(templates))
    card, phone = service.shop.join(), service.phone()
    assert phone.fetch(card).status_code == 200
    away = templates / "away"
    (templates / "coffee.pass").rename(away)
    gone = phone.fetch(card)
    assert (gone.status_code, int(gone.headers["Retry-After"]) > 0) == (503, True)
    away.rename(templates / "coffee.pass")
    assert phone.fetch(card).status_code == 200
    for file, broken in (("pass.json", b"{"), ("template.toml", b"[[")):
        path = templates / "coffee.pass" / file
        whole = path.read_bytes()
        for content, status in ((broken, 503), (whole, 200)):
            path.write_bytes(content)
            service.clock.forward(seconds=5)
            assert phone.fetch(card).status_code == status


def test_a_picture_folder_that_cannot_be_written_costs_no_card(
    open_service: Callable[..., Service], tmp_path: Path
) -> None:
    rmtree(tmp_path / "data" / "art", ignore_errors=True)
    (tmp_path / "data" / "art").write_text("in the way")
    service = open_service()
    assert service.phone().fetch(service.shop.join()).status_code == 200


def test_a_locked_database_is_503_for_writers_only(
    open_service: Callable[..., Service], tmp_path: Path
) -> None:
    """Somebody's tool holds SQLite's lock: phones that only ask are served."""
    service = open_service(WALLET_DATABASE_URL=f"sqlite:///{tmp_path / 'locked.db'}")
    card, phone = service.shop.join(), service.phone()
    stamp = phone.add(card)
    impatient = Sessions(service.shop.services.settings.database_url, patience_ms=50)
    with service.shop.services.sessions.begin() as held:
        held.execute(text("SELECT 1"))
        service.app.extensions[EXTENSION] = replace(
            service.desk, services=replace(service.shop.services, sessions=impatient)
        )
        answers = [phone.register(card), phone.unregister(card)]
        assert [answer.status_code for answer in answers] == [503, 503]
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert phone.fetch(card, since=stamp).status_code == 304
        assert phone.changed().status_code == 200
    impatient.close()


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
def test_S14_a_forged_host_never_gets_into_a_pass(service: Service, header: str) -> None:
    card, phone = service.shop.join(), service.phone()
    forged = {"Forwarded": "host=evil.example"}.get(header, "evil.example")
    answer = phone.fetch(card, headers=phone.token(card) | {header: forged})
    assert answer.status_code == 200 or header == "Host"
    assert b"evil.example" not in answer.data
    if answer.status_code == 200:
        assert pass_json(answer)["webServiceURL"] == "http://localhost:8000/apple"


class CountingDesk(SigningDesk):
    """Counts signatures, and makes each of them slow."""

    signatures = 0

    def signer(self, pass_type: str, serial: str = "") -> Signer:
        return CountingSigner(super().signer(pass_type, serial), self)


class CountingSigner:
    def __init__(self, signer: Signer, desk: CountingDesk) -> None:
        self.pass_type, self.team = signer.pass_type, signer.team
        self._signer, self._desk = signer, desk

    def sign(self, manifest: bytes) -> bytes:
        self._desk.signatures += 1
        Event().wait(0.2)
        return self._signer.sign(manifest)


@pytest.fixture
def signing(service: Service) -> CountingDesk:
    counting = CountingDesk(Keyring(service.certs, service.clock))
    service.app.extensions[EXTENSION] = AppleDesk.open(service.shop.services, counting)
    return counting


def test_S20_one_signature_a_version_however_many_ask_at_once(
    service: Service, signing: CountingDesk
) -> None:
    card, phone = service.shop.join(), service.phone()

    def fetch(address: str) -> tuple[int, bytes]:
        path = f"{address}/apple/v1/passes/{PASS_TYPE}/{card}"
        answer = requests.get(path, headers=phone.token(card), timeout=30)
        return answer.status_code, answer.content

    with service.served() as address, ThreadPoolExecutor(8) as threads:
        for version in (1, 2):
            answers = set(threads.map(fetch, [address] * 24))
            assert [status for status, _ in answers] == [200]
            assert signing.signatures == version
            service.change(card)


def test_S20_strangers_and_unchanged_cards_cost_no_signature(service: Service, signing: CountingDesk) -> None:
    card, phone = service.shop.join(), service.phone()
    stamp = f"{versions.current(service.desk, card).modified_at:%a, %d %b %Y %H:%M:%S GMT}"
    for _ in range(20):
        assert phone.fetch(card, headers={"Authorization": "ApplePass x"}).status_code == 401
        assert phone.fetch(card, since=stamp).status_code == 304
    assert signing.signatures == 0


def test_S20_more_at_once_than_can_be_signed_is_503(service: Service) -> None:
    desk = SigningDesk(Keyring(service.certs, service.clock), at_once=1, patience=0.05)
    signer = desk.signer(PASS_TYPE)
    release, busy = Event(), Event()

    class Slow:
        pass_type, team = signer.pass_type, signer.team

        def sign(self, manifest: bytes) -> bytes:
            busy.set()
            release.wait(10)
            return b""

    slow = desk.bounded(Slow())
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(slow.sign, b"one")
        assert busy.wait(10)
        with pytest.raises(Unavailable):
            slow.sign(b"two")
        release.set()
        assert waiting.result(10) == b""


def test_S20_finished_passes_stay_within_their_bytes() -> None:
    kept, made = FinishedPasses(100), []

    def make(name: str) -> bytes:
        made.append(name)
        return b"x" * 40

    for name in ("a", "b", "a", "c", "a", "b"):
        kept.get(name, lambda name=name: make(name))  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"], "b was wanted least recently when c came"


def test_S20_a_failure_is_not_kept() -> None:
    kept = FinishedPasses(100)

    def fail() -> bytes:
        raise Unavailable("The token is unplugged.")

    for _ in range(2):
        with pytest.raises(Unavailable):
            kept.get("a", fail)
    assert kept.get("a", lambda: b"whole") == b"whole"


def test_pitfall_25_a_signature_that_does_not_fit_is_never_served(service: Service) -> None:
    class Rubbish(SigningDesk):
        def plain(self, pass_type: str, serial: str = "") -> Signer:
            return RubbishSigner(super().plain(pass_type))

    class RubbishSigner:
        def __init__(self, signer: Signer) -> None:
            self.pass_type, self.team, self._signer = signer.pass_type, signer.team, signer

        def sign(self, manifest: bytes) -> bytes:
            return self._signer.sign(manifest + b"\r\n")

    service.app.extensions[EXTENSION] = AppleDesk.open(
        service.shop.services, Rubbish(Keyring(service.certs, service.clock))
    )
    answer = service.phone().fetch(service.shop.join())
    assert (answer.status_code, answer.data) == (503, b"")


@pytest.mark.parametrize(
    "name", ["\u202egnp.exe", "a" * 10_000, "e" + "\u0301" * 1000, "x\0y", '"\\\n;', "👩‍👩‍👧‍👦", "<b>&amp;"]
)
def test_S28_whatever_members_are_called_their_pass_is_whole(service: Service, name: str) -> None:
    card = service.shop.join(name=name)
    answer = service.phone().fetch(card)
    assert answer.status_code == 200
    open_bundle(answer.data, Trust(service.certs / "sandbox" / "root.pem", allow_http=True), OPENING)
