"""A member presses Google's button: the object is made at that moment, and a fresh link leads to it."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from threading import Thread

import pytest
import requests

from simulators.google_wallet.process import Simulator
from tests.google.google_shop import GoogleShop, open_google_shop
from tests.shop import make_shop
from wallet_service.push.worker import Worker
from wallet_service.settings import BadSetting, from_environment
from wallet_service.wiring import create_app

PIXEL = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Safari/604.1"
)
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def claims(link: str) -> dict[str, object]:
    part = link.rpartition("/")[2].split(".")[1]
    read: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def test_G6_the_object_is_there_before_its_link_is_given_out(google_shop: GoogleShop) -> None:
    card = google_shop.join()
    assert google_shop.outside.objects() == {}
    answer = google_shop.ask_to_save(card)
    assert answer.status_code == 302
    calls = [(call["verb"], call["path"].rpartition("/")[2]) for call in google_shop.outside.calls("/v1/")]
    assert calls == [("POST", "loyaltyClass"), ("POST", "loyaltyObject")]
    google_shop.outside.save(answer.location)  # the strict reader of links takes it


def test_G7_S22_our_address_is_short_and_the_link_behind_it_is_made_for_this_press(
    google_shop: GoogleShop,
) -> None:
    card = google_shop.join()
    assert len(google_shop.services.links.google(card)) < 120
    first = google_shop.ask_to_save(card)
    google_shop.clock.forward(minutes=1)
    second = google_shop.ask_to_save(card)
    assert first.location != second.location
    assert int(str(claims(second.location)["iat"])) == int(google_shop.clock().timestamp())
    assert second.headers["Cache-Control"] == "no-store"


def test_S22_a_link_names_one_object_and_nothing_of_the_member(google_shop: GoogleShop) -> None:
    card = google_shop.join(name="Alice Canary")
    link = google_shop.ask_to_save(card).location
    assert claims(link)["payload"] == {"loyaltyObjects": [{"id": google_shop.object_id(card)}]}
    assert "Canary" not in json.dumps(google_shop.outside.calls())


def test_a_second_press_asks_google_nothing(google_shop: GoogleShop) -> None:
    card = google_shop.saved_card()
    before = len(google_shop.outside.calls("/v1/"))
    google_shop.save(card)
    assert len(google_shop.outside.calls("/v1/")) == before


def test_a_purchase_between_the_presses_is_not_undone_by_the_second(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.saved_card()
    google_shop.earn(card)
    google_worker.run_until_idle()
    google_shop.save(card)
    assert google_shop.shows(card) == "3/12"


def test_a_purchase_while_the_object_is_being_made_is_not_lost(
    google_shop: GoogleShop, google_worker: Worker
) -> None:
    card = google_shop.join()
    google_shop.outside.turn(delay_ms=400)
    saving = Thread(target=google_shop.save, args=(card,))
    saving.start()
    for _ in range(3):
        google_shop.earn(card)
        google_worker.run_until_idle()
        google_shop.clock.forward(seconds=5)
    saving.join()
    google_shop.outside.turn(delay_ms=0)
    google_shop.clock.forward(minutes=1)  # a mark that both had in hand goes out again when its lease is over
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "5/12"


@pytest.mark.parametrize(("language", "said"), [("en", "Add to Google Wallet"), ("ru", "Google Кошелёк")])
@pytest.mark.parametrize(("agent", "offered"), [(PIXEL, True), (DESK, True), (IPHONE, False)])
def test_the_button_is_there_for_the_phone_in_hand_in_the_members_language(
    google_shop: GoogleShop, language: str, said: str, agent: str, offered: bool
) -> None:
    card = google_shop.join(language=language)
    page = google_shop.path(card).removesuffix("/google")
    assert google_shop.browser is not None
    answer = google_shop.browser.get(page, headers={"User-Agent": agent, "Accept-Language": language})
    assert (said in answer.text) == offered
    assert (f'href="{google_shop.services.links.google(card)}"' in answer.text) == offered


@pytest.mark.parametrize(
    "trouble",
    [
        {"path": "loyaltyObject", "status": 503},
        {"path": "loyaltyObject", "form": "reset"},
        {"path": "loyaltyClass", "status": 500},
        {"path": "/token", "status": 503},
        {"path": "loyaltyObject", "status": 403, "reason": "permissionDenied"},
        {"path": "loyaltyObject", "status": 429},
    ],
)
def test_a_google_that_is_down_is_a_clear_page_and_the_card_works(
    google_shop: GoogleShop, trouble: dict[str, object]
) -> None:
    card = google_shop.join()
    google_shop.outside.script(**trouble, times=5)
    answer = google_shop.ask_to_save(card)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Google Wallet does not answer" in answer.text
    assert "Traceback" not in answer.text
    google_shop.outside.ask("DELETE", "/knobs")
    google_shop.save(card)
    assert google_shop.shows(card) == "2/12"


def test_what_the_press_could_not_do_the_worker_does(google_shop: GoogleShop, google_worker: Worker) -> None:
    card = google_shop.join()
    google_shop.outside.script(verb="POST", path="loyaltyObject", status=503)
    google_shop.ask_to_save(card)
    google_worker.run_until_idle()
    assert google_shop.shows(card) == "2/12"


def test_a_picture_that_cannot_be_fetched_keeps_nobody_from_saving(google_shop: GoogleShop) -> None:
    google_shop.saved_card()  # the class with its logo is there
    google_shop.pictures_are_gone = True
    card = google_shop.join()
    google_shop.earn(card)  # another picture than that of the first card
    google_shop.save(card)
    assert google_shop.shows(card) == "3/12"
    assert "heroImage" not in google_shop.object(card)


def test_a_closed_card_leads_back_to_its_page(google_shop: GoogleShop) -> None:
    card = google_shop.join()
    google_shop.leave(card)
    answer = google_shop.ask_to_save(card)
    assert answer.location == google_shop.services.links.page(card)
    assert google_shop.outside.objects() == {}


def test_demo_mode_is_said_by_google_itself(google_shop: GoogleShop) -> None:
    card = google_shop.join()
    google_shop.outside.turn(demo=True)
    answer = requests.get(google_shop.ask_to_save(card).location, timeout=10)
    assert answer.status_code == 400
    assert "test users" in answer.text


def test_without_an_account_there_is_no_button_and_no_door(tmp_path: Path) -> None:
    shop = make_shop(tmp_path)
    app = create_app(shop.services.settings)
    card = shop.join()
    page = shop.services.links.page(card).removeprefix(shop.services.settings.public_url)
    browser = app.test_client()
    assert "Add to Google Wallet" not in browser.get(page, headers={"User-Agent": PIXEL}).text
    assert browser.get(f"{page}/google").status_code == 404
    assert browser.post("/google/callback", json={}).status_code == 404
    assert shop.services.wallets == ("apple",)
    app.extensions["wallet"].sessions.close()
    shop.services.sessions.close()


# settings


@pytest.mark.parametrize("issuer", ["", "abc", "33 88", "-1", "٣٣"])
def test_an_issuer_that_is_no_number_stops_the_start(google: Simulator, issuer: str) -> None:
    env = {
        "WALLET_GOOGLE_ISSUER_ID": issuer,
        "WALLET_GOOGLE_SERVICE_ACCOUNT_FILE": str(google.key_file),
    }
    with pytest.raises(BadSetting, match="WALLET_GOOGLE_ISSUER_ID"):
        from_environment(env)


def test_S2_a_key_file_that_others_can_read_stops_the_start(google: Simulator, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_bytes(google.key_file.read_bytes())
    file.chmod(0o644)
    env = {"WALLET_GOOGLE_ISSUER_ID": "3388", "WALLET_GOOGLE_SERVICE_ACCOUNT_FILE": str(file)}
    with pytest.raises(BadSetting, match="chmod 600"):
        from_environment(env)


def test_a_key_file_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    env = {"WALLET_GOOGLE_ISSUER_ID": "3388", "WALLET_GOOGLE_SERVICE_ACCOUNT_FILE": str(tmp_path / "none")}
    with pytest.raises(BadSetting, match="which is no file"):
        from_environment(env)


def test_S2_the_key_is_in_no_page_log_or_call(
    tmp_path: Path, google: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    secret = json.loads(google.key_file.read_text())["private_key"]
    lines = [line for line in secret.splitlines() if re.fullmatch(r"[A-Za-z0-9+/]{40,}", line)]
    with open_google_shop(tmp_path, google) as shop:
        google.script(path="loyaltyObject", status=403, times=3)
        pages = [shop.ask_to_save(shop.join()).text for _ in range(2)]
        said = "".join([*pages, caplog.text, json.dumps(google.calls()), repr(shop.services.settings)])
    assert lines
    assert not any(line in said for line in lines)
