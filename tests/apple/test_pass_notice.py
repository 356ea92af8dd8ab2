"""One field of a pass carries the notice, and every movement changes what it says."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.apple.made_templates import (
    COFFEE,
    Phone,
    build,
    make_face,
    make_template,
    simple_body,
)
from tests.domain.plain_program import make_program, make_reward
from wallet_service.apple.template import pass_template
from wallet_service.apple.template.pass_template import PassTemplate
from wallet_service.domain import wording
from wallet_service.domain.goals import first_goal
from wallet_service.domain.program import Unit
from wallet_service.domain.progress import Kind, Standing, progress, stage, usual_step
from wallet_service.domain.rule import Each, Rule, Trigger


def test_P13_one_field_carries_the_notice_and_it_shows_the_news(coffee: PassTemplate) -> None:
    fields = Phone(build(make_face(), coffee)).fields()
    telling = [field for field in fields.values() if "changeMessage" in field]
    assert [(field["value"], field["changeMessage"]) for field in telling] == [
        ("3 of 10 already. Good start.", "%@")
    ]


def test_P13_a_merchants_per_cent_sign_cannot_become_a_second_mark(tmp_path: Path) -> None:
    field = {"key": "more", "value": "{{news}}", "changeMessage": "{{program_name}}: %@"}
    template = make_template(tmp_path, simple_body(storeCard={"backFields": [field]}))
    face = make_face(program_name={"en": "50%@home", "ru": "50%@дом"})
    phone = Phone(build(face, template), "ru")
    message = phone.text(phone.fields()["more"]["changeMessage"])
    assert message.count("%") == 1
    assert message.endswith("дом: %@")


STEPS = st.lists(st.sampled_from(["earn", "reverse", "redeem", "welcome"]), max_size=30)


@given(STEPS)
def test_P13_every_movement_changes_the_value_that_carries_the_notice(steps: list[str]) -> None:
    template = pass_template.load(COFFEE)
    standing = Standing().after(Kind.GRANT, 2, endowed=2)
    before = shown_news(standing, template)
    for step in steps:
        moved = after(standing, step)
        if moved.balance == standing.balance:
            continue
        news = shown_news(moved, template)
        assert news != before, (step, standing)
        standing, before = moved, news


PROGRAM = make_program(
    unit=Unit("stamps", {"en": {"one": "stamp", "other": "stamps"}, "ru": {"other": "штампов"}}),
    rules=(Rule("visit", Trigger.VISIT, (Each("visit", 1),)),),
    welcome=2,
    rewards=(make_reward("coffee", 6),),
)


def after(standing: Standing, step: str) -> Standing:
    if step == "earn":
        return standing.after(Kind.EARN, 1, status=1)
    if step == "reverse" and standing.balance > 0:
        return standing.after(Kind.REVERSE, -1)
    if step == "redeem" and standing.balance >= 6:
        return standing.after(Kind.REDEEM, -6)
    if step == "welcome" and standing.last is Kind.REDEEM:
        return standing.after(Kind.GRANT, 2, endowed=2)
    return standing


def shown_news(standing: Standing, template: PassTemplate) -> str:
    reward = first_goal(PROGRAM)
    bar = progress(standing, reward.cost, cells=True)
    news = wording.news(PROGRAM, stage(standing, bar, usual_step((), PROGRAM)), bar, reward)
    fields = Phone(build(make_face(news=news, progress=bar), template)).fields()
    return next(str(field["value"]) for field in fields.values() if "changeMessage" in field)
