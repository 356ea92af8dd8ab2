"""A change goes out to all cards: in steps, at a rate, and can be stopped, go on and be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.actions.head_office import NEW_LOOK, Head, crowd, head, shop
from tests.shop import Shop
from wallet_service.actions import campaign_changes, campaign_round, campaign_start, campaigns
from wallet_service.actions.campaign_changes import NothingToResume, NothingToRollBack, NothingToStop
from wallet_service.actions.campaign_loop import CampaignLoop
from wallet_service.actions.campaigns import NoCampaign
from wallet_service.db.tables import Campaign
from wallet_service.db.tables.campaigns import DONE, PAUSED, ROLLED_BACK
from wallet_service.domain.errors import Invalid
from wallet_service.domain.rollout import Plan

__all__ = ["head", "shop"]


def test_N18_a_publication_marks_every_card_behind_the_till(head: Head) -> None:
    head.publish()
    head.work()
    done = head.campaign()
    assert (done.state, done.marked, done.total, head.waiting()) == (DONE, 20, 20, 20)
    assert done.finished_at == head.shop.clock()


def test_S32_the_number_shown_before_is_the_number_after(head: Head) -> None:
    head.shop.leave(head.shop.join())
    with head.shop.services.sessions.read() as session:
        meant = campaigns.meant(session, "coffee")
    head.publish()
    head.slice(most=7)
    with head.shop.services.sessions.read() as session:
        back = campaign_changes.rolled_back_cards(session, "coffee")
    head.say("roll_back")
    head.work()
    assert (meant, back, head.campaign().marked) == (20, 7, 7)


def test_N18_it_goes_as_fast_as_its_rate(head: Head) -> None:
    head.publish(Plan(rate=4))
    head.work()
    assert head.campaign().marked == 4
    head.shop.clock.forward(seconds=1)
    head.work()
    assert head.campaign().marked == 8


def test_a_worker_that_was_away_does_not_make_up_for_all_of_it(head: Head) -> None:
    head.publish(Plan(rate=4))
    head.work()
    head.shop.clock.forward(hours=1)
    head.work()
    assert head.campaign().marked == 12


def test_a_clock_that_was_set_back_stops_nothing(head: Head) -> None:
    head.publish(Plan(rate=4))
    head.work()
    head.shop.clock.forward(days=-1)
    head.work()
    assert head.campaign().marked == 8


def test_N18_nobody_is_woken_in_quiet_hours(head: Head) -> None:
    head.shop.clock.now = datetime(2026, 11, 2, 20, 30, tzinfo=UTC)  # half past eleven in Moscow
    head.publish(Plan(quiet="22:00-08:00"))
    head.work()
    assert head.campaign().marked == 0
    head.shop.clock.now = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)
    head.work()
    assert head.campaign().state == DONE


def test_N18_it_is_paused_and_goes_on_where_it_was(head: Head) -> None:
    head.publish()
    head.slice(most=5)
    head.say("pause")
    head.work()
    assert (head.campaign().state, head.waiting()) == (PAUSED, 5)
    with pytest.raises(NothingToStop):
        head.say("pause")
    head.say("resume")
    head.work()
    assert (head.campaign().state, head.campaign().marked, head.waiting()) == (DONE, 20, 20)
    with pytest.raises(NothingToResume):
        head.say("resume")


def test_N18_a_crash_repeats_no_card(head: Head) -> None:
    before = head.versions()
    head.publish()
    head.slice(most=6)
    with pytest.raises(RuntimeError, match="gone"):
        head.lose_slice()
    assert head.waiting() == 6
    head.work()
    assert head.versions() == [version + 1 for version in before]


def test_while_nobody_hears_the_marking_stops_by_itself(head: Head) -> None:
    most = campaign_round.MOST_WAITING["apple"]
    crowd(head.shop, most)
    head.publish()
    head.work()
    assert 0.9 * most <= head.waiting() <= most
    head.tell()
    head.work()
    assert head.campaign().state == DONE


def test_two_programs_take_turns_where_only_some_can_be_told(head: Head) -> None:
    """So that what is taken back for one never waits for millions of cards of the other."""
    other = Head(head.shop.next_door())
    for _ in range(3):
        other.shop.join()
    crowd(head.shop, campaign_round.MOST_WAITING["apple"] + 1_000)
    head.publish()
    head.work()
    other.publish()
    loop = CampaignLoop(head.shop.services)
    for _ in range(2):
        head.tell(300)
        loop.step()
    assert other.campaign().marked == 3


def test_a_look_goes_out_in_steps_and_the_others_keep_theirs(head: Head) -> None:
    head.publish(Plan(steps=(5, 100), watch_minutes=30), **NEW_LOOK)
    early = head.looks()["another"]
    head.work()
    assert (head.campaign().percent, head.campaign().marked, head.waiting()) == (5, early, early)
    assert head.looks() == {"another": early, "coffee": 20 - early}
    head.tell()
    head.shop.clock.forward(minutes=29)
    head.work()
    assert head.campaign().percent == 5
    head.shop.clock.forward(minutes=2)
    head.work()
    assert (head.campaign().state, head.campaign().marked) == (DONE, 20)
    assert head.looks() == {"another": 20}


def test_phones_are_watched_from_when_they_were_told(head: Head) -> None:
    for _ in range(100):
        head.shop.join()
    head.tell()
    head.publish(Plan(steps=(50, 100), watch_minutes=30))
    head.work()
    assert head.waiting() > 6
    head.shop.clock.forward(hours=5)
    head.work()
    assert head.campaign().percent == 50
    head.tell()
    head.shop.clock.forward(minutes=31)
    head.work()
    assert head.campaign().state == DONE


def test_a_card_that_is_made_meanwhile_has_the_new_look_from_its_first_day(head: Head) -> None:
    head.publish(Plan(steps=(1, 100), watch_minutes=30), **NEW_LOOK)
    assert head.shop.face(head.shop.join()).template == "another"


def test_N18_rolling_back_tells_the_cards_that_were_marked(head: Head) -> None:
    head.publish(Plan(rate=1), **NEW_LOOK)
    head.slice(most=8)
    head.shop.clock.forward(seconds=2)
    marked = head.campaign().marked
    assert marked == 1
    head.tell()
    assert head.say("roll_back") == (3, marked)
    head.work()
    assert (head.campaign().state, head.waiting(), head.looks()) == (DONE, marked, {"coffee": 20})
    with head.shop.services.sessions.read() as session:
        states = session.scalars(select(Campaign.state).order_by(Campaign.id)).all()
    assert states == [ROLLED_BACK, DONE]


def test_rolling_back_what_is_through_tells_everybody(head: Head) -> None:
    head.publish(**NEW_LOOK)
    head.work()
    head.shop.join()
    assert head.say("roll_back") == (3, 21)


@pytest.mark.parametrize("look", [NEW_LOOK, {}], ids=["look", "rules"])
def test_rolling_back_what_took_the_place_of_another_tells_everybody(
    head: Head, look: dict[str, Any]
) -> None:
    """Some have not heard of the first one, and some show it already."""
    head.publish(Plan(steps=(50, 100), watch_minutes=30), **look)
    head.slice(most=5)
    head.shop.publish(**look, welcome=3)
    with head.shop.services.sessions.begin() as session:
        now = head.shop.clock()
        campaign_start.start(session, program="coffee", before=2, plan=Plan(), actor="x", now=now)
    head.tell()
    assert head.say("roll_back") == (4, 20)
    head.work()
    assert head.waiting() == 20


def test_only_what_is_in_force_can_be_rolled_back(head: Head) -> None:
    with pytest.raises(NoCampaign):
        head.say("roll_back")
    head.publish()
    head.shop.publish(organization="Yet another")
    with pytest.raises(NothingToRollBack):
        head.say("roll_back")


def test_rolling_back_twice_does_not_bring_back_what_was_taken_back(head: Head) -> None:
    head.publish(**NEW_LOOK)
    head.work()
    head.say("roll_back")
    with pytest.raises(NothingToRollBack):
        head.say("roll_back")
    head.work()
    with pytest.raises(NothingToRollBack):
        head.say("roll_back")


def test_the_next_publication_takes_the_place_of_one_that_is_open(head: Head) -> None:
    head.publish()
    head.slice(most=5)
    head.publish(organization="Something else")
    head.work()
    with head.shop.services.sessions.read() as session:
        rows = session.execute(select(Campaign.state, Campaign.marked).order_by(Campaign.id)).all()
    assert rows == [(DONE, 5), (DONE, 20)]


def test_a_look_that_is_on_its_way_outlives_a_change_of_rules(head: Head) -> None:
    head.publish(Plan(steps=(5, 100), watch_minutes=30), **NEW_LOOK)
    head.work()
    held = head.looks()
    head.shop.publish(**NEW_LOOK, welcome=3)
    with head.shop.services.sessions.begin() as session:
        campaign_start.start(
            session, program="coffee", before=2, plan=Plan(), actor="x", now=head.shop.clock()
        )
    assert (head.looks(), head.campaign().percent, head.campaign().from_version) == (held, 5, 1)
    head.say("roll_back")
    assert head.looks() == {"coffee": 20}


def test_a_program_without_cards_needs_no_campaign(shop: Shop) -> None:
    head = Head(shop)
    head.publish()
    with pytest.raises(NoCampaign):
        head.campaign()


@pytest.mark.parametrize(
    "plan",
    [
        {"steps": ()},
        {"steps": (0, 100)},
        {"steps": (10, 5, 100)},
        {"steps": (10, 50)},
        {"rate": -1},
        {"watch_minutes": -1},
        {"watch_minutes": int(timedelta(days=8).total_seconds() // 60)},
    ],
    ids=str,
)
def test_a_plan_that_leads_nowhere_is_refused(plan: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        Plan(**plan)  # type: ignore[arg-type]
