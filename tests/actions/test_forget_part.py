"""A member wants a part of what is kept to be gone, and stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.shop import Shop, make_shop
from wallet_service.actions import erasures
from wallet_service.actions.forget_part import forget_part
from wallet_service.actions.people import About
from wallet_service.db.tables import Audit, Member

ABOUT = About(phone="+7 912 345-67-89", email="alice@example.com")


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    made = make_shop(tmp_path, database_url)
    yield made
    made.services.sessions.close()


@pytest.fixture
def card(shop: Shop) -> str:
    return shop.join("Alice", about=ABOUT)


def forget(shop: Shop, card: str, *kinds: str) -> tuple[str, ...]:
    with shop.services.sessions.begin() as session:
        return forget_part(session, card=card, kinds=kinds, now=shop.clock(), actor="staff:3")


def member(shop: Shop) -> Member:
    with shop.services.sessions.read() as session:
        return session.scalars(select(Member)).one()


def test_the_phone_goes_with_its_last_digits_and_the_rest_stays(shop: Shop, card: str) -> None:
    assert forget(shop, card, "phone", "birthday") == ("phone",)
    kept = member(shop)
    assert (kept.name, kept.email, kept.phone, kept.phone_tail) == ("Alice", ABOUT.email, None, None)
    shop.earn(card)
    with shop.services.sessions.read() as session:
        (line,) = session.scalars(select(Audit).where(Audit.verb == "member-part-erased"))
    assert (line.actor, line.subject, line.detail) == ("staff:3", f"card:{card}", {"kinds": ["phone"]})


@pytest.mark.parametrize("named", [0, 1])
def test_it_goes_from_all_cards_of_the_person_whichever_is_named(shop: Shop, card: str, named: int) -> None:
    kept = shop.join("A. Smith", about=About(email="a.smith@example.com"))
    shop.merge(kept, card)
    assert forget(shop, (kept, card)[named], "email") == ("email",)
    with shop.services.sessions.read() as session:
        assert set(session.scalars(select(Member.email))) == {None}
        assert set(session.scalars(select(Member.name))) == {"Alice", "A. Smith"}


def test_what_is_not_known_leaves_no_line(shop: Shop, card: str) -> None:
    assert forget(shop, card, "birthday") == ()
    with shop.services.sessions.read() as session:
        assert session.scalars(select(Audit)).all() == []


def test_a_restore_forgets_it_again(shop: Shop, card: str, tmp_path: Path) -> None:
    forget(shop, card, "phone")
    erasures.keep_beside(shop.services.sessions, tmp_path)
    with shop.services.sessions.begin() as session:  # as it was in the backup
        session.execute(update(Member).values(phone="+79123456789", phone_tail="6789"))
    listed = erasures.kept(tmp_path)
    erasures.forget_again(shop.services.sessions, listed, shop.services.wallets, shop.clock())
    assert (member(shop).phone, member(shop).phone_tail, member(shop).name) == (None, None, "Alice")
    shop.earn(card)
