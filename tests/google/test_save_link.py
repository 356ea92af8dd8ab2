"""The link that saves a card: short, signed, and without a word of the card in it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import RSAKey

from tests.google.cards import ISSUER, NOON, make_face
from wallet_service.domain.errors import Misconfigured
from wallet_service.google.identifiers import object_id
from wallet_service.google.save_link import SaveLinks
from wallet_service.google.service_account import read_service_account
from wallet_service.settings import GOOGLE_API, GOOGLE_KEYS, GOOGLE_SAVE, GoogleSettings

EMAIL = "cards@example-project-123456.iam.gserviceaccount.com"
ID = object_id(ISSUER, make_face().serial)
PUBLIC = "https://cards.example.com"


def key_file(folder: Path, bits: int = 2048, **changed: Any) -> Path:
    key = rsa.generate_private_key(65537, bits)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    content = {
        "type": "service_account",
        "project_id": "example-project-123456",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": pem,
        "client_email": EMAIL,
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    file = folder / "account.json"
    file.write_text(json.dumps({k: v for k, v in (content | changed).items() if v is not None}))
    return file


def settings_of(file: Path) -> GoogleSettings:
    return GoogleSettings(ISSUER, file, GOOGLE_API, GOOGLE_KEYS, GOOGLE_SAVE)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return key_file(tmp_path_factory.mktemp("google"))


@pytest.fixture
def links(account: Path) -> SaveLinks:
    return SaveLinks(settings_of(account), PUBLIC)


def token_of(link: str) -> str:
    assert link.startswith("https://pay.google.com/gp/v/save/")
    return link.removeprefix("https://pay.google.com/gp/v/save/")


def read(link: str, account: Path) -> jws.CompactSignature:
    """By another library than the one that signed (G5)."""
    key = RSAKey.import_key(json.loads(account.read_text())["private_key"])
    return jws.deserialize_compact(token_of(link), key, algorithms=["RS256"])


def claims(link: str, account: Path) -> Any:
    return json.loads(read(link, account).payload)


def test_G1_the_header_names_algorithm_type_and_key(links: SaveLinks, account: Path) -> None:
    header = read(links.link(ID, NOON), account).headers()
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "0123456789abcdef0123456789abcdef01234567"}


def test_G2_the_claims_are_these_and_no_others(links: SaveLinks, account: Path) -> None:
    said = claims(links.link(ID, NOON + timedelta(microseconds=7)), account)
    assert said == {
        "iss": EMAIL,
        "aud": "google",
        "typ": "savetowallet",
        "iat": 1795262400,
        "origins": [PUBLIC],
        "payload": {"loyaltyObjects": [{"id": ID}]},
    }
    assert type(said["iat"]) is int


@pytest.mark.parametrize(
    ("public", "origin"),
    [
        ("https://Cards.Example.com/loyalty", "https://cards.example.com"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_G2_an_origin_is_scheme_and_host_alone(account: Path, public: str, origin: str) -> None:
    link = SaveLinks(settings_of(account), public).link(ID, NOON)
    assert claims(link, account)["origins"] == [origin]


def test_G3_nothing_of_the_card_is_in_the_link_but_its_id(links: SaveLinks, account: Path) -> None:
    face = make_face()
    said = json.dumps(claims(links.link(ID, NOON), account))
    assert face.serial in said
    assert not any(text in said for text in (face.number, face.page, face.organization, "loyaltyPoints"))


def test_G4_a_link_is_short(links: SaveLinks) -> None:
    assert len(token_of(links.link(ID, NOON))) < 900


def test_G4_one_that_is_too_long_is_never_given_out(account: Path) -> None:
    long = SaveLinks(settings_of(account), f"https://{'a' * 1000}.example")
    with pytest.raises(Misconfigured, match="1800 are too many"):
        long.link(ID, NOON)


def test_G4_a_key_of_4096_bits_still_fits(tmp_path: Path) -> None:
    file = key_file(tmp_path, bits=4096)
    link = SaveLinks(settings_of(file), PUBLIC).link(ID, NOON)
    assert len(token_of(link)) < 1800
    assert claims(link, file)["iss"] == EMAIL


def test_G5_another_library_verifies_it_and_refuses_other_claims_and_another_key(
    links: SaveLinks, account: Path, tmp_path: Path
) -> None:
    link = links.link(ID, NOON)
    assert claims(link, account)
    head, _, signature = token_of(link).split(".")
    other = token_of(links.link(f"{ISSUER}.other", NOON)).split(".")[1]
    with pytest.raises(BadSignatureError):
        read(f"{GOOGLE_SAVE}/{head}.{other}.{signature}", account)
    with pytest.raises(BadSignatureError):
        read(link, key_file(tmp_path))


def test_a_key_is_read_once_until_it_is_replaced(tmp_path: Path) -> None:
    file = key_file(tmp_path)
    first = read_service_account(file)
    assert read_service_account(file) is first
    assert read_service_account(key_file(tmp_path, client_email="new@example.com")).email == "new@example.com"


def test_S3_the_key_is_in_no_words_of_ours(links: SaveLinks, tmp_path: Path) -> None:
    assert "PRIVATE" not in repr(vars(links))
    with pytest.raises(Misconfigured) as caught:
        SaveLinks(settings_of(key_file(tmp_path, private_key="-----BEGIN")), PUBLIC)
    assert "BEGIN" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"type": "authorized_user"}, "no key of a service account"),
        ({"private_key": "nonsense"}, "private_key cannot be read"),
        ({"private_key": None}, "lacks private_key"),
        ({"private_key_id": ""}, "lacks private_key_id"),
        ({"client_email": 5}, "lacks client_email"),
    ],
)
def test_a_key_file_that_is_none_is_told_in_a_sentence(tmp_path: Path, changed: Any, says: str) -> None:
    with pytest.raises(
        Misconfigured, match=f"WALLET_GOOGLE_SERVICE_ACCOUNT_FILE .*{says}.*Make a new JSON key"
    ):
        SaveLinks(settings_of(key_file(tmp_path, **changed)), PUBLIC)


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "no JSON"), (b"\xff", "no JSON"), (b"[]", "no key"), (None, "opened")]
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "account.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Misconfigured, match=says):
        SaveLinks(settings_of(file), PUBLIC)
