"""What containers are made of (no secret of the operator's, no package that nobody looked at), and how all
that runs is started.
"""

from __future__ import annotations

import re

import pytest

from tests.house.tree import ROOT
from wallet_service.cli.run import WAITING, web_command

UNITS = ROOT / "deploy/systemd"
OPERATORS = (".env", "wallet.env", "secrets")


@pytest.mark.parametrize("name", OPERATORS)
def test_S1_what_holds_secrets_gets_neither_into_an_image_nor_into_the_repository(name: str) -> None:
    for file in (".dockerignore", ".gitignore"):
        lines = [line.strip("/") for line in (ROOT / file).read_text().splitlines()]
        assert name in lines, f"{file} lets {name} through"


def test_compose_reads_secrets_only_from_the_folder_that_is_kept_out() -> None:
    named = re.findall(r"file: (\S+?)\}", (ROOT / "compose.yaml").read_text())
    assert named
    assert all(path.startswith("./secrets/") for path in named)


def test_S30_the_image_holds_the_packages_of_the_lock() -> None:
    assert (
        "pip install --no-cache-dir --require-hashes -r requirements.lock"
        in (ROOT / "Dockerfile").read_text()
    )


def test_every_web_service_is_started_with_the_options_of_make_run() -> None:
    options = ["--interface wsgi", f"--backpressure {WAITING}", f"--blocking-threads {WAITING}", "--no-ws"]
    command = (ROOT / "Dockerfile").read_text().rpartition("CMD ")[2].replace('", "', " ")
    unit = (UNITS / "wallet-web@.service").read_text()
    docs = (ROOT / "docs/operations.md").read_text()
    run = " ".join(web_command(8000))
    for started in (run, command, unit, docs):
        assert [option for option in options if option not in started] == []


@pytest.mark.parametrize("unit", ["wallet-web@", "wallet-worker@"])
def test_a_database_that_comes_up_late_leaves_nothing_down(unit: str) -> None:
    """systemd starts nothing again whose dependency failed, so that setup is wanted and tries on its own."""
    starts = (UNITS / f"{unit}.service").read_text()
    setup = (UNITS / "wallet-setup.service").read_text()
    assert "\nWants=wallet-setup.service\nAfter=wallet-setup.service " in starts
    assert "Requires=" not in starts
    assert "\nRestart=on-failure\n" in setup


def test_a_restart_of_all_brings_the_tables_up_to_date_too() -> None:
    setup = (UNITS / "wallet-setup.service").read_text()
    assert "\nPartOf=wallet.target\n" in setup  # it stays active: without this it would run once a boot


def test_the_containers_wait_for_the_postgres_that_stays() -> None:
    """The image starts one on its socket alone first, to make the database, and stops it again."""
    assert "[CMD, pg_isready, --host=127.0.0.1, --username=wallet]" in (ROOT / "compose.yaml").read_text()


def test_operators_compile_the_translations_of_every_room() -> None:
    told = (ROOT / "docs/operations.md").read_text()
    rooms = [path.parent.name for path in sorted((ROOT / "wallet_service").glob("*/translations"))]
    assert len(rooms) > 1
    assert (
        f"for room in {' '.join(rooms)}; do pybabel compile -d wallet_service/$room/translations; done"
        in told
    )
