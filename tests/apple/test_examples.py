"""Each worked example of docs/programs on an iPhone: joined, issued, drawn, and changed by a purchase."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from tests.apple.service_fixtures import Service, pass_json
from tests.examples import EXAMPLES, Example, opened
from wallet_service.apple.template import pass_strings

STRIPS = {"strip.png": (375, 144), "strip@2x.png": (750, 288), "strip@3x.png": (1125, 432)}
each = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


@each
def test_an_example_is_issued_and_drawn_and_moves_with_a_purchase(service: Service, example: Example) -> None:
    shop, phone = opened(service.shop, example.name), service.phone()
    card = shop.join()
    before = phone.fetch(card)
    shop.earn(card, **example.bought)
    service.clock.forward(seconds=5)
    after = phone.fetch(card)
    assert (_corner(before), _corner(after)) == (example.before, example.after)
    assert pass_json(before)["storeCard"] != pass_json(after)["storeCard"]
    for name, size in STRIPS.items():
        assert Image.open(BytesIO(_file(after, name))).size == size


@each
def test_an_example_leaves_no_word_untranslated(service: Service, example: Example) -> None:
    shop = opened(service.shop, example.name)
    card = shop.join()
    shop.earn(card, **example.bought)
    answer = service.phone().fetch(card)
    english = _english(answer)
    values = [
        str(field[name])
        for part in pass_json(answer)["storeCard"].values()
        for field in part
        for name in ("label", "value")
        if name in field
    ]
    assert [text for text in values if _is_russian(english.get(text, text))] == []


def _corner(answer: TestResponse) -> str:
    """The header of the card, as somebody who reads English sees it."""
    said = str(pass_json(answer)["storeCard"]["headerFields"][0]["value"])
    return _english(answer).get(said, said).replace("\u00a0", " ")


def _english(answer: TestResponse) -> dict[str, str]:
    return pass_strings.parse(_file(answer, "en.lproj/pass.strings"))


def _file(answer: TestResponse, name: str) -> bytes:
    with ZipFile(BytesIO(answer.data)) as bundle:
        return bundle.read(name)


def _is_russian(text: str) -> bool:
    return any("а" <= letter <= "я" for letter in text.lower())
