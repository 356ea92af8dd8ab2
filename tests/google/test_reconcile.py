"""What Google holds is compared with what the cards show; drift is told again, and reported."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.google.google_shop import GoogleShop
from wallet_service.cli import google as doctor
from wallet_service.db.tables import GoogleCallback, GoogleNotice, Installation
from wallet_service.google import budget
from wallet_service.google.client import GoogleClient
from wallet_service.google.pace import Pace
from wallet_service.google.reconcile import Reconciler, is_night
from wallet_service.push.worker import Worker


@pytest.fixture
def client(google_shop: GoogleShop) -> Iterator[GoogleClient]:
    client = GoogleClient(google_shop.settings, Pace(None))
    yield client
    client.close()


@pytest.fixture
def reconciler(google_shop: GoogleShop, client: GoogleClient) -> Reconciler:
    return Reconciler(google_shop.services, client)


def test_G34_after_a_callback_google_itself_says_who_holds_the_card(
    google_shop: GoogleShop, reconciler: Reconciler
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.turn(callbacks=False)
    google_shop.outside.ask("POST", "/callbacks", {"object": google_shop.object_id(card), "event": "del"})
    reconciler.look_again()
    known = google_shop.known(card)
    assert known.has_users is True  # another phone holds it still, whatever came last
    assert known.look_at is None
    google_shop.outside.remove(google_shop.object_id(card))
    google_shop.outside.ask("POST", "/callbacks", {"object": google_shop.object_id(card), "event": "del"})
    reconciler.look_again()
    assert google_shop.known(card).has_users is False


def test_a_night_without_drift_writes_nothing(
    google_shop: GoogleShop, reconciler: Reconciler, google_worker: Worker
) -> None:
    google_shop.saved_card()
    google_worker.run_until_idle()
    before = len([call for call in google_shop.outside.calls("/v1/") if call["verb"] != "GET"])
    report = reconciler.nightly()
    assert (report.looked, report.repaired) == (1, [])
    after = [call for call in google_shop.outside.calls("/v1/") if call["verb"] != "GET"]
    assert len(after) == before
    assert {alarm.kind for alarm in google_shop.alarms()} == set()


def test_an_object_that_somebody_else_wrote_to_is_told_again(
    google_shop: GoogleShop, reconciler: Reconciler, client: GoogleClient, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_worker.run_until_idle()
    points = {"loyaltyPoints": {"balance": {"string": "12/12"}}}
    client.patch_object({"id": google_shop.object_id(card), **points})
    report = reconciler.nightly()
    assert report.repaired == [google_shop.object_id(card)]
    assert {alarm.kind for alarm in google_shop.alarms()} == {"google-drift"}
    google_shop.clock.forward(seconds=3)
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "2/12"
    assert reconciler.nightly().repaired == []
    assert {alarm.kind for alarm in google_shop.alarms()} == set()


def test_an_object_that_google_lost_is_made_again(
    google_shop: GoogleShop, reconciler: Reconciler, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_shop.outside.ask("DELETE", f"/objects/{google_shop.object_id(card)}")
    assert reconciler.nightly().repaired == [google_shop.object_id(card)]
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "2/12"


def test_a_change_that_is_still_due_is_no_drift(google_shop: GoogleShop, reconciler: Reconciler) -> None:
    google_shop.earn(google_shop.saved_card())
    assert reconciler.nightly().repaired == []


def test_saves_that_no_callback_told_of_are_an_alarm(google_shop: GoogleShop, reconciler: Reconciler) -> None:
    google_shop.outside.turn(callbacks=False)
    for _ in range(3):
        google_shop.saved_card()
    assert reconciler.nightly().silent_saves == 3
    assert {alarm.kind for alarm in google_shop.alarms()} == {"google-callbacks"}


def test_trouble_at_google_ends_the_night_and_loses_nothing(
    google_shop: GoogleShop, reconciler: Reconciler
) -> None:
    google_shop.saved_card()
    google_shop.outside.script(verb="GET", path="loyaltyObject", status=503)
    report = reconciler.nightly()
    assert (report.looked, "503" in report.stopped_by) == (0, True)
    assert reconciler.nightly().looked == 1


def test_only_what_changed_today_and_a_hundredth_of_the_rest_is_looked_at(
    google_shop: GoogleShop, reconciler: Reconciler
) -> None:
    google_shop.saved_card()
    looked = 0
    for _ in range(101):
        google_shop.clock.forward(days=1)
        looked += reconciler.nightly().looked
    assert looked in (1, 2)


def test_what_is_old_is_forgotten_when_the_clock_is_right(
    google_shop: GoogleShop, reconciler: Reconciler
) -> None:
    known = google_shop.known(google_shop.saved_card())
    with google_shop.services.sessions.begin() as session:
        budget.note(session, known.card_id, google_shop.clock(), granted=True)
    seen(google_shop)
    google_shop.clock.forward(days=30)
    reconciler.nightly()
    with google_shop.services.sessions.read() as session:
        assert len(session.scalars(select(GoogleNotice)).all()) == 1
    seen(google_shop)
    reconciler.nightly()
    with google_shop.services.sessions.read() as session:
        assert session.scalars(select(GoogleCallback)).all() == []
        assert session.scalars(select(GoogleNotice)).all() == []


def seen(shop: GoogleShop) -> None:
    """What workers know of the time."""
    now = shop.clock()
    with shop.services.sessions.begin() as session:
        session.merge(Installation(id=1, life="life", created_at=now, seen_at=now))


def test_night_is_one_hour_of_the_day(google_shop: GoogleShop) -> None:
    day = google_shop.clock().replace(minute=0)
    assert sum(is_night(day.replace(hour=hour)) for hour in range(24)) == 1


# doctor


def told(shop: GoogleShop) -> list[tuple[bool, str]]:
    return [(step.good, step.told) for step in doctor.steps(shop.services)]


def test_a_healthy_account_is_shown_step_by_step(google_shop: GoogleShop) -> None:
    google_shop.saved_card()
    found = told(google_shop)
    assert all(good for good, _ in found)
    assert [line.split()[1] for _, line in found] == ["key", "gives", "issuer", "class", "newest"]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (
            {"path": "/issuer", "status": 403, "reason": "permissionDenied"},
            "choose Users, and invite wallet@",
        ),
        ({"path": "/issuer", "status": 404}, "choose Users"),
        (
            {"path": "/issuer", "status": 403, "reason": "accessNotConfigured"},
            "Enable the Google Wallet API",
        ),
        ({"path": "/token", "status": 503, "times": 9}, "gives no token at the moment"),
        ({"path": "/issuer", "status": 503}, "Try again in a few minutes"),
        ({"path": "loyaltyClass", "status": 404}, "makes it anew"),
        ({"path": "loyaltyObject", "status": 404}, "inserts it again"),
    ],
)
def test_the_first_trouble_is_named_with_its_remedy(
    google_shop: GoogleShop, trouble: dict[str, object], said: str
) -> None:
    google_shop.saved_card()
    google_shop.outside.script(**trouble)
    good, line = told(google_shop)[-1]
    assert (good, said in line) == (False, True), line
