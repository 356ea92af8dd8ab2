"""What a member finds beside the bar: tier, dates, rewards to choose from, and why a number is what it is."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

import pytest

from tests.web.site import Site
from wallet_service.domain import chain, wording
from wallet_service.domain.rules import Item


def test_a_member_picks_a_reward_and_goes_back_to_the_nearest(site: Site) -> None:
    site.run("points-shop")
    card = site.shop.join()
    visitor = site.visitor().get(site.page_of(card))
    assert site.shop.face(card).reward["en"] == "Loaf of bread"
    assert "Loaf of bread 200 points Your goal" in visitor.text
    visitor.press("/goal", goal="baking-class")
    assert visitor.path == site.page_of(card)
    assert "A morning with our baker 2,000 points Your goal" in visitor.text
    assert site.shop.face(card).reward["en"] == "A morning with our baker"
    visitor.press("/goal", goal="")
    assert site.shop.face(card).reward["en"] == "Loaf of bread"
    assert "Always take the nearest one" not in visitor.text


def test_a_reward_that_is_not_offered_cannot_be_picked(site: Site) -> None:
    site.run("points-shop")
    visitor = site.visitor("ru").get(site.page_of(site.shop.join()))
    visitor.press("/goal", goal="a-car")
    assert visitor.status == 404
    assert "Такой награды нет" in visitor.text


def test_one_reward_is_nothing_to_choose_from(site: Site) -> None:
    assert "Make this my goal" not in site.visitor().get(site.page_of(site.shop.join())).text


def test_every_entry_says_why_and_what_did_not_count(site: Site) -> None:
    site.run("points-shop")
    card = site.shop.join()
    site.shop.earn(card, total=45_000)
    text = site.visitor().get(site.page_of(card)).text
    assert "+22 points 2 November 5 points for every ₽100 of ₽450 make 22.5 points." in text
    assert "What did not count this time" in text
    assert "₽50 short" in text


def test_a_rule_on_trial_is_not_told_to_members(site: Site) -> None:
    site.run("tiers")
    card = site.shop.join()
    site.shop.earn(card, total=45_000)
    assert "trial" not in site.visitor().get(site.page_of(card)).text


def test_a_purchase_of_a_till_that_was_offline_is_marked(site: Site) -> None:
    card = site.shop.join()
    site.shop.earn(card, at=site.clock() - timedelta(hours=5))
    assert "added later" in site.visitor().get(site.page_of(card)).text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Gold until 30 November 2027.", "window", "expire on 31 December 2028."]),
        ("ru", ["Золото до 30 ноября 2027 года.", "у окна", "сгорят 31 декабря 2028 года."]),
    ],
)
def test_tier_and_dates_are_told(site: Site, language: str, said: list[str]) -> None:
    site.run("tiers")
    card = site.shop.join()
    site.shop.earn(card, total=8_000_000)
    text = site.visitor(language).get(site.page_of(card)).text
    assert [words for words in said if words not in text] == []


def test_what_cannot_be_spent_yet_is_told(site: Site) -> None:
    site.run("cashback")
    card = site.shop.join()
    site.shop.earn(card, total=100_000, items=(Item("lamp", 1, 100_000),))
    assert "Earned, and to be spent later: ₽50." in site.visitor().get(site.page_of(card)).text


def test_a_member_takes_the_whole_history_home_and_verifies_it(site: Site) -> None:
    card = site.shop.join()
    site.shop.undo(site.shop.earn(card))
    visitor = site.visitor().get(f"{site.page_of(card)}/history.json")
    assert visitor.answer is not None
    assert visitor.answer.headers["Content-Disposition"] == "attachment; filename=history.json"
    assert visitor.answer.headers["Cache-Control"] == "no-store"
    told = json.loads(visitor.answer.data)
    lines = [(entry["line"], entry["hash"]) for entry in told["entries"]]
    assert [line["points"] for line, _ in lines] == [2, 1, -1]
    assert chain.first_break(lines) is None
    assert lines[-1][1] == told["head"]


@pytest.mark.parametrize("name", ["coffee-stamps", "points-shop", "cashback", "growing-discount", "tiers"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_rules_page_is_the_rules_and_nothing_else(site: Site, name: str, language: str) -> None:
    site.run(name)
    card = site.shop.join()
    program = site.shop.stand(card).program
    for page in (f"/join/{name}", site.page_of(card)):
        visitor = site.visitor(language).get(page)
        assert visitor.answer is not None
        assert f'href="/join/{name}/rules"' in visitor.answer.text
    visitor.get(f"/join/{name}/rules")
    assert visitor.answer is not None
    shown = re.search(r'<ul class="rules all">(.*?)</ul>', visitor.answer.text, re.S)
    assert shown is not None
    told = [html.unescape(line) for line in re.findall(r"<li>(.*?)</li>", shown[1], re.S)]
    assert told == wording.rules(program)[language].splitlines()
