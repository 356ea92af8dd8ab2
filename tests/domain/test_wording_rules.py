"""The public rules are told from the rules themselves, so the two cannot differ."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.domain.telling import (
    COFFEE,
    COUNTS,
    EVERYTHING,
    MONEY,
    NBSP,
    POINTS,
    STARS,
    TIERS,
    assert_numbers_agree,
    make_program,
    step,
)
from wallet_service.actions.program_body import program
from wallet_service.domain import wording
from wallet_service.domain.program import Expiry, ExpiryKind, Paying, Program, Refunds, Rounding, Unit
from wallet_service.domain.rule import (
    Condition,
    Discount,
    Flat,
    Grant,
    Limit,
    Multiply,
    PerAmount,
    Rule,
    Trigger,
)

SHIPPED = sorted((Path(__file__).parents[2] / "docs/programs").glob("*.json"))


def lines(value: Program, language: str = "en") -> list[str]:
    return wording.rules(value)[language].replace(NBSP, " ").splitlines()


def told(rule: Rule, language: str, value: Program = EVERYTHING) -> str:
    return wording.rule_line(value, rule, language).replace(NBSP, " ")


def bare(**changed: Any) -> Program:
    """Five points for every ₽100, and what the story needs."""
    start = make_program(
        rules=(Rule("amount", Trigger.PURCHASE, (PerAmount(100_00, 5),)),),
        welcome=0,
        rewards=(),
        excluded=(),
        pending_days=0,
        expiry=Expiry(),
        tiers=None,
        paying=None,
        visit_minimum=0,
    )
    return replace(start, **changed)


def test_everything_is_told_in_english() -> None:
    assert lines(EVERYTHING) == [
        "1 point for each visit from ₽200.",
        "5 points for every ₽100.",
        "1 point for every ₽100, from ₽1,000 on 2 points for every ₽100.",
        "On Mondays, for purchases from ₽300: points times 2.",
        "From Monday to Friday, from 08:00 to 11:00: 5 points. At most once a day. "
        "At most 500 points at once.",
        "With “beans” (2 or more): 3 points for each “beans”.",
        "For “review”: 22 points as a gift.",
        "On joining: 1 point as a gift.",
        "Either when paid by “card” or “phone”, or through “online”: 21 points and ₽50 off. "
        "Does not add up with other offers. From 1 March 2026 to 31 May 2026.",
        "With tier “Silver” or “Gold”, except in store “arbat”: 5% off. Does not add up with other offers.",
        "Of the offers that do not add up, the first that applies counts, in this order.",
        "500 points: Free coffee.",
        "1,250 points: A discount (₽500 off). From tier “Gold” up. While stocks last: 50 in all. "
        "Until 31 December 2026.",
        "Every round starts with 100 points as our gift. "
        "The first gift can be spent after the first paid purchase.",
        "Tier “Silver”: ₽10,000 within 12 months. 3% off.",
        "Tier “Gold”: ₽50,000 within 12 months or one receipt of ₽20,000 or more. Points times 1.5. "
        "A table by the window.",
        "Tier “Club”: 1 month with each “club-month”. Points times 2.",
        "A tier that is reached is kept for 12 months, to the end of that month. "
        "Whoever has not earned it again by then goes down one tier. There are 30 days more to catch up.",
        "100 points pay ₽1 at the till, at least 100 points at a time. It pays at most 50% of a receipt.",
        "Nothing is earned by amount for “tobacco”. They cannot be paid this way either.",
        "A fraction that is left over is kept for the next visit.",
        "What is earned can be spent 14 days after the purchase.",
        "What is earned expires after 12 months, at the end of that month. "
        "What a cancelled redemption gives back too late lives for 30 days more.",
        "When a purchase is brought back, what it earned is taken back; "
        "what is spent already is made up for by the next purchases.",
    ]


def test_everything_is_told_in_russian() -> None:
    assert lines(EVERYTHING, "ru") == [
        "1 балл за каждый визит от 200 ₽.",
        "5 баллов за каждые 100 ₽.",
        "1 балл за каждые 100 ₽, от 1 000 ₽ — 2 балла за каждые 100 ₽.",
        "По понедельникам, при покупке от 300 ₽: в 2 раза больше баллов.",
        "С понедельника по пятницу, с 08:00 до 11:00: 5 баллов. Максимум 1 раз в день. "
        "Максимум 500 баллов за раз.",
        "С товаром «beans» (от 2 шт.): 3 балла за каждый товар «beans».",
        "За «review»: 22 балла в подарок.",
        "При вступлении: 1 балл в подарок.",
        "Либо при оплате «card» или «phone», либо через «online»: 21 балл и скидка 50 ₽. "
        "Не суммируется с другими предложениями. С 1 марта 2026 года по 31 мая 2026 года.",
        "На уровне «Серебро» или «Золото», кроме магазина «arbat»: скидка 5 %. "
        "Не суммируется с другими предложениями.",
        "Из предложений, которые не суммируются, действует первое подходящее, по порядку этого списка.",
        "500 баллов — Бесплатный кофе.",
        "1 250 баллов — Скидка на чек (скидка 500 ₽). Начиная с уровня «Золото». "
        "Количество ограничено: 50 шт. По 31 декабря 2026 года включительно.",
        "Каждый круг начинается с подарка: 100 баллов. "
        "Первый подарок можно потратить после первой оплаченной покупки.",
        "Уровень «Серебро»: 10 000 ₽ за 12 месяцев. Скидка 3 %.",
        "Уровень «Золото»: 50 000 ₽ за 12 месяцев или один чек от 20 000 ₽. В 1,5 раза больше баллов. "
        "Столик у окна.",
        "Уровень «Клуб»: 1 месяц с каждым товаром «club-month». В 2 раза больше баллов.",
        "Достигнутый уровень действует 12 месяцев, до конца месяца. "
        "Если к этому сроку не набрать его снова, уровень станет на ступень ниже. "
        "Наверстать можно ещё 30 дней после срока.",
        "На кассе 100 баллов — это 1 ₽, минимум 100 баллов за раз. Так можно оплатить максимум 50 % чека.",
        "По сумме ничего не начисляется за «tobacco». Так оплатить их тоже нельзя.",
        "Дробный остаток сохраняется до следующего визита.",
        "Начисленное можно потратить через 14 дней после покупки.",
        "Накопленное сгорает через 12 месяцев, в конце месяца. "
        "Если списание отменено после срока, возвращённое живёт ещё 30 дней.",
        "При возврате покупки начисленное за неё списывается; уже потраченное закроют следующие начисления.",
    ]


def test_a_dry_run_is_no_public_promise() -> None:
    assert not any("1,000 points" in line or "secret" in line for line in lines(EVERYTHING))


def test_a_rule_and_the_number_it_gave_are_told_by_the_same_words() -> None:
    rules = {rule.id: rule for rule in EVERYTHING.rules}
    gave = (
        step("amount", 15, total=312_00, per_amount=100_00, give=5, id="amount"),
        step("multiplied", 15, num=2, den=1, id="mondays"),
        step("flat", 5, id="mornings"),
        step("item", 9, items=3, per_item=3, category="beans", id="beans"),
        step("discount", num=5, den=1, amount=15_60, id="gold"),
        step("gift", 22, id="review"),
    )
    for said in gave:
        rule = rules[str(dict(said.facts)["id"])]
        for language in ("en", "ru"):
            promise = wording.rule_line(EVERYTHING, rule, language).split(". ")[0].rstrip(".")
            assert wording.explain(EVERYTHING, (said,), language).startswith(promise)


@pytest.mark.parametrize(
    ("rule", "en", "ru"),
    [
        (
            Rule("a", Trigger.PURCHASE, (Flat(2),)),
            "With each purchase: 2 points.",
            "С каждой покупкой: 2 балла.",
        ),
        (
            Rule("a", Trigger.VISIT, (Multiply((3, 2)),), every=(Condition("weekday", "in", (6, 7)),)),
            "With each visit from ₽200, on Saturdays and Sundays: points times 1.5.",
            "С каждым визитом от 200 ₽, по субботам и воскресеньям: в 1,5 раза больше баллов.",
        ),
        (
            Rule("a", Trigger.PURCHASE, (Flat(1),), every=(Condition("total", "between", (100_00, 500_00)),)),
            "For purchases from ₽100 to ₽500: 1 point.",
            "При покупке от 100 ₽ до 500 ₽: 1 балл.",
        ),
        (
            Rule("a", Trigger.PURCHASE, (Flat(1),), every=(Condition("tier", "not in", ("gold",)),)),
            "Except with tier “Gold”: 1 point.",
            "Кроме уровня «Золото»: 1 балл.",
        ),
        (
            Rule("a", Trigger.ACTION, (Grant(5),), limit=Limit(3, "year")),
            "For an action: 5 points as a gift. At most 3 times a year.",
            "За действие: 5 баллов в подарок. Максимум 3 раза в год.",
        ),
        (
            Rule("a", Trigger.PURCHASE, (Discount(percent=(7, 2)),), first_day="2026-03-01"),
            "With each purchase: 3.5% off. From 1 March 2026 on.",
            "С каждой покупкой: скидка 3,5 %. С 1 марта 2026 года.",
        ),
        (
            Rule("a", Trigger.PURCHASE, (PerAmount(1_00, 1),)),
            "1 point for every ₽1.",
            "1 балл за 1 ₽.",
        ),
    ],
)
def test_a_rule_says_when_and_what_and_how_often(rule: Rule, en: str, ru: str) -> None:
    assert told(rule, "en") == en
    assert told(rule, "ru") == ru


@pytest.mark.parametrize("op", [">=", ">", "<=", "<"])
def test_each_comparison_has_words_of_its_own(op: str) -> None:
    def rule(op: str) -> Rule:
        return Rule("a", Trigger.PURCHASE, (Flat(1),), every=(Condition("total", op, (100_00,)),))

    others = {">=", ">", "<=", "<"} - {op}
    for language in ("en", "ru"):
        assert told(rule(op), language) not in {told(rule(other), language) for other in others}


@pytest.mark.parametrize(
    ("expiry", "en", "ru"),
    [
        (Expiry(), "What is earned never expires.", "Накопленное не сгорает."),
        (
            Expiry(ExpiryKind.ROLLING, months=1),
            "What is earned expires after 1 month.",
            "Накопленное сгорает через 1 месяц.",
        ),
        (
            Expiry(ExpiryKind.ROLLING, months=22, end_of="quarter"),
            "What is earned expires after 22 months, at the end of that quarter.",
            "Накопленное сгорает через 22 месяца, в конце квартала.",
        ),
        (
            Expiry(ExpiryKind.CALENDAR, days=("12-31",)),
            "What is earned expires at the end of 31 December.",
            "Накопленное сгорает 31 декабря, в конце дня.",
        ),
        (
            Expiry(ExpiryKind.CALENDAR, months=3, days=("06-30", "12-31")),
            "What is earned expires at the end of 30 June and 31 December, "
            "but not before 3 months have passed.",
            "Накопленное сгорает 30 июня и 31 декабря, в конце дня, но не раньше чем через 3 месяца.",
        ),
        (
            Expiry(ExpiryKind.INACTIVITY, months=6),
            "Everything expires 6 months after the last purchase or redemption.",
            "Всё накопленное сгорает через 6 месяцев после последней покупки или списания.",
        ),
    ],
)
def test_each_kind_of_expiry_is_told(expiry: Expiry, en: str, ru: str) -> None:
    assert en in lines(bare(expiry=expiry))
    assert ru in lines(bare(expiry=expiry), "ru")


def test_every_policy_has_a_line_of_its_own() -> None:
    assert len({tuple(lines(bare(refunds=policy))) for policy in Refunds}) == len(Refunds)
    assert len({tuple(lines(bare(rounding=mode), "ru")) for mode in Rounding}) == len(Rounding)


def test_a_program_that_only_gives_discounts_speaks_of_no_points() -> None:
    off = Rule("off", Trigger.PURCHASE, (Discount(percent=(5, 1)),))
    assert lines(bare(rules=(off,))) == ["With each purchase: 5% off."]


def test_a_gift_without_rounds_is_given_once() -> None:
    assert any(line.startswith("A new card starts with 3 points") for line in lines(bare(welcome=3)))


@pytest.mark.parametrize(
    ("changed", "en"),
    [
        ({"window": "lifetime"}, "A tier that is reached stays."),
        ({"downgrade": "none"}, "A tier that is reached stays."),
        ({"window": "calendar"}, "A tier that is reached is kept to the end of the next year."),
        ({"downgrade": "full"}, "Whoever has not earned it again by then goes down to what was earned."),
    ],
)
def test_what_happens_to_a_tier_is_told(changed: dict[str, Any], en: str) -> None:
    assert any(en in line for line in lines(make_program(tiers=replace(TIERS, **changed))))


@pytest.mark.parametrize(
    ("worth", "en"),
    [
        ((1, 1), "100 points pay ₽1"),
        ((100, 1), "1 point pays ₽1"),
        ((250, 1), "1 point pays ₽2.50"),
        ((1, 3), "300 points pay ₽1"),
        ((200, 3), "3 points pay ₽2"),
    ],
)
def test_what_a_point_pays_comes_out_even(worth: tuple[int, int], en: str) -> None:
    assert any(line.startswith(en) for line in lines(bare(paying=Paying(worth))))


def test_cashback_is_told_in_percent() -> None:
    cashback = Rule("back", Trigger.PURCHASE, (PerAmount(1_00, 5),))
    assert lines(bare(unit=MONEY, rules=(cashback,), paying=Paying((1, 1), 100_00)))[:2] == [
        "5% back.",
        "What is saved pays at the till, at least ₽100 at a time.",
    ]
    assert told(cashback, "ru", bare(unit=MONEY)) == "Кешбэк 5 %."


def test_a_reward_whose_name_says_what_it_is_worth_says_it_once() -> None:
    named = replace(EVERYTHING.rewards[1], name={"en": "₽500 off", "ru": "Скидка 500 ₽"})
    for language, start in (("en", "1,250 points: ₽500 off. "), ("ru", "1 250 баллов — Скидка 500 ₽. ")):
        assert wording.reward_line(EVERYTHING, named, language).replace(NBSP, " ").startswith(start)


@pytest.mark.parametrize("unit", [POINTS, STARS])
@pytest.mark.parametrize("count", [count for count in COUNTS if count])
def test_every_line_agrees_with_every_number(unit: Unit, count: int) -> None:
    rules = (
        Rule("a", Trigger.PURCHASE, (Flat(count), Grant(count)), limit=Limit(count, "week", count)),
        Rule("b", Trigger.PURCHASE, (PerAmount(count * 100, count),)),
        Rule("c", Trigger.PURCHASE, (Multiply((count, 1)),)),
        Rule("d", Trigger.PURCHASE, (Multiply((count, 2)),)),
    )
    levels = tuple(
        replace(level, threshold=count, paid_item="club", paid_months=count) for level in TIERS.levels
    )
    for counts in ("points", "spend", "visits"):
        value = make_program(
            unit=unit,
            rules=rules,
            welcome=count,
            rewards=(replace(COFFEE, cost=count, stock=count),),
            pending_days=count,
            expiry=Expiry(ExpiryKind.ROLLING, months=count, grace_days=count),
            tiers=replace(TIERS, counts=counts, levels=levels, months=count, grace_days=count),
            paying=Paying((1, count), minimum=count),
        )
        for language, text in wording.rules(value).items():
            assert_numbers_agree(text, language)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_program_is_told_whole(file: Path) -> None:
    value = program(file.stem, 1, json.loads(file.read_text()))
    for language, text in wording.rules(value).items():
        assert_numbers_agree(text, language)
        assert all(line[:1].strip() and line.endswith(".") for line in text.splitlines())
        for reward in value.rewards:
            assert reward.name[language] in text
        for rule in value.rules:
            assert (wording.rule_line(value, rule, language) in text) is not rule.dry_run
