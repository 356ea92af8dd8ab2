"""A browser becomes a till by the office's code, and is one until somebody says otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from tests.web.site import ADMIN, CASHIER, Site, Visitor, make_site
from wallet_service.actions import staff_changes
from wallet_service.db.tables import Audit, Shift, Staff, Till
from wallet_service.web.till_cookie import TILL

SHOP = {
    "WALLET_MODE": "production",
    "WALLET_PUBLIC_URL": "https://localhost",
    "WALLET_SECRET_KEY": "s" * 32,
    "WALLET_APPLE_TOKEN_KEY": "a" * 32,
}
TYPED = re.compile(r"\b[2-9A-Z]{4} [2-9A-Z]{4}\b")


@pytest.fixture
def shop(open_site: Callable[..., Site]) -> Site:
    """A real shop's installation: no browser is a till by itself."""
    return open_site(**SHOP)


def manager(site: Site) -> Visitor:
    """Olga in the office, from a browser that is no till."""
    with site.shop.services.sessions.begin() as session:
        olga = staff_changes.named(session, "Olga")
        olga.second_factor = None if site.shop.services.settings.sandbox else "0" * 32
    return site.cashier(name="Olga")


def code_for(site: Site, name: str = "Front") -> str:
    """As the office shows it."""
    person = manager(site).get("/office/tills", **secure(site))
    person.press("/stores/1/tills", name=name)
    with site.shop.services.sessions.read() as session:
        till = session.scalars(select(Till.id).where(Till.name == name)).one()
    person.press(f"/tills/{till}/pairing")
    found = TYPED.search(person.text)
    assert found is not None
    return found[0]


def secure(site: Site) -> dict[str, str]:
    return {} if site.shop.services.settings.sandbox else {"base_url": "https://localhost"}


def test_the_till_is_the_browser_that_typed_the_code(site: Site) -> None:
    till = site.visitor().get("/till/pair").press("/till/pair", code=code_for(site))
    assert till.path == "/till/sign-in"
    assert till.press("", pin=CASHIER).path == "/till"
    with site.shop.services.sessions.read() as session:
        shift = session.scalars(select(Shift).order_by(Shift.id.desc()).limit(1)).one()
        assert shift.till.name == "Front"


@pytest.mark.parametrize(("language", "said"), [("en", "This code does not fit"), ("ru", "Код не подошёл")])
def test_a_wrong_code_says_so(site: Site, language: str, said: str) -> None:
    till = site.visitor(language).get("/till/pair").press("/till/pair", code="ABCD EFGH")
    assert till.status == 403
    assert said in till.text
    assert till.client.get_cookie(TILL, path="/till") is None


def test_codes_are_not_to_be_guessed(site: Site) -> None:
    guesser = site.visitor().get("/till/pair")
    answers = [guesser.press("/till/pair", code=f"AAAA AAA{sign}").status for sign in "23456789ABC"[:10]]
    assert set(answers) == {403}
    _, hidden = guesser.form("/till/pair")
    assert guesser.post("/till/pair", hidden | {"code": "AAAA AAAB"}).status == 429


def test_the_code_in_the_picture_is_typed_by_the_page_and_leaves_the_address(site: Site, page: Page) -> None:
    code = code_for(site).replace(" ", "")
    with site.served() as base:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url + str(request.headers)))
        page.goto(f"{base}/till/pair#{code}")
        page.wait_for_url("**/till/sign-in")
        assert [cookie["name"] for cookie in page.context.cookies(f"{base}/till")].count(TILL) == 1
    assert asked
    assert code not in "".join(asked)


def test_a_till_that_is_paired_again_is_out_at_its_next_press(site: Site) -> None:
    old = site.visitor().get("/till/pair").press("/till/pair", code=code_for(site)).press("", pin=CASHIER)
    assert old.get("/till").path == "/till"
    person = manager(site).get("/office/tills").press("/pairing")
    code = TYPED.search(person.text)
    assert code is not None
    new = site.visitor().get("/till/pair").press("/till/pair", code=code[0])
    assert old.get("/till").path == "/till/sign-in"
    assert new.press("", pin=CASHIER).path == "/till"


def test_a_blocked_till_is_refused_at_its_next_press_by_every_process(site: Site) -> None:
    cashier = site.cashier().get("/till")
    neighbour = make_site(site.shop.services.settings.data_dir)
    assert cashier.path == "/till"
    manager(site).get("/office/tills/block?till=1").press("/tills/block")
    for process in (site, neighbour):
        cashier.client.application = process.app
        assert cashier.client.get("/till").status_code in (302, 303, 403)
        assert "This till is blocked" in cashier.get("/till/sign-in").text, "before anybody types a PIN"
        assert cashier.press("", pin=CASHIER).status == 403
        assert "blocked" in cashier.text
    neighbour.shop.services.sessions.close()
    assert site.count(Till) == 2, "a blocked browser does not become another till"


