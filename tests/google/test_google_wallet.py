"""A card in Google Wallet follows its ledger: one PATCH with the newest state, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from simulators.google_wallet.process import Simulator
from tests.google.google_shop import GoogleShop, make_wallet, make_worker, open_google_shop
from wallet_service.actions.erase import erase
from wallet_service.db.tables import Alarm, GoogleClass, GoogleNotice
from wallet_service.google.wallet import GoogleWallet
from wallet_service.push import outbox
from wallet_service.push.worker import Worker


def alarms(shop: GoogleShop) -> list[str]:
    with shop.services.sessions.read() as session:
        return [alarm.detail for alarm in session.scalars(select(Alarm).where(Alarm.cleared_at.is_(None)))]


def purchase(shop: GoogleShop, worker: Worker, card: str) -> None:
    shop.earn(card)
    worker.run_until_idle()


def test_G14_one_patch_carries_balance_to_go_text_and_picture(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    purchase(google_shop, google_worker, card)
    (call,) = google_shop.patches(card)
    body = call["body"]
    assert body["loyaltyPoints"]["balance"] == {"string": "3/12"}
    assert body["secondaryLoyaltyPoints"]["balance"] == {"string": "9"}
    assert "3 of 12" in str(body["textModulesData"])
    assert body["heroImage"]["sourceUri"]["uri"] != google_shop.outside.calls("loyaltyObject", "POST")
    assert google_shop.object(card)["loyaltyPoints"]["balance"]["string"] == "3/12"


def test_G14_what_google_holds_already_is_not_sent_again(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    booked = google_shop.earn(card)
    google_shop.undo(booked)
    google_shop.clock.forward(hours=1)
    google_worker.run_until_idle()
    google_shop.clock.forward(seconds=3)
    told = len(google_shop.patches(card))
    card_id, now = google_shop.known(card).card_id, google_shop.clock()
    with google_shop.services.sessions.begin() as session:
        outbox.tell_again(session, card_id=card_id, version=9, wallet="google", now=now)
    google_worker.run_until_idle()
    assert google_shop.mark(card).told == 9
    assert len(google_shop.patches(card)) == told


def test_G15_notice_is_asked_for_with_each_patch_that_is_worth_one_and_with_no_other(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    purchase(google_shop, google_worker, card)
    with google_shop.services.sessions.begin() as session:
        outbox.card_changed(
            session,
            card_id=google_shop.known(card).card_id,
            version=99,
            wallets=["google"],
            now=google_shop.clock(),
            notify=False,
        )
    google_shop.publish(organization="Another name on the card")
    google_shop.clock.forward(minutes=1)
    google_worker.run_until_idle()
    asked = [call["body"].get("notifyPreference") for call in google_shop.patches(card)]
    assert asked[0] == "NOTIFY_ON_UPDATE"
    assert set(asked[1:]) <= {None}
    assert [push["kind"] for push in google_shop.outside.pushes()] == ["update"]


def test_G17_a_member_who_leaves_retires_the_object(google_shop: GoogleShop, google_worker: Worker) -> None:
    card = google_shop.saved_card()
    google_shop.leave(card)
    google_worker.run_until_idle()
    assert google_shop.object(card)["state"] == "INACTIVE"
    assert google_shop.outside.calls(verb="DELETE") == []


def test_G24_a_hundred_rapid_changes_are_few_calls_and_the_last_value(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    for number in range(100):
        google_shop.earn(card, visits=1)
        if number % 25 == 24:
            google_shop.clock.forward(seconds=3)
            google_worker.step()
    google_shop.clock.forward(seconds=3)
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "102/12"
    assert len(google_shop.patches(card)) <= 5


def test_G24_an_older_version_never_follows_a_newer_one(
    google_shop: GoogleShop, google_wallet: GoogleWallet, google_worker: Worker
) -> None:
    """A worker that lost its lease wakes up late: what it settles is told once more, and newest."""
    card = google_shop.saved_card()
    google_shop.earn(card)
    sessions, clock = google_shop.services.sessions, google_shop.clock
    with sessions.begin() as session:
        lease, notes = outbox.claim(session, "google", clock())
    clock.forward(seconds=31)
    google_shop.earn(card)
    google_worker.run_until_idle()
    late = list(google_wallet.tell(notes, clock()))
    with sessions.begin() as session:
        assert outbox.settle(session, lease, late, clock()) == notes
    clock.forward(seconds=5)
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "4/12"
    shown = [call["body"]["loyaltyPoints"]["balance"]["string"] for call in google_shop.patches(card)]
    assert shown == sorted(shown)


def test_G26_each_change_is_a_call_of_its_own(google_shop: GoogleShop, google_worker: Worker) -> None:
    """A batch's envelope proves nothing, so there is none."""
    for card in [google_shop.saved_card(), google_shop.saved_card()]:
        google_shop.earn(card)
    google_worker.run_until_idle()
    assert google_shop.outside.calls("/batch") == []
    assert len(google_shop.patches()) == 2


