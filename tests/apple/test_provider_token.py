"""Pushing with tokens of a .p8 key instead of a certificate, against an APNs that is strict about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from simulators.apns.papers import Authority
from simulators.apns.process import Simulator
from tests.apple.strict_apns import TOPIC, verdicts
from wallet_service.apple.signing.push_keys import PushKey
from wallet_service.apple.waking.apns import Apns
from wallet_service.apple.waking.apns_answers import Answer, Push, Verdict
from wallet_service.apple.waking.provider_token import LASTS, ProviderToken

TEAM, KEY_ID = "TEAM123456", "ABC123DEFG"

pytestmark = pytest.mark.alone


@pytest.fixture
def key() -> PushKey:
    return PushKey(TEAM, KEY_ID, ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def apns(apns: Simulator, key: PushKey) -> Simulator:
    """It knows the key."""
    apns.trust(TEAM, KEY_ID, public(key))
    return apns


@pytest.fixture
def client(authority: Authority, apns: Simulator, key: PushKey) -> Iterator[Apns]:
    with by_token(authority, apns, key) as client:
        yield client


def by_token(authority: Authority, apns: Simulator, key: PushKey) -> Apns:
    return Apns(url=apns.url, token=ProviderToken(key), ca_file=authority.file)


def public(key: PushKey) -> str:
    return key.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def send(client: Apns, count: int = 1, now: datetime | None = None, topic: str = TOPIC) -> list[Answer]:
    pushes = [Push(str(uuid4()), f"{number:064x}", topic) for number in range(count)]
    return list(client.send(pushes, now or datetime.now(UTC)))


def reasons(apns: Simulator) -> list[str]:
    return [entry["reason"] for entry in apns.history()]


def test_N6_a_token_reads_as_apple_wants_it(key: PushKey) -> None:
    now = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)
    token = jwt.decode(ProviderToken(key).at(now), ECKey.import_key(public(key)), algorithms=["ES256"])
    assert token.header == {"alg": "ES256", "kid": KEY_ID}
    assert set(token.claims) == {"iss", "iat"}
    assert token.claims["iss"] == TEAM
    assert timedelta(0) <= now - datetime.fromtimestamp(token.claims["iat"], UTC) < LASTS


def test_N6_a_token_pushes_without_any_certificate(client: Apns, apns: Simulator) -> None:
    assert verdicts(send(client, 300)) == {Verdict.ACCEPTED}
    assert {entry["key_id"] for entry in apns.history()} == {KEY_ID}
    assert apns.stats()["connections"] == 1


def test_N6_one_key_pushes_for_all_pass_types_of_its_team(client: Apns, apns: Simulator) -> None:
    for topic in (TOPIC, "pass.example.tea"):
        assert verdicts(send(client, topic=topic)) == {Verdict.ACCEPTED}
    assert apns.stats()["connections"] == 1


def test_N6_a_pass_type_of_another_team_is_wiring_and_no_token_is_dropped(
    client: Apns, apns: Simulator, key: PushKey
) -> None:
    apns.trust(TEAM, KEY_ID, public(key), topics=[TOPIC])
    [answer] = send(client, topic="pass.stranger.tea")
    assert (answer.verdict, answer.reason) == (Verdict.WIRING, "TopicDisallowed")


def test_N6_workers_and_restarts_share_one_token_so_apns_sees_no_churn(
    authority: Authority, apns: Simulator, key: PushKey
) -> None:
    now = datetime.now(UTC)
    for _ in range(5):
        with by_token(authority, apns, key) as worker:
            assert verdicts(send(worker, 20, now)) == {Verdict.ACCEPTED}


def test_N6_a_new_token_every_forty_minutes_and_no_sooner(key: PushKey) -> None:
    begin = datetime(2026, 11, 21, tzinfo=UTC)
    token = ProviderToken(key)
    made = [token.at(begin + timedelta(minutes=minute)) for minute in range(400)]
    assert len(set(made)) == 10


@pytest.mark.parametrize("reason", ["ExpiredProviderToken", "InvalidProviderToken", "MissingProviderToken"])
def test_N6_a_refused_token_is_made_anew_once(client: Apns, apns: Simulator, reason: str) -> None:
    apns.turn(answers=[{"reason": reason, "times": 1}])
    assert verdicts(send(client, 50)) == {Verdict.ACCEPTED}
    assert reasons(apns).count(reason) == 1


def test_N6_all_that_set_out_with_an_expired_token_go_again(client: Apns, apns: Simulator) -> None:
    send(client)
    late = [f"{number:064x}" for number in range(1, 10)]
    once = [{"reason": "ExpiredProviderToken", "times": 1, "token": token} for token in late]
    apns.turn(delay_ms=50, answers=once, ahead_s=1300)
    assert verdicts(send(client, 50)) == {Verdict.ACCEPTED}
    assert reasons(apns).count("ExpiredProviderToken") == len(late)


def test_N6_a_clock_that_is_an_hour_behind_opens_the_circuit_and_does_not_churn(
    client: Apns, apns: Simulator
) -> None:
    apns.turn(ahead_s=2 * 3600)
    now = datetime.now(UTC)
    for minutes in (0, 5, 10):  # the probes of an open circuit
        assert verdicts(send(client, now=now + timedelta(minutes=minutes))) == {Verdict.CREDENTIAL}
    assert reasons(apns) == ["ExpiredProviderToken"] * 4  # once more, the first time


def test_N6_a_key_that_apple_does_not_know_is_a_credential(
    authority: Authority, apns: Simulator, key: PushKey
) -> None:
    stranger = PushKey(TEAM, "ZZZ999ZZZ9", key.key)
    with by_token(authority, apns, stranger) as client:
        assert verdicts(send(client)) == {Verdict.CREDENTIAL}
    assert set(reasons(apns)) == {"InvalidProviderToken"}


def test_N15_one_stream_until_the_first_token_was_accepted(client: Apns, apns: Simulator) -> None:
    apns.turn(answers=[{"reason": "ExpiredProviderToken", "times": 1}], delay_ms=20)
    assert verdicts(send(client, 200)) == {Verdict.ACCEPTED}
    stats = apns.stats()
    assert stats["refused_streams"] == 0
    assert stats["most_streams"] > 10


def test_N16_a_connection_cut_in_the_middle_loses_no_push_of_a_token(client: Apns, apns: Simulator) -> None:
    send(client)
    apns.turn(cut=1)
    assert verdicts(send(client, 200)) == {Verdict.ACCEPTED}
    assert apns.stats()["refused_streams"] == 0


def test_N5_a_locked_key_of_a_certificate_pushes_too(
    authority: Authority, apns: Simulator, tmp_path: Path
) -> None:
    paper = authority.pass_certificate(TOPIC)
    locked = tmp_path / "locked.key"
    locked.write_bytes(_locked(paper.key.read_bytes()))
    papers: dict[str, Any] = {"certificate": paper.certificate, "key": locked, "passphrase": b"open sesame"}
    with Apns(url=apns.url, ca_file=authority.file, **papers) as client:
        assert verdicts(send(client)) == {Verdict.ACCEPTED}


def _locked(pem: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization as form

    key = form.load_pem_private_key(pem, None)
    lock = form.BestAvailableEncryption(b"open sesame")
    return key.private_bytes(Encoding.PEM, form.PrivateFormat.PKCS8, lock)