def test_a_manager_who_blocked_the_till_at_hand_gets_into_the_office_and_unblocks_it(site: Site) -> None:
    person = site.visitor().get("/till/sign-in?then=admin").press("", pin=ADMIN)
    person.get("/office/tills/block?till=1").press("/tills/block")
    assert person.path == "/till/sign-in", "whoever worked there is signed out, the manager too"
    person.get("/till/sign-in?then=admin").press("", pin=ADMIN).get("/office/tills").press("/unblock")
    assert person.get("/till/sign-in").press("", pin=CASHIER).path == "/till"


def test_the_office_sees_when_a_till_was_used_last(site: Site) -> None:
    cashier, began = site.cashier(), site.clock()
    csrf = cashier.client.get("/till/state").get_json()["csrf"]
    for minutes in (4, 4):
        site.clock.forward(minutes=minutes)
        cashier.client.post("/till/scans", json={"code": "1", "key": "k"}, headers={"X-CSRFToken": csrf})
    with site.shop.services.sessions.read() as session:
        assert session.scalars(select(Till.seen_at)).one() == began + timedelta(minutes=8)


def test_in_a_shop_nobody_signs_in_at_a_browser_that_is_no_till(shop: Site) -> None:
    stranger = shop.visitor().get("/till", base_url="https://localhost")
    assert stranger.path == "/till/pair"
    stranger.get("/till/sign-in?then=admin", base_url="https://localhost")
    _, hidden = stranger.form("")
    answer = stranger.client.post(
        "/till/sign-in?then=admin",
        data=hidden | {"pin": CASHIER},
        base_url="https://localhost",
    )
    assert answer.status_code == 403
    assert shop.count(Shift) == 0


def test_in_a_shop_the_pair_cookie_is_kept_from_scripts_other_pages_and_plain_lines(shop: Site) -> None:
    code = code_for(shop)
    page = shop.visitor().get("/till/pair", base_url="https://localhost")
    _, hidden = page.form("/till/pair")
    answer = page.client.post("/till/pair", data=hidden | {"code": code}, base_url="https://localhost")
    kept = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{TILL}="))
    assert all(word in kept for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/till"))


@pytest.mark.parametrize("forged", ["1.1", "1.1.made-up", "", "x" * 3000, "9.9.9"])
def test_a_made_up_till_is_none(site: Site, forged: str) -> None:
    site.cashier()
    visitor = site.visitor()
    visitor.client.set_cookie(TILL, forged, path="/till")
    assert visitor.get("/till").path == "/till/sign-in"


def test_a_session_taken_to_another_browser_opens_no_till(site: Site) -> None:
    cashier = site.cashier()
    session = cashier.client.get_cookie("session")
    assert session is not None
    thief = site.visitor()
    thief.client.set_cookie("session", session.value)
    assert thief.get("/till").path == "/till/sign-in"
    assert cashier.get("/till").path == "/till"


def test_signing_out_ends_the_shift(site: Site) -> None:
    cashier = site.cashier().get("/till/state")
    assert cashier.answer is not None
    cashier.post("/till/sign-out", {"csrf_token": cashier.answer.get_json()["csrf"]})
    assert cashier.path == "/till/sign-in"
    with site.shop.services.sessions.read() as session:
        assert session.scalars(select(Shift)).one().ended_at == site.clock()
    assert cashier.get("/till").path == "/till/sign-in"


def test_a_shift_is_over_after_twelve_hours(site: Site) -> None:
    cashier = site.cashier()
    site.clock.forward(hours=11.9)
    assert cashier.get("/till").path == "/till"
    site.clock.forward(hours=0.2)
    assert cashier.get("/till").path == "/till/sign-in"


def test_who_signs_in_after_another_ends_their_shift(site: Site) -> None:
    till = site.visitor().get("/till/sign-in").press("", pin=CASHIER)
    till.get("/till/sign-in").press("", pin=ADMIN)
    with site.shop.services.sessions.read() as session:
        rows = session.execute(
            select(Staff.name, Shift.ended_at).join(Staff, Staff.id == Shift.staff_id).order_by(Shift.id)
        ).all()
    assert [(name, ended is None) for name, ended in rows] == [("Mira", False), ("Olga", True)]


def test_what_happened_to_a_till_is_written_down_with_who_did_it(site: Site) -> None:
    site.visitor().get("/till/pair").press("/till/pair", code=code_for(site))
    with site.shop.services.sessions.read() as session:
        told = session.scalars(select(Audit).where(Audit.subject.like("till:%")).order_by(Audit.id)).all()
    assert [(row.actor, row.verb) for row in told] == [
        ("staff:2", "till-added"),
        ("staff:2", "pairing-offered"),
        (told[0].subject, "paired"),
    ]
