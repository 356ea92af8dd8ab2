"""A member asks what is kept about them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.apple.phones import Phones
from tests.shop import Shop, make_shop
from wallet_service.actions.member_export import of_member
from wallet_service.actions.people import Agreed, agree
from wallet_service.db.tables import Audit, Card, Device, DeviceLog, Telling
from wallet_service.domain.errors import BadCardNumber


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = make_shop(tmp_path)
    yield made
    made.services.sessions.close()


def exported(shop: Shop, card: str) -> dict[str, str]:
    with shop.services.sessions.begin() as session:
        made = of_member(session, card=card, actor="staff:7", now=shop.clock())
    with zipfile.ZipFile(io.BytesIO(made.body)) as packed:
        assert {one.external_attr >> 16 for one in packed.infolist()} == {0o600}
        return {name: packed.read(name).decode() for name in packed.namelist()}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_all_that_is_kept_is_in_the_file_and_nothing_of_anybody_else(shop: Shop) -> None:
    card, other = shop.join("Alice"), shop.join("Bob")
    shop.earn(card, visits=10)
    shop.redeem(card)
    shop.earn(other)
    Phones(shop).register(card, "phone")
    with shop.services.sessions.begin() as session:
        number = session.scalars(select(Card.id).where(Card.serial == card)).one()
        told = {"card_id": number, "wallet": "apple", "version": 3, "priority": 0}
        session.add(Telling(**told, queued_at=shop.clock(), accepted_at=shop.clock()))
        session.add(DeviceLog(received_at=shop.clock(), line="token of a phone", kind="tag", serial=card))
        member = session.scalars(select(Card.member_id).where(Card.serial == card)).one()
        said = [Agreed("news", given=True, channel="sms", text="2026-11")]
        agree(session, member, said, source="join", actor="member", now=shop.clock())
    files = exported(shop, card)
    everything = json.loads(files["member.json"])
    assert [one["name"] for one in everything["member"]] == ["Alice"]
    assert [one["kind"] for one in everything["ledger"]] == [row["kind"] for row in rows(files["ledger.csv"])]
    assert {row["card"] for row in rows(files["ledger.csv"])} == {card}
    assert rows(files["consents.csv"])[0]["text"] == "2026-11"
    assert rows(files["phones.csv"])[0]["wallet"] == "apple"
    assert rows(files["tellings.csv"])[0]["told_at"] == everything["tellings"][0]["told_at"] != ""
    assert [one["kind"] for one in rows(files["complaints.csv"])] == ["tag"]
    assert rows(files["access.csv"])[-1]["who"] == "staff:7"
    whole = "".join(files.values())
    assert "Bob" not in whole
    assert "token of a phone" not in whole
    assert other not in whole


def test_a_merged_card_was_the_same_persons(shop: Shop) -> None:
    old, new = shop.join("Alice"), shop.join("A. Smith")
    shop.merge(new, old)
    assert {row["serial"] for row in rows(exported(shop, new)["cards.csv"])} == {old, new}


def test_no_identifier_of_a_phone_leaves(shop: Shop) -> None:
    card = shop.join("Alice")
    Phones(shop).register(card, "phone")
    with shop.services.sessions.read() as session:
        device = session.scalars(select(Device)).one()
    whole = "".join(exported(shop, card).values())
    assert device.push_token not in whole
    assert device.library_id not in whole


def test_S13_a_hostile_name_is_no_formula_in_the_tables(shop: Shop) -> None:
    card = shop.join("Alice")
    with shop.services.sessions.begin() as session:
        row = session.scalars(select(Card).where(Card.serial == card)).one()
        said = [Agreed("news", given=True, text="=1+1")]
        agree(session, row.member_id, said, source="@sum", actor="member", now=shop.clock())
    consent = rows(exported(shop, card)["consents.csv"])[0]
    assert (consent["text"], consent["source"]) == ("'=1+1", "'@sum")


def test_whoever_makes_it_is_in_the_audit(shop: Shop) -> None:
    card = shop.join("Alice")
    exported(shop, card)
    with shop.services.sessions.read() as session:
        line = session.scalars(select(Audit).where(Audit.verb == "member-exported")).one()
    assert (line.actor, line.subject) == ("staff:7", f"card:{card}")


def test_a_card_that_nobody_has_is_refused(shop: Shop) -> None:
    with pytest.raises(BadCardNumber):
        exported(shop, "no-such-card")
