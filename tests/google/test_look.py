"""What template.toml says about Google, and what is drawn where it says nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.art.pixels import COFFEE, TEMPLATE, read
from tests.google.cards import LINKS, make_face
from tests.shop import Clock
from wallet_service.art.emblem import emblem
from wallet_service.art.gallery import Gallery
from wallet_service.art.theme import Icon, derived
from wallet_service.domain.errors import Misconfigured
from wallet_service.google.look import GoogleLook, GoogleTable
from wallet_service.google.look_shelf import LookShelf

DOCS = Path(__file__).parents[2] / "docs/templates.md"


class Studio:
    """A folder of templates with one in it, and the gallery behind the public address."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.gallery = folder / "coffee.pass", Gallery(folder / "art")
        shutil.copytree(TEMPLATE, self.folder)
        self.clock = Clock()
        self.shelf = LookShelf(folder, self.gallery, LINKS, self.clock)

    def says(self, google: str) -> GoogleLook:
        (self.folder / "template.toml").write_text(f"[google]\n{google}\n")
        return self.look_again()

    def look_again(self) -> GoogleLook:
        self.clock.forward(seconds=2)
        return self.shelf.look("coffee")

    def picture(self, address: str) -> Image.Image:
        digest = address.removeprefix("https://cards.example.com/art/").removesuffix(".png")
        found = self.gallery.open(digest)
        assert found is not None
        return read(found)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def test_the_demo_card_has_the_colour_of_its_pictures_and_everything_else_off(studio: Studio) -> None:
    look = studio.shelf.look("coffee")
    assert look.background == COFFEE.background.hex
    assert (look.many_holders, look.redemption_issuers, look.locations) == (False, (), ())
    assert not look.plain_http


def test_its_logo_can_be_fetched_where_it_says(studio: Studio) -> None:
    assert studio.picture(studio.shelf.look("coffee").logo).size == (660, 660)


def test_the_picture_of_a_state_is_there_before_its_address_is_given_out(studio: Studio) -> None:
    face = make_face()
    assert studio.picture(studio.shelf.hero(face)).size == (1032, 336)
    assert studio.shelf.hero(face) == studio.shelf.hero(make_face(serial="another"))
    assert face.serial not in studio.shelf.hero(face)


def test_what_a_designer_saves_is_seen_within_seconds(studio: Studio) -> None:
    before = studio.shelf.look("coffee")
    look = studio.says('background = "rgb(1, 2, 255)"\ncountry = "GE"\nholders = "many"')
    assert (look.background, look.country, look.many_holders) == ("#0102ff", "GE", True)
    Image.new("RGB", (700, 700), "navy").save(studio.folder / "google-logo.png")
    assert studio.look_again().logo != before.logo


def test_smart_tap_and_locations_are_read(studio: Studio) -> None:
    look = studio.says('redemption_issuers = ["42"]\nlocations = [{latitude = 55.5, longitude = 37}]')
    assert (look.redemption_issuers, look.locations) == (("42",), ((55.5, 37.0),))


def test_a_template_of_somebody_else_gets_an_emblem_of_its_reward(studio: Studio) -> None:
    for file in ("google-logo.png", "template.toml"):
        (studio.folder / file).unlink()
    assert studio.picture(studio.shelf.look("coffee").logo).size == (660, 660)


@pytest.mark.parametrize("kind", Icon)
def test_an_emblem_lies_in_the_circle_that_google_cuts_out_with_room_around_it(kind: Icon) -> None:
    theme = derived(COFFEE.background, icon=kind)
    _require_round(read(emblem(theme)))


def test_the_demo_logo_does_too() -> None:
    shown = read((TEMPLATE / "google-logo.png").read_bytes())
    assert (shown.size, shown.mode) == ((660, 660), "RGB")
    _require_round(shown)


def _require_round(shown: Image.Image) -> None:
    ground = shown.getpixel((0, 0))
    inked = [(x, y) for x in range(0, 660, 3) for y in range(0, 660, 3) if shown.getpixel((x, y)) != ground]
    assert inked
    assert max((x - 330) ** 2 + (y - 330) ** 2 for x, y in inked) <= (330 * 0.7) ** 2


def test_a_logo_goes_out_opaque_and_without_what_else_was_in_the_file(studio: Studio) -> None:
    from PIL.PngImagePlugin import PngInfo

    remarks = PngInfo()
    remarks.add_text("Author", "somebody")
    file = studio.folder / "google-logo.png"
    Image.new("RGBA", (660, 660), (0, 0, 0, 0)).save(file, pnginfo=remarks)
    shown = studio.picture(studio.shelf.look("coffee").logo)
    assert (shown.mode, shown.getpixel((5, 5)), shown.info) == ("RGB", tuple(COFFEE.background), {})


@pytest.mark.parametrize(
    ("google", "says"),
    [
        ('logo = "../secret.png"', "google.logo"),
        ('logo = "google-other.png"', "google-other.png is missing or no PNG"),
        ('background = "brown"', "google.background"),
        ('country = "Russia"', "google.country"),
        ("locations = [{latitude = 91, longitude = 0}]", "google.locations.0.latitude"),
        ('redemption_issuers = ["x"]', "google.redemption_issuers.0"),
        ('colour = "#000000"', "there is no such key"),
    ],
)
def test_a_key_that_cannot_be_used_is_named(studio: Studio, google: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=re.escape(says)):
        studio.says(google)


@pytest.mark.parametrize("size", [(659, 659), (660, 700), (5000, 5000)])
def test_a_logo_of_another_size_is_refused_by_its_header(studio: Studio, size: tuple[int, int]) -> None:
    Image.new("1", size).save(studio.folder / "google-logo.png")
    with pytest.raises(Misconfigured, match=f"is {size[0]}x{size[1]} pixels"):
        studio.shelf.look("coffee")


def test_a_template_that_is_gone_is_told_in_a_sentence(studio: Studio) -> None:
    with pytest.raises(Misconfigured, match=r"tea\.pass cannot be read"):
        studio.shelf.look("tea")


def test_every_key_is_explained() -> None:
    explained = set(re.findall(r"`google\.(\w+)`", DOCS.read_text(encoding="utf-8")))
    assert explained == set(GoogleTable.model_fields)
