"""The simulated Google is unkind where it is told to be, remembers each call, and survives a restart."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from simulators.google_wallet.process import Simulator
from tests.simulators.google_issuer import (
    ISSUER,
    OBJECT_ID,
    Issuer,
    Shop,
    reason,
    rich_class,
    rich_object,
    set_at,
)

# Knobs


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (401, "authError"),
        (403, "rateLimitExceeded"),
        (403, "quotaExceeded"),
        (404, "resourceNotFound"),
        (409, "existingResource"),
        (412, "conditionNotMet"),
        (429, "rateLimitExceeded"),
        (500, "backendError"),
        (503, "backendError"),
    ],
)
def test_any_answer_can_be_ordered(google: Simulator, member: Issuer, status: int, why: str) -> None:
    google.script(verb="PATCH", path=OBJECT_ID, status=status, reason=why, retry_after="7", times=2)
    for _ in range(2):
        answer = member.patch({"accountName": "B"})
        assert reason(answer) == (status, why)
        assert answer.headers["Retry-After"] == "7"
    assert google.objects()[OBJECT_ID]["accountName"] == "Алиса"
    assert member.patch({"accountName": "B"}).status_code == 200


def test_a_lost_answer_may_have_had_its_effect(google: Simulator, member: Issuer) -> None:
    for after, name in ((False, "Алиса"), (True, "B")):
        google.script(verb="PATCH", form="timeout", seconds=0.2, after_effect=after)
        with pytest.raises(requests.ConnectionError):
            member.patch({"accountName": "B"})
        assert google.objects()[OBJECT_ID]["accountName"] == name
    google.script(form="reset")
    with pytest.raises(requests.ConnectionError):
        member.message()
    assert [call["status"] for call in google.calls(OBJECT_ID)] == [0, 0, 0]


def test_answers_that_no_parser_likes(google: Simulator, member: Issuer) -> None:
    google.script(form="truncated", after_effect=True)
    with pytest.raises(requests.JSONDecodeError):
        member.patch({"accountName": "B"}).json()
    google.script(form="rubbish")
    assert len(member.patch({"accountName": "C"}).content) == 10_000_000
    assert google.objects()[OBJECT_ID]["accountName"] == "B"


def test_keys_and_tokens_can_be_out_of_order_too(google: Simulator, issuer: Issuer) -> None:
    google.script(path="/callback-keys", status=503)
    assert requests.get(f"{google.url}/callback-keys", timeout=10).status_code == 503
    google.script(path="/token", status=500)
    assert issuer.grant("x").status_code == 500
    google.ask("POST", "/tokens/revoke")
    assert issuer.ask("GET", f"/issuer/{ISSUER}").status_code == 401


def test_a_wrong_knob_is_named(google: Simulator) -> None:
    for path, body in (("/knobs", {"speed": 1}), ("/script", {"answers": [{"status": "503"}]})):
        answer = requests.post(f"{google.url}/control{path}", json=body, timeout=10)
        assert answer.status_code == 422
        assert answer.json()["error"]


def test_the_rate_is_counted_over_any_second(google: Simulator, member: Issuer) -> None:
    google.ask("DELETE", "/history")
    google.turn(rate_limit=5, rate_status=429)
    answers = [member.ask("GET", f"/loyaltyObject/{OBJECT_ID}").status_code for _ in range(8)]
    assert answers == [200] * 5 + [429] * 3
    rate = google.ask("GET", "/rate")
    assert (rate["requests"], rate["most_in_a_second"]) == (8, 8)
    time.sleep(1.05)
    assert member.ask("GET", f"/loyaltyObject/{OBJECT_ID}").status_code == 200
    assert google.ask("GET", "/rate")["most_in_a_second"] == 8


def test_the_history_keeps_bodies_and_no_bearers(google: Simulator, member: Issuer) -> None:
    member.patch({"accountName": "B"})
    call = google.calls(verb="PATCH")[0]
    assert (call["path"], call["body"], call["status"]) == (
        f"/walletobjects/v1/loyaltyObject/{OBJECT_ID}",
        {"accountName": "B"},
        200,
    )
    assert "ya29" not in str(google.calls("/loyalty"))


def test_a_restart_finds_cards_phone_and_root_key(tmp_path: Path, shop: Shop) -> None:
    with Simulator(tmp_path) as google:
        issuer = Issuer(google)
        issuer.ask("POST", "/loyaltyClass", rich_class(shop.url))
        issuer.ask("POST", "/loyaltyObject", set_at(rich_object(shop.url), "accountName", "Kept"))
        google.save(issuer.link())
        keys = requests.get(f"{google.url}/callback-keys", timeout=10).json()["keys"]
    with Simulator(tmp_path) as google:
        assert google.objects()[OBJECT_ID]["accountName"] == "Kept"
        assert google.ask("GET", "/phone")["saved"] == [OBJECT_ID]
        again = requests.get(f"{google.url}/callback-keys", timeout=10).json()["keys"]
        assert again[-1]["keyValue"] == keys[-1]["keyValue"]
        assert Issuer(google).patch({"accountName": "B"}).status_code == 200


def test_the_key_file_is_its_owners_and_follows_the_port(tmp_path: Path) -> None:
    for _ in range(2):
        with Simulator(tmp_path) as google:
            file = json.loads(google.key_file.read_text())
            assert urlsplit(file["token_uri"]).port == urlsplit(google.url).port
            assert google.key_file.stat().st_mode & 0o077 == 0


def test_a_broken_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "service-account.json").write_text("{")
    with pytest.raises(RuntimeError), Simulator(tmp_path):
        pass
