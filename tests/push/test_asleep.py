"""What goes to all cards wakes nobody at night, though its marks came before the night and fall due in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.push.notebook import Notebook
from tests.shop import Shop
from wallet_service.actions import campaign_changes
from wallet_service.actions.asleep import Asleep
from wallet_service.actions.campaign_loop import CampaignLoop
from wallet_service.actions.why import marks
from wallet_service.db import queries
from wallet_service.db.tables import Outbox
from wallet_service.domain.rollout import is_quiet, quiet_until
from wallet_service.push.wallet import Outcome, Result
from wallet_service.push.worker import Worker

EVENING = datetime(2026, 11, 2, 18, 45, tzinfo=UTC)  # a quarter to ten in Moscow
MORNING = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
NIGHT = "22:00-08:00"
PACE = timedelta(minutes=30)


@pytest.fixture
def worker(shop: Shop, notebook: Notebook) -> Worker:
    return Worker(shop.services.sessions, notebook, shop.clock, asleep=Asleep(shop.services.sessions))


@pytest.fixture
def cards(shop: Shop, worker: Worker, notebook: Notebook) -> list[str]:
    """Three, whose phones keep a pace of half an hour when the campaign comes in the evening."""
    shop.clock.now = EVENING - timedelta(hours=1)
    cards = [shop.join() for _ in range(3)]
    worker.run_until_idle()
    shop.clock.now = EVENING
    before = shop.publish()
    shop.publish(organization="Bean & Brew")
    shop.tell_everybody(before=before, quiet=NIGHT)
    notebook.answers.extend(Outcome(Result.LATER, due=EVENING + PACE, waited=True) for _ in cards)
    worker.run_until_idle()
    notebook.heard.clear()
    shop.clock.now = EVENING + PACE  # a quarter past ten
    return cards


def test_N18_what_waited_for_a_phones_pace_wakes_it_in_the_morning(
    shop: Shop, worker: Worker, notebook: Notebook, cards: list[str]
) -> None:
    worker.run_until_idle()
    assert notebook.heard == []
    with shop.services.sessions.read() as session:
        put_off = session.execute(select(Outbox.due_at, Outbox.tries).where(Outbox.wallet == "apple")).all()
    assert {tuple(row) for row in put_off} == {(MORNING, 0)}
    assert why(shop, cards[0]) == ("night", MORNING)
    shop.clock.now = MORNING
    worker.run_until_idle()
    assert len(notebook.heard) == len(cards)


def why(shop: Shop, serial: str) -> tuple[str, object]:
    with shop.services.sessions.read() as session:
        steps = marks(session, queries.card(session, serial), "apple", None, shop.clock())
    told = next(step for step in steps if step.question == "mark")
    return told.case, told.facts["at"]


def test_a_purchase_at_night_wakes_its_phone_at_once(
    shop: Shop, worker: Worker, notebook: Notebook, cards: list[str]
) -> None:
    worker.run_until_idle()
    shop.earn(cards[0])
    worker.run_until_idle()
    assert len(notebook.heard) == 1


def test_what_is_rolled_back_at_night_goes_back_at_once(
    shop: Shop, worker: Worker, notebook: Notebook, cards: list[str]
) -> None:
    worker.run_until_idle()
    with shop.services.sessions.begin() as session:
        campaign_changes.roll_back(session, program=shop.program, actor="staff:2", now=shop.clock())
    CampaignLoop(shop.services).run_until_idle()
    worker.run_until_idle()
    assert len(notebook.heard) == len(cards)


def test_a_card_that_heard_of_it_by_a_purchase_goes_back_at_night_though_no_other_was_marked(
    shop: Shop, worker: Worker, notebook: Notebook
) -> None:
    shop.clock.now = EVENING
    card = shop.join()
    worker.run_until_idle()
    shop.clock.now = EVENING + PACE
    before = shop.publish()
    shop.publish(organization="Bean & Brew")
    shop.tell_everybody(before=before, quiet=NIGHT)
    shop.earn(card)
    notebook.answers.append(Outcome(Result.TOLD, phones=1))
    worker.run_until_idle()
    notebook.heard.clear()
    shop.clock.forward(seconds=5)
    with shop.services.sessions.begin() as session:
        rolled = campaign_changes.roll_back(session, program=shop.program, actor="staff:2", now=shop.clock())
    worker.run_until_idle()
    assert (rolled, len(notebook.heard)) == ((3, 1), 1)


@pytest.mark.parametrize(
    ("at", "hours", "wakes"),
    [
        ("2027-03-27T23:30Z", NIGHT, "2027-03-28T06:00Z"),  # Berlin's clocks go forward in this night,
        ("2027-03-28T00:40Z", "22:00-02:30", "2027-03-28T01:30Z"),
        ("2027-10-30T22:30Z", NIGHT, "2027-10-31T07:00Z"),  # and back in this
        ("2027-10-31T00:10Z", "22:00-02:30", "2027-10-31T00:30Z"),
        ("2027-10-31T01:10Z", "22:00-02:30", "2027-10-31T01:30Z"),
    ],
    ids=["forward", "to-no-hour", "back", "first-hour", "hour-that-comes-again"],
)
def test_a_night_in_which_the_clocks_change_ends_at_its_hour(at: str, hours: str, wakes: str) -> None:
    now, ends = datetime.fromisoformat(at), datetime.fromisoformat(wakes)
    assert is_quiet(hours, now, "Europe/Berlin")
    assert quiet_until(hours, now, "Europe/Berlin") == ends
    assert not is_quiet(hours, ends, "Europe/Berlin")
