"""A program whose code turns: what Google shows, what the till takes, and what it does not."""

from __future__ import annotations

import pytest

from simulators.google_wallet.rotating import shown_at
from simulators.google_wallet.schema import OBJECT, check_object, check_patch
from tests.api.till import Till, answer, make_key, problem
from tests.google.cards import HERO, ISSUER, LOOK, make_face
from tests.google.google_shop import GoogleShop
from tests.web.site import Site
from tests.web.till.page import TillPage, till_page
from wallet_service.actions.staff import add_staff
from wallet_service.domain.errors import LiveCodeNeeded
from wallet_service.google.client import GoogleClient
from wallet_service.google.loyalty_object import for_patch, loyalty_object
from wallet_service.google.pace import Pace
from wallet_service.google.reconcile import Reconciler
from wallet_service.push.worker import Worker

KEY = b"k" * 32


@pytest.fixture
def turning(google_shop: GoogleShop) -> GoogleShop:
    google_shop.publish(rotating_code=True)
    return google_shop


def on_the_phone(shop: GoogleShop, card: str) -> str:
    """What Google's phone draws at this moment, out of what Google holds."""
    held = shop.object(card)
    assert "barcode" not in held
    return shown_at(held["rotatingBarcode"], shop.clock()).value


def ready(shop: GoogleShop) -> str:
    card = shop.saved_card()
    shop.earn(card, visits=10)
    return card


def test_G20_the_code_that_turns_stands_alone() -> None:
    face = make_face()
    body = loyalty_object(face, LOOK, ISSUER, HERO, KEY)
    assert check_object(body) == []
    assert check_patch(OBJECT, for_patch(body)) == []
    assert "barcode" not in body
    code = body["rotatingBarcode"]
    assert (code["type"], code["valuePattern"]) == ("QR_CODE", face.number + "{totp_value_0}")
    assert "alternateText" not in code
    assert code["totpDetails"] == {
        "algorithm": "TOTP_SHA1",
        "periodMillis": "30000",
        "parameters": [{"key": KEY.hex(), "valueLength": 8}],
    }


def test_G14_switching_it_on_and_off_leaves_one_code(google_shop: GoogleShop, google_worker: Worker) -> None:
    card = google_shop.saved_card()
    assert google_shop.object(card)["barcode"]["value"] == google_shop.face(card).number
    for on in (True, False):
        google_shop.publish(rotating_code=on)
        google_shop.tell_everybody()
        google_shop.clock.forward(minutes=1)
        google_worker.run_until_idle()
        held = google_shop.object(card)
        assert ("rotatingBarcode" in held, "barcode" in held) == (on, not on)


def test_each_card_has_a_secret_of_its_own(turning: GoogleShop) -> None:
    cards = [turning.saved_card(), turning.saved_card()]
    keys = {turning.object(card)["rotatingBarcode"]["totpDetails"]["parameters"][0]["key"] for card in cards}
    assert len(keys) == 2


def test_the_secret_is_not_in_the_save_link(turning: GoogleShop) -> None:
    card = turning.join()
    link = turning.ask_to_save(card).location
    key = turning.object(card)["rotatingBarcode"]["totpDetails"]["parameters"][0]["key"]
    assert key not in link


def test_a_night_without_drift_writes_nothing(turning: GoogleShop, google_worker: Worker) -> None:
    card = turning.saved_card()
    google_worker.run_until_idle()
    before = len(turning.patches(card))
    client = GoogleClient(turning.settings, Pace(None))
    report = Reconciler(turning.services, client).nightly()
    assert (report.looked, report.repaired) == (1, [])
    turning.tell_everybody()
    turning.clock.forward(minutes=1)
    google_worker.run_until_idle()
    assert len(turning.patches(card)) == before
    still = {"type": "QR_CODE", "value": turning.face(card).number}
    client.patch_object({"id": turning.object_id(card), "barcode": still})
    assert Reconciler(turning.services, client).nightly().repaired == [turning.object_id(card)]
    turning.clock.forward(minutes=1)
    google_worker.run_until_idle()
    assert on_the_phone(turning, card)
    client.close()


