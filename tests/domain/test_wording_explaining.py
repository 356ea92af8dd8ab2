"""Every number can be explained: what gave it, what did not, and what was missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.telling import (
    COUNTS,
    EVERYTHING,
    MONEY,
    NBSP,
    POINTS,
    STARS,
    assert_numbers_agree,
    make_program,
    step,
)
from wallet_service.domain import wording
from wallet_service.domain.program import Program, Unit
from wallet_service.domain.rules import Circumstances, Item, Purchase, Step, evaluate

VOCABULARY = (
    step("visit", 3, visits=3, per_visit=1, id="visit"),
    step("visit", 1, visits=1, per_visit=1),
    step("item", 9, items=3, per_item=3, category="beans", id="beans"),
    step("item", 3, items=3, per_item=1, category="", id="gone"),
    step("amount", 15, total=312_00, per_amount=100_00, give=5, id="amount"),
    step("amount", 15, total=312_00, per_amount=100_00, give=5),
    step("flat", 5, id="mornings"),
    step("multiplied", 15, num=2, den=1, id="mondays"),
    step("multiplied", 5, num=4, den=3, id="gone"),
    step("multiplied", 5, num=1, den=2, id="gone"),
    step("tier", 5, tier="gold", num=3, den=2),
    step("gift", 22, id="review"),
    step("discount", num=5, den=1, amount=15_60, id="gold"),
    step("discount_money", amount=50_00, id="spring"),
    step("tier_discount", tier="silver", num=3, den=1, amount=9_36),
    step("capped", most=500, was=620, id="mornings"),
    step("limited", times=1, window="day", left=0, id="mornings"),
    step("limited", times=3, window="ever", left=2, id="beans"),
    step("carried_in", num=3, den=5),
    step("carried_in", num=-1, den=3),
    step("carried_out", num=1, den=3),
    step("carried_out", num=-3, den=5),
    step("rounded", num=78, den=5, mode="floor"),
    step("rounded", num=78, den=5, mode="half_up"),
    step("rounded", num=78, den=5, mode="ceil"),
    step("paid_tier", tier="club", months=2),
    step("dry_run", points=1000, id="secret"),
    step("visit_too_small", minimum=200_00, short=50_00),
    step("visit_too_small", fired=False, minimum=200_00, short=50_00, id="visit"),
    step("missing_total", fired=False, minimum=300_00, short=39_00, id="mondays"),
    step("missing_total", fired=False, minimum=0, short=0, id="amount"),
    step("above_total", fired=False, most=300_00, over=39_00, id="gone"),
    step("missing_item", fired=False, item="beans", wanted=2, had=1, id="beans"),
    step("missing_item", fired=False, item="", wanted=1, had=0, id="beans"),
    step("missing_weekday", fired=False, days="1", id="mondays"),
    step("missing_time", fired=False, start="08:00", end="11:00", id="mornings"),
    step("missing_tier", fired=False, tiers="silver,gold", id="gold"),
    step("missing_channel", fired=False, wanted="online,phone", id="gone"),
    step("missing_channel", fired=False, wanted="", id="gone"),
    step("missing_payment", fired=False, wanted="card", id="gone"),
    step("missing_store", fired=False, wanted="arbat", id="gone"),
    step("missing_action", fired=False, wanted="review", id="review"),
    step("excluded_by", fired=False, field="store", value="arbat", id="gold"),
    step("missing_any", fired=False, id="spring"),
    step("missing_any", fired=False, id="gone"),
    step("not_yet", fired=False, first_day="2026-03-01", id="spring"),
    step("no_longer", fired=False, last_day="2026-05-31", id="spring"),
    step("overruled", fired=False, by="spring", id="gold"),
    step("welcome", 100),
    step("new_round", 100),
    step("reward", -500, reward="coffee"),
    step("adjusted", 5, reason="lost card"),
    step("refunded", -15),
    step("reversed", -15),
    step("refunded_part", -5, back=100_00, total=312_00, earned=15, taken=5),
    step("clamped", short=5),
    step("into_debt", short=5),
    step("absorbed", points=5),
    step("expired", -5, day="2026-05-31"),
    step("imported", 120),
    step("merged_in", 120),
    step("merged_out", -120),
    step("paid_with", -100, money=100_00),
    step("given_back", 100),
    step("burnt_since", points=5),
    step("graced", points=5, day="2026-05-31"),
)
KEYS = sorted({each.rule for each in VOCABULARY})


def told(said: Step, language: str = "en", program: Program = EVERYTHING) -> str:
    return wording.explain(program, (said,), language).replace(NBSP, " ")


@pytest.mark.parametrize(
    ("said", "en", "ru"),
    [
        (
            step("amount", 15, total=312_00, per_amount=100_00, give=5, id="amount"),
            "5 points for every ₽100 of ₽312 make 15.6 points.",
            "5 баллов за каждые 100 ₽, с 312 ₽ — 15,6 балла.",
        ),
        (
            step("multiplied", 15, num=2, den=1, id="mondays"),
            "On Mondays, for purchases from ₽300: points times 2.",
            "По понедельникам, при покупке от 300 ₽: в 2 раза больше баллов.",
        ),
        (
            step("missing_total", fired=False, minimum=300_00, short=39_00, id="mondays"),
            "Points times 2: not this time, ₽39 short of ₽300.",
            "В 2 раза больше баллов: не в этот раз, не хватило 39 ₽ до 300 ₽.",
        ),
        (
            step("item", 9, items=3, per_item=3, category="beans", id="beans"),
            "With “beans” (2 or more): 3 points for each “beans”, 3 items: 9 points.",
            "С товаром «beans» (от 2 шт.): 3 балла за каждый товар «beans», 3 шт.: 9 баллов.",
        ),
        (
            step("tier", 5, tier="gold", num=3, den=2),
            "With tier “Gold”: points times 1.5.",
            "На уровне «Золото»: в 1,5 раза больше баллов.",
        ),
        (
            step("discount", num=5, den=1, amount=15_60, id="gold"),
            "With tier “Silver” or “Gold”, except in store “arbat”: 5% off, that is ₽15.60.",
            "На уровне «Серебро» или «Золото», кроме магазина «arbat»: скидка 5 % — 15,60 ₽.",
        ),
        (
            step("limited", times=1, window="day", left=0, id="mornings"),
            "5 points: at most once a day, none is left.",
            "5 баллов: максимум 1 раз в день, лимит исчерпан.",
        ),
        (
            step("capped", most=500, was=620, id="mornings"),
            "5 points: at most 500 points at once instead of 620 points.",
            "5 баллов: максимум 500 баллов за раз вместо 620 баллов.",
        ),
        (
            step("missing_any", fired=False, id="spring"),
            "21 points and ₽50 off: not this time, only when paid by “card” or “phone”, or through “online”.",
            "21 балл и скидка 50 ₽: не в этот раз, только при оплате «card» или «phone», или через «online».",
        ),
        (
            step("overruled", fired=False, by="spring", id="gold"),
            "5% off: not this time, another offer counts alone (21 points and ₽50 off).",
            "Скидка 5 %: не в этот раз, не суммируется с другим предложением (21 балл и скидка 50 ₽).",
        ),
        (
            step("carried_in", num=-1, den=3),
            "Owed from an earlier refund: ≈0.33 points.",
            "Долг после прошлого возврата: ≈0,33 балла.",
        ),
        (
            step("rounded", num=78, den=5, mode="half_up"),
            "Rounded to the nearest whole from 15.6 points.",
            "Округлено до ближайшего целого, было 15,6 балла.",
        ),
        (
            step("refunded_part", -5, back=100_00, total=312_00, earned=15, taken=5),
            "₽100 of ₽312 came back. Earned by the receipt: 15 points; taken back so far: 5 points.",
            "Возвращено 100 ₽ из 312 ₽. Начислено по чеку: 15 баллов; из них уже списано: 5 баллов.",
        ),
        (
            step("graced", points=5, day="2026-05-31"),
            "Given more time, until 31 May 2026: 5 points.",
            "Срок продлён до 31 мая 2026 года: 5 баллов.",
        ),
    ],
)
def test_a_step_is_told_with_its_arithmetic(said: Step, en: str, ru: str) -> None:
    assert told(said) == en
    assert told(said, "ru") == ru


@pytest.mark.parametrize("unit", [POINTS, STARS, MONEY])
@pytest.mark.parametrize("said", VOCABULARY, ids=lambda said: said.rule)
def test_every_word_of_the_vocabulary_is_a_whole_sentence(said: Step, unit: Unit) -> None:
    for language in ("en", "ru"):
        text = wording.explain(make_program(unit=unit), (said,), language)
        assert text[:1] not in ("", " ")
        assert text[0] == text[0].upper()
        assert text.endswith(".") or said.rule == "adjusted"
        assert "{" not in text
        assert "None" not in text
        assert "rule of the program" not in text
        assert_numbers_agree(text, language)


@pytest.mark.parametrize("said", VOCABULARY, ids=lambda said: said.rule)
def test_every_number_in_every_sentence_has_its_noun(said: Step) -> None:
    for unit in (POINTS, STARS):
        for count in COUNTS:
            figures = {name: count for name, fact in said.facts if isinstance(fact, int) and name != "den"}
            changed = Step(said.rule, count, tuple((dict(said.facts) | figures).items()), said.fired)
            for language in ("en", "ru"):
                text = wording.explain(make_program(unit=unit), (changed,), language)
                assert_numbers_agree(text, language)


@pytest.mark.parametrize("key", [*KEYS, "something_from_the_future"])
@settings(max_examples=20)
@given(facts=st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=12)))
def test_no_trace_is_too_old_to_be_told(key: str, facts: dict[str, str | int | None]) -> None:
    for fired in (True, False):
        for language in ("en", "ru"):
            assert wording.explain(EVERYTHING, (Step(key, 0, tuple(facts.items()), fired),), language)


@pytest.mark.parametrize("said", VOCABULARY, ids=lambda said: said.rule)
@settings(max_examples=20)
@given(data=st.data())
def test_no_fact_of_a_trace_can_silence_it(said: Step, data: st.DataObject) -> None:
    odd = st.none() | st.integers(-5, 5) | st.sampled_from(("", ",", "9", "2026-13-40", "1,8,x", "²"))
    facts = tuple((name, data.draw(odd)) for name, _ in said.facts)
    for language in ("en", "ru"):
        assert wording.explain(EVERYTHING, (said._replace(facts=facts),), language)


def test_what_nobody_knows_any_more_gets_a_plain_sentence() -> None:
    assert told(step("moon_phase", phase="full")) == "Another rule of the program applied."
    assert told(step("moon_phase", fired=False)) == "Another rule of the program did not apply."


def test_traces_from_before_rules_had_names_are_told_as_they_were_booked() -> None:
    old = step("amount", 15, total=312_00, per_amount=100_00, give=5)
    assert told(old) == "5 points for every ₽100 of ₽312 make 15 points."
    assert told(step("visit", 3, visits=3, per_visit=1), "ru") == "1 балл за каждый визит, 3 визита: 3 балла."
    small = step("visit_too_small", short=50_00, minimum=200_00)
    assert told(small) == "No points: a visit counts from ₽200, this was ₽50 short."


def test_cashback_is_told_as_a_share_of_the_receipt() -> None:
    program = make_program(unit=MONEY)
    said = step("amount", 15_60, total=312_00, per_amount=100, give=5, id="amount")
    assert told(said, "en", program) == "5% back of ₽312 makes ₽15.60."
    assert told(said, "ru", program) == "Кешбэк 5 % с 312 ₽ — 15,60 ₽."


def test_what_no_rule_looks_at_is_told_as_such() -> None:
    assert wording.explain(EVERYTHING, (), "en") == "No rule of the program gives anything for this."
    assert wording.explain(EVERYTHING, (), "ru") == "В программе нет правила, которое за это начисляет."


def test_a_sentence_is_said_once() -> None:
    assert wording.explain(EVERYTHING, (step("reversed", 1), step("reversed", 2)), "en").count("Taken") == 1


def test_whatever_the_rules_say_can_be_told() -> None:
    monday = datetime(2026, 11, 23, 7, tzinfo=UTC)
    purchase = Purchase(monday, total=1250_00, items=(Item("beans", 3),), payment="card", store="nevsky")
    value = evaluate(EVERYTHING, purchase, Circumstances("gold", (3, 5)))
    for language in ("en", "ru"):
        for said in value.steps:
            text = wording.explain(EVERYTHING, (said,), language)
            assert "rule of the program" not in text
            assert "правил" not in text or said.rule == "dry_run"
            assert_numbers_agree(text, language)
