"""The APNs simulator is as strict as Apple, tells phones of pushes, and obeys its knobs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.error import HTTPError

import pycurl
import pytest

from simulators.apns.papers import Authority, Paper
from simulators.apns.process import Simulator
from simulators.apns.rules import Credential, Request, refusal
from tests.services.serving import serving

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOPIC = "pass.example.coffee"
TOKEN = "ab" * 32
ID = "0F3F7C8E-7E0B-4A57-9C0B-2C8D6B7F1A11"
CREDENTIAL = Credential(TOPIC, NOW + timedelta(days=1))


@pytest.fixture(scope="module")
def paper(authority: Authority) -> Paper:
    return authority.pass_certificate(TOPIC)


def push(
    apns: Simulator, authority: Authority, paper: Paper | None, topic: str = TOPIC, apns_id: str = ID
) -> tuple[int, dict[str, Any]]:
    """A push by plain libcurl, so that this file leans on nothing of the service."""
    lines = {"apns-topic": topic, "apns-id": apns_id}
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, f"{apns.url}/3/device/{TOKEN}")
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
    curl.setopt(pycurl.CAINFO, str(authority.file))
    if paper:
        curl.setopt(pycurl.SSLCERT, str(paper.certificate))
        curl.setopt(pycurl.SSLKEY, str(paper.key))
    curl.setopt(pycurl.POSTFIELDS, "{}")
    curl.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in lines.items()])
    try:
        body = curl.perform_rb()
        return curl.getinfo(pycurl.RESPONSE_CODE), json.loads(body or b"{}")
    finally:
        curl.close()


def asked(
    method: str = "POST", path: str = f"/3/device/{TOKEN}", body: bytes = b"{}", **changes: str | None
) -> str | None:
    """The refusal of a request that is right but for `changes`; None leaves a header out."""
    headers: dict[str, str | None] = {"apns-topic": TOPIC, "apns-id": ID, "apns-expiration": "1800000000"}
    headers |= {"apns-priority": "5", "apns-push-type": "background"}
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    sent = tuple((name, value) for name, value in headers.items() if value is not None)
    return refusal(Request(method, path, sent, body), CREDENTIAL, NOW)


def test_a_right_request_is_accepted() -> None:
    assert asked() is None
    assert asked(apns_id=None, apns_expiration="0", apns_priority=None, apns_push_type=None) is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/3/device/", "MissingDeviceToken"),
        ("/3/device/abc", "BadDeviceToken"),
        ("/3/device/" + "zz" * 32, "BadDeviceToken"),
        ("/3/device/" + "ab" * 31, "BadDeviceToken"),
        ("/3/device/" + "ab" * 101, "BadDeviceToken"),
        ("/3/device/a%2Fb", "BadDeviceToken"),
        (f"/3/device/{TOKEN}/x", "BadPath"),
        (f"/2/device/{TOKEN}", "BadPath"),
        ("/", "BadPath"),
    ],
)
def test_the_path_is_looked_at(path: str, reason: str) -> None:
    assert asked(path=path) == reason


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("apns_topic", None, "MissingTopic"),
        ("apns_topic", "", "MissingTopic"),
        ("apns_topic", "слон", "BadTopic"),
        ("apns_topic", "pass.example.tea", "TopicDisallowed"),
        ("apns_id", "7", "BadMessageId"),
        ("apns_expiration", "tomorrow", "BadExpirationDate"),
        ("apns_expiration", "-1", "BadExpirationDate"),
        ("apns_priority", "6", "BadPriority"),
        ("apns_priority", "10", "BadPriority"),
        ("apns_priority", None, "BadPriority"),
        ("apns_collapse_id", "x" * 65, "BadCollapseId"),
        ("apns_push_type", "loud", "InvalidPushType"),
    ],
)
def test_each_header_is_looked_at(header: str, value: str | None, reason: str) -> None:
    changes: dict[str, Any] = {header: value}
    assert asked(**changes) == reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "PayloadEmpty"),
        (b"[]", "PayloadEmpty"),
        (b"{", "PayloadEmpty"),
        (b"\xff", "PayloadEmpty"),
        (b'{"a":"' + b"x" * 4096 + b'"}', "PayloadTooLarge"),
    ],
)
def test_the_body_is_looked_at(body: bytes, reason: str) -> None:
    assert asked(body=body) == reason


def test_the_method_and_doubled_headers_are_looked_at() -> None:
    assert asked(method="GET") == "MethodNotAllowed"
    doubled = Request("POST", f"/3/device/{TOKEN}", (("apns-topic", TOPIC), ("apns-topic", TOPIC)), b"{}")
    assert refusal(doubled, CREDENTIAL, NOW) == "DuplicateHeaders"


def test_a_push_is_answered_and_remembered(apns: Simulator, authority: Authority, paper: Paper) -> None:
    assert push(apns, authority, paper) == (200, {})
    [entry] = apns.history()
    assert (entry["token"], entry["topic"], entry["status"], entry["reason"]) == (TOKEN, TOPIC, 200, "")
    assert datetime.fromisoformat(entry["received_at"]).tzinfo is UTC
    assert apns.stats()["statuses"] == {"200": 1}


def test_an_expired_certificate_gets_403(apns: Simulator, authority: Authority) -> None:
    expired = authority.pass_certificate("pass.example.old", lifetime=timedelta(days=-1))
    assert push(apns, authority, expired) == (403, {"reason": "BadCertificate"})


def test_a_certificate_without_a_topic_gets_403() -> None:
    request = Request("POST", f"/3/device/{TOKEN}", (), b"{}")
    assert refusal(request, Credential("", NOW + timedelta(days=1)), NOW) == "BadCertificate"


def test_nobody_is_served_without_a_certificate_or_a_token(apns: Simulator, authority: Authority) -> None:
    assert push(apns, authority, None) == (403, {"reason": "MissingProviderToken"})


def test_phones_hear_of_accepted_pushes_only(apns: Simulator, authority: Authority, paper: Paper) -> None:
    with listening_phone() as phone:
        apns.subscribe(phone.url)
        push(apns, authority, paper, topic="pass.example.tea")
        push(apns, authority, paper)
        assert phone.heard.get(timeout=3) == {"token": TOKEN, "topic": TOPIC, "id": ID}
        assert phone.heard.empty()


def test_subscribers_outlive_a_restart(authority: Authority, paper: Paper, tmp_path: Path) -> None:
    with listening_phone() as phone:
        with Simulator(authority, tmp_path / "state.json") as before:
            before.subscribe(phone.url)
        with Simulator(authority, tmp_path / "state.json") as after:
            push(after, authority, paper)
            assert phone.heard.get(timeout=3)["token"] == TOKEN


def test_a_scripted_answer_is_given_so_often_and_to_whom_it_is_meant(
    apns: Simulator, authority: Authority, paper: Paper
) -> None:
    for_another = {"reason": "TooManyRequests", "times": 1, "token": "cd" * 32}
    apns.turn(answers=[for_another, {"status": 503, "times": 2}])
    assert [push(apns, authority, paper)[0] for _ in range(3)] == [503, 503, 200]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("POST", "/knobs", {"no_such_knob": 1}, 400),
        ("POST", "/knobs", {"delay_ms": "long"}, 400),
        ("POST", "/knobs", [], 400),
        ("POST", "/knobs", {"answers": [{"reason": "NoSuchReason"}]}, 400),
        ("POST", "/subscribers", {"url": "http://example.com:80/"}, 400),
        ("POST", "/subscribers", {"url": "file:///etc/passwd"}, 400),
        ("POST", "/subscribers", {}, 400),
    ],
)
def test_the_control_port_says_no_to_junk(
    apns: Simulator, method: str, path: str, body: Any, status: int
) -> None:
    with pytest.raises(HTTPError) as refused:
        apns.ask(method, path, body)
    assert refused.value.code == status
    refused.value.close()


@dataclass
class Phone:
    url: str
    heard: Queue[dict[str, Any]]


@contextmanager
def listening_phone() -> Iterator[Phone]:
    """Where a real one would listen."""
    heard: Queue[dict[str, Any]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with serving(HTTPServer(("127.0.0.1", 0), Handler)) as address:
        yield Phone(f"{address}/wake", heard)
