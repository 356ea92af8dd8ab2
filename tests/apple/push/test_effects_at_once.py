"""What APNs said, written down while somebody else writes about the same phone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.apple.phones import PASS_TYPE, Phones
from tests.shop import Shop
from wallet_service.apple.waking import push_effects
from wallet_service.apple.waking.addressees import Addressee
from wallet_service.apple.waking.apns_answers import Answer, Push, Verdict
from wallet_service.apple.waking.push_effects import Answers, Fuse
from wallet_service.db.tables import Device


def said(shop: Shop, verdict: Verdict, at: datetime | None = None) -> Answers:
    with shop.services.sessions.read() as session:
        device = session.scalars(select(Device)).one()
    push = Push("1", device.push_token, PASS_TYPE)
    return [(Addressee(device.id, PASS_TYPE, device.push_token), Answer(push, verdict, 0, timestamp=at))]


def test_N12_two_workers_that_push_one_phone_for_the_first_time_both_write_it_down(large_shop: Shop) -> None:
    shop, phones = large_shop, Phones(large_shop)
    device = phones.register(shop.join(), "family")
    answers = said(shop, Verdict.ACCEPTED)

    def other(number: int) -> None:
        with shop.services.sessions.begin() as session:
            push_effects.apply(session, PASS_TYPE, number, answers, Fuse(), shop.clock())

    with ThreadPoolExecutor(1) as worker:
        with shop.services.sessions.begin() as session:
            push_effects.apply(session, PASS_TYPE, 1, answers, Fuse(), shop.clock())
            session.flush()
            writing = worker.submit(other, 2)
            with pytest.raises(TimeoutError):
                writing.result(0.3)
        writing.result(5)
    pace = phones.pace(device)
    assert pace is not None
    assert (pace.pushes, pace.told_number) == (2, 2)


def test_N10_a_410_that_meets_a_new_registration_waits_and_then_removes_nothing(large_shop: Shop) -> None:
    shop, phones = large_shop, Phones(large_shop)
    phones.register(shop.join(), "alice")
    answers = said(shop, Verdict.GONE, at=shop.clock())

    def other() -> None:
        with shop.services.sessions.begin() as session:
            push_effects.apply(session, PASS_TYPE, 1, answers, Fuse(), shop.clock())

    with ThreadPoolExecutor(1) as worker:
        with shop.services.sessions.begin() as session:
            phone = session.scalars(select(Device).with_for_update()).one()
            phone.token_set_at = shop.clock() + timedelta(seconds=1)  # it registers again
            session.flush()
            writing = worker.submit(other)
            with pytest.raises(TimeoutError):
                writing.result(0.3)
        writing.result(5)
    assert phones.count() == 1
