"""Save links, and the callbacks that follow: checked here by a verifier of its own."""

from __future__ import annotations

import base64
import json
import struct
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from simulators.google_wallet.forger import FORGERIES, Event, Forger
from simulators.google_wallet.process import Simulator
from tests.simulators.google_issuer import (
    CLASS_ID,
    ISSUER,
    OBJECT_ID,
    Issuer,
    Shop,
    rich_class,
    rich_object,
)

pytestmark = pytest.mark.alone


@pytest.fixture
def issuer(google: Simulator, shop: Shop) -> Issuer:
    """That wants to hear of its cards."""
    made = Issuer(google)
    assert made.ask("POST", "/loyaltyClass", rich_class(shop.url, f"{shop.url}/callback")).status_code == 200
    assert made.ask("POST", "/loyaltyObject", rich_object(shop.url)).status_code == 200
    return made


# An independent verifier: Google's steps in their order, in as few lines as they fit.


def verified(body: bytes, keys: dict[str, Any], recipient: str = ISSUER) -> dict[str, Any]:
    assert len(body) < 100_000
    outer, now = json.loads(body), time.time() * 1000
    assert isinstance(outer, dict)
    assert outer["protocolVersion"] == "ECv2SigningOnly"
    roots = [
        one["keyValue"]
        for one in keys["keys"]
        if one["protocolVersion"] == "ECv2SigningOnly" and int(one["keyExpiration"]) > now
    ]
    signed_key, signatures = (outer["intermediateSigningKey"][name] for name in ("signedKey", "signatures"))
    link = _lv("GooglePayPasses", "ECv2SigningOnly", signed_key)
    assert any(_fits(root, signature, link) for root in roots for signature in signatures)
    intermediate = json.loads(signed_key)
    assert int(intermediate["keyExpiration"]) > now
    letter = _lv("GooglePayPasses", recipient, "ECv2SigningOnly", outer["signedMessage"])
    assert _fits(intermediate["keyValue"], outer["signature"], letter)
    message: dict[str, Any] = json.loads(outer["signedMessage"])
    assert message["expTimeMillis"] > now
    assert all(message[name].startswith(f"{recipient}.") for name in ("classId", "objectId"))
    assert message["eventType"] in ("save", "del")
    return message


def _lv(*parts: str) -> bytes:
    return b"".join(struct.pack("<I", len(one.encode())) + one.encode() for one in parts)


def _fits(key: str, signature: str, data: bytes) -> bool:
    public = load_der_public_key(base64.b64decode(key))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    try:
        public.verify(base64.b64decode(signature, validate=True), data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def published(google: Simulator) -> dict[str, Any]:
    keys: dict[str, Any] = requests.get(f"{google.url}/callback-keys", timeout=10).json()
    return keys


# The link


def test_the_button_saves_the_card_and_tells_the_issuer(issuer: Issuer, shop: Shop) -> None:
    link = issuer.link()
    assert len(link.rpartition("/")[2]) < 1800
    offered = requests.get(link, timeout=10)
    assert offered.status_code == 200
    assert "Add to Google Wallet" in offered.text
    assert issuer.google.objects()[OBJECT_ID]["hasUsers"] is False
    saved = requests.post(link, timeout=10, allow_redirects=False)
    assert saved.status_code == 303
    assert issuer.ask("GET", f"/loyaltyObject/{OBJECT_ID}").json()["hasUsers"] is True
    message = verified(shop.next_callback(), published(issuer.google))
    assert (message["classId"], message["objectId"], message["eventType"]) == (CLASS_ID, OBJECT_ID, "save")
    assert message["count"] == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aud": ["google"]}, "aud must be the string google"),
        ({"typ": "savetoandroidpay"}, "typ must be savetowallet"),
        ({"iat": "1700000000"}, "iat must be whole seconds"),
        ({"iat": 1_700_000_000.5}, "iat must be whole seconds"),
        ({"iat": 99_999_999_999}, "not in the future"),
        ({"iat": ...}, "look at iat"),
        ({"exp": 99_999_999_999}, "look at exp"),
        ({"origins": "http://localhost"}, "origins must be a list"),
        ({"origins": ["http://localhost/card"]}, "without a path"),
        ({"origins": []}, "origins must be a list"),
        ({"iss": "stranger@example.com"}, "No service account"),
        ({"payload": {}}, "with one object and nothing else"),
        ({"payload": {"loyaltyObjects": [{"id": OBJECT_ID, "state": "ACTIVE"}]}}, "nothing else"),
        ({"payload": {"loyaltyObjects": [{"id": OBJECT_ID}] * 2}}, "one object"),
        ({"payload": {"loyaltyObjects": [{"id": OBJECT_ID}], "loyaltyClasses": []}}, "nothing else"),
        ({"payload": {"loyaltyObjects": [{"id": f"{ISSUER}.nobody"}]}}, "not found"),
        ({"payload": {"loyaltyObjects": [{"id": "3388000000099999999.x"}]}}, "does not speak for"),
        ({"header": {"typ": "jwt"}}, "header must be exactly"),
        ({"header": {"jku": "https://x.example"}}, "header must be exactly"),
        ({"header": {"kid": "another"}}, "No service account"),
        ({"origins": ["https://cards.example"] * 80}, "must stay under 1800"),
    ],
)
def test_a_link_is_read_letter_by_letter(issuer: Issuer, changes: dict[str, Any], said: str) -> None:
    for ask in (requests.get, requests.post):
        answer = ask(issuer.link(**changes), timeout=10)
        assert answer.status_code == 400
        assert "Something went wrong" in answer.text
        assert said in answer.text.replace("&#39;", "'")
    assert issuer.google.objects()[OBJECT_ID]["hasUsers"] is False