# G12: the class


def test_G10_G11_a_class_that_is_there_already_is_patched_for_review(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    google_shop.saved_card()
    with google_shop.services.sessions.begin() as session:
        session.query(GoogleClass).delete()
    google_shop.publish(organization="New name")
    google_shop.saved_card()
    calls = [call for call in google_shop.outside.calls("loyaltyClass") if call["verb"] != "GET"]
    assert [(call["verb"], call["status"]) for call in calls] == [
        ("POST", 200),
        ("POST", 409),
        ("PATCH", 200),
    ]
    assert {call["body"]["reviewStatus"] for call in calls} == {"UNDER_REVIEW"}
    assert google_shop.outside.calls(verb="PUT") == []


def test_G12_an_unchanged_class_is_written_once_however_often_we_start(google_shop: GoogleShop) -> None:
    card = google_shop.saved_card()
    for _ in range(3):
        wallet = make_wallet(google_shop)
        google_shop.earn(card)
        google_shop.clock.forward(seconds=20)
        make_worker(google_shop, wallet).run_until_idle()
        wallet.close()
    assert len(google_shop.outside.calls("loyaltyClass")) == 1


def test_a_class_that_google_lost_is_made_again_and_the_card_goes_on(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.start_over()
    purchase(google_shop, google_worker, card)
    assert google_shop.shows(card) == "3/12"
    assert google_shop.mark(card).told == google_shop.mark(card).wanted


def test_a_class_that_is_refused_holds_back_no_balance(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_shop.publish(organization="Refused")
    google_shop.outside.script(path="loyaltyClass", status=400, message="Invalid issuerName.", times=9)
    purchase(google_shop, google_worker, card)
    assert google_shop.shows(card) == "3/12"
    assert any("Invalid issuerName" in alarm for alarm in alarms(google_shop))


# answers


@pytest.mark.parametrize("status", [408, 500, 503])
def test_a_failing_google_is_asked_again_later(
    google_shop: GoogleShop, google_worker: Worker, status: int
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(verb="PATCH", status=status)
    purchase(google_shop, google_worker, card)
    assert google_shop.mark(card).tries == 1
    google_shop.clock.forward(minutes=1)
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "3/12"


@pytest.mark.parametrize("form", ["answer", "reset", "truncated"])
def test_F9_an_insert_whose_answer_was_lost_is_no_second_card(
    google_shop: GoogleShop, google_worker: Worker, form: str
) -> None:
    card = google_shop.join()
    google_shop.outside.script(verb="POST", path="loyaltyObject", form=form, status=503, after_effect=True)
    assert google_shop.ask_to_save(card).status_code == 503
    google_shop.save(card)
    purchase(google_shop, google_worker, card)
    assert google_shop.shows(card) == "3/12"


def test_F9_a_patch_whose_answer_was_lost_is_safe_to_repeat(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(verb="PATCH", form="reset", after_effect=True)
    purchase(google_shop, google_worker, card)
    google_shop.clock.forward(minutes=1)
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "3/12"
    assert google_shop.mark(card).told == google_shop.mark(card).wanted


def test_a_patch_of_an_object_that_google_lost_inserts_it(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.ask("DELETE", f"/objects/{google_shop.object_id(card)}")
    purchase(google_shop, google_worker, card)
    assert google_shop.shows(card) == "3/12"


def test_G13_an_object_that_is_there_already_is_patched(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    with google_shop.services.sessions.begin() as session:
        known = google_shop.known(card)
        session.merge(known).inserted_at = None  # as after a restore of our database
    purchase(google_shop, google_worker, card)
    assert google_shop.shows(card) == "3/12"
    assert [call["status"] for call in google_shop.outside.calls("loyaltyObject", "POST")] == [200, 409]


def test_a_bad_request_is_parked_with_googles_words(google_shop: GoogleShop, google_worker: Worker) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(verb="PATCH", status=400, message="Invalid barcode type.")
    purchase(google_shop, google_worker, card)
    mark = google_shop.mark(card)
    assert mark.parked
    assert mark.last_error == "Google: 400 invalidResource. Invalid barcode type."


def test_a_lock_that_failed_is_looked_at_and_repeated_once(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(verb="PATCH", status=412)
    purchase(google_shop, google_worker, card)
    assert [call["status"] for call in google_shop.patches(card)] == [412, 200]
    assert google_shop.shows(card) == "3/12"


@pytest.mark.parametrize("reason", ["permissionDenied", "insufficientPermissions"])
def test_no_permission_stops_the_whole_lane_until_it_is_mended(
    google_shop: GoogleShop, google_worker: Worker, reason: str
) -> None:
    cards = [google_shop.saved_card() for _ in range(3)]
    google_shop.outside.script(verb="PATCH", status=403, reason=reason, times=0)
    for _ in range(2):
        for card in cards:
            google_shop.earn(card)
        google_worker.run_until_idle()
        google_shop.clock.forward(seconds=30)
    assert len(google_shop.patches()) <= 6  # those under way when the first came back
    (alarm,) = alarms(google_shop)
    assert "Invite the service account" in alarm
    google_shop.outside.ask("DELETE", "/knobs")
    google_shop.clock.forward(minutes=6)
    google_worker.run_until_idle()
    assert {google_shop.shows(card) for card in cards} == {"4/12"}
    assert alarms(google_shop) == []


def test_while_the_circuit_is_open_nothing_is_lost_and_nothing_is_sent(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(status=403, reason="permissionDenied", times=0)
    purchase(google_shop, google_worker, card)
    before = len(google_shop.outside.calls("walletobjects"))
    for _ in range(4):
        google_shop.clock.forward(minutes=1)
        google_worker.run_until_idle()
    assert len(google_shop.outside.calls("walletobjects")) == before
    mark = google_shop.mark(card)
    assert (mark.told < mark.wanted, mark.parked, mark.tries) == (True, False, 0)


@pytest.mark.parametrize("status", [403, 429])
def test_G25_too_fast_waits_as_long_as_google_says(
    google_shop: GoogleShop, google_worker: Worker, status: int
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(verb="PATCH", status=status, reason="rateLimitExceeded", retry_after="1")
    purchase(google_shop, google_worker, card)
    mark = google_shop.mark(card)
    assert mark.due_at == google_shop.clock() + timedelta(seconds=1)
    assert mark.tries == 0
    google_shop.clock.forward(seconds=2)
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "3/12"


def test_a_field_that_is_not_open_to_us_is_left_out_from_then_on(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.join()
    google_shop.outside.script(
        path="loyaltyClass", status=400, message="Issuer not allowlisted for Merchant Locations."
    )
    google_shop.save(card)
    assert [call["status"] for call in google_shop.outside.calls("loyaltyClass")] == [400, 200]
    assert any("does not open this" in alarm for alarm in alarms(google_shop))


# pictures


def test_G14_the_balance_lands_when_the_picture_cannot_be_fetched(tmp_path: Path, google: Simulator) -> None:
    with open_google_shop(tmp_path, google) as shop:
        card = shop.saved_card()
        wallet = make_wallet(shop)
        worker = make_worker(shop, wallet)
        shop.pictures_are_gone = True
        purchase(shop, worker, card)
        assert shop.shows(card) == "3/12"
        assert "picture is not" in str(shop.mark(card).last_error)
        assert shop.mark(card).due_at <= shop.clock() + timedelta(seconds=10)  # a restart takes no longer
        assert len(shop.patches(card)) == 1
        wallet.close()
        shop.pictures_are_gone = False
        wallet = make_wallet(shop)
        shop.clock.forward(minutes=11)
        make_worker(shop, wallet).run_until_idle()
        assert "heroImage" in shop.object(card)
        assert shop.mark(card).last_error is None
        asked = [call["body"].get("notifyPreference") for call in shop.patches(card)]
        assert asked == ["NOTIFY_ON_UPDATE", None]  # the picture alone is no news
        wallet.close()


def test_a_picture_that_google_refuses_is_left_out_once(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(verb="PATCH", status=400, message="Image cannot be loaded. https://x")
    purchase(google_shop, google_worker, card)
    first, second = (call["body"].get("heroImage") for call in google_shop.patches(card))
    assert first is not None
    assert second is None
    assert google_shop.shows(card) == "3/12"
    assert not google_shop.mark(card).parked


# notices


def test_G27_three_notices_a_day_and_the_best_news_gets_them(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    for _ in range(10):
        google_shop.clock.forward(minutes=10)
        purchase(google_shop, google_worker, card)
    rang = [push["body"] for push in google_shop.outside.pushes()]
    assert rang == ["3/12", "10/12", "12/12"]
    assert google_shop.shows(card) == "12/12"
    with google_shop.services.sessions.read() as session:
        denied = session.scalars(select(GoogleNotice).where(GoogleNotice.granted.is_(False))).all()
    assert len(denied) == 7


def test_G27_after_a_day_the_phone_may_ring_again(google_shop: GoogleShop, google_worker: Worker) -> None:
    card = google_shop.saved_card()
    for _ in range(2):
        purchase(google_shop, google_worker, card)
        google_shop.clock.forward(hours=25)
    assert len(google_shop.outside.pushes()) == 2


def test_G27_quota_as_403_is_no_lack_of_permission(google_shop: GoogleShop, google_worker: Worker) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(verb="PATCH", status=403, reason="quotaExceeded")
    purchase(google_shop, google_worker, card)
    asked = [call["body"].get("notifyPreference") for call in google_shop.patches(card)]
    assert asked == ["NOTIFY_ON_UPDATE", None]
    assert google_shop.shows(card) == "3/12"
    assert alarms(google_shop) == []
    google_shop.clock.forward(hours=1)
    purchase(google_shop, google_worker, card)
    assert "notifyPreference" not in google_shop.patches(card)[-1]["body"]


def test_members_of_apple_are_not_held_up_by_google(google_shop: GoogleShop, google_worker: Worker) -> None:
    """A card that is on iPhones only costs Google no call, whatever state Google is in."""
    google_shop.outside.script(status=503, times=0)
    card = google_shop.join()
    purchase(google_shop, google_worker, card)
    mark = google_shop.mark(card)
    assert mark.told == mark.wanted
    assert google_shop.outside.calls("walletobjects") == []


def test_G17_of_a_forgotten_member_google_keeps_an_empty_closed_object(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    purchase(google_shop, google_worker, card)
    with google_shop.services.sessions.begin() as session:
        erase(session, card=card, wallets=("google",), now=google_shop.clock())
    google_shop.clock.forward(seconds=30)
    google_worker.run_until_idle()
    held = google_shop.object(card)
    assert held["state"] == "INACTIVE"
    told = ("accountId", "barcode", "heroImage", "linksModuleData", "loyaltyPoints", "secondaryLoyaltyPoints")
    assert [name for name in (*told, "textModulesData") if held.get(name)] == []
    assert google_shop.mark(card).told == google_shop.mark(card).wanted
