"""The ledger checks itself: a busy shop adds up, and whatever is tampered with is told with its place."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.db import test_older_ledger
from tests.db.test_older_ledger import shop as older_shop  # noqa: F401
from tests.shop import Shop, make_shop
from wallet_service.actions.check_ledger import check_ledger, how_many
from wallet_service.actions.close_day import close_days
from wallet_service.actions.once import Booking
from wallet_service.cli.ledger_jobs import close_finished_days
from wallet_service.db.session import Sessions
from wallet_service.db.tables import Installation
from wallet_service.domain.errors import Refusal, UnknownProgram

PLURALS = ("one", "few", "many", "other")
POINTS: dict[str, Any] = {
    "unit": {
        "counted": "points",
        "forms": {"en": {"one": "p", "other": "p"}, "ru": dict.fromkeys(PLURALS, "б")},
    },
    "earning": None,
    "rules": [
        {
            "id": "amount",
            "trigger": "purchase",
            "then": [{"points": {"per": 700, "give": 3}}],
        },
        {
            "id": "first",
            "trigger": "purchase",
            "then": [{"points": 5}],
            "limit": {"per_member": {"count": 1, "window": "day"}},
        },
    ],
    "welcome": 3,
    "expiry": {"kind": "rolling", "months": 1, "end_of": "day", "grace_days": 3},
    "pending_days": 1,
    "paying": {"worth": [1, 1], "minimum": 1, "share": [1, 1]},
    "tiers": {
        "counts": "points",
        "window": "rolling",
        "months": 2,
        "levels": [{"id": "gold", "name": {"en": "Gold", "ru": "Золото"}, "threshold": 40}],
    },
}


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    made = make_shop(tmp_path, database_url)
    yield made
    made.services.sessions.close()


def told(shop: Shop, program: str | None = None) -> list[str]:
    wallets = shop.services.wallets
    looked = check_ledger(shop.services.sessions, wallets=wallets, program=program)
    return [str(finding) for part in looked for finding in part.findings]


def busy(shop: Shop) -> tuple[str, str, str]:
    """A month and more of everything that can happen to three cards."""
    shop.publish(**POINTS)
    alice, bob, carol = shop.join(), shop.join(), shop.join()
    for day in range(40):
        shop.earn(alice, total=1000 + 77 * day, receipt=f"a{day}")
        undone = shop.earn(bob, total=500 + day)
        shop.earn(bob, total=3500, receipt=f"b{day}", store="2")
        if day % 4 == 0:
            shop.undo(undone)
        if day % 5 == 3:
            shop.refund(alice, f"a{day}", 333)
            shop.refund(alice, f"a{day}", 600)
            shop.refund(alice, f"a{day - 1}")
        if day % 7 == 6:
            spent = shop.redeem(alice)
            paid = shop.pay(bob, 17, 5000)
            shop.clock.forward(hours=5)
            shop.undo(spent)
            shop.undo(paid)
            shop.redeem(alice)
        shop.clock.forward(hours=22)
        if day % 3 == 0:
            shop.sweep()
    shop.adjust(carol, 25)
    shop.adjust(carol, -4)
    shop.merge(bob, carol)
    shop.earn(bob, total=900)
    shop.pick_goal(bob, "coffee")
    shop.leave(alice)
    close_days(shop.services.sessions, shop.clock())
    return alice, bob, carol


def test_a_busy_shop_adds_up_and_so_it_does_after_years(shop: Shop) -> None:
    busy(shop)
    assert told(shop) == []
    shop.clock.forward(days=800)
    assert told(shop) == []
    shop.sweep()
    close_days(shop.services.sessions, shop.clock())
    assert told(shop) == []


TABLES = ("ledger_entry", "allocation", "ledger_day")


class Within(Sessions):
    """Looks at what one transaction sees that is never committed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def read(self) -> Iterator[Session]:
        yield self._session


def told_after(shop: Shop, statement: str) -> list[str]:
    """As whoever owns the database can tamper with it, who takes the triggers away first."""
    sqlite = shop.services.sessions.sqlite
    with Session(shop.services.sessions.engine) as session:
        for name in TABLES:
            for command in _without_triggers(session, name) if sqlite else [DISABLE.format(name)]:
                session.execute(text(command))
        session.execute(text(statement))
        looked = check_ledger(Within(session), wallets=shop.services.wallets)
        return [str(finding) for part in looked for finding in part.findings]


DISABLE = "ALTER TABLE {} DISABLE TRIGGER USER"