def test_a_link_of_another_key_or_cut_off_is_refused(issuer: Issuer) -> None:
    link = issuer.link()
    for broken in (link[:-20], link[:-2] + ("AA" if link[-2:] != "AA" else "BB"), link + ".x", link + "="):
        assert requests.get(broken, timeout=10).status_code == 400


def test_in_demo_mode_only_test_users_may_save(issuer: Issuer) -> None:
    issuer.google.turn(demo=True)
    assert "demo mode" in requests.post(issuer.link(), timeout=10).text


# Callbacks


def test_a_card_that_is_removed_stays_at_google(issuer: Issuer, shop: Shop) -> None:
    issuer.google.save(issuer.link())
    first = verified(shop.next_callback(), published(issuer.google))
    issuer.google.remove(OBJECT_ID)
    second = verified(shop.next_callback(), published(issuer.google))
    assert (second["eventType"], issuer.google.objects()[OBJECT_ID]["hasUsers"]) == ("del", False)
    assert first["nonce"] != second["nonce"]


def test_the_padding_is_six_characters_that_must_stay(issuer: Issuer, shop: Shop) -> None:
    issuer.google.save(issuer.link())
    signing = json.loads(shop.next_callback())["intermediateSigningKey"]
    assert "\\u003d" in signing["signedKey"]
    assert "=" not in signing["signedKey"]


@pytest.mark.parametrize("how", list(FORGERIES))
def test_every_forgery_is_one(how: str) -> None:
    forger = Forger(lambda: datetime.now(UTC))
    event = Event("save", CLASS_ID, OBJECT_ID)
    assert verified(forger.genuine(event), forger.keys())["objectId"] == OBJECT_ID
    with pytest.raises((AssertionError, ValueError, TypeError, KeyError, AttributeError, RecursionError)):
        verified(forger.forged(how, event), forger.keys())


def test_a_genuine_callback_of_another_issuer_is_genuine_for_them() -> None:
    forger = Forger(lambda: datetime.now(UTC))
    theirs = forger.forged("another_issuer", Event("save", CLASS_ID, OBJECT_ID))
    assert verified(theirs, forger.keys(), "3388000000099999999")["eventType"] == "save"


def test_a_forger_with_a_late_clock_signs_what_has_expired() -> None:
    forger = Forger(lambda: datetime.now(UTC) - timedelta(days=1))
    with pytest.raises(AssertionError):
        verified(forger.genuine(Event("save", CLASS_ID, OBJECT_ID)), forger.keys())


def test_forgeries_replays_and_crowds_are_sent_on_demand(issuer: Issuer, shop: Shop) -> None:
    google = issuer.google
    shop.callback_status = 401
    sent = google.ask("POST", "/callbacks/forge", {"how": "tampered_message", "object": OBJECT_ID})
    assert sent["callbacks"][0]["status"] == 401
    shop.callback_status = 200
    crowd = google.ask("POST", "/callbacks", {"object": OBJECT_ID, "event": "save", "times": 10})["callbacks"]
    assert [one["status"] for one in crowd] == [200] * 10
    again = google.ask("POST", "/callbacks/replay", {"times": 2})["callbacks"]
    assert {one["body"] for one in [*crowd, *again]} == {crowd[0]["body"]}
    assert len(shop.callbacks) == 13
    assert len(google.callbacks()) == 13


def test_after_a_surprise_rotation_the_old_keys_do_not_verify(issuer: Issuer, shop: Shop) -> None:
    old = published(issuer.google)
    issuer.google.ask("POST", "/callbacks/rotate-root")
    issuer.google.save(issuer.link())
    body = shop.next_callback()
    with pytest.raises(AssertionError):
        verified(body, old)
    assert verified(body, published(issuer.google))["eventType"] == "save"


def test_robots_txt_keeps_google_out(issuer: Issuer, shop: Shop) -> None:
    shop.pictures["/robots.txt"] = (200, b"User-agent: *\nDisallow: /callback\n", "text/plain")
    sent = issuer.google.ask("POST", "/callbacks", {"object": OBJECT_ID})["callbacks"]
    del shop.pictures["/robots.txt"]
    assert (sent[0]["status"], shop.callbacks) == (0, [])
    assert "robots.txt" in sent[0]["answer"]
