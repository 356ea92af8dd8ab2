"""Numbers as people write them, and what a card says in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.domain.telling import (
    COFFEE,
    COUNTS,
    MONEY,
    NBSP,
    POINTS,
    STARS,
    TIERS,
    assert_numbers_agree,
    both,
    make_goal,
    make_program,
)
from wallet_service.domain import wording
from wallet_service.domain.program import Texts, Unit
from wallet_service.domain.progress import Kind, Progress, Stage, Standing, progress, stage

CARD = make_program(unit=STARS)
TWELVE = make_goal(12)


def spaced(text: str) -> str:
    return text.replace(NBSP, " ")


def news(at: Stage, value: int, goal: int = 12, points: int | None = None) -> dict[str, str]:
    told = wording.news(CARD, at, Progress(value, goal), make_goal(goal), points=points)
    return {language: spaced(text) for language, text in told.items()}


@pytest.mark.parametrize(
    ("count", "ru", "en"),
    [
        (0, "звёзд", "stars"),
        (1, "звезда", "star"),
        (2, "звезды", "stars"),
        (5, "звёзд", "stars"),
        (11, "звёзд", "stars"),
        (21, "звезда", "stars"),
        (22, "звезды", "stars"),
        (25, "звёзд", "stars"),
        (101, "звезда", "stars"),
        (111, "звёзд", "stars"),
    ],
)
def test_the_noun_follows_its_number(count: int, ru: str, en: str) -> None:
    assert wording.noun(STARS, "ru", count) == ru
    assert wording.noun(STARS, "en", count) == en


@pytest.mark.parametrize(
    ("amount", "ru", "en"),
    [
        (125050, "1\u00a0250,50\u00a0₽", "₽1,250.50"),
        (20000, "200\u00a0₽", "₽200"),
        (5, "0,05\u00a0₽", "₽0.05"),
        (-3500, "\u221235\u00a0₽", "\u2212₽35"),
    ],
)
def test_money_as_people_write_it(amount: int, ru: str, en: str) -> None:
    assert wording.money(amount, "RUB", "ru") == ru
    assert wording.money(amount, "RUB", "en") == en


@pytest.mark.parametrize(
    ("unit", "ru", "en"),
    [
        (POINTS, "1\u00a0250\u00a0баллов", "1,250\u00a0points"),
        (STARS, "1\u00a0250\u00a0звёзд", "1,250\u00a0stars"),
        (MONEY, "12,50\u00a0₽", "₽12.50"),
    ],
)
def test_thousands_are_grouped_by_language(unit: Unit, ru: str, en: str) -> None:
    program = make_program(unit=unit)
    assert wording.counted(program, 1250, "ru") == ru
    assert wording.counted(program, 1250, "en") == en


@pytest.mark.parametrize(
    ("at", "value", "ru", "en"),
    [
        (Stage.JOINED, 0, "Карта готова.", "Your card is ready."),
        (
            Stage.JOINED,
            1,
            "Карта готова. 1 из 12 уже у вас — подарок за знакомство.",
            "Your card is ready. 1 of 12 is already yours, a welcome gift.",
        ),
        (
            Stage.JOINED,
            2,
            "Карта готова. 2 из 12 уже ваши — подарок за знакомство.",
            "Your card is ready. 2 of 12 are already yours, a welcome gift.",
        ),
        (Stage.EARLY, 4, "Уже 4 из 12! Хорошее начало.", "4 of 12 already. Good start."),
        (Stage.LATE, 6, "Всего 6 звёзд до бесплатного кофе.", "Only 6 stars to a free coffee."),
        (
            Stage.NEAR,
            10,
            "Уже совсем близко: всего 2 звезды до бесплатного кофе.",
            "Very close now: only 2 stars to a free coffee.",
        ),
        (
            Stage.ONE_STEP,
            11,
            "Следующая покупка — и подарок ваш: ещё 1 звезда.",
            "One more visit and it is yours: 1 star left.",
        ),
        (Stage.READY, 12, "Бесплатный кофе ждёт вас.", "Your free coffee is waiting."),
        (
            Stage.READY,
            14,
            "Бесплатный кофе ждёт вас. И ещё 2 звезды в запасе.",
            "Your free coffee is waiting. 2 stars more already counted.",
        ),
        (Stage.NEW_ROUND, 1, "Новый круг: уже 1 из 12.", "New round: 1 of 12 already counted."),
        (Stage.BACK, 3, "Отменено на кассе. Теперь 3 из 12.", "Taken back at the till. 3 of 12 now."),
    ],
)
def test_the_sentence_of_each_stage(at: Stage, value: int, ru: str, en: str) -> None:
    assert news(at, value) == {"ru": ru, "en": en}


@pytest.mark.parametrize(
    ("at", "ru", "en"),
    [
        (
            Stage.REFUNDED,
            "Возврат покупки: 35 звёзд. Теперь 265 из 300.",
            "A purchase was brought back: 35 stars. 265 of 300 now.",
        ),
        (
            Stage.EXPIRED,
            "Срок истёк: 35 звёзд. Теперь 265 из 300.",
            "The time has run out: 35 stars. 265 of 300 now.",
        ),
        (
            Stage.CARRIED_OVER,
            "Накопленное раньше перенесено: 35 звёзд. Уже 265 из 300.",
            "Carried over from before: 35 stars. 265 of 300 already.",
        ),
    ],
)
def test_a_change_without_a_purchase_is_told_with_its_figure(at: Stage, ru: str, en: str) -> None:
    assert news(at, 265, 300, points=-35) == {"ru": ru, "en": en}


def test_a_smaller_reward_that_was_reached_is_told_before_the_goal() -> None:
    big = make_goal(1000, until=both("to a lunch", "до обеда"))
    told = wording.news(CARD, Stage.REACHED, Progress(500, 1000), big, reached=COFFEE)
    assert spaced(told["en"]) == "Your free coffee is waiting. Only 500 stars to a lunch."
    assert spaced(told["ru"]) == "Бесплатный кофе ждёт вас. Ещё 500 звёзд до обеда."


def test_a_goal_in_money_is_told_in_money() -> None:
    program, goal = make_program(unit=MONEY), make_goal(3000_00, money=True)
    shown = Progress(1750_00, 3000_00, money=True)
    told = wording.news(program, Stage.LATE, shown, goal)
    assert spaced(told["en"]) == "Only ₽1,250 to a free coffee."
    assert spaced(told["ru"]) == "Всего 1 250 ₽ до бесплатного кофе."
    assert spaced(wording.balance(program, shown)["ru"]) == "1 750 ₽"
    assert spaced(wording.progress_text(program, shown, goal)["en"]) == "₽1,750 of ₽3,000, ₽1,250 to go"


def test_a_tier_as_the_goal_counts_what_the_tiers_count() -> None:
    texts = {"until": both("to Gold", "до уровня «Золото»"), "waiting": both("Gold!", "Золото!")}
    for counts, left in (("spend", "0,07 ₽"), ("points", "7 баллов"), ("visits", "7 визитов")):
        program = make_program(tiers=replace(TIERS, counts=counts))
        goal = make_goal(20, measure="status", money=counts == "spend", **texts)
        told = wording.news(program, Stage.LATE, Progress(13, 20, money=goal.money), goal)
        assert spaced(told["ru"]) == f"Всего {left} до уровня «Золото»."


def test_a_tier_to_be_kept_is_told_with_its_comma() -> None:
    goal = make_goal(20, until=both("to keep Gold", "чтобы сохранить уровень «Золото»"))
    told = wording.news(CARD, Stage.LATE, Progress(18, 20), goal)
    assert spaced(told["ru"]) == "Всего 2 звезды, чтобы сохранить уровень «Золото»."


def test_a_card_without_a_goal_speaks_of_what_it_holds() -> None:
    program = make_program(rewards=(), tiers=None)  # a plain discount
    goal, shown = make_goal(0), Progress(5, 0)
    assert spaced(wording.balance(program, shown)["ru"]) == "5 баллов"
    assert spaced(wording.progress_text(program, shown, goal)["en"]) == "5 points"
    told = wording.news(program, Stage.READY, shown, goal)
    assert spaced(told["en"]) == "Your free coffee is waiting. Saved so far: 5 points."
    road = wording.news(program, Stage.LATE, Progress(0, 0), goal)
    assert road["en"] == "Your free coffee is waiting."


def test_P13_every_movement_changes_the_sentence() -> None:
    def told(balance: int, last: Kind = Kind.EARN) -> Texts:
        standing = Standing(balance=balance, status=balance, endowed=2, gained=1, last=last)
        shown = progress(standing, 12, cells=True)
        return wording.news(CARD, stage(standing, shown, 1), shown, TWELVE)

    sentences = [told(balance) for balance in range(40)]
    assert all(a[language] != b[language] for a, b in pairwise(sentences) for language in ("ru", "en"))
    for balance in range(20):
        assert told(balance) != told(balance, Kind.REVERSE)
        assert told(balance + 12) != told(balance, Kind.REDEEM)


@pytest.mark.parametrize("unit", [POINTS, STARS])
@pytest.mark.parametrize("at", list(Stage))
def test_every_stage_agrees_with_every_number(unit: Unit, at: Stage) -> None:
    program = make_program(unit=unit)
    for count in COUNTS:
        for value, goal in ((count, 2000), (2000 - count, 2000), (2000 + count, 2000)):
            told = wording.news(program, at, Progress(value, goal), make_goal(goal), points=-count)
            for language, text in told.items():
                assert_numbers_agree(text, language)
                assert "{" not in text


def test_the_bar_in_words_says_what_is_missing() -> None:
    assert wording.progress_text(CARD, Progress(7, 12)) == both("7 of 12, 5 to go", "7 из 12, осталось 5")
    ready = wording.progress_text(CARD, Progress(12, 12), TWELVE)
    assert ready == both("12 of 12, reward ready", "12 из 12, награда готова")


@pytest.mark.parametrize(
    ("kind", "en", "ru"),
    [
        (Kind.EARN, "+1,250 points", "+1 250 баллов"),
        (Kind.GRANT, "Gift: +1,250 points", "Подарок: +1 250 баллов"),
        (Kind.REDEEM, "Free coffee: +1,250 points", "Бесплатный кофе: +1 250 баллов"),
        (Kind.REVERSE, "Taken back: +1,250 points", "Отмена: +1 250 баллов"),
        (Kind.REFUND, "Refund: +1,250 points", "Возврат: +1 250 баллов"),
        (Kind.EXPIRE, "Expired: +1,250 points", "Сгорело: +1 250 баллов"),
        (Kind.ADJUST, "Correction: +1,250 points", "Исправление: +1 250 баллов"),
        (Kind.IMPORT, "Carried over: +1,250 points", "Перенос: +1 250 баллов"),
    ],
)
def test_every_kind_of_entry_has_its_line(kind: Kind, en: str, ru: str) -> None:
    line = wording.history_line(make_program(), kind, 1250, COFFEE)
    assert {language: spaced(text) for language, text in line.items()} == {"en": en, "ru": ru}


def test_no_kind_of_entry_is_without_a_line() -> None:
    for kind in Kind:
        for count in COUNTS:
            for language, text in wording.history_line(CARD, kind, -count, None).items():
                assert_numbers_agree(text, language)


def test_paying_with_points_says_how_much_was_paid() -> None:
    line = wording.history_line(make_program(), Kind.REDEEM, -100, None, money=100_00)
    assert spaced(line["en"]) == "Paid ₽100: \u2212100 points"
    assert spaced(line["ru"]) == "Оплачено 100 ₽: \u2212100 баллов"
    cashback = wording.history_line(make_program(unit=MONEY), Kind.EARN, 15_60, None)
    assert spaced(cashback["ru"]) == "+15,60 ₽"


MIDNIGHT = datetime(2026, 5, 31, 21, tzinfo=UTC)
"""The end of 31 May in Moscow."""


@pytest.mark.parametrize(
    ("points", "ru", "en"),
    [
        (120, "120 баллов сгорят 31 мая.", "120 points expire on 31 May."),
        (121, "121 балл сгорит 31 мая.", "121 points expire on 31 May."),
        (1, "1 балл сгорит 31 мая.", "1 point expires on 31 May."),
        (2, "2 балла сгорят 31 мая.", "2 points expire on 31 May."),
    ],
)
def test_points_expire_on_their_last_day_by_the_shops_clock(points: int, ru: str, en: str) -> None:
    told = wording.expiring(make_program(), points, MIDNIGHT, MIDNIGHT - timedelta(days=9))
    assert {language: spaced(text) for language, text in told.items()} == {"ru": ru, "en": en}


def test_a_tier_says_until_when_and_what_is_next() -> None:
    gold = make_goal(50_000_00, measure="status", until=both("to Gold", "до уровня «Золото»"))
    silver = TIERS.level("silver")
    told = wording.tier_text(make_program(), silver, 48_750_00, gold, MIDNIGHT)
    assert spaced(told["en"]) == "Silver until 31 May 2026. ₽1,250 to Gold."
    assert spaced(told["ru"]) == "Серебро до 31 мая 2026 года. Ещё 1 250 ₽ до уровня «Золото»."
    assert wording.tier_text(make_program(), None, 0, None, None)["ru"] == "Пока без уровня."
    assert wording.tier_text(make_program(), silver, 0, None, None)["en"] == "Silver."


def test_a_tier_at_risk_says_what_keeps_it() -> None:
    silver = TIERS.levels[0]
    told = wording.tier_at_risk(make_program(), silver, 900_00, MIDNIGHT)
    assert spaced(told["en"]) == "₽900 by 31 May 2026 keeps you Silver."
    assert spaced(told["ru"]) == "Чтобы сохранить уровень «Серебро»: 900 ₽ до 31 мая 2026 года."


def test_a_day_that_is_far_away_is_told_with_its_year() -> None:
    told = wording.expiring(make_program(), 5, MIDNIGHT, MIDNIGHT - timedelta(days=300))
    assert all(str(MIDNIGHT.year) in sentence for sentence in told.values())


def test_a_purchase_that_gives_no_points_is_told_by_its_money() -> None:
    line = wording.history_line(make_program(), Kind.EARN, 0, None, money=400000)
    assert spaced(line["en"]) == "Purchase: ₽4,000"
    assert spaced(line["ru"]) == "Покупка: 4 000 ₽"
