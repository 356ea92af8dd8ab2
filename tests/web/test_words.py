"""The words of the pages: plurals, and a sentence for every no."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.site import Site
from wallet_service.domain import errors
from wallet_service.domain.errors import TooMuch, WalletError
from wallet_service.web.error_texts import sentence

SECONDS = [
    ("ru", 1, "через 1 секунду."),
    ("ru", 2, "через 2 секунды."),
    ("ru", 5, "через 5 секунд."),
    ("ru", 11, "через 11 секунд."),
    ("ru", 21, "через 21 секунду."),
    ("ru", 112, "через 112 секунд."),
    ("en", 1, "in 1 second."),
    ("en", 2, "in 2 seconds."),
    ("en", 21, "in 21 seconds."),
]


@pytest.mark.parametrize(("language", "seconds", "said"), SECONDS)
def test_sentences_count_as_the_language_does(
    standing_site: Site, language: str, seconds: int, said: str
) -> None:
    with standing_site.app.test_request_context(f"/?lang={language}"):
        assert sentence(TooMuch("", seconds=seconds)).text.endswith(said)


def every(kind: type[WalletError]) -> Iterator[type[WalletError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from every(narrower)


@pytest.mark.parametrize("kind", [kind for kind in every(WalletError) if kind.__module__ == errors.__name__])
def test_every_no_has_a_title_and_a_sentence_in_both_languages(
    standing_site: Site, kind: type[WalletError]
) -> None:
    said = []
    for language in ("ru", "en"):
        with standing_site.app.test_request_context(f"/?lang={language}"):
            said.append(sentence(kind("the operator's words")))
    assert said[0].title != said[1].title
    assert all(text.text.endswith(".") and "operator" not in text.text for text in said)