def _without_triggers(session: Session, name: str) -> list[str]:
    triggers = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
    return [f"DROP TRIGGER {trigger}" for trigger in session.scalars(triggers, {"name": name})]


TAMPERED = {
    "UPDATE ledger_entry SET balance_after = balance_after + 1 WHERE seq = 5 AND card_id = 1": (
        "entry 5: balance_after is 43, the entries before it make 42 (sum)",
        "entry 5: its hash is not that of what it says (chain)",
    ),
    "DELETE FROM ledger_entry WHERE card_id = 2 AND receipt = 'b39'": (
        "entry 108: it follows entry 106; what lay between is gone (number)",
        "entry 108: it was written after another line than the one that stands before it (chain)",
        "day 2026-12-09: it holds 2 entries, there were 3 when it was closed (day)",
    ),
    "UPDATE ledger_entry SET points = points + 9 WHERE seq = 2 AND card_id = 1": (
        "entry 2: points: booked 18, evaluated again 9 (evaluation)",
    ),
    "UPDATE ledger_entry SET note = 'a gift' WHERE kind = 'adjust' AND points = 25": (
        "entry 3: its hash is not that of what it says (chain)",
    ),
    "UPDATE card SET balance = balance + 1 WHERE id = 1": (
        ": balance is 415, its entries make 414 (card)",
        " it is said to hold 393, its lots hold 392 (pending)",
    ),
    "UPDATE card SET receipts = 0 WHERE id = 2": (": receipts is 0, its entries make 71 (card)",),
    "UPDATE card SET pending = pending + 1 WHERE id = 2": (" it is said to hold ",),
    "UPDATE open_lot SET points_left = points_left + 1 WHERE card_id = 2": (
        ": lot 23 is kept as 16 from ",
        "(open lots)",
    ),
    "DELETE FROM open_lot WHERE card_id = 2": ("is kept as nothing; its entries make it ",),
    "UPDATE open_lot SET expires_at = NULL WHERE card_id = 2": (" until ever; its entries make it ",),
    "UPDATE tally SET amount = amount + 1 WHERE name = 'status' AND card_id = 2": (
        ": status in 2026-11 is ",
        "(tally)",
    ),
    "UPDATE outbox SET wanted = wanted - 1 WHERE card_id = 1": (": apple is to hear of version ", "(mark)"),
    "UPDATE outbox SET told = wanted + 1 WHERE card_id = 1": (": apple heard of version ", "(mark)"),
    "UPDATE reward_count SET given = given + 1": (
        "program coffee, reward coffee: 6 are counted as given, the entries make 5 (reward)",
    ),
    "UPDATE ledger_day SET root = previous_root WHERE day = '2026-11-20'": (
        "day 2026-11-20: its entries are not those of when it was closed (day)",
        "day 2026-11-21: its root does not follow that of the day before (day)",
    ),
    "DELETE FROM ledger_day WHERE day = '2026-11-20'": (
        "day 2026-11-21: its root does not follow that of the day before (day)",
        " entries were recorded before it on days that were closed without any (day)",
    ),
    "UPDATE allocation SET amount = amount + 1 WHERE amount > 5 AND card_id = 1": (
        "its hash is not that of what it says (chain)",
        "(order)",
    ),
    "INSERT INTO allocation VALUES (1, 9999, 1, 1)": (
        "entry 9999: points are drawn from lots by an entry that is not there (lot)",
    ),
}


def test_whatever_is_tampered_with_is_told_with_its_place(shop: Shop) -> None:
    busy(shop)
    for statement, wanted in TAMPERED.items():
        found = "\n".join(told_after(shop, statement))
        assert [part for part in wanted if part not in found] == [], f"{statement}\n{found[:2000]}"
    assert told(shop) == []


def test_a_card_that_is_booked_meanwhile_makes_no_false_finding(shop: Shop) -> None:
    cards = [shop.join() for _ in range(5)]
    done = threading.Event()

    def till() -> None:
        while not done.is_set():
            for card in cards:
                shop.earn(card, visits=3)

    selling = threading.Thread(target=till)
    selling.start()
    try:
        found = [finding for _ in range(20) for finding in told(shop)]
    finally:
        done.set()
        selling.join()
    assert found == []


def test_one_program_is_looked_at_alone(shop: Shop) -> None:
    card = shop.join()
    shop.program = "second"
    shop.publish()
    shop.earn(shop.join())
    with shop.services.sessions.begin() as session:
        session.execute(text("UPDATE card SET balance = 7 WHERE serial = :card"), {"card": card})
    assert told(shop, "second") == []
    assert len(told(shop, "coffee")) == len(told(shop)) == 2
    with shop.services.sessions.read() as session:
        assert (how_many(session), how_many(session, "second")) == (3, 2)
        with pytest.raises(UnknownProgram):
            how_many(session, "third")


