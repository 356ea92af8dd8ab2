"""Pictures reach Google from any machine, whichever of them drew one."""

from __future__ import annotations

from pathlib import Path

from tests.services import databases
from tests.shop import Shop, make_settings, make_shop
from wallet_service.wiring import build_services


def machines(folder: Path, address: str) -> tuple[Shop, Shop]:
    return make_shop(folder / "one", address), make_shop(folder / "another", address)


def test_what_one_machine_gave_the_address_of_another_one_hands_out(tmp_path: Path) -> None:
    with databases.database(databases.POSTGRESQL, tmp_path) as address:
        drew, asked = machines(tmp_path, address)
        digest = drew.services.gallery.keep(b"a picture")
        assert asked.services.gallery.open(digest) == b"a picture"
        assert asked.services.gallery.open(digest.replace("a", "b")) is None
        for shop in (drew, asked):
            shop.services.sessions.close()


def test_a_database_that_is_away_keeps_nobody_from_drawing(tmp_path: Path) -> None:
    gone = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
    gallery = build_services(make_settings(tmp_path, gone)).gallery
    assert gallery.open(gallery.keep(b"a picture")) == b"a picture"


def test_a_machine_alone_has_them_in_its_folder_only(tmp_path: Path) -> None:
    shop = make_shop(tmp_path)
    digest = shop.services.gallery.keep(b"a picture")
    assert (tmp_path / "art" / f"{digest}.png").exists()
