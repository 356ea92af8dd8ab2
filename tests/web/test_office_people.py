"""A manager says who works here; every change is written down with who made it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.web.site import ADMIN, CASHIER, Site, Visitor
from wallet_service.actions import staff_changes
from wallet_service.db.tables import Audit, Card, Staff
from wallet_service.domain.people_errors import LastManager

MIRA, OLGA = 1, 2


def manager(site: Site, language: str = "en") -> Visitor:
    return site.cashier(language, name="Olga").get("/office/people")


def person(site: Site, who: int) -> Staff:
    with site.shop.services.sessions.read() as session:
        found = session.get(Staff, who)
    assert found is not None
    return found


def audited(site: Site) -> list[tuple[str, str, str]]:
    with site.shop.services.sessions.read() as session:
        rows = session.scalars(select(Audit).where(Audit.actor == f"staff:{OLGA}").order_by(Audit.id))
        return [(row.verb, row.subject, str(row.detail)) for row in rows]


def signs_in(site: Site, pin: str) -> bool:
    return site.visitor().get("/till/sign-in").press("", pin=pin).path == "/till"


def test_somebody_new_signs_in_with_their_own_pin(site: Site) -> None:
    page = manager(site).press("/office/people", name="Ann", role="cashier", pin="5566")
    assert (page.path, "Ann Cashier" in page.text) == ("/office/people", True)
    assert signs_in(site, "5566")
    assert audited(site) == [("staff-added", "staff:3", "{'role': 'cashier'}")]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "", "role": "cashier", "pin": "5566"}, "A name is missing"),
        ({"name": "Mira", "role": "cashier", "pin": "5566"}, "The name is taken"),
        ({"name": "Ann", "role": "cashier", "pin": "556"}, "A PIN has 4 to 6 digits"),
        ({"name": "Ann", "role": "cashier", "pin": CASHIER}, "Choose another PIN"),
        ({"name": "Ann", "role": "boss", "pin": "5566"}, "This did not work"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(
    site: Site, typed: dict[str, str], said: str
) -> None:
    page = manager(site).press("/office/people", **typed)
    assert page.status == 400
    assert said in page.text
    assert site.count(Staff) == 2
    assert page.answer is not None
    assert f'value="{typed["pin"]}"' not in page.answer.text


def test_who_is_deactivated_is_out_at_their_next_press(site: Site) -> None:
    cashier = site.cashier().get("/till")
    assert cashier.path == "/till"
    manager(site).get(f"/office/people/{MIRA}").press("/deactivate")
    assert cashier.get("/till").path == "/till/sign-in"
    assert not signs_in(site, CASHIER)
    assert [verb for verb, *_ in audited(site)] == ["staff-deactivated"]


def test_nobody_locks_themselves_out(site: Site) -> None:
    page = manager(site)
    assert "Deactivate" not in page.get(f"/office/people/{OLGA}").text
    for path, typed in (("deactivate", {}), ("role", {"role": "cashier"}), ("lost-phone", {})):
        _, hidden = page.get(f"/office/people/{OLGA}").form("/pin")
        assert page.post(f"/office/people/{OLGA}/{path}", hidden | typed).status == 403
    assert (person(site, OLGA).active, person(site, OLGA).role) == (True, "admin")


def test_the_last_manager_stays(site: Site) -> None:
    page = manager(site)
    page.get(f"/office/people/{MIRA}").press("/role", role="admin")
    mira = site.cashier(name="Mira")
    mira.get(f"/office/people/{OLGA}").press("/role", role="cashier")
    assert person(site, OLGA).role == "cashier"
    with site.shop.services.sessions.begin() as session, pytest.raises(LastManager):
        staff_changes.deactivate(
            session, staff_changes.named(session, "Mira"), actor="command", now=site.clock()
        )
    assert page.get("/office").status == 403


def test_a_new_role_counts_at_the_next_press(site: Site) -> None:
    cashier = site.cashier()
    assert cashier.get("/office").status == 403
    manager(site).get(f"/office/people/{MIRA}").press("/role", role="admin")
    assert cashier.get("/office").status == 200


def test_a_manager_who_changes_their_own_pin_stays_where_they_are(site: Site) -> None:
    here, elsewhere = manager(site), manager(site)
    page = here.get(f"/office/people/{OLGA}").press("/pin", pin="445566")
    assert page.path == f"/office/people/{OLGA}" or page.path == "/till/sign-in"
    assert elsewhere.get("/office").path == "/till/sign-in"
    assert not signs_in(site, ADMIN)
    assert signs_in(site, "445566")


def test_S9_a_cashier_does_not_serve_the_card_that_is_their_own(site: Site) -> None:
    card = site.shop.join()
    with site.shop.services.sessions.read() as session:
        number = session.scalars(select(Card.number).where(Card.serial == card)).one()
    page = manager(site).get(f"/office/people/{MIRA}").press("/own-card", number=number)
    assert number in (page.answer.text if page.answer else "")
    till = site.cashier()
    state = till.client.get("/till/state").get_json()
    scanned = till.client.post(
        f"/till/cards/{card}/purchases",
        json={"key": "k" * 20, "total": 30_000},
        headers={"X-CSRFToken": state["csrf"]},
    )
    assert scanned.status_code == 409
    assert scanned.get_json()["type"].endswith("#own-card")
    assert site.shop.stand(card).balance == site.shop.stand(site.shop.join()).balance
    manager(site).get(f"/office/people/{MIRA}").press("/own-card", number="")
    assert person(site, MIRA).own_card_id is None


def test_S9_a_manager_names_their_own_card_and_does_not_take_it_away_again(site: Site) -> None:
    number, other = (site.shop.face(site.shop.join()).number for _ in range(2))
    page = manager(site).get(f"/office/people/{OLGA}")
    assert page.press("/own-card", number=number).status == 200
    carried = person(site, OLGA).own_card_id
    for typed in ("", other):
        assert page.get(f"/office/people/{OLGA}").press("/own-card", number=typed).status == 403
        assert "Let another manager change this" in page.text
    assert person(site, OLGA).own_card_id == carried is not None


def test_a_lost_phone_is_forgotten_by_another_manager(site: Site) -> None:
    with site.shop.services.sessions.begin() as session:
        for name in ("Mira", "Olga"):
            found = staff_changes.named(session, name)
            found.role = "admin"
            found.second_factor = "0" * 32 if name == "Mira" else None
    manager(site).get(f"/office/people/{MIRA}").press("/lost-phone")
    assert person(site, MIRA).second_factor is None
    assert audited(site) == [("second-factor-set", "staff:1", "{'has_one': False}")]


@pytest.mark.parametrize("path", ["/office/people/99", "/office/people/9223372036854775807"])
def test_nobody_by_that_number(site: Site, path: str) -> None:
    assert manager(site).get(path).status == 404


def test_the_page_speaks_russian(site: Site) -> None:
    text = manager(site, "ru").text
    assert "Управляющий" in text
    assert "Добавить человека" in text
