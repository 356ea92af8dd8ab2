"""Whatever Google loses, refuses or leaves unanswered, the card shows the newest state in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.google.google_shop import GoogleShop, purchase
from wallet_service.push.worker import Worker


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
    assert any("Invalid issuerName" in alarm.detail for alarm in google_shop.alarms())


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
    (alarm,) = google_shop.alarms()
    assert "Invite the service account" in alarm.detail
    google_shop.outside.ask("DELETE", "/knobs")
    google_shop.clock.forward(minutes=6)
    google_worker.run_until_idle()
    assert {google_shop.shows(card) for card in cards} == {"4/12"}
    assert google_shop.alarms() == []


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
    assert any("does not open this" in alarm.detail for alarm in google_shop.alarms())


def test_G27_quota_as_403_is_no_lack_of_permission(google_shop: GoogleShop, google_worker: Worker) -> None:
    card = google_shop.saved_card()
    google_shop.outside.script(verb="PATCH", status=403, reason="quotaExceeded")
    purchase(google_shop, google_worker, card)
    asked = [call["body"].get("notifyPreference") for call in google_shop.patches(card)]
    assert asked == ["NOTIFY_ON_UPDATE", None]
    assert google_shop.shows(card) == "3/12"
    assert google_shop.alarms() == []
    google_shop.clock.forward(hours=1)
    purchase(google_shop, google_worker, card)
    assert "notifyPreference" not in google_shop.patches(card)[-1]["body"]
