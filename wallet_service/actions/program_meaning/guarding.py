"""The guards at the till and the second proof: limits that can be reached, flags that can be seen."""

from __future__ import annotations

from collections.abc import Iterator

from wallet_service.actions import program_reading as reading
from wallet_service.actions.program_faults import Fault, path
from wallet_service.domain.rule import Each, Flat, Trigger

BOUGHT = ("total", "item")


def faults(body: reading.ProgramBody) -> Iterator[Fault]:
    yield from _limits(body.guards)
    yield from _refused(body)
    yield from _step_up(body)
    yield from _scan(body)


def _limits(guards: reading.GuardsBody) -> Iterator[Fault]:
    if guards.one_till_a_week < guards.one_till_a_day:
        sentence = f"{guards.one_till_a_week} a week is less than the {guards.one_till_a_day} of one day."
        yield Fault("guards.one_till_a_week", sentence, "Write at least as many.")
    if guards.hours and guards.hours[0] == guards.hours[1]:
        remedy = 'Write two different times, such as ["08:00", "22:00"], or leave it out.'
        yield Fault("guards.hours", "The shop opens and closes at the same minute.", remedy)


def _refused(body: reading.ProgramBody) -> Iterator[Fault]:
    refused = body.guards.refuse
    for index, flag in enumerate(refused):
        place = path("guards", "refuse", index)
        if flag in refused[:index]:
            yield Fault(place, f"`{flag}` stands twice.", "Name each flag once.")
        elif flag == "after-hours" and body.guards.hours is None:
            yield Fault(place, "Nobody knows when the shop is closed.", "Add `hours`, or leave it out.")
        elif flag == "repeat" and body.repeat_minutes == 0:
            yield Fault(place, "No purchase is ever a repeat.", "Raise `repeat_minutes`, or leave it out.")


def _step_up(body: reading.ProgramBody) -> Iterator[Fault]:
    """The limit is for a card and day: where no reward goes above it, the first of a day never asks."""
    limit, dearest = body.step_up_above, max((reward.cost for reward in body.rewards), default=0)
    if limit is not None and body.paying is None and limit >= dearest:
        sentence = f"No reward costs more than {limit}: only whoever takes several in a day is asked."
        yield Fault("step_up_above", sentence, "Write less, or leave it out.")


def _scan(body: reading.ProgramBody) -> Iterator[Fault]:
    if body.scan_books and not _visit_earns(body):
        remedy = "Leave it out, or add a rule that gives points for a visit."
        yield Fault("scan_books", "A visit alone is worth nothing here.", remedy)


def _visit_earns(body: reading.ProgramBody) -> bool:
    """By some rule, on some day: a scan says neither what was bought nor for how much."""
    if body.tiers and body.tiers.counts == "visits":
        return True
    return any(
        isinstance(effect, Flat) or (isinstance(effect, Each) and effect.what == "visit")
        for rule in reading.as_rules(body)
        if rule.trigger in (Trigger.VISIT, Trigger.PURCHASE) and not rule.dry_run
        if not any(condition.field in BOUGHT for condition in rule.every)
        for effect in rule.then
    )
