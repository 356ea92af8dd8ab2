"""An alarm is one row, however many processes notice the trouble."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

from tests.shop import Shop
from wallet_service.push.alarms import clear_alarm, open_alarms, raise_alarm


def notice(shop: Shop, detail: str = "The certificate has expired.") -> None:
    with shop.services.sessions.begin() as session:
        raise_alarm(session, "signing", "pass.coffee", detail, shop.clock())


def test_two_that_notice_the_same_at_once_raise_one_alarm(shop: Shop) -> None:
    with ThreadPoolExecutor(1) as other:
        with shop.services.sessions.begin() as session:
            raise_alarm(session, "signing", "pass.coffee", "The certificate has expired.", shop.clock())
            session.flush()
            noticing = other.submit(notice, shop)
            wait([noticing], timeout=0.3)
        noticing.result(5)
    with shop.services.sessions.read() as session:
        assert len(open_alarms(session)) == 1


def test_what_comes_back_is_raised_anew(shop: Shop) -> None:
    notice(shop)
    with shop.services.sessions.begin() as session:
        clear_alarm(session, "signing", "pass.coffee", shop.clock())
    again = shop.clock.forward(hours=1)
    notice(shop, "The key is gone.")
    with shop.services.sessions.read() as session:
        (alarm,) = open_alarms(session)
    assert (alarm.raised_at, alarm.detail) == (again, "The key is gone.")
