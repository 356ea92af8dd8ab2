"""An operator watches and steers what goes out to all cards."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from tests.shop import DEMO, Shop, environment, make_shop
from wallet_service.actions.campaign_loop import CampaignLoop
from wallet_service.cli.commands import wallet


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    shop = make_shop(tmp_path)
    for _ in range(3):
        shop.join()
    return shop


def run(*words: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(wallet, words, input=answer)


def publish(tmp_path: Path, *options: str, **changes: object) -> Result:
    file = tmp_path / "coffee.json"
    file.write_text(json.dumps(DEMO | (changes or {"organization": "Bean & Brew"})))
    return run("program", "publish", str(file), *options)


def work(shop: Shop) -> None:
    CampaignLoop(shop.services).run_until_idle()


def test_a_publication_says_how_many_cards_hear_of_it(shop: Shop, tmp_path: Path) -> None:
    assert publish(tmp_path, "--dry-run").output == "3 cards would hear of it.\n"
    told = publish(tmp_path)
    assert told.output.startswith("coffee version 2 is in force.\n3 cards will hear of it;")
    assert run("campaign", "list").output == "coffee  version 2  running  0 of 3 cards\n"
    work(shop)
    assert run("campaign", "show", "coffee").output == "coffee version 2: done, 3 of 3 cards.\n"


def test_a_dry_run_refuses_what_the_publication_would_refuse(shop: Shop, tmp_path: Path) -> None:
    odd = publish(tmp_path, "--dry-run", template="nowhere")
    assert odd.exit_code == 1
    assert "nowhere" in odd.output
    told = run("program", "publish", "Bad_Slug", str(tmp_path / "coffee.json"), "--dry-run")
    assert told.exit_code == 1
    assert "small letters" in told.output


def test_N18_steps_rate_and_quiet_hours_are_the_operators(shop: Shop, tmp_path: Path) -> None:
    publish(tmp_path, "--steps", "1,50,100", "--watch", "30", "--rate", "5", "--quiet", "22:00-08:00")
    told = run("campaign", "show", "coffee").output.splitlines()
    assert told[1:] == [
        "Steps 1 %, 50 %, 100 %; now 1 %. Minutes of watching after each: 30.",
        "Nobody is woken from 22:00 to 08:00.",
    ]


@pytest.mark.parametrize(
    "option",
    [
        ("--steps", "10,5,100"),
        ("--steps", "many"),
        ("--quiet", "night"),
        ("--quiet", "08:00-08:00"),
        ("--rate", "-1"),
    ],
    ids=" ".join,
)
def test_a_plan_that_leads_nowhere_publishes_nothing(
    shop: Shop, tmp_path: Path, option: tuple[str, str]
) -> None:
    told = publish(tmp_path, *option)
    assert told.exit_code != 0
    assert run("program", "list").output == "coffee  version 1\n"


def test_S32_a_start_asks_first_with_the_number_of_cards(shop: Shop) -> None:
    assert run("campaign", "start", "coffee", "--dry-run").output == "3 cards would hear of it.\n"
    assert "3 cards will hear of it. Go on?" in run("campaign", "start", "coffee", answer="n\n").output
    assert run("campaign", "list").output == "Nothing went out to all cards yet.\n"
    assert run("campaign", "start", "coffee", "--yes").exit_code == 0
    work(shop)
    assert run("campaign", "list").output == "coffee  version 1  done  3 of 3 cards\n"


def test_a_start_refuses_a_look_that_would_leave_every_card_without_its_pass(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree("pass_templates", tmp_path / "templates")
    monkeypatch.setenv("WALLET_TEMPLATES_DIR", str(tmp_path / "templates"))
    (tmp_path / "templates/coffee.pass/pass.json").write_text("{")
    told = run("campaign", "start", "coffee", "--yes")
    assert (told.exit_code, "Nothing was started." in told.stderr) == (1, True)
    assert run("campaign", "list").output == "Nothing went out to all cards yet.\n"


def test_N18_paused_resumed_and_rolled_back_by_one_command_each(shop: Shop, tmp_path: Path) -> None:
    publish(tmp_path)
    assert run("campaign", "pause", "coffee").output == "It is paused: 0 of 3 cards.\n"
    work(shop)
    assert run("campaign", "resume", "coffee").output == "It goes on: 0 of 3 cards.\n"
    work(shop)
    assert run("campaign", "rollback", "coffee", "--dry-run").output == "3 cards would go back.\n"
    told = run("campaign", "rollback", "coffee", "--yes")
    assert told.output == "coffee version 3 is in force; 3 cards go back.\n"
    assert "There is nothing" not in run("campaign", "rollback", "coffee", answer="n\n").output


def test_what_cannot_be_done_is_a_sentence(shop: Shop) -> None:
    told = run("campaign", "pause", "coffee")
    assert (told.exit_code, told.stderr) == (1, "Error: No campaign was started for this program yet.\n")
    assert "There is no such program" in run("campaign", "show", "tea").stderr
    assert run("campaign", "list").stdout == "Nothing went out to all cards yet.\n"
    assert run("alarm", "list").stdout == "No alarm is raised.\n"
    assert run("campaign", "start", "tea", "--yes").exit_code == 1


def test_what_stands_still_by_itself_says_for_what_it_waits(shop: Shop, tmp_path: Path) -> None:
    here = datetime.now(ZoneInfo("Europe/Moscow"))
    night = f"{here - timedelta(hours=1):%H:%M}-{here + timedelta(hours=12):%H:%M}"
    publish(tmp_path, "--quiet", night)
    assert "It waits until the quiet hours are over.\n" in run("campaign", "show", "coffee").stdout
    publish(tmp_path, "--quiet", "never", "--steps", "50,100", "--watch", "30", organization="Brew & Bean")
    work(shop)
    assert "It watches the phones before the next step.\n" in run("campaign", "show", "coffee").stdout
    assert run("campaign", "pause", "coffee").exit_code == 0
    assert "It watches" not in run("campaign", "show", "coffee").stdout


def test_whoever_follows_reads_plain_lines_where_there_is_no_terminal(shop: Shop, tmp_path: Path) -> None:
    publish(tmp_path)
    worker = threading.Thread(target=work, args=(shop,))
    worker.start()
    told = run("campaign", "show", "coffee", "--follow")
    worker.join()
    assert told.stderr.splitlines()[-1] == "coffee: 3 of 3 cards"
    assert told.stdout == "coffee version 2: done, 3 of 3 cards.\n"
