"""Our APNs client against the simulator: the wake-up as Apple wants it, over one connection that lasts."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from simulators.apns.papers import Authority
from simulators.apns.process import Simulator
from tests.apple.strict_apns import TOPIC, verdicts
from wallet_service.apple.waking.apns import KEPT_FOR, PRODUCTION, Apns
from wallet_service.apple.waking.apns_answers import Answer, Push, Verdict
from wallet_service.domain.errors import Misconfigured

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.alone


@pytest.fixture
def client(authority: Authority, apns: Simulator) -> Iterator[Apns]:
    with make_client(authority, apns.url) as client:
        yield client


def make_client(authority: Authority, url: str, topic: str = TOPIC, **wishes: Any) -> Apns:
    paper = authority.pass_certificate(topic)
    given = {"certificate": paper.certificate, "key": paper.key, "ca_file": authority.file, **wishes}
    return Apns(url=url, **given)


def make_pushes(count: int, topic: str = TOPIC) -> list[Push]:
    return [Push(str(uuid4()), f"{number:064x}", topic) for number in range(count)]


def send_one(client: Apns, token: str = "ab" * 32, topic: str = TOPIC) -> Answer:
    [answer] = client.send([Push(str(uuid4()), token, topic)], NOW)
    return answer


def test_N1_only_http2_over_tls_to_the_production_host(client: Apns, apns: Simulator) -> None:
    assert PRODUCTION == "https://api.push.apple.com:443"
    assert send_one(client).verdict is Verdict.ACCEPTED
    assert apns.stats()["tls"] in {"TLSv1.2", "TLSv1.3"}  # the simulator speaks HTTP/2 only


def test_N1_a_server_without_http2_never_reads_a_push(authority: Authority) -> None:
    with (
        TlsListener(authority, alpn="http/1.1") as listener,
        make_client(authority, listener.url, timeout=1) as client,
    ):
        assert send_one(client).verdict is Verdict.LATER
    assert b"POST" not in listener.heard


def test_N2_the_token_goes_out_as_registered_and_stays_one_step_of_the_path(
    client: Apns, apns: Simulator
) -> None:
    tokens = ["Ab" * 32, "a/../../b?c#d", "with space", "слон", "%2e%2e", "\ud800", "a\r\nb"]
    answers = [send_one(client, token) for token in tokens]
    assert [answer.verdict for answer in answers] == [Verdict.ACCEPTED] + [Verdict.BAD_TOKEN] * 6
    assert [entry["token"] for entry in apns.history()] == [*tokens[:5], "?", "a\r\nb"]


def test_N3_the_body_is_an_empty_dictionary(client: Apns, apns: Simulator) -> None:
    send_one(client)
    assert apns.history()[0]["body"] == "{}"


def test_N4_the_topic_goes_with_each_push(client: Apns, apns: Simulator) -> None:
    pushes = make_pushes(1) + make_pushes(1, "pass.example.tea")
    answers = {answer.push.topic: answer for answer in client.send(pushes, NOW)}
    assert answers[TOPIC].verdict is Verdict.ACCEPTED
    assert (answers["pass.example.tea"].verdict, answers["pass.example.tea"].reason) == (
        Verdict.WIRING,
        "TopicDisallowed",
    )
    assert {entry["topic"] for entry in apns.history()} == {TOPIC, "pass.example.tea"}


def test_N4_a_topic_cannot_smuggle_a_header(client: Apns, apns: Simulator) -> None:
    with pytest.raises(ValueError, match="topic"):
        list(client.send(make_pushes(1, TOPIC + "\r\napns-priority: 10"), NOW))
    assert apns.history() == []


def test_N5_the_pass_certificate_opens_the_door(client: Apns) -> None:
    assert send_one(client).verdict is Verdict.ACCEPTED


def test_N5_a_certificate_of_strangers_is_turned_away_as_a_credential(
    apns: Simulator, authority: Authority, tmp_path: Path
) -> None:
    with make_client(Authority(tmp_path), apns.url, ca_file=authority.file) as stranger:
        answers = list(stranger.send(make_pushes(300), NOW))
    assert len(answers) == 300
    assert verdicts(answers) == {Verdict.CREDENTIAL}, answers[0]
    assert "certificate" in answers[0].reason or "ca" in answers[0].reason


def test_N5_a_key_that_does_not_fit_is_a_credential_error(apns: Simulator, authority: Authority) -> None:
    other = authority.pass_certificate("pass.example.other")
    with make_client(authority, apns.url, key=other.key) as client:
        assert send_one(client).verdict is Verdict.CREDENTIAL


def test_N10_a_credential_that_is_refused_amid_a_batch_stops_it_at_once(
    authority: Authority, apns: Simulator
) -> None:
    apns.turn(answers=[{"reason": "BadCertificate", "every": 3}])
    with make_client(authority, apns.url, max_streams=2) as client:
        answers = list(client.send(make_pushes(40), NOW))
        refused = [answer for answer in answers if answer.verdict is Verdict.CREDENTIAL]
        assert len(answers) == 40
        assert len(refused) in (37, 38)  # one may have been on the way, and hears for itself
        assert {answer.reason for answer in refused} == {"BadCertificate"}
        assert len(apns.history()) <= 4
        assert send_one(client).verdict is Verdict.ACCEPTED
        assert apns.stats()["connections"] == 1


def test_N7_the_push_waits_several_days_for_a_phone_that_is_off(client: Apns, apns: Simulator) -> None:
    send_one(client)
    assert int(apns.history()[0]["expiration"]) == int((NOW + KEPT_FOR).timestamp())
    assert timedelta(days=2) < KEPT_FOR < timedelta(days=30)


def test_N8_background_goes_with_priority_5_and_both_can_be_left_out(
    client: Apns, apns: Simulator, authority: Authority
) -> None:
    send_one(client)
    with make_client(authority, apns.url, push_type="", priority=0) as plain:
        assert send_one(plain).verdict is Verdict.ACCEPTED
    said = [(entry["push_type"], entry["priority"]) for entry in apns.history()]
    assert said == [("background", "5"), (None, None)]


def test_N9_our_delivery_id_is_the_one_apns_knows(client: Apns, apns: Simulator) -> None:
    pushes = make_pushes(20)
    answers = list(client.send(pushes, NOW))
    assert {answer.apns_id for answer in answers} == {push.id for push in pushes}
    assert {entry["id"]: entry["token"] for entry in apns.history()} == {p.id: p.token for p in pushes}


def test_N14_many_batches_share_one_connection(client: Apns, apns: Simulator) -> None:
    for _ in range(5):
        assert verdicts(list(client.send(make_pushes(150), NOW))) == {Verdict.ACCEPTED}
    assert apns.stats()["connections"] == 1
    assert apns.stats()["requests"] == 750


def test_N14_a_closed_door_is_knocked_at_once(authority: Authority) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        with make_client(authority, f"https://127.0.0.1:{taken.getsockname()[1]}") as client:
            answers = list(client.send(make_pushes(5000), NOW))
    assert len({answer.push.id for answer in answers}) == len(answers) == 5000
    assert verdicts(answers) == {Verdict.LATER}
    assert "cannot be reached" in answers[0].reason


def test_N14_a_server_that_hangs_up_on_everyone_is_not_hammered(authority: Authority) -> None:
    with TlsListener(authority, alpn="h2") as listener, make_client(authority, listener.url) as client:
        answers = list(client.send(make_pushes(500), NOW))
    assert len(answers) == 500
    assert verdicts(answers) == {Verdict.LATER}
    assert listener.connections <= 12


def test_N15_never_more_streams_than_apns_allows_even_when_it_changes_its_mind(
    authority: Authority, apns: Simulator
) -> None:
    apns.turn(max_streams=7, delay_ms=2)
    with make_client(authority, apns.url) as client:
        assert verdicts(list(client.send(make_pushes(100), NOW))) == {Verdict.ACCEPTED}
        assert apns.stats()["most_streams"] == 7
        assert apns.stats()["refused_streams"] == 0
        apns.turn(max_streams=1)
        apns.ask("DELETE", "/history")
        assert verdicts(list(client.send(make_pushes(50), NOW))) == {Verdict.ACCEPTED}
    assert apns.stats()["most_streams"] == 1
    assert apns.stats()["connections"] == 0  # still the one of before
    assert apns.stats()["refused_streams"] == 0
    assert apns.stats()["priority_frames"] == 0


def test_N15_a_batch_is_under_way_when_the_streams_go_down_to_one(client: Apns, apns: Simulator) -> None:
    apns.turn(delay_ms=5)
    answers = client.send(make_pushes(400), NOW)
    first = [next(answers) for _ in range(50)]
    apns.turn(max_streams=1, delay_ms=0)
    assert verdicts(first + list(answers)) == {Verdict.ACCEPTED}
    assert apns.stats()["connections"] == 1


@pytest.mark.parametrize("taken_back", [0, 20])
def test_N16_goaway_loses_no_push(client: Apns, apns: Simulator, taken_back: int) -> None:
    apns.turn(goaway_after=200, goaway_takes_back=taken_back)
    pushes = make_pushes(1000)
    answers = list(client.send(pushes, NOW))
    assert len(answers) == 1000
    assert {answer.push.id for answer in answers if answer.verdict is Verdict.ACCEPTED} == {
        p.id for p in pushes
    }
    assert 4 <= apns.stats()["goaways"] <= 8


@pytest.mark.parametrize("code", [2, 7, 8])
def test_N16_a_reset_stream_goes_out_once_more(client: Apns, apns: Simulator, code: int) -> None:
    answers = client.send(make_pushes(400), NOW)
    first = next(answers)
    apns.turn(reset=5, reset_code=code)
    everything = [first, *answers]
    assert len(everything) == 400
    assert verdicts(everything) == {Verdict.ACCEPTED}
    assert [entry["reason"] for entry in apns.history()].count("reset") == 5
    assert apns.stats()["connections"] <= 2  # libcurl sends what was refused on a new connection


def test_N16_a_stream_that_is_reset_twice_waits_and_the_others_go_on(client: Apns, apns: Simulator) -> None:
    apns.turn(reset=2)
    answers = list(client.send(make_pushes(30), NOW))
    assert [answer.verdict for answer in answers].count(Verdict.LATER) == 1
    assert [answer.verdict for answer in answers].count(Verdict.ACCEPTED) == 29
    assert apns.stats()["connections"] == 1


def test_N16_a_cut_connection_is_replaced_within_the_batch(client: Apns, apns: Simulator) -> None:
    send_one(client)
    apns.turn(cut=1)
    assert verdicts(list(client.send(make_pushes(300), NOW))) == {Verdict.ACCEPTED}
    assert apns.stats()["connections"] == 2


def test_N17_a_replaced_certificate_is_used_with_the_next_batch(
    authority: Authority, apns: Simulator
) -> None:
    with make_client(authority, apns.url, "pass.example.before") as client:
        assert send_one(client, topic="pass.example.before").verdict is Verdict.ACCEPTED
        renewed = authority.pass_certificate("pass.example.after")
        before = renewed.certificate.with_name("pass.example.before.pem")
        renewed.certificate.replace(before)
        renewed.key.replace(before.with_suffix(".key"))
        assert send_one(client, topic="pass.example.after").verdict is Verdict.ACCEPTED
    assert apns.stats()["connections"] == 2


def test_N17_a_missing_certificate_is_named(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"gone\.pem"):
        make_client(authority, "https://127.0.0.1:1", certificate=tmp_path / "gone.pem")


def test_a_hung_push_ends_at_the_deadline_and_holds_up_no_other(
    authority: Authority, apns: Simulator
) -> None:
    pushes = make_pushes(300)
    hung = {pushes[10].token, pushes[250].token}
    apns.turn(hang=sorted(hung))
    with make_client(authority, apns.url, timeout=0.8) as client:
        started = time.monotonic()
        answers = list(client.send(pushes, NOW))
        assert time.monotonic() - started < 3
        assert {answer.push.token for answer in answers if answer.verdict is Verdict.LATER} == hung
        assert len(answers) == 300
        assert send_one(client).verdict is Verdict.ACCEPTED


def test_a_connection_that_only_swallows_is_dropped(authority: Authority, apns: Simulator) -> None:
    apns.turn(hang=1000)
    with make_client(authority, apns.url, timeout=0.5) as client:
        answers = list(client.send(make_pushes(400), NOW))
        assert len(answers) == 400
        assert verdicts(answers) == {Verdict.LATER}
        apns.start_over()
        assert send_one(client).verdict is Verdict.ACCEPTED
    assert apns.stats()["connections"] == 1  # a new one


def test_a_byte_a_second_ends_at_the_deadline(authority: Authority, apns: Simulator) -> None:
    apns.turn(byte_per_second=True)
    with make_client(authority, apns.url, timeout=0.5) as client:
        assert verdicts(list(client.send(make_pushes(20), NOW))) == {Verdict.LATER}


def test_closing_the_answers_gives_up_the_rest_and_the_client_stays_usable(
    client: Apns, apns: Simulator
) -> None:
    apns.turn(delay_ms=20)
    answers = client.send(make_pushes(500), NOW)
    next(answers)
    answers.close()
    apns.start_over()
    assert verdicts(list(client.send(make_pushes(200), NOW))) == {Verdict.ACCEPTED}


def test_no_pushes_make_no_connection(client: Apns, apns: Simulator) -> None:
    assert list(client.send([], NOW)) == []
    assert apns.stats()["connections"] == 0


class TlsListener:
    """A server that shakes hands, reads a little, and hangs up."""

    def __init__(self, authority: Authority, alpn: str) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(authority.server.certificate, authority.server.key)
        self._context.set_alpn_protocols([alpn])
        self.heard = b""
        self.connections = 0

    def __enter__(self) -> TlsListener:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            try:
                with self._context.wrap_socket(plain, server_side=True) as connection:
                    connection.settimeout(1)
                    self.heard += connection.recv(1000)
            except OSError:
                plain.close()

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(2)
