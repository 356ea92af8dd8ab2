"""A small share of what `make faults` does with everything outside of our own processes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import (
    outside_apns,
    outside_callbacks,
    outside_clocks,
    outside_google,
    outside_papers,
    outside_phones,
    outside_rubbish,
    outside_templates,
)
from tests.faults.outside_apns import Profile
from tests.faults.outside_crowd import Crowd, gathered
from tests.faults.outside_google import PROFILES, Issuer, issuer

SEED = 7


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with gathered(tmp_path_factory.mktemp("crowd"), 120, deadline=0.5) as crowd:
        yield crowd


@pytest.fixture(scope="module")
def at_google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    with issuer(Path(tmp_path_factory.mktemp("issuer")), 4) as made:
        yield made


@pytest.mark.parametrize("profile", outside_apns.PROFILES, ids=lambda profile: profile.name)
def test_fault_F8_whatever_apns_does_every_phone_hears_of_the_newest_state(
    crowd: Crowd, profile: Profile
) -> None:
    count = outside_apns.suffer(crowd, profile, random.Random(SEED))
    assert count.held, count


@pytest.mark.parametrize("name", PROFILES)
def test_fault_F9_whatever_google_does_every_object_shows_its_card(at_google: Issuer, name: str) -> None:
    stale, amiss, _ = outside_google.suffer(at_google, PROFILES[name])
    assert (stale, amiss) == (0, [])


def test_fault_F9_no_message_is_left_twice(at_google: Issuer) -> None:
    assert outside_google.messages_doubled(at_google) == 0


def test_fault_F10_a_third_of_bad_tokens_stops_the_lane_and_costs_no_phone() -> None:
    count = outside_papers.fuse(0.2, SEED)
    assert count.held, count


def test_fault_F11_clock_steps_leave_nothing_stuck() -> None:
    count = outside_clocks.run(0.05, SEED)
    assert count.held, count


def test_fault_F13_a_certificate_that_does_not_do_signs_and_pushes_nothing_and_loses_nothing() -> None:
    count = outside_papers.certificates(0.06, SEED)
    assert count.held, count


def test_junk_B2_what_no_phone_sends_is_turned_away_and_changes_nothing() -> None:
    count = outside_phones.at_apples_door(0.03, SEED)
    assert count.held, count


def test_junk_B3_a_spoilt_template_is_refused_or_told_of_or_a_card_that_a_phone_takes() -> None:
    count = outside_templates.of_shops(0.03, SEED)
    assert count.held, count


def test_junk_B5_no_callback_that_was_tampered_with_is_believed() -> None:
    count = outside_callbacks.at_googles_door(0.03, SEED)
    assert count.held, count


def test_junk_B6_rubbish_for_an_answer_leaves_every_mark_due_or_parked() -> None:
    count = outside_rubbish.from_the_other_side(0.06, SEED)
    assert count.held, count
