"""A shop with two stores, of which one takes no cards of the first, and all who may ask it something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.house.matrix import BODIES, OK, RECEIPT, SIGN_IN, Answer
from tests.web.site import Site, Visitor
from tests.web.till.page import list_drive
from wallet_service.actions import api_keys, campaign_start, stores
from wallet_service.actions.once import Actor
from wallet_service.api.shapes import ENTRY
from wallet_service.db.tables import Base, Staff, Store, Till, Webhook, WebhookDelivery
from wallet_service.db.tables.webhooks import WebhookMessage
from wallet_service.domain.rollout import Plan

NORTH = "north"
CONVERTER = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?([a-z_]+)>")
UNSEEN = ("seen_at", "used_at")
"""Columns that say when somebody was last there."""
STAFF = {"cashier": "Mira", "elsewhere": "Mira", "manager": "Olga"}
NUMBER = 900_000_000
FOREIGN: Mapping[str, object] = {
    "serial": "00000000-0000-4000-8000-000000000000",
    "card": "00000000-0000-4000-8000-000000000000",
    "program": "nothing",
    "slug": "nothing",
    "reward": "nothing",
} | dict.fromkeys(("entry", "till", "store", "person", "key", "webhook", "delivery"), NUMBER)
NO_PIN = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("no digits")
"""Quick to compare: each PIN that is typed is compared with everybody's."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


Caller = tuple[Visitor, dict[str, str]]


@dataclass(frozen=True)
class Address:
    """`name` is how the matrix calls it: the method, and the rule without what its parts are made of."""

    method: str
    endpoint: str
    name: str
    arguments: frozenset[str]


