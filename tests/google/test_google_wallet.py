"""A card in Google Wallet follows its ledger: one PATCH with the newest state, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from simulators.google_wallet.process import Simulator
from tests.google.google_shop import GoogleShop, make_wallet, make_worker, open_google_shop, purchase
from wallet_service.actions.erase import erase
from wallet_service.db.tables import GoogleClass, GoogleNotice
from wallet_service.google.wallet import GoogleWallet
from wallet_service.push import outbox
from wallet_service.push.worker import Worker


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
