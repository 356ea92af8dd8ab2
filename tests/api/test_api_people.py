"""What members say about themselves when a shop hands them a card: kept apart, told to nobody, forgotten."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from tests.api.till import Till, answer, problem
from wallet_service.actions import erase, export
from wallet_service.db.tables import Card, Consent, Member

SAID = {
    "name": "Ann Petrova",
    "phone": "8 (912) 345-67-89",
    "email": "ann.p@example.com",
    "birthday": "1990-05-31",
    "consents": [
        {"purpose": "news", "channel": "sms", "given": True, "text": "2026-11"},
        {"purpose": "profile", "given": False},
    ],
    "source": "till-1",
}
PERSONAL = ("Petrova", "345-67-89", "3456789", "ann.p", "1990-05-31")


def test_what_a_member_said_stands_with_the_member_and_in_no_answer(till: Till) -> None:
    joined = till.post("/programs/coffee/cards", SAID, key="join")
    card = answer(joined)["serial"]
    again = till.post("/programs/coffee/cards", SAID, key="join")
    till.buy(card)
    told = [joined, again, till.get(f"/cards/{card}"), till.get(f"/cards/{card}/entries")]
    assert [word for word in PERSONAL for one in told if word in one.get_data(as_text=True)] == []
    kept = member(till, card)
    assert (kept.phone, kept.phone_tail) == ("+79123456789", "6789")
    assert (kept.email, kept.birthday) == ("ann.p@example.com", "1990-05-31")
    assert consents(till) == [("news", "sms", True, "2026-11"), ("profile", "", False, None)]


def test_it_stands_in_no_other_table(till: Till) -> None:
    answer(till.post("/programs/coffee/cards", SAID))
    engine = till.shop.services.sessions.engine
    with engine.connect() as connection:
        for table in set(inspect(engine).get_table_names()) - {"member"}:
            rows = " ".join(str(row) for row in connection.execute(text(f'SELECT * FROM "{table}"')))
            assert [word for word in (*PERSONAL, "+7912") if word in rows] == [], table


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+7 912 345-67-89", "+79123456789"),
        ("89123456789", "+79123456789"),
        ("912 345 67 89", "+79123456789"),
        ("+49 30 901820", "+4930901820"),
        ("8 (495) 123-45-67\u202c", "+74951234567"),
    ],
)
def test_a_phone_is_taken_as_people_write_it(busy_till: Till, written: str, kept: str) -> None:
    assert member(busy_till, busy_till.join(phone=written)).phone == kept


def test_a_phone_without_its_country_is_one_of_the_programs_own(till: Till) -> None:
    till.shop.publish(time_zone="Europe/Berlin", currency="EUR")
    assert member(till, till.join(phone="030 901820")).phone == "+4930901820"


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ({"phone": "123"}, "bad-phone"),
        ({"phone": "call me"}, "bad-phone"),
        ({"phone": "+7 912 345-67-89 ext. 5"}, "bad-phone"),
        ({"phone": "+7" * 20}, "bad-phone"),
        ({"phone": "9" * 41}, "invalid-body"),
        ({"email": "ann.example.com"}, "bad-email"),
        ({"email": "ann@example"}, "bad-email"),
        ({"email": "a b@example.com"}, "bad-email"),
        ({"email": "a\u202e@example.com"}, "bad-email"),
        ({"birthday": "31.05.1990"}, "invalid-body"),
        ({"birthday": "1990-02-30"}, "bad-birthday"),
        ({"birthday": "1890-05-31"}, "bad-birthday"),
        ({"birthday": "2026-11-03"}, "bad-birthday"),
        ({"consents": {}}, "invalid-body"),
        ({"consents": [{"purpose": "news"}]}, "invalid-body"),
        ({"consents": [{"purpose": "News!", "given": True}]}, "invalid-body"),
        ({"consents": [{"purpose": "news", "given": "yes"}]}, "invalid-body"),
        ({"consents": [{"purpose": "news", "given": True}] * 21}, "invalid-body"),
    ],
)
def test_what_can_be_none_is_refused_and_never_repeated(
    busy_till: Till, said: dict[str, Any], slug: str
) -> None:
    refused = busy_till.post("/programs/coffee/cards", {"name": "Ann"} | said)
    assert problem(refused) == (400, slug)
    (written,) = said.values()
    assert refused.json
    assert isinstance(written, list | dict) or str(written) not in refused.get_data(as_text=True)
    assert [fault for fault in refused.json.get("errors", ()) if "sent" in fault] == []


def test_the_members_export_tells_it(till: Till) -> None:
    answer(till.post("/programs/coffee/cards", SAID))
    with till.shop.services.sessions.read() as session:
        file = io.StringIO(newline="")
        csv.writer(file).writerows(export.members(session))
    header, row = csv.reader(io.StringIO(file.getvalue(), newline=""))
    told = dict(zip(header, row, strict=True))
    assert (told["phone"], told["email"]) == ("'+79123456789", "ann.p@example.com")
    assert (told["birthday"], told["consents"]) == ("1990-05-31", "news/sms: yes; profile: no")


def test_it_is_forgotten_and_what_was_agreed_to_stays_without_a_name(till: Till) -> None:
    card = str(answer(till.post("/programs/coffee/cards", SAID))["serial"])
    services = till.shop.services
    with services.sessions.begin() as session:
        erase.erase(session, card=card, wallets=services.wallets, now=till.shop.clock())
    gone = member(till, card)
    assert (gone.name, gone.phone, gone.phone_tail, gone.email, gone.birthday) == (None,) * 5
    assert len(consents(till)) == 2


def member(till: Till, card: str) -> Member:
    with till.shop.services.sessions.read() as session:
        return session.scalars(select(Member).join(Card).where(Card.serial == card)).one()


def consents(till: Till) -> list[tuple[Any, ...]]:
    with till.shop.services.sessions.read() as session:
        rows = session.scalars(select(Consent).order_by(Consent.id))
        return [(one.purpose, one.channel, one.given, one.text) for one in rows]