def at_the_till(shop: GoogleShop, language: str = "en") -> TillPage:
    assert shop.browser is not None
    with shop.services.sessions.begin() as session:
        add_staff(session, name="Mira", pin="1234", role="cashier", now=shop.clock())
    return till_page(Site(shop.browser.application, shop), language)


def test_the_till_takes_the_code_of_now_and_gives_the_reward(turning: GoogleShop) -> None:
    card, till = ready(turning), at_the_till(turning)
    assert till.scan(on_the_phone(turning, card))["ready"] == [{"id": "coffee", "name": "Free coffee"}]
    turning.clock.forward(minutes=4)
    screen = till.press(card, "rewards", reward="coffee")
    assert screen["entry"]["headline"] == "Free coffee: \u221212\u00a0stamps"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "This code has run out"), ("ru", "Этот код уже устарел")],
)
def test_S23_a_picture_of_an_old_code_is_refused_at_the_till(
    turning: GoogleShop, language: str, said: str
) -> None:
    card = ready(turning)
    picture = on_the_phone(turning, card)
    turning.clock.forward(minutes=2)
    till = at_the_till(turning, language)
    assert till.scan(picture)["said"]["title"] == said
    assert (till.status, till.slug) == (409, "code-ran-out")


def test_S23_the_number_alone_earns_and_leads_to_no_reward(turning: GoogleShop) -> None:
    card, till = ready(turning), at_the_till(turning)
    till.scan(turning.face(card).number)
    till.press(card, "rewards", reward="coffee")
    assert (till.status, till.slug) == (409, "live-code-needed")
    screen = till.press(card, "purchases", visits=1, confirmed=True)
    assert screen["entry"]["headline"] == "+1\u00a0stamp"


def test_a_live_code_is_forgotten_with_the_guest(turning: GoogleShop) -> None:
    card, till = ready(turning), at_the_till(turning)
    till.scan(on_the_phone(turning, card))
    turning.clock.forward(minutes=6)
    till.press(card, "rewards", reward="coffee")
    assert till.status == 409


def test_a_live_code_opens_no_other_card(turning: GoogleShop) -> None:
    card, other, till = ready(turning), ready(turning), at_the_till(turning)
    till.scan(on_the_phone(turning, other))
    till.scan(turning.face(card).number)
    for one in (card, other):
        till.press(one, "rewards", reward="coffee")
        assert till.status == 409


def test_a_card_that_is_in_no_google_wallet_is_given_its_reward_as_before(turning: GoogleShop) -> None:
    card = turning.join()
    turning.earn(card, visits=10)
    assert turning.redeem(card).entry.points == -12
    held = ready(turning)
    with pytest.raises(LiveCodeNeeded):
        turning.redeem(held)


def test_the_api_takes_the_code_too_and_repeats_its_answer_when_it_ran_out(turning: GoogleShop) -> None:
    assert turning.browser is not None
    till = Till(turning, turning.browser.application, make_key(turning, "till-1"))
    card = ready(turning)
    code, wish = on_the_phone(turning, card), {"reward": "coffee"}
    for plain in (card, turning.face(card).number):
        assert problem(till.post(f"/cards/{plain}/redemptions", wish)) == (409, "live-code-needed")
    assert till.card(code)["serial"] == card
    given = till.post(f"/cards/{code}/redemptions", wish, key="press")
    assert answer(given)["entry"]["points"] == -12
    turning.clock.forward(minutes=2)
    again = till.post(f"/cards/{code}/redemptions", wish, key="press")
    assert (again.status_code, again.json) == (201, given.json)
    assert problem(till.post(f"/cards/{code}/purchases", {"visits": 1})) == (409, "code-ran-out")
