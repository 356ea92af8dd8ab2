"""Whole sentences with the right plural, in both languages, in every state."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from wallet_service.actions.program_body import program
from wallet_service.domain import wording
from wallet_service.domain.progress import Kind, Progress, Stage, Standing, progress, stage

DEMO = json.loads((Path(__file__).parent.parent.parent / "wallet_service/cli/demo_program.json").read_text())
COFFEE = program("coffee", 1, DEMO)


@pytest.mark.parametrize(
    ("count", "ru", "en"),
    [
        (0, "штампов", "stamps"),
        (1, "штамп", "stamp"),
        (2, "штампа", "stamps"),
        (5, "штампов", "stamps"),
        (11, "штампов", "stamps"),
        (21, "штамп", "stamps"),
        (22, "штампа", "stamps"),
        (25, "штампов", "stamps"),
        (101, "штамп", "stamps"),
        (111, "штампов", "stamps"),
    ],
)
def test_the_noun_follows_its_number(count: int, ru: str, en: str) -> None:
    assert wording.noun(COFFEE.unit, "ru", count) == ru
    assert wording.noun(COFFEE.unit, "en", count) == en


@pytest.mark.parametrize(
    ("amount", "ru", "en"),
    [
        (125050, "1\u00a0250,50\u00a0₽", "₽1,250.50"),
        (20000, "200\u00a0₽", "₽200"),
        (5, "0,05\u00a0₽", "₽0.05"),
    ],
)
def test_money_as_people_write_it(amount: int, ru: str, en: str) -> None:
    assert wording.money(amount, "RUB", "ru") == ru
    assert wording.money(amount, "RUB", "en") == en


def standing(balance: int, last: Kind = Kind.EARN) -> Standing:
    return Standing(balance=balance, status=balance, endowed=2, gained=1, last=last)


def news(balance: int, last: Kind = Kind.EARN) -> dict[str, str]:
    shown = progress(standing(balance, last), 12, cells=True)
    at = stage(standing(balance, last), shown, COFFEE.usual_step)
    return dict(wording.news(COFFEE, at, shown, COFFEE.goal))


@pytest.mark.parametrize(
    ("balance", "ru", "en"),
    [
        (4, "Уже 4 из 12! Хорошее начало.", "4 of 12 already. Good start."),
        (6, "Всего 6\u00a0штампов до бесплатного кофе.", "Only 6\u00a0stamps to a free coffee."),
        (9, "Всего 3\u00a0штампа до бесплатного кофе.", "Only 3\u00a0stamps to a free coffee."),
        (
            11,
            "Следующая покупка — и подарок ваш: ещё 1\u00a0штамп.",
            "One more visit and it is yours: 1\u00a0stamp left.",
        ),
        (
            12,
            "Бесплатный кофе ждёт вас. Покажите карту на кассе.",
            "Your free coffee is waiting. Show the card.",
        ),
        (
            14,
            "Бесплатный кофе ждёт вас. Покажите карту на кассе. И ещё 2\u00a0штампа в запасе.",
            "Your free coffee is waiting. Show the card. 2\u00a0stamps more already counted.",
        ),
    ],
)
def test_the_sentence_of_each_stage(balance: int, ru: str, en: str) -> None:
    assert news(balance) == {"ru": ru, "en": en}


def test_P13_every_movement_changes_the_sentence() -> None:
    told = [news(balance) for balance in range(40)]
    assert all(a[language] != b[language] for a, b in pairwise(told) for language in ("ru", "en"))
    for balance in range(20):
        assert news(balance) != news(balance, Kind.REVERSE)
        assert news(balance + 12) != news(balance, Kind.REDEEM)


def test_the_focus_switches_at_half_way() -> None:
    def at(balance: int) -> Stage:
        return stage(standing(balance), Progress(balance, 100), 1)

    assert at(49) is Stage.EARLY
    assert at(50) is Stage.LATE


def test_the_rules_are_told_as_they_are() -> None:
    rules = wording.rules(COFFEE)
    assert rules["en"].splitlines() == [
        "Each visit from ₽200 gives 1\u00a0stamp.",
        "12\u00a0stamps: Free coffee.",
        "Every round starts with 2\u00a0stamps as our gift.",
    ]
    assert "Каждый визит от 200\u00a0₽ — 1\u00a0штамп." in rules["ru"]


def test_the_bar_in_words_says_what_is_missing() -> None:
    shown = progress(standing(7), 12, cells=True)
    assert wording.progress_text(COFFEE, shown) == {
        "en": "7 of 12, 5 to go",
        "ru": "7 из 12, осталось 5",
    }
