"""Who is at the till, and who only guesses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from pyotp import TOTP

from tests.web.site import ADMIN, CASHIER, Site, Visitor
from wallet_service.actions.staff import add_staff, sign_in
from wallet_service.db.tables import Audit, Staff, StaffAttempt
from wallet_service.domain.errors import Invalid, TooMuch
from wallet_service.domain.people_errors import WrongPin

KEY = re.compile(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b")


def said(person: Visitor) -> dict[str, Any]:
    assert person.answer is not None
    answer: dict[str, Any] = person.answer.get_json()
    return answer


def who(person: Visitor) -> str:
    return str(said(person.get("/till/state"))["operator"]["name"])


def test_the_right_pin_opens_the_till(site: Site) -> None:
    person = site.visitor().get("/till")
    assert person.path == "/till/sign-in"
    person.press("", pin=CASHIER)
    assert person.path == "/till"
    assert who(person) == "Mira"


def test_a_manager_who_wanted_the_office_lands_there(site: Site) -> None:
    person = site.visitor().get("/office")
    person.press("", pin=ADMIN)
    assert person.path in ("/office", "/till")
    assert person.get("/office").status == 200


@pytest.mark.parametrize(("language", "said"), [("en", "This PIN is not right."), ("ru", "PIN не подошёл.")])
@pytest.mark.parametrize("pin", ["", "0000", "12345678901234567890", "١٢٣٤", "1234\x00", "' OR 1=1 --"])
def test_anything_else_is_told_to_be_wrong(site: Site, pin: str, language: str, said: str) -> None:
    person = site.visitor(language).get("/till/sign-in").press("", pin=pin)
    assert person.status == 400
    assert said in person.text
    assert person.get("/till").path == "/till/sign-in"


def test_S25_a_thousand_guesses_reach_the_hash_a_few_times_and_the_owner_still_gets_in(site: Site) -> None:
    answers: Counter[type[Exception]] = Counter()
    for guess in range(2000, 3000):
        site.clock.forward(seconds=1)
        try:
            sign_in(site.shop.services.sessions, pin=str(guess), address="203.0.113.9", now=site.clock())
        except (WrongPin, TooMuch) as refusal:
            answers[type(refusal)] += 1
    assert answers.total() == 1000
    assert answers[WrongPin] <= 20
    owner = site.visitor(address="198.51.100.1").get("/till/sign-in").press("", pin=CASHIER)
    assert owner.path == "/till"


def test_S25_guessing_in_parallel_gains_nothing(site: Site) -> None:
    def guess(pin: int) -> type[Exception]:
        try:
            sign_in(site.shop.services.sessions, pin=str(pin), address="203.0.113.9", now=site.clock())
        except (WrongPin, TooMuch) as refusal:
            return type(refusal)
        raise AssertionError("guessed")

    with ThreadPoolExecutor(8) as guessers:
        answers = Counter(guessers.map(guess, range(2000, 2050)))
    assert answers[WrongPin] == 5


def test_S25_a_till_that_is_known_is_not_locked_out_by_guests_on_its_network(site: Site) -> None:
    till = site.visitor().get("/till/sign-in").press("", pin=CASHIER).get("/till/state")
    till.post("/till/sign-out", {"csrf_token": said(till)["csrf"]})
    guest = site.visitor()
    for _ in range(7):
        guest.get("/till/sign-in").press("", pin="0000")
    assert guest.status == 429
    assert "Try again in" in guest.text
    assert till.press("", pin=CASHIER).path == "/till"


def test_S25_a_made_up_till_cookie_counts_as_no_till(site: Site) -> None:
    statuses = []
    for number in range(7):
        guest = site.visitor()
        guest.client.set_cookie("till", f"till-{number}.made-up", path="/till")
        statuses.append(guest.get("/till/sign-in").press("", pin="0000").status)
    assert statuses == [400] * 5 + [429] * 2


def test_S25_waiting_helps_and_ones_own_pin_does_not_wash_away_guesses_at_anothers(site: Site) -> None:
    person = site.visitor().get("/till/sign-in")
    for _ in range(6):
        person.press("", pin="0000")
    assert person.status == 429
    site.clock.forward(seconds=2)
    assert person.press("", pin=CASHIER).path == "/till"
    assert site.count(StaffAttempt) == 5


def test_nobody_keeps_a_session_from_before_the_sign_in(site: Site) -> None:
    person = site.visitor().get("/till/sign-in")
    with person.client.session_transaction() as planted:
        planted["planted"] = "yes"
    person.get("/till/sign-in").press("", pin=CASHIER)
    with person.client.session_transaction() as kept:
        assert "planted" not in kept


def test_who_no_longer_works_here_is_out_at_the_next_step(site: Site) -> None:
    person = site.cashier().get("/till")
    assert person.path == "/till"
    with site.shop.services.sessions.begin() as session:
        session.query(Staff).update({Staff.active: False})
    assert person.get("/till").path == "/till/sign-in"
    assert person.press("", pin=CASHIER).status == 400


@pytest.mark.parametrize(
    ("name", "role", "pin", "said"),
    [
        ("Ann", "cashier", "123", "4 to 6 digits"),
        ("Ann", "cashier", "1234567", "4 to 6 digits"),
        ("Ann", "cashier", "12a4", "4 to 6 digits"),
        ("Ann", "boss", "5555", "cashier or admin"),
        ("Mira", "cashier", "5555", "Give another name"),
        ("\u202e", "cashier", "5555", "Give the person a name"),
        ("Ann", "cashier", CASHIER, "Choose another one"),
    ],
)
def test_staff_is_added_with_a_name_a_role_and_a_pin_of_their_own(
    site: Site, name: str, role: str, pin: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said), site.shop.services.sessions.begin() as session:
        add_staff(session, name=name, role=role, pin=pin, now=site.clock())


def test_a_pin_is_nowhere_to_be_read(site: Site) -> None:
    with site.shop.services.sessions.read() as session:
        people = session.query(Staff).all()
    assert all(person.pin_hash.startswith("$argon2id$") for person in people)


def set_up(site: Site, person: Visitor) -> TOTP:
    """Olga connects her app, as the page shows it."""
    page = person.get("/office/second-factor")
    found = KEY.search(page.text)
    assert found is not None
    app = TOTP(found[0].replace(" ", ""))
    page.press("/office/second-factor", code=app.at(site.clock()))
    assert page.path == "/office/people"
    site.clock.forward(minutes=2)
    return app


def opens_the_office(person: Visitor, pin: str, code: str) -> bool:
    person.get("/till/sign-in?then=admin").press("", pin=pin, code=code)
    return person.path == "/office"


def test_S25_a_manager_with_an_app_opens_the_office_with_its_code_only(site: Site) -> None:
    app = set_up(site, site.cashier(name="Olga"))
    person, now = site.visitor(), site.clock()
    assert not opens_the_office(person, ADMIN, "")
    assert "PIN or the six digits" in person.text
    assert not opens_the_office(person, ADMIN, "000000")
    assert not opens_the_office(person, ADMIN, app.at(now - timedelta(minutes=2)))
    assert not opens_the_office(person, CASHIER, app.at(now))
    assert opens_the_office(person, ADMIN, app.at(now))
    assert person.get("/office/people").status == 200


def test_S25_a_code_opens_the_office_once(site: Site) -> None:
    app = set_up(site, site.cashier(name="Olga"))
    code = app.at(site.clock())
    assert opens_the_office(site.visitor(), ADMIN, code)
    assert not opens_the_office(site.visitor(), ADMIN, code)
    site.clock.forward(seconds=30)
    assert opens_the_office(site.visitor(), ADMIN, app.at(site.clock()))


def test_S25_wrong_codes_are_counted_like_wrong_pins(site: Site) -> None:
    app = set_up(site, site.cashier(name="Olga"))
    person = site.visitor()
    for _ in range(5):
        assert not opens_the_office(person, ADMIN, "000000")
    assert not opens_the_office(person, ADMIN, app.at(site.clock()))
    assert person.status == 429


def test_a_managers_pin_alone_opens_the_till_and_not_the_office(site: Site) -> None:
    set_up(site, site.cashier(name="Olga"))
    person = site.visitor().get("/till/sign-in").press("", pin=ADMIN)
    assert person.path == "/till"
    assert person.get("/office").path == "/till/sign-in"


def test_a_rotated_secret_locks_no_manager_out(open_site: Callable[..., Site]) -> None:
    old, new = "o" * 32, "n" * 32
    site = open_site(WALLET_SECRET_KEY=old)
    app = set_up(site, site.cashier(name="Olga"))
    rotated = open_site(WALLET_SECRET_KEY=f"{new},{old}")
    rotated.clock.now = site.clock()
    assert opens_the_office(rotated.visitor(), ADMIN, app.at(rotated.clock()))


def test_the_key_of_an_app_is_in_no_table(site: Site) -> None:
    app = set_up(site, site.cashier(name="Olga"))
    with site.shop.services.sessions.read() as session:
        rows = [str(vars(row)) for table in (Staff, Audit) for row in session.query(table)]
    assert rows
    assert app.secret not in "".join(rows)


def test_in_a_shop_a_manager_without_an_app_sees_no_more_than_where_to_connect_one(
    open_site: Callable[..., Site],
) -> None:
    shop = open_site(
        WALLET_MODE="production",
        WALLET_PUBLIC_URL="https://localhost",
        WALLET_SECRET_KEY="s" * 32,
        WALLET_APPLE_TOKEN_KEY="a" * 32,
    )
    person = shop.cashier(name="Olga")
    for path in ("/office", "/office/tills", "/office/people", "/office/keys"):
        assert person.get(path, base_url="https://localhost").path == "/office/second-factor"


def test_who_is_signed_in_with_an_old_pin_is_out(site: Site) -> None:
    cashier, manager = site.cashier(), site.cashier(name="Olga")
    assert cashier.get("/till").path == "/till"
    manager.get("/office/people/1").press("/people/1/pin", pin="445566")
    assert cashier.get("/till").path == "/till/sign-in"
    assert cashier.press("", pin=CASHIER).status == 400
    assert cashier.press("", pin="445566").path == "/till"


def test_another_language_leads_to_the_same_door(site: Site) -> None:
    person = site.visitor().get("/till/sign-in?then=admin")
    assert person.answer is not None
    assert 'href="?then=admin&amp;lang=ru"' in person.answer.text