class Town:
    """One site for all; whatever a request may use up is new for each."""

    def __init__(self, site: Site) -> None:
        self.site, self.shop, self.numbers = site, site.shop, count(1)
        self.shop.cashier = Actor("staff:1")
        self.card = self.shop.join()
        self.entry = self.shop.earn(self.card, total=90_000, receipt=RECEIPT).entry.id
        self._start_a_campaign()
        list_drive(site)
        with self.shop.services.sessions.begin() as session:
            now = self.shop.clock()
            store = stores.add_store(session, slug=NORTH, name="North", actor="command", now=now)
            store.programs = ["another"]
            self.keys = {scope: self._key(session, scope, None, scope) for scope in api_keys.SCOPES}
            self.keys["other_store"] = self._key(session, "other", NORTH, *api_keys.SCOPES)

    def _start_a_campaign(self) -> None:
        self.shop.publish(organization="Coffee Two")
        with self.shop.services.sessions.begin() as session:
            campaign_start.start(
                session,
                program=self.shop.program,
                before=1,
                plan=Plan(),
                actor="staff:1",
                now=self.shop.clock(),
            )

    def addresses(self) -> Iterator[Address]:
        for rule in sorted(self.site.app.url_map.iter_rules(), key=lambda rule: rule.rule):
            plain = CONVERTER.sub(r"<\1>", rule.rule)
            for method in METHODS:
                if method in (rule.methods or ()):
                    yield Address(method, rule.endpoint, f"{method} {plain}", frozenset(rule.arguments))

    def ours(self, address: Address) -> dict[str, object]:
        """What is really there, new where somebody may remove it."""
        spare = self._spare() if address.arguments & {"person", "till", "key", "webhook"} else {}
        return {
            "serial": self.card,
            "card": self.card,
            "program": "coffee",
            "slug": "coffee",
            "entry": f"{ENTRY}{self.entry}" if address.endpoint.startswith("api.") else self.entry,
            "store": 1,
            "token": "made-up",
            "digest": "0" * 64,
            "filename": "base.css",
            "name": "main.js",
            "form": "png",
            "verb": "pause",
            "device": "f" * 32,
            "pass_type": "pass.com.example",
        } | spare

    def foreign(self, address: Address) -> dict[str, object]:
        return {**self.ours(address), **FOREIGN}

    def request(self, caller: Caller, address: Address, values: Mapping[str, object]) -> Callable[[], Answer]:
        """Ready to be sent; what the matrix would call its answer."""
        visitor, headers = caller
        used = {name: values[name] for name in address.arguments}
        path = self.site.app.url_map.bind("localhost").build(address.endpoint, used, method=address.method)
        more: dict[str, Any] = {"headers": headers | {"Idempotency-Key": f"press-{next(self.numbers)}"}}
        more |= self._body(address)
        return lambda: _told(visitor.client.open(path, method=address.method, **more))

    def caller(self, caller: str) -> Caller:
        """A browser of their own that holds a token for forms, or a machine's key."""
        if caller in self.keys:
            visitor = self.site.visitor()
            return visitor, {"Authorization": f"Bearer {self.keys[caller]}"} | self._token(visitor)
        if caller in STAFF:
            visitor = self.site.cashier(name=STAFF[caller])
            if caller == "elsewhere":
                self._move_to_the_north()
        else:
            visitor = self.site.visitor()
        number = next(self.numbers)  # who asks too often from one address is told to wait
        visitor.client.environ_base["REMOTE_ADDR"] = f"198.18.{number // 250}.{number % 250}"
        if caller == "member":
            visitor.get("/join/coffee").press("/join/coffee")
        return visitor, self._token(visitor)

    def everything(self) -> dict[str, list[str]]:
        """All rows of all tables."""
        with self.shop.services.sessions.read() as session:
            return {
                table.name: sorted(
                    str([value for name, value in row.items() if name not in UNSEEN])
                    for row in session.execute(select(table)).mappings()
                )
                for table in Base.metadata.sorted_tables
            }

    def _token(self, visitor: Visitor) -> dict[str, str]:
        return {"X-CSRFToken": visitor.client.get("/till/state").get_json()["csrf"]}

    def _move_to_the_north(self) -> None:
        with self.shop.services.sessions.begin() as session:
            till = session.scalars(select(Till).order_by(Till.id.desc()).limit(1)).one()
            till.store_id = session.scalars(select(Store.id).where(Store.slug == NORTH)).one()
            till.name = f"north {till.id}"

    def _body(self, address: Address) -> dict[str, Any]:
        if address.method == "GET":
            return {}
        said = BODIES.get(address.name, {})
        if "key" in said:
            said = said | {"key": f"press-{next(self.numbers)}"}
        return {"data": said} if address.name.startswith("POST /office") else {"json": said}

    def _spare(self) -> dict[str, object]:
        number, now = next(self.numbers), self.shop.clock()
        with self.shop.services.sessions.begin() as session:
            person = Staff(name=f"Ann {number}", role="cashier", pin_hash=NO_PIN, created_at=now)
            till = Till(store_id=1, name=f"spare {number}", created_at=now)
            webhook = Webhook(name=f"hook {number}", url="https://localhost/", nonce="0", created_at=now)
            message = WebhookMessage(uid=f"msg_{number}", type="card.joined", body="{}", created_at=now)
            delivery = WebhookDelivery(message=message, webhook=webhook, delivered_at=now)
            self._key(session, f"spare {number}", None, "read")
            session.add_all((person, till, webhook, delivery))
            session.flush()
            key = api_keys.api_keys(session)[-1].id
            return {
                "person": person.id,
                "till": till.id,
                "webhook": webhook.id,
                "delivery": delivery.id,
                "key": key,
            }

    def _key(self, session: Any, name: str, store: str | None, *scopes: str) -> str:
        entropy, now = self.shop.services.entropy, self.shop.clock()
        return api_keys.create_api_key(
            session, name=name, entropy=entropy, now=now, scopes=scopes, store=store
        )


def _told(answer: TestResponse) -> Answer:
    answer.close()
    if answer.status_code in (301, 302, 303) and "/sign-in?" in answer.headers["Location"]:
        return SIGN_IN
    if answer.status_code in (401, 403, 404, 405, 429) or answer.status_code >= 500:
        return answer.status_code
    return OK
