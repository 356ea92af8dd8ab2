"""The doctor names what would otherwise be met by a member first."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.shop import Shop, make_shop
from wallet_service.apple.signing.sandbox_certificates import make_sandbox
from wallet_service.cli.doctor import examine
from wallet_service.cli.template import MODEL


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    templates = tmp_path / "templates"
    shutil.copytree(MODEL, templates / MODEL.name)
    shop = make_shop(tmp_path, WALLET_TEMPLATES_DIR=str(templates))
    make_sandbox(shop.services.settings.certs_dir, shop.clock())
    return shop


def test_a_whole_shop_is_well(shop: Shop) -> None:
    assert examine(shop.services) == []


def test_a_template_that_is_gone_is_a_finding(shop: Shop) -> None:
    shutil.rmtree(shop.services.settings.templates_dir / MODEL.name)
    (finding,) = examine(shop.services)
    assert finding.startswith("Cards of the program coffee cannot be issued. The pass template coffee.pass")


def test_a_program_that_names_no_template_of_ours_is_a_finding(shop: Shop) -> None:
    shop.publish(template="coffe")
    (finding,) = examine(shop.services)
    assert "coffe.pass: There is no such folder" in finding


def test_what_would_stop_the_start_is_a_finding(tmp_path: Path) -> None:
    certs = tmp_path / "certs"
    secrets = dict.fromkeys(("WALLET_SECRET_KEY", "WALLET_APPLE_TOKEN_KEY"), "x" * 64)
    production = {"WALLET_MODE": "production", "WALLET_PUBLIC_URL": "https://cards.example.com"}
    shop = make_shop(tmp_path, WALLET_CERTS_DIR=str(certs), **production, **secrets)
    make_sandbox(certs, shop.clock())
    assert any("holds sandbox certificates" in finding for finding in examine(shop.services))
