"""What a key may do and where: its scopes, its store, its last day, and taking it away (S6, S24)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.till import Till, answer, make_key, make_till, problem
from tests.shop import make_settings
from wallet_service.actions.api_keys import BOOK, MANAGE, READ, create_api_key, revoke_api_key
from wallet_service.api.calls import CALLS, Call
from wallet_service.db.tables import ApiKey, Store
from wallet_service.domain.errors import Conflict, Invalid, NotFound
from wallet_service.wiring import create_app


def test_S24_each_call_asks_for_its_scope_and_no_key_without_it_gets_in(till: Till) -> None:
    card, entry = till.join(), till.buy(till.join())["entry"]["id"]
    for scope in (READ, BOOK, MANAGE):
        till.key = make_key(till.shop, f"may-{scope}", scopes=[scope])
        for call in CALLS:
            heard = pressed(till, call, card, entry)
            assert (heard == (403, "not-allowed")) == (call.scope != scope), (call.name, scope, heard)


def pressed(till: Till, call: Call, card: str, entry: str) -> tuple[int, str]:
    path = call.path.format(card=card, entry=entry, program="coffee")
    key = f"{call.name}-{till.key[:16]}"
    response = till.ask(call.method, path, dict(call.example) if call.body else None, Idempotency_Key=key)
    return problem(response) if response.status_code >= 400 else (response.status_code, "")


def test_a_key_that_may_not_says_which_may(till: Till) -> None:
    till.key = make_key(till.shop, "reader", scopes=[READ])
    refused = till.post("/programs/coffee/cards", {})
    assert problem(refused) == (403, "not-allowed")
    assert refused.json
    assert refused.json["scope"] == BOOK


def test_a_key_books_in_its_own_store_whether_it_says_so_or_not(till: Till) -> None:
    card = till.join()
    store(till, "north")
    till.key = make_key(till.shop, "north", store="north")
    assert till.buy(card, visits=1)["entry"]["store"] == "north"
    assert till.buy(card, visits=1, store="north")["entry"]["store"] == "north"
    given = answer(till.post(f"/cards/{card}/adjustments", {"points": 1, "reason": "why"}))
    assert given["entry"]["store"] == "north"


def test_S24_another_store_in_a_body_is_refused_with_the_way_out(till: Till) -> None:
    card = till.join()
    store(till, "north")
    till.key = make_key(till.shop, "north", store="north")
    for call, said in (
        ("purchases", {"visits": 1}),
        ("quotes", {"visits": 1}),
        ("refunds", {"receipt": "R"}),
    ):
        refused = till.post(f"/cards/{card}/{call}", said | {"store": "south"})
        assert problem(refused) == (403, "not-allowed")
        assert refused.json
        assert refused.json["store"] == "north"
    assert till.entries(card) == [("grant", 2)]


def test_S24_a_card_whose_program_does_not_count_in_the_store_is_not_known_there(till: Till) -> None:
    card = till.join()
    entry = till.buy(card)["entry"]["id"]
    store(till, "tea-house", ["tea"])
    everywhere = till.key
    till.key = make_key(till.shop, "tea-house", store="tea-house")
    for method, path, said in (
        ("GET", f"/cards/{card}", None),
        ("GET", f"/cards/{card}/entries", None),
        ("POST", f"/cards/{card}/quotes", {"visits": 1}),
        ("POST", f"/cards/{card}/purchases", {"visits": 1}),
        ("POST", f"/cards/{card}/redemptions", {"reward": "coffee"}),
        ("POST", f"/cards/{card}/refunds", {"receipt": "R"}),
        ("POST", f"/cards/{card}/adjustments", {"points": 1, "reason": "why"}),
    ):
        assert problem(till.ask(method, path, said, Idempotency_Key=path[-9:])) == (404, "unknown-card")
    assert problem(till.post("/programs/coffee/cards", {})) == (404, "unknown-program")
    assert problem(till.post(f"/entries/{entry}/reversal")) == (404, "unknown-entry")
    till.key = everywhere
    named = till.post(f"/cards/{card}/purchases", {"visits": 1, "store": "tea-house"})
    assert problem(named) == (404, "unknown-card")


def test_S24_what_another_store_booked_is_taken_back_there(till: Till) -> None:
    card = till.join()
    store(till, "north")
    store(till, "south")
    keys = {name: make_key(till.shop, name, store=name) for name in ("north", "south")}
    till.key = keys["north"]
    booked = till.buy(card, total=30000, receipt="R-1")["entry"]["id"]
    till.key = keys["south"]
    assert problem(till.post(f"/entries/{booked}/reversal")) == (404, "unknown-entry")
    assert problem(till.post(f"/cards/{card}/refunds", {"receipt": "R-1"})) == (404, "unknown-receipt")
    till.key = keys["north"]
    assert answer(till.post(f"/cards/{card}/refunds", {"receipt": "R-1"}))["entry"]["kind"] == "refund"


def test_S24_a_key_that_is_taken_away_opens_nothing_at_any_process_from_then_on(till: Till) -> None:
    card = till.join()
    url = till.shop.services.settings.database_url
    other = create_app(make_settings(till.shop.services.settings.data_dir, url), clock=till.shop.clock)
    doors = [till, Till(till.shop, other, till.key)]
    assert [door.get(f"/cards/{card}").status_code for door in doors] == [200, 200]
    with till.shop.services.sessions.begin() as session:
        revoke_api_key(session, name="till-1", now=till.shop.clock())
    assert [problem(door.get(f"/cards/{card}")) for door in doors] == [(401, "unauthorized")] * 2
    other.extensions["wallet"].sessions.close()


def test_S24_a_key_opens_nothing_after_its_last_day(till: Till) -> None:
    card = till.join()
    until = till.shop.clock() + timedelta(days=30)
    till.key = make_key(till.shop, "for-a-month", expires_at=until)
    till.shop.clock.forward(days=29)
    assert till.get(f"/cards/{card}").status_code == 200
    till.shop.clock.forward(days=1)
    refused = till.get(f"/cards/{card}")
    assert problem(refused) == (401, "unauthorized")
    assert refused.data == till.get("/cards/x", Authorization="Bearer x").data


def test_when_a_key_was_used_is_known_to_some_minutes(till: Till) -> None:
    card = till.join()
    seen = [used(till)]
    for minutes in (1, 3, 2):
        till.shop.clock.forward(minutes=minutes)
        till.get(f"/cards/{card}")
        seen.append(used(till))
    first = seen[0]
    assert first is not None
    assert seen == [first, first, first, first + timedelta(minutes=6)]


def test_S24_neither_a_key_nor_its_secret_stands_in_the_database(till: Till) -> None:
    secret = till.key.rpartition("_")[2]
    with till.shop.services.sessions.read() as session:
        row = session.scalars(select(ApiKey)).one()
        kept = " ".join(str(getattr(row, column.name)) for column in ApiKey.__table__.columns)
    assert secret not in kept
    assert till.key not in kept


def test_a_key_that_cannot_be_is_not_made(till: Till) -> None:
    def make(name: str, **more: Any) -> None:
        with till.shop.services.sessions.begin() as session:
            create_api_key(
                session, name=name, entropy=till.shop.services.entropy, now=till.shop.clock(), **more
            )

    for name, more, why in (
        ("", {}, Invalid),
        ("x" * 65, {}, Invalid),
        ("a\nb", {}, Invalid),
        ("till-1", {}, Conflict),
        ("odd", {"scopes": ["all"]}, Invalid),
        ("none", {"scopes": []}, Invalid),
        ("lost", {"store": "atlantis"}, NotFound),
    ):
        with pytest.raises(why):
            make(name, **more)


def test_a_wrong_key_beside_a_right_one_is_slowed_down_alone(tmp_path: Path) -> None:
    with make_till(tmp_path, WALLET_API_RATE="300") as till:
        card = till.join()
        wrong = [problem(till.get("/cards/1", Authorization="Bearer x"))[0] for _ in range(5)]
        assert wrong == [401, 401, 401, 429, 429]
        assert till.get(f"/cards/{card}").status_code == 200


def store(till: Till, slug: str, programs: list[str] | None = None) -> None:
    with till.shop.services.sessions.begin() as session:
        session.add(Store(slug=slug, name=slug, programs=programs, created_at=till.shop.clock()))


def used(till: Till) -> Any:
    with till.shop.services.sessions.read() as session:
        return session.scalars(select(ApiKey.used_at)).one()
