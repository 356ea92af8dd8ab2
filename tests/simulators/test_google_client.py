"""Google's own Python client talks to the simulator, so that the simulator is not only our opinion."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import google_auth_httplib2  # type: ignore[import-untyped]
import httplib2  # type: ignore[import-untyped]
import pytest
from google.oauth2 import service_account
from googleapiclient.discovery import build_from_document  # type: ignore[import-untyped]
from googleapiclient.errors import HttpError  # type: ignore[import-untyped]

from simulators.google_wallet.discovery import document
from simulators.google_wallet.process import Simulator
from tests.simulators.google_issuer import (
    CLASS_ID,
    ISSUER,
    OBJECT_ID,
    Shop,
    rich_class,
    rich_object,
)

SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"


@pytest.fixture
def client(google: Simulator) -> Iterator[Any]:
    """Its `rootUrl` is ours: with `api_endpoint` alone a batch would still go to Google."""
    google.ask("POST", "/tokens/revoke")
    credentials = service_account.Credentials.from_service_account_file(str(google.key_file), scopes=[SCOPE])  # type: ignore[no-untyped-call]
    described = copy.deepcopy(dict(document())) | {"rootUrl": f"{google.url}/"}
    http = google_auth_httplib2.AuthorizedHttp(credentials, http=httplib2.Http(timeout=10))
    with build_from_document(described, http=http) as service:
        yield service


@pytest.fixture
def wallet(client: Any, shop: Shop) -> Any:
    client.loyaltyclass().insert(body=rich_class(shop.url)).execute()
    client.loyaltyobject().insert(body=rich_object(shop.url)).execute()
    return client


def status(error: pytest.ExceptionInfo[HttpError]) -> tuple[int, str]:
    return error.value.resp.status, error.value.error_details[0]["reason"]


def test_it_inserts_reads_patches_lists_and_sends_a_message(google: Simulator, wallet: Any) -> None:
    objects = wallet.loyaltyobject()
    changes = {"loyaltyPoints": {"balance": {"string": "8/10"}}, "notifyPreference": "NOTIFY_ON_UPDATE"}
    assert objects.patch(resourceId=OBJECT_ID, body=changes).execute()["version"] == "2"
    message = {"message": {"id": "m", "header": "a", "body": "b", "messageType": "TEXT_AND_NOTIFY"}}
    told = objects.addmessage(resourceId=OBJECT_ID, body=message).execute()["resource"]
    assert told["messages"][-1]["id"] == "m"
    assert objects.get(resourceId=OBJECT_ID).execute()["loyaltyPoints"]["balance"] == {"string": "8/10"}
    assert len(objects.list(classId=CLASS_ID).execute()["resources"]) == 1
    assert wallet.issuer().get(resourceId=ISSUER).execute()["issuerId"] == ISSUER
    whole = rich_class("https://x.example") | {
        "programLogo": wallet.loyaltyclass().get(resourceId=CLASS_ID).execute()["programLogo"]
    }
    whole["callbackOptions"] = {"url": "https://cards.example/google/callback"}
    assert wallet.loyaltyclass().update(resourceId=CLASS_ID, body=whole).execute()["version"] == "2"


def test_one_token_serves_all_and_a_401_renews_it_once(google: Simulator, wallet: Any) -> None:
    assert len(google.calls("/token")) == 1
    google.ask("POST", "/tokens/revoke")
    wallet.loyaltyobject().get(resourceId=OBJECT_ID).execute()
    assert len(google.calls("/token")) == 2
    assert [call["status"] for call in google.calls(OBJECT_ID, "GET")] == [401, 200]


def test_it_understands_the_refusals(google: Simulator, wallet: Any) -> None:
    objects = wallet.loyaltyobject()
    with pytest.raises(HttpError) as duplicate:
        objects.insert(body=_again(google)).execute()
    assert status(duplicate) == (409, "existingResource")
    with pytest.raises(HttpError) as unknown:
        objects.get(resourceId=f"{ISSUER}.nobody").execute()
    assert status(unknown) == (404, "resourceNotFound")
    with pytest.raises(HttpError) as wrong:
        objects.patch(resourceId=OBJECT_ID, body={"notifyPreference": "notifyOnUpdate"}).execute()
    assert status(wrong) == (400, "invalidResource")


def _again(google: Simulator) -> dict[str, Any]:
    pictures = google.objects()[OBJECT_ID]["heroImage"]["sourceUri"]["uri"].rpartition("/")[0]
    return rich_object(pictures)


def test_it_retries_a_rate_limit_but_never_a_spent_quota(google: Simulator, wallet: Any) -> None:
    request = wallet.loyaltyobject().patch(resourceId=OBJECT_ID, body={"accountName": "B"})
    google.script(verb="PATCH", status=403, reason="rateLimitExceeded")
    assert request.execute(num_retries=1)["accountName"] == "B"
    google.script(verb="PATCH", status=403, reason="quotaExceeded")
    with pytest.raises(HttpError) as spent:
        request.execute(num_retries=1)
    assert status(spent) == (403, "quotaExceeded")


def test_each_part_of_a_batch_has_its_own_answer(google: Simulator, wallet: Any) -> None:
    answers: dict[str, Any] = {}

    def heard(name: str, answer: Any, error: Any) -> None:
        answers[name] = error.resp.status if error else answer["accountName"]

    batch = wallet.new_batch_http_request(callback=heard)
    objects = wallet.loyaltyobject()
    batch.add(objects.patch(resourceId=OBJECT_ID, body={"accountName": "Ж"}), request_id="good")
    batch.add(objects.patch(resourceId=f"{ISSUER}.nobody", body={"accountName": "B"}), request_id="unknown")
    batch.add(objects.patch(resourceId=OBJECT_ID, body={"state": "gone"}), request_id="wrong")
    batch.execute()
    assert answers == {"good": "Ж", "unknown": 404, "wrong": 400}
    assert [call["in_batch"] for call in google.calls(verb="PATCH")] == [True] * 3
