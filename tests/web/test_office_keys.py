"""A manager makes keys for machines, and takes them away."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.web.site import Site, Visitor
from wallet_service.actions import stores
from wallet_service.actions.api_keys import find_api_key
from wallet_service.db.tables import ApiKey, Audit

KEY = re.compile(r"wk_[0-9a-f]{12}_[0-9a-f]{64}")


def page(site: Site, language: str = "en") -> Visitor:
    return site.cashier(language, name="Olga").get("/office/keys")


def make(site: Site, **typed: object) -> Visitor:
    person = page(site)
    where, hidden = person.form("/office/keys")
    return person.post(where, hidden | {"name": "Web shop", "scope": ["read", "book"]} | typed)


def shown(person: Visitor) -> str:
    found = KEY.search(person.text)
    assert found is not None, person.text
    return found[0]


def opens(site: Site, key: str) -> bool:
    return find_api_key(site.shop.services.sessions, key, site.clock()) is not None


def test_a_key_is_shown_once_and_kept_nowhere(site: Site) -> None:
    made = make(site)
    key = shown(made)
    assert opens(site, key)
    assert made.answer is not None
    assert made.answer.headers["Cache-Control"] == "no-store"
    again = page(site)
    assert "Web shop" in again.text
    assert key not in again.text
    with site.shop.services.sessions.read() as session:
        told = str([vars(row) for table in (ApiKey, Audit) for row in session.query(table)])
    assert key.rpartition("_")[2] not in told


def test_a_key_has_its_scopes_its_store_and_its_day(site: Site) -> None:
    with site.shop.services.sessions.begin() as session:
        stores.add_store(session, slug="north", name="North", actor="command", now=site.clock())
    key = shown(make(site, scope=["read"], store="north", lasts="30"))
    with site.shop.services.sessions.read() as session:
        row = session.scalars(select(ApiKey)).one()
    assert (row.scopes, row.store) == ("read", "north")
    site.clock.forward(days=29)
    assert opens(site, key)
    site.clock.forward(days=2)
    assert not opens(site, key)
    assert "ran out on 2 December" in page(site).text


def test_a_revoked_key_opens_nothing(site: Site) -> None:
    key = shown(make(site))
    page(site).press("/revoke")
    assert not opens(site, key)
    with site.shop.services.sessions.read() as session:
        rows = session.scalars(select(Audit).where(Audit.subject.like("api:%")).order_by(Audit.id)).all()
    assert [(row.actor, row.verb, row.subject) for row in rows] == [
        ("staff:2", "key-made", "api:1"),
        ("staff:2", "key-revoked", "api:1"),
    ]


@pytest.mark.parametrize(
    "typed", [{"name": ""}, {"scope": []}, {"scope": ["all"]}, {"store": "nowhere"}, {"lasts": "-1"}]
)
def test_what_cannot_be_a_key_is_refused(site: Site, typed: dict[str, object]) -> None:
    assert make(site, **typed).status in (400, 404)
    assert site.count(ApiKey) == 0


def test_two_keys_have_two_names(site: Site) -> None:
    make(site)
    assert make(site).status == 409
    assert site.count(ApiKey) == 1
