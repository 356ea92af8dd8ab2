"""A year is over: a renewed certificate is tried by one card, takes over, and is taken back; and .p8 keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from simulators.apns.process import Simulator
from tests.apple.phones import Phones
from tests.apple.push_fixtures import shop_of_today, simulator, wallet_of
from tests.services.apple_portal import Portal, open_portal
from tests.shop import Shop
from wallet_service.apple.signing import certificates
from wallet_service.apple.signing.signer import Keyring
from wallet_service.apple.waking.wallet import AppleWallet
from wallet_service.cli.certs import certs as group
from wallet_service.push.worker import Worker

NOW = datetime.now(UTC).replace(microsecond=0)
SHOP, KEY_ID = "pass.test.shop", "ABC123DEFG"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    return open_portal(tmp_path_factory.mktemp("portal"), NOW)


@pytest.fixture(scope="module")
def apns(portal: Portal) -> Iterator[Simulator]:
    papers = portal.root_file.parent
    trusted = papers / "trusted.pem"  # a client sends its leaf only
    trusted.write_bytes(portal.root_file.read_bytes() + (papers / "wwdr.pem").read_bytes())
    with simulator(papers, trusted=trusted) as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    yield from shop_of_today(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "certs"


@pytest.fixture
def certs(folder: Path, shop: Shop, apns: Simulator, portal: Portal) -> Run:
    apns.start_over()
    settings = {
        "WALLET_CERTS_DIR": str(folder),
        "WALLET_DATA_DIR": str(shop.services.settings.data_dir),
        "WALLET_DATABASE_URL": shop.services.settings.database_url,
        "WALLET_APNS_URL": apns.url,
        "WALLET_APNS_CA_FILE": str(portal.root_file),
    }

    def run(*arguments: str | Path, **env: str) -> Result:
        return CliRunner().invoke(group, [str(one) for one in arguments], env=settings | env)

    return run


def imported(certs: Run, folder: Path, portal: Portal, *, days: int, uid: str = SHOP) -> Result:
    certs("csr")
    (csr,) = (folder / "pending").glob("*.csr")
    return certs("import", portal.wwdr_file, portal.answer(csr, NOW, uid=uid, days=days))


def in_use(folder: Path) -> str:
    return certificates.name_in_use(folder, SHOP, NOW)


def worker_of(shop: Shop, folder: Path, apns: Simulator, portal: Portal) -> tuple[Worker, AppleWallet]:
    wallet = wallet_of(shop, apns, folder, root=portal.root_file)
    return Worker(shop.services.sessions, wallet, shop.clock), wallet


def test_N17_a_renewed_certificate_waits_is_tried_takes_over_and_is_taken_back(
    certs: Run, folder: Path, portal: Portal, shop: Shop, apns: Simulator
) -> None:
    imported(certs, folder, portal, days=20)
    old = in_use(folder)
    assert "waits beside the one in use" in imported(certs, folder, portal, days=385).output
    assert in_use(folder) == old
    assert "was not tried yet" in certs("switch", SHOP).output

    card, other = shop.join(), shop.join()
    Phones(shop).register(card, "canary", SHOP)
    tried = certs("canary", SHOP, "--card", card)
    assert tried.exit_code == 0, tried.output
    assert "OpenSSL reads the signature" in tried.output
    assert "phones that were woken: 1" in tried.output
    keyring = Keyring(folder, lambda: NOW)
    assert keyring.credentials(SHOP, card).certificate_file.stem != old
    assert keyring.credentials(SHOP, other).certificate_file.stem == old

    assert certs("switch", SHOP).exit_code == 0
    new = in_use(folder)
    assert new != old
    assert certs("rollback", SHOP).exit_code == 0
    assert in_use(folder) == old
    assert "waits" in certs("status").output


def test_N17_a_canary_that_apns_refuses_switches_nothing(
    certs: Run, folder: Path, portal: Portal, apns: Simulator
) -> None:
    imported(certs, folder, portal, days=20)
    imported(certs, folder, portal, days=385)
    apns.turn(answers=[{"reason": "BadCertificate", "times": None}])
    refused = certs("canary", SHOP)
    assert refused.exit_code == 1
    assert "BadCertificate" in refused.output
    assert "was not tried yet" in certs("switch", SHOP).output


def test_N17_pushes_go_on_over_the_switch_on_a_connection_of_its_own(
    certs: Run, folder: Path, portal: Portal, shop: Shop, apns: Simulator
) -> None:
    imported(certs, folder, portal, days=20)
    card = shop.join()
    Phones(shop).register(card, "phone", SHOP)
    worker, wallet = worker_of(shop, folder, apns, portal)
    worker.run_until_idle()
    imported(certs, folder, portal, days=385)
    assert certs("canary", SHOP).exit_code == 0
    assert certs("switch", SHOP).exit_code == 0
    shop.earn(card)
    shop.clock.forward(seconds=60)
    worker.run_until_idle()
    wallet.close()
    pushes = [entry for entry in apns.history() if not entry["token"].startswith("00000")]
    assert [entry["status"] for entry in pushes] == [200, 200]
    assert len({entry["connection"] for entry in pushes}) == 2


def test_N17_whoever_forgets_to_switch_goes_on_when_the_old_one_has_expired(
    certs: Run, folder: Path, portal: Portal
) -> None:
    imported(certs, folder, portal, days=2)
    old = in_use(folder)
    imported(certs, folder, portal, days=385)
    assert certificates.name_in_use(folder, SHOP, NOW) == old
    assert certificates.name_in_use(folder, SHOP, NOW + timedelta(days=3)) not in ("", old)


def p8_file(folder: Path) -> tuple[Path, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    path = folder / f"AuthKey_{KEY_ID}.p8"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return path, public.decode()


def test_N6_a_p8_is_imported_chosen_and_pushes_also_when_the_certificate_has_expired(
    certs: Run, folder: Path, portal: Portal, shop: Shop, apns: Simulator, tmp_path: Path
) -> None:
    imported(certs, folder, portal, days=20)
    path, public = p8_file(tmp_path)
    apns.trust("TEAM123456", KEY_ID, public)
    assert certs("p8", path).exit_code == 0
    assert "pushes with its certificate" in certs("push").output
    assert f"the key {KEY_ID}" in certs("push", SHOP, "--with", KEY_ID).output
    card = shop.join()
    Phones(shop).register(card, "phone", SHOP)
    worker, wallet = worker_of(shop, folder, apns, portal)
    worker.run_until_idle()
    shop.clock.forward(days=30)
    apns.turn(ahead_s=30 * 86400)
    shop.earn(card)
    worker.run_until_idle()
    wallet.close()
    assert [(entry["status"], entry["key_id"]) for entry in apns.history()] == [(200, KEY_ID)] * 2


def test_N6_a_key_of_another_team_is_refused_and_one_can_go_back(
    certs: Run, folder: Path, portal: Portal, tmp_path: Path
) -> None:
    imported(certs, folder, portal, days=20)
    path, _ = p8_file(tmp_path)
    assert certs("p8", path, "--team", "OTHERTEAM1").exit_code == 0
    assert "is not of the team TEAM123456" in certs("push", SHOP, "--with", KEY_ID).output
    assert certs("p8", path).exit_code == 0  # the team was mistyped at first
    assert "of team TEAM123456" in certs("push", SHOP, "--with", KEY_ID).output
    assert certs("push", SHOP, "--with", "certificate").exit_code == 0
    assert "no key NOSUCHKEY9" in certs("push", SHOP, "--with", "NOSUCHKEY9").output


@pytest.mark.parametrize(
    "junk", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\x30"]
)
def test_N6_what_is_no_p8_is_refused_with_a_sentence(
    certs: Run, folder: Path, portal: Portal, tmp_path: Path, junk: bytes
) -> None:
    imported(certs, folder, portal, days=20)
    path = tmp_path / f"AuthKey_{KEY_ID}.p8"
    path.write_bytes(junk)
    refused = certs("p8", path)
    assert refused.exit_code == 1
    assert "is no .p8 key" in refused.output


def test_a_passphrase_is_changed_while_all_keys_stay_readable(
    certs: Run, folder: Path, portal: Portal, tmp_path: Path
) -> None:
    word = tmp_path / "passphrase"
    word.write_text("old passphrase")
    old = {"WALLET_KEY_PASSPHRASE_FILE": str(word)}
    certs("csr", **old)
    (csr,) = (folder / "pending").glob("*.csr")
    certs("import", portal.wwdr_file, portal.answer(csr, NOW), **old)
    path, _ = p8_file(tmp_path)
    certs("p8", path, **old)
    word.write_text("new passphrase\nold passphrase\n")
    assert "Keys locked with the new passphrase: 2." in certs("relock", **old).output
    word.write_text("new passphrase")
    assert certs("status", **old).exit_code == 0
    word.write_text("old passphrase")
    assert certs("status", **old).exit_code == 1
