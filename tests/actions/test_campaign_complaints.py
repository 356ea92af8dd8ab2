"""Phones complain of what goes out to all cards: it halts by itself, and no till waits for the count."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.head_office import NEW_LOOK, Head, head, shop
from tests.overheard import overheard
from wallet_service.actions import campaign_round
from wallet_service.db.tables.campaigns import HALTED, RUNNING
from wallet_service.domain.rollout import Plan
from wallet_service.push.complaints import Complaint

__all__ = ["head", "shop"]


def test_N18_it_halts_when_phones_complain(head: Head) -> None:
    head.publish(Plan(steps=(99, 100), watch_minutes=30), **NEW_LOOK)
    head.slice()
    head.complain(5)
    assert (head.campaign().state, head.campaign().complaints) == (RUNNING, 5)
    head.complain(6, phones=False)
    assert head.campaign().state == RUNNING  # a card that no phone has can say nothing


@pytest.mark.parametrize("all_the_same", [{"token": "ab" * 32}, {"pushes": 0}, {"member": 1}])
def test_N18_one_person_halts_nothing_with_many_cards_or_made_up_phones(
    head: Head, all_the_same: dict[str, Any]
) -> None:
    head.publish(Plan(steps=(99, 100), watch_minutes=30), **NEW_LOOK)
    head.slice()
    head.complain(9, **all_the_same)
    assert (head.campaign().state, head.campaign().complaints) == (
        RUNNING,
        0 if "pushes" in all_the_same else 1,
    )


def test_N18_a_halt_is_told_and_goes_on_by_hand_alone(head: Head) -> None:
    head.publish(Plan(steps=(99, 100), watch_minutes=30), **NEW_LOOK)
    head.slice()
    head.complain(6)
    head.work()
    halted = head.campaign()
    assert (halted.state, halted.marked, head.alarms()) == (HALTED, 10, ["campaign"])
    assert halted.reason == "The phones of 6 members complain since it began."
    head.shop.clock.forward(minutes=1)
    head.say("resume")
    head.work()
    assert (head.campaign().state, head.alarms()) == (RUNNING, [])


def test_what_every_phone_grumbles_halts_nothing(head: Head) -> None:
    head.publish()
    head.slice()
    head.complain(15, Complaint.LISTED_UNCHANGED)
    assert head.campaign().state == RUNNING


def test_nobody_is_kept_from_the_database_while_complaints_are_counted(head: Head) -> None:
    if not head.shop.services.sessions.sqlite:
        pytest.skip("on PostgreSQL nobody waits for a look")
    head.publish()
    with overheard(head.shop.services.sessions) as said:
        head.work()
    counting = next(number for number, one in enumerate(said) if "device_log" in one)
    begun = [one for one in said[:counting] if one.startswith("BEGIN")]
    assert "IMMEDIATE" not in begun[-1]


def test_what_was_counted_before_somebody_resumed_it_halts_nothing(head: Head) -> None:
    head.publish(Plan(steps=(99, 100), watch_minutes=30), **NEW_LOOK)
    head.slice()
    head.complain(6)
    sessions, campaign = head.shop.services.sessions, head.campaign().id
    with sessions.read() as session:
        heard = campaign_round.complaints(session, campaign)
    assert heard is not None
    head.shop.clock.forward(minutes=1)
    head.say("resume")
    with sessions.begin() as session:
        campaign_round.judge(session, campaign, heard, head.shop.clock())
    assert head.campaign().state == RUNNING
