"""A member looks at their own card."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from zipfile import ZipFile

import pytest

from tests.web.site import Site
from wallet_service.web.member.phone_in_hand import Hand, phone_in_hand

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
DROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"

AGENTS = [
    (f"{IPHONE} Version/18.0 Mobile/15E148 Safari/604.1", Hand.IPHONE),
    (f"{IPHONE} CriOS/140.0 Mobile/15E148 Safari/604.1", Hand.IPHONE),
    (f"{IPHONE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", Hand.IPHONE),
    (f"{IPHONE} Version/18.0 YaBrowser/24.1 Mobile/15E148 Safari/604.1", Hand.IPHONE),
    (f"{IPHONE} Mobile/15E148 Instagram 300.0 (iPhone15,2)", Hand.IN_APP_IOS),
    (f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/400.0]", Hand.IN_APP_IOS),
    (f"{IPHONE} Version/18.0 Mobile/15E148 Safari/604.1 Telegram-iOS/11", Hand.IN_APP_IOS),
    (f"{IPHONE} Mobile/15E148 VKClient/8.0", Hand.IN_APP_IOS),
    (f"{IPHONE} Mobile/15E148", Hand.IN_APP_IOS),
    (f"{DROID} Chrome/140.0 Mobile Safari/537.36", Hand.ANDROID),
    (f"{DROID} SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36", Hand.ANDROID),
    ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", Hand.ANDROID),
    (f"{DROID.replace('Pixel 9', 'Pixel 9; wv')} Version/4.0 Chrome/140.0 Mobile", Hand.IN_APP_ANDROID),
    (f"{DROID} Chrome/140.0 Mobile Safari/537.36 Telegram-Android/11.2", Hand.IN_APP_ANDROID),
    (f"{DROID} Chrome/140.0 Mobile Safari/537.36 Instagram 300.0 Android", Hand.IN_APP_ANDROID),
    ("VKAndroidApp/8.0 (Android 14; SDK 34; arm64-v8a)", Hand.IN_APP_ANDROID),
    (f"{WINDOWS} Chrome/140.0 Safari/537.36", Hand.DESKTOP),
    (f"{MAC} Version/18.0 Safari/605.1.15", Hand.MAC),
    (f"{MAC.replace('605.1.15', '537.36')} Chrome/140.0 Safari/537.36", Hand.DESKTOP),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Hand.DESKTOP),
    ("Nokia6630/1.0 (2.39.15) SymbianOS/8.0", Hand.OTHER),
    ("", Hand.OTHER),
]

BUTTONS = {
    Hand.IPHONE: "Put it into your Wallet",
    Hand.IN_APP_IOS: "Open this page in Safari",
    Hand.IN_APP_ANDROID: "Open this page in Chrome",
    Hand.ANDROID: "Your card is on this phone",
    Hand.DESKTOP: "Now take it to your phone",
    Hand.OTHER: "print it, or write down the number",
}


@pytest.mark.parametrize(("agent", "hand"), AGENTS)
def test_every_phone_gets_its_own_button_and_no_other(standing_site: Site, agent: str, hand: Hand) -> None:
    page = standing_site.page_of(standing_site.shop.join())
    text = standing_site.visitor(agent=agent).get(page).text
    shown = Hand.DESKTOP if hand is Hand.MAC else hand
    assert phone_in_hand(agent) == hand
    assert [other for other, button in BUTTONS.items() if button in text] == [shown]
    assert ("Add to Apple Wallet" in text) == (hand in (Hand.IPHONE, Hand.MAC))


def test_an_agent_of_a_megabyte_is_looked_at_briefly() -> None:
    assert phone_in_hand("A" * 1_000_000 + "iPhone") == Hand.OTHER


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["2 of 12", "Your card is ready. 2 of 12 are already yours, a welcome gift.", "Gift: +2 stamps"],
        ),
        ("ru", ["2 из 12", "Карта готова. 2 из 12 уже ваши — подарок за знакомство.", "Подарок: +2 штампа"]),
    ],
)
def test_the_page_says_all_that_the_bar_shows(site: Site, language: str, words: list[str]) -> None:
    card = site.shop.join()
    visitor = site.visitor(language).get(site.page_of(card))
    assert [word for word in [*words, site.shop.face(card).number_grouped] if word not in visitor.text] == []
    assert visitor.answer is not None
    bar = re.search(r'<div class="card-bar" role="progressbar"[^>]*>', visitor.answer.text)
    assert bar is not None
    assert 'aria-valuenow="2"' in bar[0]
    assert f'aria-valuetext="{site.shop.face(card).progress_text[language]}"' in bar[0]


def test_a_full_card_says_what_waits(site: Site) -> None:
    card = site.shop.join()
    site.shop.earn(card, visits=11)
    visitor = site.visitor().get(site.page_of(card))
    assert "Your free coffee is waiting. Show the card. 1 stamp more already counted." in visitor.text
    assert visitor.answer is not None
    assert 'aria-valuenow="12"' in visitor.answer.text


def test_a_card_page_is_for_nobody_else(site: Site) -> None:
    visitor = site.visitor().get(site.page_of(site.shop.join()))
    assert visitor.answer is not None
    assert visitor.answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in visitor.answer.headers["X-Robots-Tag"]
    assert visitor.answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("door", ["", "/apple", "/google", "/state", "/history.json"])
def test_S5_every_token_that_opens_nothing_is_answered_alike(site: Site, door: str) -> None:
    real = site.page_of(site.shop.join()).removeprefix("/card/")
    head, tail = real.split(".")
    never_issued = site.shop.services.links.token("00000000-0000-4000-8000-000000000000")
    tried = [
        "x",
        head,
        tail,
        f"{head}.",
        f".{tail}",
        f"{head}.{tail[::-1]}",
        never_issued,
        "%00",
        "é",
        "a" * 5000,
    ]
    answers = {site.visitor().get(f"/card/{token}{door}").text for token in tried}
    statuses = {site.visitor().get(f"/card/{token}{door}").status for token in tried}
    assert statuses == {404}
    assert len(answers) == 1


def test_S5_guessing_ends_for_one_network_and_nobody_else(site: Site) -> None:
    page = site.page_of(site.shop.join())
    guesser = site.visitor(address="203.0.113.5")
    answers = [guesser.client.get(f"/card/guess-{guess}/apple").status_code for guess in range(80)]
    assert answers == [404] * 60 + [429] * 20
    assert guesser.client.get(page).status_code == 429
    assert site.visitor(address="198.51.100.5").client.get(page).status_code == 200


def test_S5_a_shop_full_of_open_cards_is_no_attack(site: Site) -> None:
    page = site.page_of(site.shop.join())
    client = site.visitor(address="203.0.113.6").client
    assert {client.get(f"{page}/state").status_code for _ in range(100)} == {200}


def test_the_page_moves_on_when_its_state_does(site: Site) -> None:
    card = site.shop.join()
    visitor = site.visitor()
    before = visitor.client.get(f"{site.page_of(card)}/state").json
    site.shop.earn(card)
    after = visitor.client.get(f"{site.page_of(card)}/state").json
    assert before != after
    assert after is not None
    assert visitor.get(site.page_of(card)).answer is not None
    assert visitor.answer is not None
    assert f'data-state="{after["state"]}"' in visitor.answer.text


def test_the_apple_button_leads_to_the_signed_pass(site: Site) -> None:
    agent = AGENTS[0][0]
    visitor = site.visitor(agent=agent).get(site.page_of(site.shop.join()))
    assert visitor.answer is not None
    link = re.search(r'href="http://localhost:8000(/card/[^"]+/apple)"', visitor.answer.text)
    assert link is not None
    answer = visitor.client.get(link[1])
    assert answer.mimetype == "application/vnd.apple.pkpass"
    assert "signature" in ZipFile(io.BytesIO(answer.data)).namelist()


def test_google_is_said_to_come_later_with_the_way_back(site: Site) -> None:
    page = site.page_of(site.shop.join())
    visitor = site.visitor().get(f"{page}/google")
    assert visitor.status == 404
    assert visitor.answer is not None
    assert f"{page}" in visitor.answer.text


def test_a_closed_card_says_so_and_offers_another(site: Site) -> None:
    card = site.shop.join()
    site.shop.leave(card)
    visitor = site.visitor().get(site.page_of(card))
    assert "This card is closed" in visitor.text
    assert "Add to Apple Wallet" not in visitor.text


def test_only_the_sandbox_offers_its_simulated_phone(open_site: Callable[..., Site]) -> None:
    site = open_site(WALLET_PHONE_URL="http://localhost:8002")
    page = site.page_of(site.shop.join())
    assert "Add to the simulated phone" in site.visitor().get(page).text
    without = open_site()
    assert "Add to the simulated phone" not in without.visitor().get(page).text
