"""What the till's page knows before the first card, who may ask, and who may not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.web.site import Site
from tests.web.till.page import EVERY_VERB, TillPage, new_key, till_page
from wallet_service.db.tables import Audit, Card, LedgerEntry, Member, Store, Till


def test_the_page_learns_who_is_there_where_and_what_counts(site: Site, page: TillPage) -> None:
    state = page.state()
    assert (state["signed_in"], state["sandbox"], state["language"]) == (True, True, "en")
    assert state["operator"] == {"id": 1, "name": "Mira", "role": "cashier"}
    assert state["till"] == {"id": 1, "name": "till-1", "store": "main", "store_name": "Main"}
    assert state["shift"] == 1
    assert state["offline"] == {"most": 200, "per_card_a_day": 3, "hours": 72, "slow_seconds": 3}
    (program,) = state["programs"]
    assert (program["slug"], program["name"], program["sign"]) == ("coffee", "Coffee Card", "₽")
    assert (program["stamps"], program["by_visit"], program["scan_books"]) == (True, True, True)
    assert (program["looks_first"], program["goal"], program["unit"]) == (False, 12, "stamps")


def test_only_programs_that_count_in_this_store_are_told(site: Site, page: TillPage) -> None:
    site.shop.next_door()
    assert len(page.state()["programs"]) == 2
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Store).values(programs=["coffee"]))
    assert [program["slug"] for program in page.state()["programs"]] == ["coffee"]


def test_a_page_without_anybody_learns_that_and_nothing_of_the_shop(site: Site) -> None:
    page = TillPage(site, site.visitor())
    state = page.state()
    assert (page.status, state["signed_in"], bool(state["csrf"])) == (200, False, True)
    assert (state["operator"], state["shift"], state["till"], state["programs"]) == (None, None, None, [])


def test_a_till_whose_cashier_went_home_still_knows_where_it_stands(site: Site, page: TillPage) -> None:
    page.visitor.client.post("/till/sign-out", data={"csrf_token": page.csrf})
    state = page.state()
    assert (state["signed_in"], state["operator"], state["shift"]) == (False, None, None)
    assert state["till"]["name"] == "till-1"
    assert [program["slug"] for program in state["programs"]] == ["coffee"]


def test_a_ping_asks_nothing_of_anybody(site: Site) -> None:
    site.shop.services.sessions.engine.dispose()
    answer = site.app.test_client().get("/till/ping")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"


def asked(site: Site) -> list[tuple[str, str, Any]]:
    """Everything that the page may ask of somebody signed in."""
    card = site.shop.join()
    return [
        ("GET", f"/till/cards/{card}", None),
        ("POST", "/till/scans", {"code": site.shop.face(card).number, "key": new_key()}),
        ("POST", "/till/search", {"digits": "4567"}),
        ("POST", "/till/keys", {"public_key": "x"}),
        ("POST", "/till/operations", {"operations": []}),
        ("POST", f"/till/cards/{card}/quotes", {"total": 100}),
        ("POST", "/till/entries/1/undo", {"key": new_key()}),
        *(
            ("POST", f"/till/cards/{card}/{verb}", {"key": new_key()} | said)
            for verb, said in EVERY_VERB.items()
        ),
    ]


def test_every_address_of_the_page_is_asked_in_these_tests(site: Site) -> None:
    rules = {
        rule.rule.replace("<uuid:serial>", "*").replace("<int(max=999999999999999999):entry>", "*")
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("till.")
    }
    seen = {
        "/".join("*" if part in ("1",) or len(part) == 36 else part for part in path.split("/"))
        for _, path, _ in asked(site)
    }
    assert rules == seen | {"/till/state", "/till/ping"}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_nobody_asks_without_signing_in(site: Site, language: str) -> None:
    page = TillPage(site, site.visitor(language))
    page.state()
    for method, path, body in asked(site):
        page.ask(method, path, body)
        assert (path, page.status, page.slug) == (path, 401, "signed-out")
        assert page.said["said"]["title"] == {"en": "Nobody is signed in", "ru": "Никто не вошёл"}[language]
    assert site.count(LedgerEntry) == 1


def test_a_till_that_was_blocked_asks_nothing_more(site: Site, page: TillPage) -> None:
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Till).values(blocked_at=site.clock()))
    for method, path, body in asked(site):
        page.ask(method, path, body)
        assert (path, page.status, page.slug) == (path, 403, "till-unknown")
    page.ask("GET", "/till/state")
    assert (page.status, page.slug) == (403, "till-unknown")


def test_a_manager_in_the_office_is_at_no_till(site: Site) -> None:
    page = till_page(site, name="Olga")
    with page.visitor.client.session_transaction() as kept:
        kept.pop("shift")
    for method, path, body in asked(site):
        page.ask(method, path, body)
        assert (path, page.status in (401, 403)) == (path, True)


@pytest.mark.parametrize("token", ["", "wrong", "a" * 5000])
def test_S10_nothing_is_asked_without_the_token_of_the_page(site: Site, page: TillPage, token: str) -> None:
    page.csrf = token
    for method, path, body in asked(site):
        if method == "POST":
            said = page.ask(method, path, body)
            assert (path, page.status, page.slug) == (path, 400, "stale-form")
            assert said["said"]["text"]
    assert site.count(LedgerEntry) == 1


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_S10_no_other_page_asks_even_with_the_token(
    site: Site, page: TillPage, headers: dict[str, str]
) -> None:
    for method, path, body in asked(site):
        if method == "POST":
            page.ask(method, path, body, headers=headers)
            assert (path, page.status) == (path, 400)
    assert site.count(LedgerEntry) == 1


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/till/nowhere"), ("GET", "/till/scans"), ("PUT", "/till/ping")]
)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_whatever_else_is_asked_is_answered_as_a_problem(
    site: Site, method: str, path: str, language: str
) -> None:
    page = TillPage(site, site.visitor(language))
    said = page.ask(method, path)
    assert page.status in (400, 404, 405)
    assert page.answer is not None
    assert page.answer.mimetype == "application/problem+json"
    assert said["said"]["text"]


def test_S18_a_body_beyond_64_kilobytes_is_refused(site: Site, page: TillPage) -> None:
    page.post("/scans", {"code": "1" * 100_000, "key": "one"})
    assert (page.status, page.said["said"]["title"]) == (413, "Too much at once")


def guest(site: Site, phone: str, name: str = "Anna Petrova") -> str:
    card = site.shop.join(name)
    with site.shop.services.sessions.begin() as session:
        member = session.scalars(select(Card.member_id).where(Card.serial == card)).one()
        session.execute(update(Member).where(Member.id == member).values(phone=phone, phone_tail=phone[-4:]))
    return card


def test_a_guest_without_a_phone_is_found_by_its_last_digits(site: Site, page: TillPage) -> None:
    card = guest(site, "+79161234567")
    guest(site, "+79161234568")
    site.shop.earn(card)
    found = page.post("/search", {"digits": "4567"})["found"]
    assert found == [
        {
            "serial": card,
            "initials": "A. P.",
            "phone": "··· 4567",
            "program": "Coffee Card",
            "last": "2 November",
        }
    ]
    for private in ("Petrova", "7916", site.shop.face(card).number):
        assert private not in str(page.said)


def test_more_digits_find_fewer_and_strange_ones_nobody(site: Site, page: TillPage) -> None:
    guest(site, "+79161234567"), guest(site, "+79169994567")
    assert len(page.post("/search", {"digits": "4567"})["found"]) == 2
    assert len(page.post("/search", {"digits": "1234567"})["found"]) == 1
    assert page.post("/search", {"digits": "0000"})["found"] == []


def test_closed_cards_and_those_of_other_programs_are_not_found(site: Site, page: TillPage) -> None:
    site.shop.leave(guest(site, "+79161234567"))
    assert page.post("/search", {"digits": "4567"})["found"] == []
    guest(site, "+79161114567")
    with site.shop.services.sessions.begin() as session:
        session.execute(update(Store).values(programs=["another"]))
    assert page.post("/search", {"digits": "4567"})["found"] == []


def test_at_most_ten_are_found_the_latest_guests_first(site: Site, page: TillPage) -> None:
    cards = [guest(site, f"+7916{number:03}4567") for number in range(12)]
    for card in cards[:3]:
        site.clock.forward(minutes=20)
        site.shop.earn(card)
    found = [one["serial"] for one in page.post("/search", {"digits": "4567"})["found"]]
    assert (len(found), found[:3]) == (10, [cards[2], cards[1], cards[0]])


def test_the_day_of_the_last_visit_is_the_shops_own(site: Site, page: TillPage) -> None:
    card = guest(site, "+79161234567")
    site.clock.forward(hours=14)  # one in the morning in Moscow
    site.shop.earn(card)
    site.clock.forward(hours=-14)
    assert page.post("/search", {"digits": "4567"})["found"][0]["last"] == "3 November"


@pytest.mark.parametrize("digits", ["", "123", "12a4", "1" * 13, "%%%%", "____", "+7916", "١٢٣٤", 4567])
def test_only_four_digits_and_more_are_looked_for(page: TillPage, digits: object) -> None:
    page.post("/search", {"digits": digits})
    assert (page.status, page.said["field"]) == (400, "digits")


def test_every_search_is_written_down_without_what_was_searched(site: Site, page: TillPage) -> None:
    guest(site, "+79161234567")
    page.post("/search", {"digits": "4567"})
    with site.shop.services.sessions.read() as session:
        row = session.scalars(select(Audit).where(Audit.verb == "phone-search")).one()
    assert (row.actor, row.subject, row.detail) == ("staff:1", "till-1", {"store": "main", "found": 1})


def test_who_searches_much_has_to_wait(site: Site, page: TillPage) -> None:
    for _ in range(10):
        assert page.post("/search", {"digits": "4567"}) == {"found": []}
    site.clock.forward(seconds=20)
    page.post("/search", {"digits": "4567"})
    assert (page.status, page.slug, page.said["seconds"]) == (429, "too-much", 40)
    colleague = till_page(site, name="Olga")
    assert colleague.post("/search", {"digits": "4567"}) == {"found": []}
    site.clock.forward(seconds=41)
    page.post("/search", {"digits": "4567"})
    assert page.status == 200


def test_patience_does_not_help_to_list_a_town(site: Site, page: TillPage) -> None:
    for _ in range(59):
        page.post("/search", {"digits": "4567"})
        site.clock.now += timedelta(seconds=30)
        assert page.status == 200
    page.post("/search", {"digits": "4567"})
    site.clock.forward(seconds=30)
    page.post("/search", {"digits": "4567"})
    assert page.status == 429
