"""What is off in the JSON of a program is told with its place and the way out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.program_bodies import GONE, changed
from wallet_service.actions.program_body import check, faults
from wallet_service.domain.errors import Invalid

# ---- What cannot be read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "place", "sentence", "remedy"),
    [
        (changed("tiers", organization=GONE), "organization", "`organization` is missing", '"Brew & Bean"'),
        (changed("tiers", rewards__1__cost=GONE), "rewards[1].cost", "`cost` is missing", '"cost": 10'),
        (changed("tiers", rulez=[]), "rulez", "no field `rulez`", "Did you mean `rules`?"),
        (changed("tiers", rewards__0__prize=1), "rewards[0].prize", "no field `prize`", "Known are"),
        (changed("tiers", rules__0__them=[]), "rules[0].them", "no field `them`", "Did you mean `then`?"),
        (
            changed("tiers", rules__0__then=[{"points": {"per": 1, "giv": 1}}]),
            "rules[0].then[0].points.giv",
            "no field `giv`",
            "Did you mean `give`?",
        ),
        (
            changed("points-shop", rules__0__then__0__points__bands__1__form=1),
            "rules[0].then[0].points.bands[1].form",
            "no field `form`",
            "Did you mean `from`?",
        ),
        (changed("tiers", rewards__0__cost="150"), "rewards[0].cost", '"150" does not fit', "such as 10"),
        (changed("tiers", rewards__0__cost=0), "rewards[0].cost", "0 is too small", "1 or more"),
        (changed("tiers", welcome=-5), "welcome", "-5 is too small", "0 or more"),
        (changed("tiers", pending_days=1000), "pending_days", "1000 is too large", "366 or less"),
        (changed("tiers", welcome=1.5), "welcome", "1.5 does not fit", "whole number"),
        (changed("tiers", rotating_code="yes"), "rotating_code", '"yes" does not fit', "true or false"),
        (changed("tiers", rounding="flor"), "rounding", '"flor" is not known', "Did you mean `floor`?"),
        (changed("tiers", tiers__window="weekly"), "tiers.window", '"weekly" is not known', "calendar"),
        (changed("tiers", rules__0__trigger="visits"), "rules[0].trigger", "not known", "`visit`"),
        (
            changed("tiers", rewards__0__id="Free Coffee"),
            "rewards[0].id",
            "cannot stand here",
            "small letters",
        ),
        (changed("tiers", currency="roubles"), "currency", "cannot stand here", "RUB"),
        (changed("tiers", name="Club"), "name", '"Club" does not fit', '{"en": "Free coffee"'),
        (changed("tiers", name__en=""), "name.en", "The text is empty", "at least one"),
        (changed("tiers", rules__0__then=[]), "rules[0].then", "too few", "at least 1"),
        (
            changed("tiers", rules__0__then__0={"multiply": 2}),
            "rules[0].then[0].multiply",
            "2 does",
            "[2, 1]",
        ),
        (
            changed("tiers", tiers__levels__0__multiplier=[3, 0]),
            "tiers.levels[0].multiplier[1]",
            "0 is",
            "1 or",
        ),
        (changed("tiers", guards={"hours": ["8:00", "22:00"]}), "guards.hours[0]", "cannot stand", "08:00"),
        (changed("tiers", guards={"hours": "08:00"}), "guards.hours", "does not fit", '["08:00", "22:00"]'),
        (changed("tiers", guards={"refuse": ["repeats"]}), "guards.refuse[0]", "not known", "`repeat`"),
        (
            changed("tiers", guards={"redeems": 1}),
            "guards.redeems",
            "no field `redeems`",
            "redemptions_a_day",
        ),
        (changed("tiers", guards={"receipt_minutes": 0}), "guards.receipt_minutes", "0 is too", "1 or more"),
        (changed("tiers", step_up_above=-1), "step_up_above", "-1 is too small", "0 or more"),
        (changed("tiers", scan_books="no"), "scan_books", '"no" does not fit', "true or false"),
        (changed("tiers", rules__3__dry_run=1), "rules[3].dry_run", "1 does not fit", "true or false"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_the_way_out(
    body: dict[str, Any], place: str, sentence: str, remedy: str
) -> None:
    (fault,) = [fault for fault in faults(body) if fault.place == place]
    assert sentence in fault.sentence
    assert remedy in fault.remedy
    assert fault.sentence.endswith(".")


@pytest.mark.parametrize("body", [[], "program", None, 5])
def test_what_is_no_program_at_all_is_refused_in_words(body: Any) -> None:
    (fault,) = faults(body)
    assert (fault.place, fault.remedy) == ("program", "Write an object in braces.")


# ---- What can be read and makes no sense --------------------------------------------------------------

ANY_RULE = {"id": "r", "trigger": "purchase", "then": [{"points": 1}]}


ALONE = ANY_RULE | {"stack": "alone"}


def condition(field: str, op: str, value: Any) -> dict[str, Any]:
    return changed(
        "tiers", rules=[ANY_RULE | {"when": {"all": [{"field": field, "op": op, "value": value}]}}]
    )


def effect(*then: dict[str, Any], **more: Any) -> dict[str, Any]:
    return changed("tiers", rules=[ANY_RULE | {"then": list(then)} | more])


def per(money: int) -> dict[str, Any]:
    return {"points": {"per": money, "give": 1}}


def bands(*starts: int) -> dict[str, Any]:
    return {"points": {"bands": [{"from": start, "per": 100, "give": 1} for start in starts]}}


VALUE = "rules[0].when.all[0].value"


THEN = "rules[0].then[0]"


@pytest.mark.parametrize(
    ("body", "place", "said"),
    [
        (changed("tiers", languages=["ru", "de"]), "languages[1]", "The cards speak en, ru."),
        (changed("tiers", languages=["ru", "ru"]), "languages[1]", "stands twice"),
        (changed("tiers", time_zone="Europe/Moskow"), "time_zone", "Did you mean Europe/Moscow?"),
        (changed("tiers", currency="JPY"), "currency", "two decimals for now"),
        (changed("tiers", currency="KWD"), "currency", "two decimals for now"),
        (changed("tiers", currency="XQZ"), "currency", "no known currency"),
        (changed("tiers", rewards__1__until__ru=GONE), "rewards[1].until", 'Add "ru"'),
        (changed("tiers", tiers__levels__1__name__en=GONE), "tiers.levels[1].name", 'Add "en"'),
        (changed("tiers", tiers__levels__1__benefits__en=GONE), "tiers.levels[1].benefits", 'Add "en"'),
        (changed("tiers", unit__forms__ru__few=GONE), "unit.forms.ru", "The plural few is missing"),
        (changed("tiers", rules=[]), "rules", "Nothing is earned."),
        (effect({"discount": {"percent": [5, 1]}}), "rules", "Nothing is earned."),
        (changed("tiers", rules=[ANY_RULE | {"dry_run": True}]), "rules", "Nothing is earned."),
        (changed("tiers", earning={"per_visit": 1}), "earning", "has `rules` already"),
        (changed("tiers", rules=[], earning={"give": 1}), "earning.give", "Set `per_amount`"),
        (changed("tiers", rules=[], earning={}), "earning", "Nothing is earned."),
        (changed("tiers", rules=[ANY_RULE, ANY_RULE]), "rules[1].id", "the id of rules[0] too"),
        (changed("tiers", rewards__1__id="dessert"), "rewards[1].id", "the id of rewards[0] too"),
        (changed("tiers", tiers__levels__2__id="gold"), "tiers.levels[2].id", "tiers.levels[1] too"),
        (condition("total", "in", [1]), "rules[0].when.all[0].op", "Use >= or >"),
        (condition("total", ">=", "300"), VALUE, "minor units"),
        (condition("total", "between", [300, 100]), VALUE, "the smaller first"),
        (condition("total", "<", 0), VALUE, "minor units"),
        (condition("weekday", "in", [0]), VALUE, "1 for Monday"),
        (condition("weekday", "in", []), VALUE, "1 for Monday"),
        (condition("local_time", "between", ["8:00", "11:00"]), VALUE, "two different times"),
        (condition("local_time", "between", ["08:00", "24:00"]), VALUE, "two different times"),
        (condition("local_time", "between", ["08:00", "08:00"]), VALUE, "two different times"),
        (condition("item", "has", [5]), VALUE, "an item or a category"),
        (condition("channel", "in", [True]), VALUE, "Write names"),
        (condition("tier", "in", ["silver", "golden"]), f"{VALUE}[1]", "Did you mean `gold`?"),
        (changed("coffee-stamps", rewards__0__tier="gold"), "rewards[0].tier", "Describe it under `tiers`."),
        (effect({}), THEN, "An effect does one thing."),
        (effect({"points": 1, "grant": 1}), THEN, "An effect does one thing."),
        (effect({"points": {"per": 100, "give": 1}}, trigger="join"), THEN, 'Write {"grant": 5}.'),
        (effect(bands(1)), f"{THEN}.points.bands[0].from", 'Write "from": 0.'),
        (
            effect(bands(0, 0)),
            f"{THEN}.points.bands[1].from",
            "Let the bands rise.",
        ),
        (
            effect({"points": {"each": "visit", "give": 1, "category": "x"}}),
            f"{THEN}.points.category",
            "visit",
        ),
        (effect({"multiply": [0, 1]}), f"{THEN}.multiply", "[2, 1]"),
        (effect({"discount": {}}), f"{THEN}.discount", "either percent or money"),
        (effect({"discount": {"percent": [101, 1]}}), f"{THEN}.discount.percent", "between 0 and 100"),
        (effect({"grant": 1}, limit={}), "rules[0].limit", "It limits nothing."),
        (effect({"grant": 1}, limit={"cap_points": 5}), "rules[0].limit.cap_points", "no points of its own"),
        (effect({"points": 1}, valid=["2026-02-30", None]), "rules[0].valid[0]", "is no day"),
        (effect({"points": 1}, valid=["2026-03-02", "2026-03-01"]), "rules[0].valid", "before the first"),
        (changed("tiers", rules=[ALONE, ALONE | {"id": "s"}]), "rules[1].priority", "`r` stands alone"),
        (effect(per(999_999_937), per(10_007)), "rules", "too fine a fraction"),
        (effect({"points": {"per": 1, "give": 1_000_000_000}}), "rules", "more points than a card can hold"),
        (changed("tiers", welcome=150), "welcome", "already pays the nearest reward, which costs 150"),
        (changed("tiers", rewards__0__value=5), "rewards[0].value", "has no value"),
        (changed("tiers", rewards__1__value=GONE), "rewards[1].value", "Write it in percent."),
        (changed("tiers", rewards__1__value=101), "rewards[1].value", "more than everything"),
        (changed("tiers", rewards__0__valid=["2026-13-01", None]), "rewards[0].valid[0]", "is no day"),
        (changed("tiers", expiry={"kind": "rolling"}), "expiry.months", "after how many months"),
        (changed("tiers", expiry={"kind": "calendar"}), "expiry.days", "on which days"),
        (
            changed("tiers", expiry={"kind": "calendar", "days": ["31-12"]}),
            "expiry.days[0]",
            '"31-12" is no day',
        ),
        (changed("tiers", expiry={"months": 12}), "expiry.months", "What never expires"),
        (
            changed("tiers", expiry={"kind": "inactivity", "months": 6, "days": ["12-31"]}),
            "expiry.days",
            "Only",
        ),
        (
            changed("tiers", tiers__levels__1__threshold=1000),
            "tiers.levels[1].threshold",
            "Let the levels rise.",
        ),
        (changed("tiers", tiers__levels__0__threshold=GONE), "tiers.levels[0].threshold", "Nothing leads to"),
        (changed("subscription", tiers__levels__0__threshold=5), "tiers.levels[0].paid", "bought or earned"),
        (
            changed("subscription", tiers__levels__0__discount=[101, 1]),
            "tiers.levels[0].discount",
            "0 and 100",
        ),
        (changed("cashback", paying__share=[3, 2]), "paying.share", "up to the whole receipt"),
        (changed("cashback", paying__worth=[0, 1]), "paying.worth", "pays nothing"),
        (changed("cashback", paying__worth=[2, 1]), "paying.worth", "money already"),
        (changed("cashback", paying=GONE), "rewards", "would lead nowhere"),
        (changed("coffee-stamps", rewards=[]), "rewards", "would lead nowhere"),
        (changed("tiers", guards={"one_till_a_week": 2}), "guards.one_till_a_week", "less than the 3 of one"),
        (changed("tiers", guards={"hours": ["08:00", "08:00"]}), "guards.hours", "two different times"),
        (changed("tiers", guards={"refuse": ["often", "often"]}), "guards.refuse[1]", "stands twice"),
        (changed("tiers", guards={"refuse": ["after-hours"]}), "guards.refuse[0]", "Add `hours`"),
        (
            changed("tiers", repeat_minutes=0, guards={"refuse": ["repeat"]}),
            "guards.refuse[0]",
            "Raise `repeat_minutes`",
        ),
        (changed("tiers", step_up_above=1_000_000), "step_up_above", "takes several in a day"),
        (changed("cashback", scan_books=True), "scan_books", "A visit alone is worth nothing"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_place_and_the_way_out(
    body: dict[str, Any], place: str, said: str
) -> None:
    found = [fault for fault in faults(body) if fault.place == place]
    assert found, faults(body)
    assert said in f"{found[0].sentence} {found[0].remedy}"


@pytest.mark.parametrize("name", ["  ", "\u00a0", "Club\n", "Cl\u0000ub", "Club\u202ebulC"])
def test_a_name_is_something_to_be_seen(name: str) -> None:
    named = changed("tiers", organization=name, name__en=name, tiers__levels__0__name__ru=name)
    assert {fault.place for fault in faults(named)} == {"name.en", "organization", "tiers.levels[0].name.ru"}
    assert not faults(changed("tiers", organization="Семья 👨\u200d👩\u200d👧"))


def test_all_faults_are_told_at_once() -> None:
    body = changed("tiers", time_zone="Mars/Base", welcome=150, currency="JPY")
    with pytest.raises(Invalid) as refused:
        check(body)
    assert [fault.place for fault in faults(body)] == ["time_zone", "currency", "welcome"]
    assert all(str(fault) in refused.value.detail for fault in faults(body))
