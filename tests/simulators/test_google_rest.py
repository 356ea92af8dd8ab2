"""The simulated REST API: who may ask, in which order, and what a change does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from simulators.google_wallet.process import Simulator
from tests.simulators.google_issuer import (
    CLASS_ID,
    ISSUER,
    OBJECT_ID,
    Issuer,
    Shop,
    image,
    png,
    reason,
    rich_class,
    rich_object,
)

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
