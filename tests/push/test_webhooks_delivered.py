"""How the shop's own systems are told: signed, again until it is taken, and none behind another."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy import func, select, update
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from tests.house.tree import ROOT
from tests.push.hearing import Hearing, drain_of, keeper
from wallet_service.actions import webhooks
from wallet_service.db.tables import Webhook, WebhookDelivery, WebhookMessage
from wallet_service.push.alarms import open_alarms
from wallet_service.push.webhooks import deliveries
from wallet_service.push.webhooks.caller import NOBODY, REDIRECTS, TOO_SLOW
from wallet_service.push.webhooks.messages import happened
from wallet_service.wiring import forget_webhooks

NEVER = "http://127.0.0.1:9/"


def test_a_failure_is_told_again_under_the_same_id(hearing_of: Hearing, name: str) -> None:
    hearing = hearing_of
    hearing.listen(name)
    hearing.receiver.turn(name, status=500, body="oops <b>\x00\n" + "x" * 900)
    hearing.shop.join()
    hearing.drain.run_until_idle()
    (delivery,) = hearing.deliveries()
    assert (delivery.last_status, delivery.tries, delivery.delivered_at) == (500, 1, None)
    assert delivery.last_error is not None
    assert delivery.last_error.startswith("oops <b> xxx")
    assert len(delivery.last_error) == 200
    hearing.receiver.turn(name, status=204)
    hearing.until(hearing.shop.clock() + timedelta(minutes=1), step=timedelta(seconds=30))
    first, second = hearing.receiver.calls(name)
    assert (first["id"], first["body"]) == (second["id"], second["body"])
    (delivery,) = hearing.deliveries()
    assert (delivery.last_status, delivery.due_at, delivery.last_error) == (204, None, None)
    assert delivery.delivered_at is not None


def test_retries_go_on_for_about_three_days_and_then_the_address_is_switched_off(
    hearing: Hearing, name: str
) -> None:
    number = hearing.listen(name)
    hearing.receiver.turn(name, status=503)
    hearing.shop.join()
    began = hearing.shop.clock()
    hearing.until(began + timedelta(days=7), step=timedelta(hours=2))
    assert len(hearing.receiver.calls(name)) == 1 + len(deliveries.RETRIES)
    assert hearing.is_off(number)
    with hearing.shop.services.sessions.read() as session:
        (alarm,) = open_alarms(session)
    assert alarm.subject == name
    assert alarm.detail.startswith("It took nothing for three days.")
    average = sum(deliveries.RETRIES, timedelta()) / 2
    assert timedelta(days=2.5) < average < timedelta(days=3.5)


def test_one_message_that_is_never_taken_is_given_up_alone(hearing: Hearing, name: str) -> None:
    number = hearing.listen(name)
    hearing.receiver.turn(name, status=500)
    hearing.shop.join()
    hearing.until(hearing.shop.clock() + timedelta(days=1), step=timedelta(hours=2))
    with hearing.shop.services.sessions.begin() as session:
        session.execute(
            update(WebhookDelivery).values(tries=len(deliveries.RETRIES), due_at=hearing.shop.clock())
        )
        session.execute(update(WebhookDelivery).values(lease_until=None))
        webhooks.send_test(session, webhook=number, now=hearing.shop.clock())
        session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.tries == 0)
            .values(delivered_at=hearing.shop.clock(), due_at=None)
        )
    hearing.drain.run_until_idle()
    assert [one.due_at for one in hearing.deliveries()] == [None, None]
    assert not hearing.is_off(number)


def test_gone_switches_the_address_off_and_what_waits_goes_out_when_it_is_on_again(
    hearing: Hearing, name: str
) -> None:
    number = hearing.listen(name)
    hearing.receiver.turn(name, status=410)
    card = hearing.shop.join()
    hearing.drain.run_until_idle()
    assert hearing.is_off(number)
    hearing.shop.earn(card)
    assert hearing.told() == ["card.joined"]
    hearing.receiver.turn(name, status=200)
    with hearing.shop.services.sessions.begin() as session:
        assert [alarm.kind for alarm in open_alarms(session)] == ["webhook"]
        webhooks.switch_on(session, webhook=number, actor="staff:2", now=hearing.shop.clock())
        (delivery,) = session.scalars(select(WebhookDelivery))
        webhooks.resend(session, webhook=number, delivery=delivery.id, now=hearing.shop.clock())
        assert open_alarms(session) == []
    hearing.drain.run_until_idle()
    assert hearing.receiver.heard(name) == ["card.joined"]


@pytest.mark.parametrize(
    ("knobs", "status", "said"),
    [
        ({"cut": True}, None, "The connection broke off."),
        ({"status": 302, "location": NEVER}, 302, REDIRECTS),
        ({"status": 404, "body": "no such page"}, 404, "no such page"),
    ],
)
def test_the_log_says_in_a_sentence_what_was_wrong(
    hearing: Hearing, name: str, knobs: dict[str, object], status: int | None, said: str
) -> None:
    hearing.listen(name)
    hearing.receiver.turn(name, **knobs)
    hearing.shop.join()
    hearing.drain.run_until_idle()
    (delivery,) = hearing.deliveries()
    assert (delivery.last_status, delivery.last_error) == (status, said)


def test_nobody_at_home_is_said_too(hearing: Hearing, name: str) -> None:
    hearing.listen(name, url=NEVER)
    hearing.shop.join()
    hearing.drain.run_until_idle()
    assert hearing.deliveries()[0].last_error == NOBODY


def test_an_address_that_hangs_keeps_no_other_waiting(hearing: Hearing, name: str) -> None:
    hearing.listen(name)
    hearing.listen(f"{name}-quick")
    hearing.receiver.turn(name, hang=True)
    for _ in range(4):
        hearing.shop.join()
    while len(hearing.receiver.heard(f"{name}-quick")) < 4:
        hearing.drain.step()
    assert [one.last_error for one in hearing.deliveries() if one.tried_at and not one.delivered_at] == []
    hearing.drain.run_until_idle()
    assert {one.last_error for one in hearing.deliveries()} == {None, TOO_SLOW}


def test_news_of_one_card_arrive_in_their_order(hearing: Hearing, name: str) -> None:
    hearing.listen(name)
    cards = [hearing.shop.join() for _ in range(3)]
    for _ in range(6):
        for card in cards:
            hearing.shop.earn(card)
    hearing.receiver.turn(name, delay=0.01)
    hearing.drain.run_until_idle()
    calls = hearing.receiver.calls(name)
    for card in cards:
        versions = [one["data"]["card"]["version"] for one in calls if one["data"]["card"]["serial"] == card]
        assert versions == sorted(versions)
        assert len(versions) == 7


def test_after_two_failures_a_message_lets_the_later_ones_pass(hearing: Hearing, name: str) -> None:
    hearing.listen(name, "card.joined", "purchase.booked")
    hearing.receiver.turn(name, status=500)
    card = hearing.shop.join()
    hearing.shop.earn(card)
    hearing.drain.run_until_idle()
    assert len(hearing.receiver.calls(name)) == 1
    hearing.shop.clock.forward(seconds=11)
    hearing.drain.run_until_idle()
    assert [call["type"] for call in hearing.receiver.calls(name)] == [
        "card.joined",
        "card.joined",
        "purchase.booked",
    ]


def test_after_an_outage_all_of_it_arrives_in_order(hearing: Hearing, name: str) -> None:
    """More than is looked at in one go; what comes first has failed before and stands behind in time."""
    hearing.listen(name)
    hearing.receiver.turn(name, status=500)
    cards = [hearing.shop.join() for _ in range(9)]
    for card in cards * 4:
        hearing.shop.earn(card)
    hearing.drain.run_until_idle()
    assert len(hearing.receiver.calls(name)) == len(cards)
    hearing.receiver.turn(name, status=200)
    hearing.shop.clock.forward(seconds=11)
    hearing.drain.run_until_idle()
    taken = [call["data"]["card"] for call in hearing.receiver.calls(name) if call["taken"]]
    assert len(taken) == 5 * len(cards)
    for card in cards:
        versions = [one["version"] for one in taken if one["serial"] == card]
        assert versions == sorted(versions)


def test_two_workers_tell_everything_once(hearing_of: Hearing, name: str) -> None:
    hearing = hearing_of
    hearing.listen(name)
    for _ in range(30):
        hearing.shop.join()
    other = drain_of(hearing.shop)
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda drain: drain.run_until_idle(), (hearing.drain, other)))
    other.close()
    ids = [call["id"] for call in hearing.receiver.calls(name)]
    assert len(ids) == len(set(ids)) == 30


def test_a_worker_that_is_killed_loses_nothing(hearing: Hearing, name: str, tmp_path: Path) -> None:
    """In a process of its own, killed while the receiver holds its calls."""
    hearing.listen(name)
    for _ in range(6):
        hearing.shop.join()
    hearing.receiver.turn(name, hang=True)
    database = str(hearing.shop.services.sessions.engine.url)
    with Popen(
        [sys.executable, "-m", "tests.push.killed_drain", str(tmp_path), database], cwd=ROOT
    ) as worker:
        while not hearing.receiver.calls(name):
            assert worker.poll() is None
        worker.kill()
    hearing.receiver.turn(name, hang=False)
    hearing.shop.clock.forward(seconds=31)
    hearing.drain.run_until_idle()
    taken = {call["id"] for call in hearing.receiver.calls(name) if call["taken"]}
    assert len(taken) == 6
    assert all(one.delivered_at for one in hearing.deliveries())


@pytest.mark.parametrize("lease", [timedelta(seconds=1), timedelta(minutes=5)], ids=["short", "long"])
def test_what_is_being_told_is_nobody_elses_however_long_the_lease_is(
    hearing: Hearing, name: str, lease: timedelta
) -> None:
    hearing.listen(name)
    hearing.shop.join()
    hearing.receiver.turn(name, hang=True)
    first, second = (drain_of(hearing.shop, lease=lease) for _ in range(2))
    assert first.step()
    hearing.shop.clock.forward(seconds=10)  # a call lasts no longer
    assert not second.step()
    hearing.receiver.turn(name, hang=False)
    for drain in (first, second):
        drain.close()


def test_while_a_key_is_changed_old_and_new_secrets_fit(hearing: Hearing, name: str) -> None:
    hearing.listen(name)
    old, new = hearing.shop.services.settings.secret_keys[0], "n" * 40
    drain = drain_of(hearing.shop, (new, old))
    hearing.shop.join()
    drain.run_until_idle()
    drain.close()
    (call,) = hearing.receiver.calls(name)
    assert call["wrong"] is None
    assert len(call["headers"]["webhook-signature"].split()) == 2


def test_a_receiver_without_the_secret_takes_nothing(hearing: Hearing, name: str) -> None:
    number = hearing.listen(name)
    shop = hearing.shop
    with shop.services.sessions.begin() as session:
        fresh = webhooks.renew_secret(session, keeper(shop), webhook=number, now=shop.clock())
    shop.join()
    hearing.drain.run_until_idle()
    (call,) = hearing.receiver.calls(name)
    assert call["wrong"] == "WebhookVerificationError: No matching signature found"
    with pytest.raises(WebhookVerificationError):
        Verifier(fresh).verify(call["body"] + " ", call["headers"])
    hearing.receiver.turn(name, secret=fresh)
    shop.clock.forward(seconds=11)
    hearing.drain.run_until_idle()
    assert hearing.receiver.heard(name) == ["card.joined"]


def test_the_secret_is_kept_nowhere(hearing: Hearing, name: str, tmp_path: Path) -> None:
    with hearing.shop.services.sessions.begin() as session:
        added = webhooks.add_webhook(
            session, keeper(hearing.shop), name=name, url=NEVER, events=(), now=hearing.shop.clock()
        )
    hearing.shop.join()
    hearing.drain.run_until_idle()
    secret = added.secret.removeprefix("whsec_").encode()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if secret in path.read_bytes()] == []


def test_removing_an_address_while_it_is_told_breaks_no_booking(hearing_of: Hearing, name: str) -> None:
    hearing = hearing_of
    number = hearing.listen(name)
    hearing.shop.join()
    with hearing.shop.services.sessions.begin() as session:
        webhooks.remove(session, webhook=number, actor="staff:2", now=hearing.shop.clock())
    hearing.shop.join()
    hearing.drain.run_until_idle()
    with hearing.shop.services.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(Webhook)) == 0


def test_what_is_older_than_a_month_is_forgotten(hearing: Hearing, name: str) -> None:
    hearing.listen(name)
    hearing.shop.join()
    hearing.shop.clock.forward(days=31)
    hearing.shop.join()
    forget_webhooks(hearing.shop.services)
    with hearing.shop.services.sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(WebhookMessage)) == 1
    assert len(hearing.deliveries()) == 1


def test_the_same_news_is_written_once_whoever_comes_first(hearing_of: Hearing, name: str) -> None:
    hearing_of.listen(name)
    for _ in range(2):
        with hearing_of.shop.services.sessions.begin() as session:
            happened(session, "reward.ready", {}, now=hearing_of.shop.clock(), uid="msg_same")
    assert hearing_of.told() == ["reward.ready"]
