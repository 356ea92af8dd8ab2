"""A manager watches a change on its way to all cards, stops it, and takes it back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.site import Site, Visitor
from wallet_service.actions import campaign_round, campaign_start, campaigns
from wallet_service.actions.campaign_loop import CampaignLoop
from wallet_service.domain.rollout import Plan

PAGE = "/office/campaigns"


@pytest.fixture
def manager(site: Site) -> Visitor:
    return site.cashier(name="Olga")


def publish(site: Site, **plan: object) -> None:
    site.shop.publish(organization="Bean & Brew")
    with site.shop.services.sessions.begin() as session:
        campaign_start.start(
            session,
            program="coffee",
            before=1,
            plan=Plan(**plan),  # type: ignore[arg-type]
            actor="service",
            now=site.clock(),
        )


def mark(site: Site, most: int) -> None:
    services = site.shop.services
    with services.sessions.begin() as session:
        row = campaigns.newest(session, "coffee")
        campaign_round.advance(session, row.id, wallets=services.wallets, now=site.clock(), most=most)


def work(site: Site) -> None:
    CampaignLoop(site.shop.services).run_until_idle()


def state(site: Site) -> tuple[str, int]:
    with site.shop.services.sessions.read() as session:
        row = campaigns.newest(session, "coffee")
        return row.state, row.marked


def test_N18_the_bar_says_how_far_it_is(site: Site, manager: Visitor) -> None:
    for _ in range(4):
        site.shop.join()
    publish(site)
    mark(site, 3)
    page = manager.get(PAGE)
    assert page.answer is not None
    assert '<progress value="3" max="4"' in page.answer.text
    assert "On its way" in page.text
    assert "3 of 4 cards" in page.text
    work(site)
    assert "Completed" in manager.get(PAGE).text


def test_N18_it_is_paused_continued_and_rolled_back_with_a_word_before_each(
    site: Site, manager: Visitor
) -> None:
    for _ in range(3):
        site.shop.join()
    publish(site)
    mark(site, 1)
    assert "2 cards wait until you let it go on" in manager.get(f"{PAGE}/coffee/pause").text
    manager.press("/pause")
    assert state(site) == ("paused", 1)
    assert "2 cards are left" in manager.get(f"{PAGE}/coffee/resume").text
    manager.press("/resume")
    assert state(site) == ("running", 1)
    assert "1 card will hear of it" in manager.get(f"{PAGE}/coffee/rollback").text
    manager.press("/rollback")
    work(site)
    assert state(site) == ("done", 1)
    assert "Rolled back" in manager.get(PAGE).text


def test_S32_the_number_on_the_page_is_the_number_of_cards(site: Site, manager: Visitor) -> None:
    for _ in range(3):
        site.shop.join()
    site.shop.leave(site.shop.join())
    assert "3 cards will hear of it" in manager.get(f"{PAGE}/coffee/start").text
    manager.press("/start")
    work(site)
    assert state(site) == ("done", 3)


def test_S32_what_became_more_since_is_shown_again(site: Site, manager: Visitor) -> None:
    site.shop.join()
    manager.get(f"{PAGE}/coffee/start")
    site.shop.join()
    manager.press("/start")
    assert (manager.status, "Nothing went out to all cards yet." in manager.text) == (409, True)


def test_what_cannot_be_done_is_said_with_the_way_out(site: Site, manager: Visitor) -> None:
    assert "Nothing went out to all cards yet." in manager.get(PAGE).text
    site.shop.join()
    token = manager.get(f"{PAGE}/coffee/start").form("/start")[1]
    publish(site)
    work(site)
    for verb, said in (("pause", "It does not run"), ("resume", "It does not stand still")):
        for answer in (manager.get(f"{PAGE}/coffee/{verb}"), manager.post(f"{PAGE}/coffee/{verb}", token)):
            assert (answer.status, said in answer.text) == (409, True)


@pytest.mark.parametrize("verb", ["start", "rollback"])
def test_no_phone_is_woken_for_a_look_that_cannot_be_used(
    open_site: Callable[..., Site], tmp_path: Path, verb: str
) -> None:
    shutil.copytree("pass_templates", tmp_path / "templates")
    site = open_site(WALLET_TEMPLATES_DIR=str(tmp_path / "templates"))
    manager = site.cashier(name="Olga")
    site.shop.join()
    publish(site)
    work(site)
    before = state(site)
    manager.get(f"{PAGE}/coffee/{verb}")
    (tmp_path / "templates/coffee.pass/pass.json").write_text("{")
    manager.press(f"/{verb}")
    assert (manager.status, "The look cannot be used" in manager.text) == (409, True)
    assert "flask wallet template check" in manager.text
    assert state(site) == before


def test_who_fetches_anew_hears_what_gives_way_to_it(site: Site, manager: Visitor) -> None:
    site.shop.join()
    said = "This takes the place of the change that is on its way."
    assert said not in manager.get(f"{PAGE}/coffee/start").text
    publish(site)
    assert said in manager.get(f"{PAGE}/coffee/start").text


@pytest.mark.parametrize("verb", ["start", "pause", "resume", "rollback"])
def test_a_program_of_nobody_is_not_found(site: Site, manager: Visitor, verb: str) -> None:
    token = manager.get("/office").form("/sign-out")[1]
    for answer in (manager.get(f"{PAGE}/nowhere/{verb}"), manager.post(f"{PAGE}/nowhere/{verb}", token)):
        assert (answer.status, "No such card program" in answer.text) == (404, True)


def test_the_page_speaks_russian(site: Site, manager: Visitor) -> None:
    for _ in range(5):
        site.shop.join()
    publish(site, steps=(1, 100), watch_minutes=30)
    page = manager.get(PAGE, headers={"Accept-Language": "ru"}).text
    assert "Всем картам" in page
    assert "0 из 5 карт" in page
    assert "Шаги: 1 %, 100 %. Сейчас 1 %" in page
