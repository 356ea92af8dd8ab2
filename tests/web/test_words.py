"""The words of the pages: plurals, and a sentence for every no."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.examples import body
from tests.web.site import Site
from wallet_service.actions import program_body
from wallet_service.domain import errors
from wallet_service.domain.errors import TooMuch, WalletError
from wallet_service.web.error_texts import sentence
from wallet_service.web.saying import about

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


FIGURES = [
    (
        errors.UnknownReceipt("", receipt="R-7"),
        "Receipt R-7 was not booked for this card.",
        "Чек R-7 не проводили по этой карте.",
    ),
    (
        errors.RewardNotNow("", first_day="2026-12-01", last_day="2026-12-24"),
        "given from 1 December 2026 to 24 December 2026.",
        "выдают с 1 декабря 2026 по 24 декабря 2026.",
    ),
    (errors.RewardNotNow("", first_day=None, last_day="2026-10-31"), "31 October 2026", "31 октября 2026"),
    (errors.OutOfStock("", stock=20), "There were 20, and all were given.", "Было 20, и все уже выданы."),
    (
        errors.TierNeeded("", tier="gold", has=None),
        "for the tier Gold and above",
        "с уровня «Золото» и выше",
    ),
    (
        errors.RefundTooLarge("", bought=100_050, refunded=60_000, left=40_050, total=50_000),
        "The receipt was ₽1,000.50, and ₽600 of it came back before. Left to refund: ₽400.50.",
        "Сумма чека — 1 000,50 ₽, из неё уже вернули 600 ₽. Осталось вернуть: 400,50 ₽.",
    ),
    (
        errors.PointsSpent("", due=35, spent=21),
        "Spent already: 21 points of 35 points.",
        "Уже потрачено: 21 балл, а списать нужно 35 баллов.",
    ),
    (
        errors.SecondPersonNeeded("", limit=100, points=101),
        "One manager alone may correct 100 points.",
        "Предел для одного управляющего: 100 баллов.",
    ),
]


@pytest.mark.parametrize(
    ("error", "english", "russian"), FIGURES, ids=lambda value: getattr(value, "slug", "")
)
def test_a_no_of_the_ledger_has_its_figures_in_the_programs_own_money_and_points(
    standing_site: Site, error: WalletError, english: str, russian: str
) -> None:
    for language, said in (("en", english), ("ru", russian)):
        with standing_site.app.test_request_context(f"/?lang={language}"):
            about(program_body.program("tiers", 1, body("tiers")))
            assert said in sentence(error).text.replace("\u00a0", " ")
