"""What points are for: rewards, points as money, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from wallet_service.actions import program_reading as reading
from wallet_service.actions.program_faults import Fault, Place, path
from wallet_service.actions.program_meaning.shared import days, is_day, known_tier, unique


def faults(body: reading.ProgramBody) -> Iterator[Fault]:
    yield from _rewards(body)
    yield from _expiry(body.expiry)
    yield from _paying(body)
    yield from _goal(body)


def _rewards(body: reading.ProgramBody) -> Iterator[Fault]:
    yield from unique("rewards", body.rewards)
    for index, reward in enumerate(body.rewards):
        place: Place = ("rewards", index)
        yield from days(reward.valid, (*place, "valid"))
        yield from _value(reward, (*place, "value"))
        if reward.tier is not None:
            yield from known_tier(body, reward.tier, (*place, "tier"))
    cheapest = min((reward.cost for reward in body.rewards), default=None)
    if cheapest is not None and body.welcome >= cheapest:
        sentence = (
            f"The welcome gift of {body.welcome} already pays the nearest reward, which costs {cheapest}."
        )
        yield Fault("welcome", sentence, "Write less.")


def _value(reward: reading.RewardBody, place: Place) -> Iterator[Fault]:
    kind, value = reward.kind.value, reward.value
    if kind in ("item", "experience"):
        if value is not None:
            yield Fault(path(*place), f"A reward of the kind {kind} has no value.", "Leave it out.")
    elif value is None:
        unit = "percent" if kind == "percent_off" else "minor units"
        yield Fault(path(*place), f"How much a {kind} takes off is missing.", f"Write it in {unit}.")
    elif kind == "percent_off" and value > 100:
        yield Fault(path(*place), f"{value} percent is more than everything.", "Write 100 or less.")


def _expiry(expiry: reading.ExpiryBody) -> Iterator[Fault]:
    kind = expiry.kind.value
    if kind in ("rolling", "inactivity") and not expiry.months:
        yield Fault("expiry.months", "It does not say after how many months.", 'Write "months": 12.')
    if kind == "calendar" and not expiry.days:
        yield Fault("expiry.days", "It does not say on which days.", 'Write "days": ["12-31"].')
    if kind == "never" and expiry.months:
        yield Fault(
            "expiry.months", "What never expires has no months.", "Leave it out, or write another kind."
        )
    if kind != "calendar" and expiry.days:
        yield Fault("expiry.days", "Only the kind calendar has days.", "Leave them out.")
    if kind != "rolling" and expiry.end_of != "day":
        yield Fault("expiry.end_of", "Only the kind rolling is put off to an end.", "Leave it out.")
    for index, day in enumerate(expiry.days):
        if not is_day(f"2024-{day}"):  # a leap year: the 29th of February is a day
            yield Fault(path("expiry", "days", index), f'"{day}" is no day.', 'Write it like "12-31".')


def _paying(body: reading.ProgramBody) -> Iterator[Fault]:
    if body.paying is None:
        return
    if body.paying.worth[0] == 0:
        yield Fault("paying.worth", "A point that is worth nothing pays nothing.", "Write [1, 1] or more.")
    elif body.unit.counted == "money" and Fraction(*body.paying.worth) != 1:
        yield Fault("paying.worth", "What is counted is money already.", "Leave it out.")
    if not 0 < Fraction(*body.paying.share) <= 1:
        yield Fault("paying.share", "It lies above 0, up to the whole receipt.", "Write [1, 2] for a half.")


def _goal(body: reading.ProgramBody) -> Iterator[Fault]:
    leads = (
        body.rewards or body.paying or (body.tiers and any(level.threshold for level in body.tiers.levels))
    )
    if not leads:
        remedy = "Add a reward, a level with a threshold, or `paying`."
        yield Fault("rewards", "The bar on the card would lead nowhere.", remedy)
