"""Every row of Apple's table of answers, as our client reads it off the wire (N10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from simulators.apns.papers import Authority
from simulators.apns.process import Simulator
from simulators.apns.reasons import STATUS_OF
from wallet_service.apple.waking.apns import Apns
from wallet_service.apple.waking.apns_answers import Answer, Push, Verdict, verdict

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOPIC = "pass.example.coffee"
TOKEN = "ab" * 32

MEANS = {
    "BadDeviceToken": Verdict.BAD_TOKEN,
    "DeviceTokenNotForTopic": Verdict.WIRING,
    "TopicDisallowed": Verdict.WIRING,
    "BadTopic": Verdict.WIRING,
    "MissingTopic": Verdict.WIRING,
    "BadCollapseId": Verdict.OUR_BUG,
    "BadExpirationDate": Verdict.OUR_BUG,
    "BadMessageId": Verdict.OUR_BUG,
    "BadPriority": Verdict.OUR_BUG,
    "DuplicateHeaders": Verdict.OUR_BUG,
    "InvalidPushType": Verdict.OUR_BUG,
    "MissingDeviceToken": Verdict.OUR_BUG,
    "PayloadEmpty": Verdict.OUR_BUG,
    "IdleTimeout": Verdict.LATER,
    "BadCertificate": Verdict.CREDENTIAL,
    "BadCertificateEnvironment": Verdict.CREDENTIAL,
    "ExpiredProviderToken": Verdict.CREDENTIAL,
    "Forbidden": Verdict.CREDENTIAL,
    "InvalidProviderToken": Verdict.CREDENTIAL,
    "MissingProviderToken": Verdict.CREDENTIAL,
    "UnrelatedKeyIdInToken": Verdict.CREDENTIAL,
    "BadPath": Verdict.OUR_BUG,
    "MethodNotAllowed": Verdict.OUR_BUG,
    "ExpiredToken": Verdict.GONE,
    "Unregistered": Verdict.GONE,
    "PayloadTooLarge": Verdict.OUR_BUG,
    "TooManyRequests": Verdict.SLOW_DOWN,
    "TooManyProviderTokenUpdates": Verdict.LATER,
    "InternalServerError": Verdict.LATER,
    "ServiceUnavailable": Verdict.LATER,
    "Shutdown": Verdict.LATER,
}


@pytest.fixture(scope="module")
def client(authority: Authority, running: Simulator) -> Iterator[Apns]:
    paper = authority.pass_certificate(TOPIC)
    with Apns(
        url=running.url, certificate=paper.certificate, key=paper.key, ca_file=authority.file, timeout=5
    ) as client:
        yield client


def send_one(client: Apns) -> Answer:
    [answer] = client.send([Push(str(uuid4()), TOKEN, TOPIC)], NOW)
    return answer


def test_N10_the_table_has_every_reason_of_apple() -> None:
    assert MEANS.keys() == STATUS_OF.keys()


@pytest.mark.parametrize("reason", MEANS)
def test_N10_each_refusal_has_its_meaning(client: Apns, apns: Simulator, reason: str) -> None:
    apns.turn(answers=[{"reason": reason}])
    answer = send_one(client)
    assert (answer.status, answer.reason) == (STATUS_OF[reason], reason)
    assert answer.verdict is MEANS[reason]
    assert send_one(client).verdict is Verdict.ACCEPTED


def test_N10_accepted(client: Apns, apns: Simulator) -> None:
    answer = send_one(client)
    assert (answer.verdict, answer.status, answer.reason) == (Verdict.ACCEPTED, 200, "")
    assert apns.history()[0]["id"] == answer.apns_id


def test_N10_gone_says_since_when(client: Apns, apns: Simulator) -> None:
    apns.turn(answers=[{"reason": "Unregistered", "timestamp": 1_790_000_000_123}])
    answer = send_one(client)
    assert answer.timestamp == datetime(2026, 9, 21, 14, 13, 20, 123000, UTC)


@pytest.mark.parametrize("timestamp", ["true", "-1", "1e99", '"yesterday"', "9" * 20, "null", "[]"])
def test_N10_a_strange_moment_is_no_moment(client: Apns, apns: Simulator, timestamp: str) -> None:
    apns.turn(answers=[{"status": 410, "body": f'{{"reason":"Unregistered","timestamp":{timestamp}}}'}])
    answer = send_one(client)
    assert (answer.verdict, answer.timestamp) == (Verdict.GONE, None)


@pytest.mark.parametrize("body", ['{"rea', "[]", "null", '{"reason":7}', "[" * 4000, "\x00", "<html>"])
def test_N10_a_410_that_cannot_be_read_deletes_nothing(client: Apns, apns: Simulator, body: str) -> None:
    apns.turn(answers=[{"status": 410, "body": body}])
    answer = send_one(client)
    assert (answer.verdict, answer.status, answer.reason) == (Verdict.LATER, 410, "")


def test_N10_an_empty_500_is_apples_trouble(client: Apns, apns: Simulator) -> None:
    apns.turn(empty_500=1)
    answer = send_one(client)
    assert (answer.verdict, answer.status) == (Verdict.LATER, 500)


@pytest.mark.parametrize("status", [200, 400, 410, 503])
def test_N10_a_flood_of_ten_megabytes_is_cut_off(client: Apns, apns: Simulator, status: int) -> None:
    apns.turn(answers=[{"status": status, "body_bytes": 10_000_000}])
    answer = send_one(client)
    assert (answer.verdict, answer.status) == (Verdict.LATER, 0)
    assert "more than an answer" in answer.reason
    assert send_one(client).verdict is Verdict.ACCEPTED


def test_N10_one_poisoned_token_spoils_no_other(client: Apns, apns: Simulator) -> None:
    apns.turn(answers=[{"status": 200, "body_bytes": 100_000, "token": TOKEN, "times": None}])
    others = [Push(str(uuid4()), f"{number:064x}", TOPIC) for number in range(50)]
    answers = list(client.send([Push(str(uuid4()), TOKEN, TOPIC), *others], NOW))
    assert [answer.push.token for answer in answers if answer.verdict is not Verdict.ACCEPTED] == [TOKEN]


@pytest.mark.parametrize(
    ("status", "reason", "means"),
    [
        (302, "", Verdict.LATER),
        (410, "SomethingNew", Verdict.LATER),
        (400, "SomethingNew", Verdict.OUR_BUG),
        (403, "SomethingNew", Verdict.CREDENTIAL),
        (429, "", Verdict.SLOW_DOWN),
        (502, "", Verdict.LATER),
        (200, "BadDeviceToken", Verdict.ACCEPTED),
    ],
)
def test_N10_what_apple_may_add_later_never_deletes_a_token(status: int, reason: str, means: Verdict) -> None:
    assert verdict(status, reason) is means
