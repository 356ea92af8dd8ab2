"""A receiver that has too much to do says when to come back, and is left alone until then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.push.hearing import Hearing
from wallet_service.push.http_date import FORM
from wallet_service.push.webhooks.asked_to_wait import asked_to_wait
from wallet_service.push.webhooks.caller import Answer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 11:00:00 GMT"  # their clock is an hour behind ours


@pytest.mark.parametrize(
    ("status", "said", "date", "wait"),
    [
        (429, "120", "", timedelta(minutes=2)),
        (503, "120", "", timedelta(minutes=2)),
        (500, "120", "", timedelta()),
        (429, "", "", timedelta()),
        (429, "soon", "", timedelta()),
        (429, "-5", "", timedelta()),
        (429, "9" * 5000, "", timedelta(hours=6)),
        (503, "Sun, 22 Nov 2026 12:30:00 GMT", "", timedelta(minutes=30)),
        (503, "Sun, 22 Nov 2026 11:30:00 GMT", DATE, timedelta(minutes=30)),
        (503, "Sun, 22 Nov 2026 10:30:00 GMT", DATE, timedelta()),
        (503, "Sun, 22 Nov 2037 10:30:00 GMT", DATE, timedelta(hours=6)),
    ],
)
def test_seconds_and_dates_are_honoured_within_reason(
    status: int, said: str, date: str, wait: timedelta
) -> None:
    assert asked_to_wait(Answer(status, "", said, date), NOW) == wait


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_message_comes_again_no_sooner_than_was_asked(hearing: Hearing, name: str, form: str) -> None:
    hour, shop = timedelta(hours=1), hearing.shop
    theirs = (datetime.now(UTC) + hour).strftime(FORM)
    hearing.listen(name)
    hearing.receiver.turn(name, status=503, retry_after="3600" if form == "seconds" else theirs)
    shop.join()
    hearing.drain.run_until_idle()
    hearing.receiver.turn(name, status=200)
    (delivery,) = hearing.deliveries()
    asked = delivery.due_at - shop.clock() if delivery.due_at else None
    assert asked is not None
    assert abs(asked - hour) < timedelta(minutes=1)
    hearing.until(shop.clock() + hour + timedelta(minutes=2))
    assert len(hearing.receiver.calls(name)) == 2


def test_the_address_is_spared_too_but_not_for_long(hearing: Hearing, name: str) -> None:
    hearing.listen(name)
    hearing.receiver.turn(name, status=429, retry_after="3600")
    hearing.shop.join()
    hearing.drain.run_until_idle()
    hearing.receiver.turn(name, status=200)
    hearing.shop.join()
    hearing.drain.run_until_idle()
    assert len(hearing.receiver.calls(name)) == 1
    hearing.shop.clock.forward(minutes=11)
    hearing.drain.run_until_idle()
    assert [call["taken"] for call in hearing.receiver.calls(name)] == [False, True]