def test_a_line_slipped_into_a_day_that_was_closed_is_told(shop: Shop) -> None:
    card = shop.join()
    shop.clock.forward(days=1)
    shop.earn(card)
    shop.clock.forward(days=1)
    assert close_days(shop.services.sessions, shop.clock()) == ["2026-11-02", "2026-11-03"]
    now = shop.clock()
    shop.clock.now = now - timedelta(days=1)
    shop.earn(card)
    shop.clock.now = now
    assert told(shop) == ["day 2026-11-03: it holds 2 entries, there were 1 when it was closed (day)"]


def test_a_clock_that_leapt_closes_no_day_that_goes_on(shop: Shop) -> None:
    card = shop.join()
    with shop.services.sessions.begin() as session:
        seen = shop.clock()
        session.merge(Installation(id=1, life="a" * 8, created_at=seen, seen_at=seen))
    shop.clock.forward(days=2)
    close_finished_days(shop.services)
    shop.clock.forward(days=-2)
    shop.earn(card)
    shop.clock.forward(days=1)
    assert close_days(shop.services.sessions, shop.clock()) == ["2026-11-02"]
    assert told(shop) == []


def test_a_day_is_closed_an_hour_after_midnight_and_once(shop: Shop) -> None:
    shop.join()
    shop.clock.forward(hours=16, minutes=59)
    assert close_days(shop.services.sessions, shop.clock()) == []
    shop.clock.forward(minutes=1)
    assert close_days(shop.services.sessions, shop.clock()) == ["2026-11-02"]
    assert close_days(shop.services.sessions, shop.clock()) == []
    assert told(shop) == []


EXAMPLES = sorted((Path(__file__).parents[2] / "docs/programs").glob("*.json"))
POLICIES: tuple[dict[str, Any], ...] = (
    {},
    {"refunds": "clamp", "expiry": {"kind": "inactivity", "months": 1}},
    {"refunds": "refuse", "expiry": {"kind": "calendar", "days": ["12-01", "12-20"], "months": 0}},
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_whatever_people_do_in_a_shop_adds_up(shop: Shop, example: Path) -> None:
    body, chance = json.loads(example.read_text()), Random(example.stem)
    rewards = ["coffee", *(reward["id"] for reward in body.get("rewards", ()))]
    cards = [shop.join() for _ in range(3)]
    booked = [shop.earn(card, total=25_000, receipt=f"first {card}") for card in cards]
    for policy in POLICIES:
        shop.publish(**NOTHING_OF_COFFEE | body | policy)
        cards.append(shop.join())
        for step in range(40):
            with suppress(Refusal):
                booked += _something(shop, chance, cards, rewards, booked, f"{len(cards)}-{step}")
        shop.merge(*chance.sample([card for card in cards if shop.stand(card).active], 2))
    close_days(shop.services.sessions, shop.clock())
    assert told(shop) == []


NOTHING_OF_COFFEE: dict[str, Any] = {"earning": None, "welcome": 0}


def _something(
    shop: Shop, chance: Random, cards: list[str], rewards: list[str], booked: list[Booking], receipt: str
) -> list[Booking]:
    card, total = chance.choice(cards), chance.choice([0, 700, 25_000, 333_333])
    match chance.randrange(9):
        case 0:
            shop.clock.forward(days=chance.choice([1, 9, 40]))
        case 1:
            return [shop.redeem(card, chance.choice(rewards))]
        case 2:
            return [shop.pay(card, chance.randint(1, 500), 200_000)]
        case 3:
            return [shop.undo(chance.choice(booked))]
        case 4:
            sold = chance.choice([entry for one in booked for entry in one.entries if entry.receipt])
            parts = [None, 1, (sold.total or 0) // 3]
            return [shop.refund(card, sold.receipt or "", chance.choice(parts)) for card in cards]
        case 5:
            return [shop.adjust(card, chance.choice([-30, 50]))]
        case _:
            late = shop.clock() - timedelta(hours=chance.choice([0, 0, 60]))
            return [shop.earn(card, total=total, receipt=receipt, at=late)]
    return []


def test_what_an_earlier_release_booked_adds_up(older_shop: Shop) -> None:  # noqa: F811
    older_shop.earn(test_older_ledger.SERIAL)
    assert told(older_shop) == []
