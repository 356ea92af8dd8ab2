"""The simulated REST API: order of calls, answers, the allowance of notices, pictures, and the knobs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from simulators.google_wallet.process import Simulator
from simulators.google_wallet.rotating import Shown, shown_at
from tests.simulators.google_issuer import (
    CLASS_ID,
    ISSUER,
    OBJECT_ID,
    Issuer,
    Shop,
    image,
    open_shop,
    png,
    rich_class,
    rich_object,
    running,
    set_at,
)

DAY = 86_400


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running(tmp_path_factory.mktemp("google")) as simulator:
        yield simulator


@pytest.fixture
def google(started: Simulator) -> Simulator:
    started.start_over()
    return started


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


@pytest.fixture
def issuer(google: Simulator) -> Issuer:
    return Issuer(google)


@pytest.fixture
def member(issuer: Issuer, shop: Shop) -> Issuer:
    """An issuer that has a class and an object already."""
    assert issuer.ask("POST", "/loyaltyClass", rich_class(shop.url)).status_code == 200
    assert issuer.ask("POST", "/loyaltyObject", rich_object(shop.url)).status_code == 200
    return issuer


def reason(answer: requests.Response) -> tuple[int, str]:
    said = answer.json()["error"]
    assert said["code"] == answer.status_code
    assert said["message"] == said["errors"][0]["message"]
    return answer.status_code, said["errors"][0]["reason"]


# OAuth


def test_a_bearer_is_needed_and_ends_after_an_hour(google: Simulator, member: Issuer) -> None:
    bare = requests.get(f"{google.url}/walletobjects/v1/loyaltyObject/{OBJECT_ID}", timeout=10)
    assert reason(bare) == (401, "authError")
    google.forward(3590)
    assert member.ask("GET", f"/loyaltyObject/{OBJECT_ID}").status_code == 200
    google.forward(20)
    assert reason(member.ask("GET", f"/loyaltyObject/{OBJECT_ID}")) == (401, "authError")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "https://www.googleapis.com/auth/cloud-platform"}, "invalid_scope"),
        ({"aud": "http://localhost/token"}, "invalid_grant"),
        ({"iss": "stranger@example.com"}, "invalid_grant"),
        ({"exp": 9_999_999_999}, "invalid_grant"),
        ({"iat": 1_000_000_000, "exp": 1_000_003_600}, "invalid_grant"),
        ({"iat": "now"}, "invalid_grant"),
        ({"header": {"kid": "another"}}, "invalid_grant"),
        ({"header": {"alg": "none"}}, "invalid_grant"),
    ],
)
def test_an_assertion_is_checked(issuer: Issuer, changes: dict[str, Any], error: str) -> None:
    answer = issuer.grant(issuer.assertion(**changes))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_signature_of_another_key_buys_nothing(google: Simulator, issuer: Issuer) -> None:
    made = google.ask("POST", "/service-accounts", {"client_email": "other@example.com"})
    other = Issuer(google, made)
    other.key_file = issuer.key_file
    assert other.grant(other.assertion()).json()["error_description"] == "Invalid JWT Signature."
    assert issuer.grant("a.b").json()["error"] == "invalid_grant"


# Order of calls


def test_class_then_object_then_it_can_be_read(google: Simulator, member: Issuer) -> None:
    kept = google.classes()[CLASS_ID]
    assert (kept["reviewStatus"], kept["version"]) == ("APPROVED", "1")
    read = member.ask("GET", f"/loyaltyObject/{OBJECT_ID}").json()
    assert read["hasUsers"] is False
    assert read["classReference"]["id"] == CLASS_ID
    listed = member.ask("GET", "/loyaltyObject", params={"classId": CLASS_ID}).json()
    assert [one["id"] for one in listed["resources"]] == [OBJECT_ID]
    assert (
        member.ask("GET", "/loyaltyClass", params={"issuerId": ISSUER}).json()["resources"][0]["id"]
        == CLASS_ID
    )


def test_an_object_before_its_class_a_draft_and_a_duplicate(issuer: Issuer, shop: Shop) -> None:
    assert reason(issuer.ask("POST", "/loyaltyObject", rich_object(shop.url))) == (404, "classNotFound")
    draft = rich_class(shop.url) | {"reviewStatus": "DRAFT"}
    assert issuer.ask("POST", "/loyaltyClass", draft).status_code == 200
    assert reason(issuer.ask("POST", "/loyaltyObject", rich_object(shop.url))) == (400, "invalidResource")
    assert reason(issuer.ask("POST", "/loyaltyClass", draft)) == (409, "existingResource")
    ready = {"reviewStatus": "UNDER_REVIEW"}
    assert issuer.ask("PATCH", f"/loyaltyClass/{CLASS_ID}", ready).json()["reviewStatus"] == "APPROVED"
    assert issuer.ask("POST", "/loyaltyObject", rich_object(shop.url)).status_code == 200
    assert reason(issuer.ask("POST", "/loyaltyObject", rich_object(shop.url))) == (409, "existingResource")


def test_a_class_is_always_sent_for_review_again(member: Issuer) -> None:
    read_back = member.ask("GET", f"/loyaltyClass/{CLASS_ID}").json()
    assert reason(member.ask("PATCH", f"/loyaltyClass/{CLASS_ID}", {"reviewStatus": "APPROVED"}))[0] == 400
    assert reason(member.ask("PUT", f"/loyaltyClass/{CLASS_ID}", read_back))[0] == 400
    assert reason(member.ask("PATCH", f"/loyaltyClass/{CLASS_ID}", {"programName": "New"}))[0] == 400
    assert reason(member.ask("PATCH", f"/loyaltyClass/{CLASS_ID}", {"reviewStatus": "DRAFT"}))[0] == 400


def test_what_is_not_there_is_not_found(issuer: Issuer) -> None:
    assert reason(issuer.patch({"state": "EXPIRED"})) == (404, "resourceNotFound")
    assert reason(issuer.message()) == (404, "resourceNotFound")
    assert reason(issuer.ask("GET", f"/loyaltyClass/{CLASS_ID}")) == (404, "classNotFound")
    assert reason(issuer.ask("DELETE", f"/loyaltyObject/{OBJECT_ID}")) == (404, "notFound")
    assert reason(issuer.ask("GET", "/loyaltyObject/abc")) == (400, "invalidResource")


def test_another_issuer_is_no_business_of_ours(google: Simulator, member: Issuer, shop: Shop) -> None:
    foreign = rich_class(shop.url) | {"id": "3388000000099999999.coffee"}
    assert reason(member.ask("POST", "/loyaltyClass", foreign)) == (403, "permissionDenied")
    assert reason(member.ask("GET", "/issuer/3388000000099999999")) == (403, "permissionDenied")
    assert member.ask("GET", f"/issuer/{ISSUER}").json()["issuerId"] == ISSUER
    uninvited = google.ask("POST", "/service-accounts", {"client_email": "new@example.com", "issuers": []})
    assert reason(Issuer(google, uninvited).patch({"state": "ACTIVE"})) == (403, "permissionDenied")


# PATCH


def test_a_patch_merges_objects_replaces_arrays_and_null_takes_away(
    google: Simulator, member: Issuer
) -> None:
    module = {"id": "only", "header": "One", "body": "left"}
    changes = {
        "loyaltyPoints": {"balance": {"string": "8/10"}},
        "textModulesData": [module],
        "heroImage": None,
    }
    answer = member.patch(changes)
    assert answer.status_code == 200
    kept = google.objects()[OBJECT_ID]
    assert kept["loyaltyPoints"]["label"] == "Stamps"
    assert kept["loyaltyPoints"]["balance"] == {"string": "8/10"}
    assert kept["textModulesData"] == [module]
    assert "heroImage" not in kept
    assert kept["version"] == "2"


def test_a_merge_may_break_what_each_part_keeps(member: Issuer) -> None:
    assert reason(member.patch({"loyaltyPoints": {"balance": {"int": 8}}})) == (400, "invalidResource")
    assert reason(member.patch({"state": None})) == (400, "invalidResource")
    assert reason(member.patch({"id": f"{ISSUER}.other"})) == (400, "invalidResource")
    assert member.patch({"loyaltyPoints": {"balance": {"int": 8, "string": None}}}).status_code == 200


@pytest.mark.parametrize("body", ["[]", "7", "{", '"x"', "\xff", "[" * 100_000])
def test_junk_is_a_parse_error(member: Issuer, body: str) -> None:
    answer = member.ask("PATCH", f"/loyaltyObject/{OBJECT_ID}", data=body.encode("latin-1"))
    assert reason(answer) == (400, "parseError")


# Pictures


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        ((404, b"", "text/plain"), "HTTP status 404"),
        ((302, b"", "text/plain"), "HTTP status 302"),
        ((200, png(10, 10), "text/html"), "Content-Type"),
        ((200, b"<svg/>", "image/png"), "not a whole PNG"),
        ((200, png(10, 10)[:-4], "image/png"), "not a whole PNG"),
        ((200, png(10, 10) + b"x" * 1_000_001, "image/png"), "larger"),
    ],
)
def test_one_dead_picture_keeps_the_object_out(
    google: Simulator, member: Issuer, shop: Shop, picture: tuple[int, bytes, str], why: str
) -> None:
    shop.pictures["/next.png"] = picture
    answer = member.patch(
        {"loyaltyPoints": {"balance": {"string": "8"}}, "heroImage": image(f"{shop.url}/next.png")}
    )
    assert reason(answer) == (400, "invalidResource")
    assert "Image cannot be loaded" in answer.text
    assert why in answer.text
    assert google.objects()[OBJECT_ID]["loyaltyPoints"]["balance"] == {"string": "7/10"}


def test_a_picture_is_fetched_once_and_only_from_known_hosts(member: Issuer, shop: Shop) -> None:
    assert member.patch({"heroImage": image(f"{shop.url}/hero.png")}).status_code == 200
    assert shop.fetched.count("/hero.png") == 1
    answer = member.patch({"heroImage": image("http://pictures.example/hero.png")})
    assert "host is not reachable" in answer.text


# Notices


def test_the_fourth_loud_message_of_a_day_is_refused(google: Simulator, member: Issuer) -> None:
    google.save(member.link())
    assert [member.message(number).status_code for number in (1, 2, 3)] == [200] * 3
    assert reason(member.message(4)) == (403, "quotaExceeded")
    assert [push["body"] for push in google.pushes()] == ["Number 1", "Number 2", "Number 3"]
    assert member.message(5, "TEXT").json()["resource"]["messages"][-1]["id"] == "m5"
    google.forward(DAY + 1)
    later = Issuer(google)
    assert later.message(6).status_code == 200


def test_updates_share_the_allowance_and_fall_silent(google: Simulator, member: Issuer) -> None:
    google.save(member.link())
    for number in range(5):
        changes = {
            "loyaltyPoints": {"balance": {"string": str(number)}},
            "notifyPreference": "NOTIFY_ON_UPDATE",
        }
        answer = member.patch(changes)
        assert answer.status_code == 200
        assert "notifyPreference" not in answer.json()
    assert [push["body"] for push in google.pushes()] == ["0", "1", "2"]
    assert google.objects()[OBJECT_ID]["loyaltyPoints"]["balance"] == {"string": "4"}
    assert reason(member.message()) == (403, "quotaExceeded")


def test_only_the_balance_rings_and_only_when_asked(google: Simulator, member: Issuer, shop: Shop) -> None:
    google.save(member.link())
    member.patch({"loyaltyPoints": {"balance": {"string": "8/10"}}})
    member.patch({"accountName": "Alice", "notifyPreference": "NOTIFY_ON_UPDATE"})
    member.patch({"heroImage": image(f"{shop.url}/logo.png"), "notifyPreference": "NOTIFY_ON_UPDATE"})
    assert google.pushes() == []


def test_nobody_is_told_of_a_card_that_nobody_saved(google: Simulator, member: Issuer) -> None:
    assert member.message().status_code == 200
    assert google.pushes() == []
    assert google.ask("GET", "/pushes")["withheld"][0]["why"] == "nobody has saved it"


def test_an_object_holds_ten_messages(google: Simulator, member: Issuer) -> None:
    for number in range(9):
        assert member.message(number, "TEXT").status_code == 200
    assert reason(member.message(10, "TEXT")) == (400, "invalidResource")
    assert len(google.objects()[OBJECT_ID]["messages"]) == 10


def test_options_that_google_grants_only_on_request(google: Simulator, member: Issuer) -> None:
    places = {"merchantLocations": [{"latitude": 55.75, "longitude": 37.61}]}
    assert "not allowlisted for Merchant Locations" in member.patch(places).text
    assert "Smart Tap" in member.patch({"smartTapRedemptionValue": "1"}).text
    google.turn(merchant_locations=True, smart_tap=True)
    assert member.patch(places | {"smartTapRedemptionValue": "1"}).status_code == 200


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
    with running(tmp_path) as google:
        issuer = Issuer(google)
        issuer.ask("POST", "/loyaltyClass", rich_class(shop.url))
        issuer.ask("POST", "/loyaltyObject", set_at(rich_object(shop.url), "accountName", "Kept"))
        google.save(issuer.link())
        keys = requests.get(f"{google.url}/callback-keys", timeout=10).json()["keys"]
    with running(tmp_path) as google:
        assert google.objects()[OBJECT_ID]["accountName"] == "Kept"
        assert google.ask("GET", "/phone")["saved"] == [OBJECT_ID]
        again = requests.get(f"{google.url}/callback-keys", timeout=10).json()["keys"]
        assert again[-1]["keyValue"] == keys[-1]["keyValue"]
        assert Issuer(google).patch({"accountName": "B"}).status_code == 200


# The rest


def test_lists_come_in_pages(member: Issuer, shop: Shop) -> None:
    for number in range(4):
        body = rich_object(shop.url) | {"id": f"{ISSUER}.more{number}"}
        assert member.ask("POST", "/loyaltyObject", body).status_code == 200
    found: list[str] = []
    token = ""
    while True:
        query = {"classId": CLASS_ID, "maxResults": "2", **({"token": token} if token else {})}
        page = member.ask("GET", "/loyaltyObject", params=query).json()
        found += [one["id"] for one in page["resources"]]
        token = page["pagination"].get("nextPageToken", "")
        if not token:
            break
    assert (len(found), len(set(found))) == (5, 5)
    assert (
        reason(member.ask("GET", "/loyaltyObject", params={"classId": CLASS_ID, "colour": "red"}))[0] == 400
    )


def test_issuers_offers_and_links_by_rest(google: Simulator, member: Issuer) -> None:
    assert [one["issuerId"] for one in member.ask("GET", "/issuer").json()["resources"]] == [ISSUER]
    assert reason(member.ask("POST", "/issuer", {"name": "New"})) == (403, "permissionDenied")
    offers = {"linkedOfferObjectIds": {"addLinkedOfferObjectIds": [f"{ISSUER}.offer"]}}
    path = f"/loyaltyObject/{OBJECT_ID}/modifyLinkedOfferObjects"
    assert reason(member.ask("POST", path, offers)) == (404, "resourceNotFound")
    token = member.link().rpartition("/")[2]
    assert member.ask("POST", "/jwt", {"jwt": token}).json()["saveUri"].endswith(f"/gp/v/save/{token}")
    assert reason(member.ask("POST", "/jwt", {"jwt": "a.b.c"})) == (400, "invalidResource")


def test_outside_addresses_lead_to_this_machine(tmp_path: Path, shop: Shop) -> None:
    cards = "https://cards.example"
    with Simulator(tmp_path, "--rewrite", f"{cards}={shop.url}", allow_http=False) as google:
        issuer = Issuer(google)
        assert reason(issuer.ask("POST", "/loyaltyClass", rich_class(shop.url))) == (400, "invalidResource")
        assert issuer.ask("POST", "/loyaltyClass", rich_class(cards)).status_code == 200
        assert issuer.ask("POST", "/loyaltyObject", rich_object(cards)).status_code == 200
        assert reason(issuer.patch({"heroImage": image(f"{shop.url}/hero.png")})) == (400, "invalidResource")
        issuer.google.save(issuer.link())
        assert b"signedMessage" in shop.next_callback()


def test_the_key_file_is_its_owners_and_follows_the_port(tmp_path: Path) -> None:
    for _ in range(2):
        with running(tmp_path) as google:
            file = json.loads(google.key_file.read_text())
            assert urlsplit(file["token_uri"]).port == urlsplit(google.url).port
            assert google.key_file.stat().st_mode & 0o077 == 0


def test_a_broken_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "service-account.json").write_text("{")
    with pytest.raises(RuntimeError), running(tmp_path):
        pass


# RFC 6238, appendix B, with eight digits.
@pytest.mark.parametrize(
    ("seconds", "value"), [(59, "94287082"), (1111111109, "07081804"), (20000000000, "65353130")]
)
def test_a_rotating_barcode_is_filled_as_the_standard_says(seconds: int, value: str) -> None:
    key = {"key": b"12345678901234567890".hex(), "valueLength": 8}
    code = {
        "valuePattern": "7.{totp_timestamp_seconds}.{totp_value_0}",
        "totpDetails": {"periodMillis": "30000", "parameters": [key]},
    }
    began = seconds // 30 * 30
    shown = shown_at(code, datetime.fromtimestamp(seconds, UTC))
    assert shown == Shown(f"7.{began}.{value}", began + 30 - seconds)


def test_the_phone_shows_the_rotating_one_of_two_barcodes(google: Simulator, member: Issuer) -> None:
    assert google.ask("GET", f"/phone/barcode/{OBJECT_ID}")["value"] == "1234567890123456789"
    key = {"key": b"12345678901234567890".hex(), "valueLength": 6}
    details = {"algorithm": "TOTP_SHA1", "periodMillis": "3000", "parameters": [key]}
    code = {"type": "QR_CODE", "valuePattern": "7{totp_value_0}", "totpDetails": details}
    assert member.patch({"rotatingBarcode": code}).status_code == 200
    first = google.ask("GET", f"/phone/barcode/{OBJECT_ID}")
    google.forward(3)
    assert google.ask("GET", f"/phone/barcode/{OBJECT_ID}")["value"] != first["value"]
    assert 0 < first["seconds_left"] <= 3
