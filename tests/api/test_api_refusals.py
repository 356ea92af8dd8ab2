"""Every no of the API: its status, its name, the field that is off, and nothing booked."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import session as cookies
from sqlalchemy import select

from tests.api.till import Till, answer, make_till, problem
from tests.shop import make_settings
from wallet_service.actions.live_code import code_of_now
from wallet_service.db.tables import ApiKey
from wallet_service.domain.identifiers import card_number
from wallet_service.wiring import create_app

JSON = "application/json"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer ", "Bearer x", "Bearer wk_1_2", "Basic YTpi", "x", "Bearer é", "Bearer a b"],
)
def test_a_missing_and_a_wrong_key_are_refused_alike(busy_till: Till, shown: str) -> None:
    refused = busy_till.get(f"/cards/{UNKNOWN}", Authorization=shown)
    assert problem(refused) == (401, "unauthorized")
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="wallet"'
    assert refused.data == busy_till.get("/cards/1", Authorization=f"{shown}x").data


def test_S24_a_revoked_key_is_refused_at_the_next_request(till: Till) -> None:
    card = till.join()
    with till.shop.services.sessions.begin() as session:
        session.scalars(select(ApiKey)).one().revoked_at = till.shop.clock()
    refused = till.post(f"/cards/{card}/purchases", {"visits": 1})
    assert problem(refused) == (401, "unauthorized")
    assert refused.data == till.get("/cards/x", Authorization="Bearer x").data


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ('{"visits": 1, "total": 100, "visits": 2}', "visits"),
        ('{"visits": 1, "v\\u0069sits": 1}', "visits"),
        ('{"total": 100, "items": [{"id": "a", "id": "b"}]}', "id"),
    ],
)
def test_a_field_that_is_named_twice_is_refused_by_its_name(busy_till: Till, said: str, field: str) -> None:
    card = busy_till.join()
    refused = busy_till.ask(
        "POST",
        f"/cards/{card}/purchases",
        data=said.encode(),
        Content_Type=JSON,
        Idempotency_Key=f"{field}-{len(said)}",
    )
    assert problem(refused) == (400, "invalid-body")
    assert refused.get_json()["errors"] == [{"field": field, "detail": "this field stands twice"}]
    assert busy_till.entries(card) == [("grant", 2)]


def test_half_a_key_opens_nothing(till: Till) -> None:
    prefix = till.key.rpartition("_")[0]
    for wrong in (prefix, f"{prefix}_", till.key[:-1], till.key + "0", till.key.upper()):
        assert problem(till.get("/cards/1", Authorization=f"Bearer {wrong}")) == (401, "unauthorized")


def test_S10_a_cookie_alone_opens_nothing(till: Till) -> None:
    """Not even that of a cashier who is signed in."""
    with till.app.test_request_context():
        cookies["staff"] = cookies["staff_id"] = 1
        signed = till.app.session_interface.get_signing_serializer(till.app).dumps(dict(cookies))  # type: ignore[attr-defined]
    with till.app.test_client() as client:
        client.set_cookie("session", signed)
        for path in ("/cards/1/purchases", "/programs/coffee/cards"):
            refused = client.post(f"/api/v1{path}", json={}, headers={"Idempotency-Key": "k"})
            assert problem(refused) == (401, "unauthorized")


def test_no_other_site_is_let_in_by_a_browser(till: Till) -> None:
    for method in ("GET", "OPTIONS"):
        answered = till.ask(method, f"/cards/{till.join()}", Origin="https://elsewhere.example")
        assert not [name for name, _ in answered.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "", (404, "not-found")),
        ("GET", "/", (404, "not-found")),
        ("GET", "/nothing", (404, "not-found")),
        ("GET", "//cards/1", (404, "not-found")),
        ("GET", "/cards/1/", (404, "not-found")),
        ("GET", "/cards/1/purchases", (405, "method-not-allowed")),
        ("DELETE", "/cards/1", (405, "method-not-allowed")),
        ("GET", "/cards/1", (400, "bad-card-number")),
        ("GET", f"/cards/{'1' * 19}", (400, "bad-card-number")),
        ("GET", "/cards/%00", (400, "bad-card-number")),
        ("GET", f"/cards/{UNKNOWN}", (404, "unknown-card")),
        ("GET", f"/cards/{card_number(b'nobody has this!')}", (404, "unknown-card")),
        ("GET", f"/cards/{UNKNOWN}/entries", (404, "unknown-card")),
        ("POST", "/programs/tea/cards", (404, "unknown-program")),
        ("POST", "/programs/%00/cards", (404, "unknown-program")),
        ("POST", "/programs/%F0%9F%8D%B5/cards", (404, "unknown-program")),
        ("POST", f"/programs/{'c' * 5000}/cards", (404, "unknown-program")),
        ("POST", "/entries/1/reversal", (404, "unknown-entry")),
        ("POST", "/entries/e/reversal", (404, "unknown-entry")),
        ("POST", "/entries/e999999999/reversal", (404, "unknown-entry")),
        ("POST", f"/entries/e{'9' * 30}/reversal", (404, "unknown-entry")),
        ("POST", "/entries/e%D9%A1/reversal", (404, "unknown-entry")),
    ],
)
def test_an_address_that_leads_nowhere_says_so(
    busy_till: Till, method: str, path: str, said: tuple[int, str]
) -> None:
    answered = busy_till.post(path) if method == "POST" else busy_till.ask(method, path)
    assert problem(answered) == said
    assert ("Allow" in answered.headers) == (answered.status_code == 405)


def test_S14_a_request_for_another_host_is_refused(busy_till: Till) -> None:
    assert problem(busy_till.get(f"/cards/{UNKNOWN}", Host="evil.example")) == (400, "bad-request")


@pytest.mark.parametrize(
    ("call", "said", "field"),
    [
        ("purchases", {"total": "250"}, "total"),
        ("purchases", {"total": 250.0}, "total"),
        ("purchases", {"total": True}, "total"),
        ("purchases", {"total": -1}, "total"),
        ("purchases", {"total": 10**12}, "total"),
        ("purchases", {"total": 10**400}, "total"),
        ("purchases", {"visits": 0}, "visits"),
        ("purchases", {"visits": 101}, "visits"),
        ("purchases", {"visits": 1, "currency": "rub"}, "currency"),
        ("purchases", {"visits": 1, "receipt": ""}, "receipt"),
        ("purchases", {"visits": 1, "receipt": "R\x00"}, "receipt"),
        ("purchases", {"visits": 1, "receipt": "R" * 129}, "receipt"),
        ("purchases", {"visits": 1, "store": "s" * 65}, "store"),
        ("purchases", {"visits": 1, "till": 7}, "till"),
        ("purchases", {"visits": 1, "occurred_at": "yesterday"}, "occurred_at"),
        ("purchases", {"visits": 1, "occurred_at": 1793606400}, "occurred_at"),
        ("purchases", {"visits": 1, "occurred_at": "2026-11-02T08:00:00"}, "occurred_at"),
        ("purchases", {"visits": 1, "surprise": 1}, "surprise"),
        ("purchases", ["visits"], "body"),
        ("purchases", 1, "body"),
        ("quotes", {"total": "250"}, "total"),
        ("purchases", {"items": [{"id": "bun", "quantity": 0}]}, "items.0.quantity"),
        ("purchases", {"items": [{"quantity": 1}]}, "items.0.id"),
        ("purchases", {"items": [{"id": "bun", "price": 5}]}, "items.0.price"),
        ("purchases", {"items": [{"id": "bun"}] * 1001}, "items"),
        ("purchases", {"visits": 1, "channel": ""}, "channel"),
        ("redemptions", {}, "body"),
        ("redemptions", {"reward": "coffee", "points": 5}, "body"),
        ("redemptions", {"reward": "coffee", "total": 5}, "body"),
        ("redemptions", {"points": 0}, "points"),
        ("refunds", {"receipt": "R", "total": -1}, "total"),
        ("redemptions", {"reward": 1}, "reward"),
        ("refunds", {"receipt": None}, "receipt"),
        ("adjustments", {"points": 0, "reason": "why"}, "points"),
        ("adjustments", {"points": 10**7, "reason": "why"}, "points"),
        ("adjustments", {"points": 1}, "reason"),
        ("adjustments", {"points": 1, "reason": "\u200b"}, "reason"),
        ("adjustments", {"points": 1, "reason": "x" * 201}, "reason"),
    ],
)
def test_a_body_that_is_off_is_refused_by_the_name_of_its_field(
    busy_till: Till, call: str, said: object, field: str
) -> None:
    card = busy_till.join()
    refused = busy_till.post(f"/cards/{card}/{call}", said)
    assert problem(refused) == (400, "invalid-body")
    assert fields(refused.json) == [field]
    assert busy_till.entries(card) == [("grant", 2)]


@pytest.mark.parametrize(
    ("call", "said", "sent", "allowed"),
    [
        ("purchases", {"visits": 1000}, "1000", "a whole number from 1 to 100 or null"),
        ("purchases", {"total": "250"}, '"250"', "a whole number from 0 to 1000000000 or null"),
        ("purchases", {"items": [{"id": ""}]}, '""', "a text of 1 to 64 characters"),
        ("purchases", {"store": "s" * 65}, '"' + "s" * 62 + "…", "a text of 1 to 64 characters or null"),
        ("purchases", {"currency": "rub"}, '"rub"', "a text of the form ^[A-Z]{3}$ or null"),
        ("purchases", {"surname": "Petrova"}, None, None),
        ("purchases", {"items": [{"total": 1}]}, None, "a text of 1 to 64 characters"),
        ("adjustments", {"points": 1, "reason": "x" * 201}, None, "a text of 1 to 200 characters"),
    ],
)
def test_a_refusal_says_what_was_sent_and_what_is_allowed(
    busy_till: Till, call: str, said: dict[str, Any], sent: str | None, allowed: str | None
) -> None:
    """Not of what may be personal, and never much of it."""
    refused = busy_till.post(f"/cards/{UNKNOWN}/{call}", said)
    assert problem(refused) == (400, "invalid-body")
    assert refused.json
    (fault,) = refused.json["errors"]
    assert (fault.get("sent"), fault.get("allowed")) == (sent, allowed)


def test_a_parameter_that_is_not_known_is_refused_by_name(busy_till: Till) -> None:
    card = busy_till.join()
    for path in (f"/cards/{card}/entries?limt=5", f"/cards/{card}?lang=ru"):
        refused = busy_till.get(path)
        assert problem(refused) == (400, "invalid")
        assert refused.json
        assert "There is no parameter `l" in refused.json["detail"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "\u202e\u200b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"language": "klingon please"}, "language"),
        ({"source": "s" * 65}, "source"),
        ({"points": 5}, "points"),
    ],
)
def test_a_member_that_is_off_gets_no_card(busy_till: Till, said: dict[str, Any], field: str) -> None:
    refused = busy_till.post("/programs/coffee/cards", said)
    assert problem(refused) == (400, "invalid-body")
    assert fields(refused.json) == [field]


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ({"receipt": "R"}, "invalid"),
        ({"total": 30000, "currency": "USD"}, "invalid"),
        ({"visits": 1, "occurred_at": "2026-11-02T08:02:01Z"}, "bad-time"),
        ({"visits": 1, "occurred_at": "2026-10-30T07:59:59Z"}, "bad-time"),
        ({"visits": 1, "occurred_at": "0001-01-01T00:00:00+23:59"}, "bad-time"),
        ({"visits": 1, "occurred_at": "9999-12-31T23:59:59-23:59"}, "bad-time"),
    ],
)
def test_a_purchase_that_cannot_be_is_refused(busy_till: Till, said: dict[str, Any], slug: str) -> None:
    card = busy_till.join()
    for call in ("purchases", "quotes"):
        assert problem(busy_till.post(f"/cards/{card}/{call}", said)) == (400, slug)
    assert busy_till.entries(card) == [("grant", 2)]


@pytest.mark.parametrize("at", ["2026-11-02T08:02:00Z", "2026-10-30T08:00:00Z"])
def test_a_till_that_was_offline_or_runs_ahead_a_little_is_believed(busy_till: Till, at: str) -> None:
    assert busy_till.buy(busy_till.join(), visits=1, occurred_at=at)["entry"]["occurred_at"] == at


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (b"{", JSON, (400, "invalid-body")),
        (b'{"visits": NaN}', JSON, (400, "invalid-body")),
        (b"[" * 60000, JSON, (400, "invalid-body")),
        (b'{"receipt": "\\ud800", "visits": 1}', JSON, (400, "invalid-body")),
        (b"\xff\xfe{\x00}\x00", JSON, (400, "invalid-body")),
        (b"visits=1", "application/x-www-form-urlencoded", (415, "unsupported-media-type")),
        (b'{"visits": 1}', "", (415, "unsupported-media-type")),
        (b'{"visits": 1}', "text/plain", (415, "unsupported-media-type")),
        (b" " * 64 * 1024 + b"{}", JSON, (413, "request-entity-too-large")),
        (b"x" * 1_000_000, "text/plain", (413, "request-entity-too-large")),
    ],
)
def test_a_body_that_is_no_json_is_refused(
    busy_till: Till, data: bytes, kind: str, said: tuple[int, str]
) -> None:
    path = f"/cards/{UNKNOWN}/purchases"
    refused = busy_till.ask("POST", path, data=data, Content_Type=kind, Idempotency_Key="k")
    assert problem(refused) == said


def test_S18_a_body_in_chunks_without_end_is_refused_and_not_cut(busy_till: Till) -> None:
    """Cut at the limit it would be a proper purchase."""
    card = busy_till.join()
    press = {"Authorization": f"Bearer {busy_till.key}", "Idempotency-Key": "chunks", "Content-Type": JSON}
    for blanks, said in ((64 * 1024, 413), (60 * 1024, 400)):
        with busy_till.app.test_client() as client:
            sent = client.post(
                f"/api/v1/cards/{card}/purchases",
                headers=press | {"Transfer-Encoding": "chunked"},
                input_stream=BytesIO(b'{"visits": 1}' + b" " * blanks + b"and more"),
                environ_overrides={"wsgi.input_terminated": True},
            )
        assert problem(sent)[0] == said
    assert busy_till.entries(card) == [("grant", 2)]


@pytest.mark.parametrize("key", ["", " ", "k" * 129, "a b", "ключ", "k\x7f"])
@pytest.mark.parametrize(
    "call",
    [
        "/programs/coffee/cards",
        "/cards/{card}/purchases",
        "/cards/{card}/redemptions",
        "/cards/{card}/refunds",
        "/cards/{card}/adjustments",
        "/entries/e1/reversal",
    ],
)
def test_a_write_without_a_proper_key_is_told_how(busy_till: Till, call: str, key: str) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "purchases": {"visits": 1},
        "redemptions": {"reward": "coffee"},
        "refunds": {"receipt": "R"},
        "adjustments": {"points": 1, "reason": "why"},
    }
    said = bodies.get(call.rpartition("/")[2], {})
    path = call.format(card=UNKNOWN)
    header = key.encode().decode("latin-1")
    refused = busy_till.ask("POST", path, json=said, Idempotency_Key=header)
    assert problem(refused) == (400, "idempotency-key-missing")
    assert refused.json
    assert "`Idempotency-Key`" in refused.json["detail"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "limit=", "limit=1e1", "limit=%D9%A1", "cursor=", "cursor=x"]
)
def test_a_page_that_is_none_is_refused(busy_till: Till, query: str) -> None:
    refused = busy_till.get(f"/cards/{busy_till.join()}/entries?{query}")
    assert problem(refused) == (400, "invalid")


def test_a_database_that_does_not_answer_is_said_with_a_time_to_come_back(
    tmp_path: Path, free_port: int
) -> None:
    with make_till(tmp_path) as till:
        gone = f"postgresql+psycopg://nobody@127.0.0.1:{free_port}/gone"
        till.app = create_app(make_settings(tmp_path, gone))
        refused = till.get("/cards/1")
    assert problem(refused) == (503, "unavailable")
    assert refused.headers["Retry-After"] == "5"


def test_a_fault_that_nobody_foresaw_is_told_in_the_same_form(till: Till) -> None:
    card = till.join()
    with till.shop.services.sessions.begin() as session:
        session.connection().exec_driver_sql("ALTER TABLE ledger_entry RENAME COLUMN seq TO sequence")
    refused = till.post(f"/cards/{card}/purchases", {"visits": 1})
    assert problem(refused) in {(500, "internal-server-error"), (503, "unavailable")}
    assert "ledger" not in refused.get_data(as_text=True)
    assert answer(till.get(f"/cards/{card}"))["balance"] == 2


def test_S23_a_dear_reward_needs_the_code_of_this_minute_from_a_machine_too(till: Till) -> None:
    till.shop.publish(step_up_above=5)
    card = till.join()
    till.buy(card, visits=12)
    refused = till.post(f"/cards/{card}/redemptions", {"reward": "coffee"}, key="dear")
    assert problem(refused) == (409, "step-up-needed")
    services, stands = till.shop.services, till.shop.stand(card)
    shown = code_of_now(stands, services.settings.secret_keys[0], till.shop.clock())
    given = answer(till.post(f"/cards/{shown.text}/redemptions", {"reward": "coffee"}, key="again"))
    assert given["entry"]["kind"] == "redeem"
    till.shop.clock.forward(minutes=5)
    old = till.post(f"/cards/{shown.text}/redemptions", {"reward": "coffee"})
    assert problem(old) == (409, "code-ran-out")


def fields(said: Any) -> list[str]:
    return [fault["field"] for fault in said["errors"]]
