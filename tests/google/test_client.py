"""The seam to Google: one token for all calls, a deadline for each, and no answer that could hurt us."""

from __future__ import annotations

import json
import socket
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from simulators.google_wallet.accounts import ISSUER
from simulators.google_wallet.process import Simulator
from tests.services.ports import LOOPBACK
from wallet_service.google.answers import Verdict
from wallet_service.google.client import GoogleClient
from wallet_service.google.pace import Pace
from wallet_service.settings import GoogleSettings


def settings_of(google: Simulator, key_file: Path | None = None, **changes: str) -> GoogleSettings:
    found = {"issuer_id": ISSUER, "api_url": google.url, "keys_url": "", "save_url": ""} | changes
    return GoogleSettings(service_account_file=key_file or google.key_file, **found)


@pytest.fixture
def client(google: Simulator) -> Iterator[GoogleClient]:
    client = GoogleClient(settings_of(google), Pace(None))
    yield client
    client.close()


def with_key(google: Simulator, folder: Path, **changes: Any) -> GoogleClient:
    """A client whose key file says something else."""
    file = folder / "key.json"
    file.write_text(json.dumps(json.loads(google.key_file.read_text()) | changes))
    return GoogleClient(settings_of(google, file), Pace(None))


def test_G8_the_token_request_is_as_the_strict_token_address_wants_it(
    google: Simulator, client: GoogleClient
) -> None:
    """The simulator refuses any other grant type, scope, audience, lifetime or signature."""
    assert client.get_issuer().verdict is Verdict.DONE
    (asked,) = google.calls("/token")
    assert asked["status"] == 200


def test_G9_many_calls_side_by_side_need_one_token(google: Simulator, client: GoogleClient) -> None:
    with ThreadPoolExecutor(8) as crew:
        answers = list(crew.map(lambda _: client.get_issuer(), range(40)))
    assert {answer.verdict for answer in answers} == {Verdict.DONE}
    assert len(google.calls("/token")) == 1


def test_the_date_of_each_answer_is_passed_on(google: Simulator) -> None:
    heard: list[tuple[str, str | None]] = []
    client = GoogleClient(settings_of(google), Pace(None), heard=lambda *said: heard.append(said))
    assert client.get_issuer().verdict is Verdict.DONE
    client.close()
    assert ["/token" in url for url, _ in heard] == [True, False]
    assert all(date and date.endswith(" GMT") for _, date in heard)


def test_a_token_that_ended_early_is_bought_anew_once(google: Simulator, client: GoogleClient) -> None:
    client.get_issuer()
    google.ask("POST", "/tokens/revoke", {})
    assert client.get_issuer().verdict is Verdict.DONE
    assert len(google.calls("/token")) == 2


def test_a_second_401_is_the_operators_matter(google: Simulator, client: GoogleClient) -> None:
    google.script(path="/issuer", status=401, times=2)
    answer = client.get_issuer()
    assert (answer.verdict, answer.status) == (Verdict.CREDENTIAL, 401)
    assert len(google.calls("/issuer")) == 2


@pytest.mark.parametrize("form", ["truncated", "rubbish", "reset"])
def test_rubbish_and_cut_lines_leave_the_outcome_unknown(
    google: Simulator, client: GoogleClient, form: str
) -> None:
    google.script(path="/issuer", form=form)
    assert client.get_issuer().verdict is Verdict.UNKNOWN
    assert client.get_issuer().verdict is Verdict.DONE


def test_an_answer_of_ten_megabytes_is_not_read_to_its_end(google: Simulator, client: GoogleClient) -> None:
    google.script(path="/issuer", form="rubbish")
    assert client.get_issuer().reason == "an answer that is far too long"


def test_silence_ends_at_the_deadline(google: Simulator) -> None:
    client = GoogleClient(settings_of(google), Pace(None), deadline=0.5)
    google.script(path="/issuer", form="timeout", seconds=3.0)
    begun = time.monotonic()
    assert client.get_issuer().reason == "timeout"
    assert time.monotonic() - begun < 2.5


def test_an_answer_of_a_byte_at_a_time_ends_at_the_deadline_too(google: Simulator) -> None:
    with socket.create_server((LOOPBACK, 0)) as slow, ThreadPoolExecutor(1) as crew:
        given = crew.submit(_drip, slow, 100)
        url = f"http://{LOOPBACK}:{slow.getsockname()[1]}"
        client = GoogleClient(settings_of(google, api_url=url), Pace(None), deadline=0.3)
        answer = client.get_issuer()
        client.close()
        assert (answer.verdict, answer.reason) == (Verdict.UNKNOWN, "timeout")
        assert given.result() < 100


def _drip(slow: socket.socket, most: int) -> int:
    """How many bytes it could give."""
    line, _ = slow.accept()
    with line:
        line.recv(65_536)
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % most)
        for given in range(most):
            try:
                line.sendall(b" ")
            except OSError:
                return given
            time.sleep(0.03)
    return most


def test_nobody_at_the_address_is_an_unknown_outcome(google: Simulator, free_port: int) -> None:
    client = GoogleClient(settings_of(google, api_url=f"http://127.0.0.1:{free_port}"), Pace(None))
    assert client.get_issuer().verdict is Verdict.UNKNOWN


def test_S2_the_scope_is_wallets_alone(google: Simulator, client: GoogleClient) -> None:
    client.get_issuer()
    (asked,) = google.calls("/token")
    claims = asked["body"].split("assertion=")[1].split(".")[1]
    read = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert read["scope"] == "https://www.googleapis.com/auth/wallet_object.issuer"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"type": "authorized_user"}', "\x00\x01"])
def test_S2_a_key_file_that_is_none_is_named_without_its_content(
    google: Simulator, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "key.json"
    file.write_text(content)
    answer = GoogleClient(settings_of(google, file), Pace(None)).get_issuer()
    assert answer.verdict is Verdict.CREDENTIAL
    assert str(file) in answer.message


def test_S2_a_broken_private_key_stays_out_of_every_sentence(google: Simulator, tmp_path: Path) -> None:
    client = with_key(google, tmp_path, private_key="-----BEGIN PRIVATE KEY-----\ncanary\n")
    answer = client.get_issuer()
    assert answer.verdict is Verdict.CREDENTIAL
    assert "canary" not in answer.told


def test_a_key_file_that_vanished_while_we_ran_is_named(google: Simulator, tmp_path: Path) -> None:
    answer = GoogleClient(settings_of(google, tmp_path / "gone.json"), Pace(None)).get_issuer()
    assert answer.verdict is Verdict.CREDENTIAL
    assert "gone.json" in answer.message


def test_a_key_that_google_does_not_know_is_explained(google: Simulator, tmp_path: Path) -> None:
    answer = with_key(google, tmp_path, private_key_id="deadbeef").get_issuer()
    assert answer.verdict is Verdict.CREDENTIAL
    assert "perhaps it was deleted" in answer.message


def test_a_wrong_clock_is_explained(google: Simulator, client: GoogleClient) -> None:
    google.forward(7200)  # as seen from Google, we are two hours late
    assert "set the clock" in client.get_issuer().message


def test_an_account_of_another_project_is_refused_not_retried(google: Simulator, tmp_path: Path) -> None:
    made = google.ask("POST", "/service-accounts", {"client_email": "x@else", "issuers": []})
    file = tmp_path / "other.json"
    file.write_text(json.dumps(made))
    answer = GoogleClient(settings_of(google, file), Pace(None)).get_issuer()
    assert (answer.verdict, answer.reason) == (Verdict.CREDENTIAL, "permissionDenied")
