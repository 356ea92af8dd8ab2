"""A manager forgets a member from the page of the card."""

from __future__ import annotations

from sqlalchemy import select, update

from tests.web.site import Site
from wallet_service.db.tables import Card, Member, Staff


def names(site: Site) -> list[str | None]:
    with site.shop.services.sessions.read() as session:
        return list(session.scalars(select(Member.name).order_by(Member.id)))


def test_a_manager_forgets_a_member_and_says_why(site: Site) -> None:
    card = site.shop.join("Alice")
    page = site.cashier("en", name="Olga").get(f"/office/cards/{card}/erase")
    assert "Forget this member?" in page.text
    page.press("/erase", reason="")
    assert (page.status, names(site)) == (400, ["Alice"])
    page.press("/erase", reason="Asked for it by phone")
    assert (page.path, names(site)) == (f"/office/cards/{card}", [None])
    assert "Forgotten" in page.text
    assert "Alice" not in page.text


def test_S9_nobody_forgets_themselves_by_a_card_that_was_merged_into_their_own(site: Site) -> None:
    carried, old = site.shop.join("Olga"), site.shop.join("O. Smith")
    site.shop.merge(carried, old)
    with site.shop.services.sessions.begin() as session:
        own = session.scalars(select(Card.id).where(Card.serial == carried)).one()
        session.execute(update(Staff).where(Staff.name == "Olga").values(own_card_id=own))
    page = site.cashier("en", name="Olga").get(f"/office/cards/{old}/erase")
    page.press("/erase", reason="I leave")
    assert (page.status, names(site)) == (409, ["Olga", "O. Smith"])
    assert "Nobody serves their own card" in page.text
