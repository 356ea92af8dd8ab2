"""What more than one part of a program has: ids, days, times, the name of a tier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from wallet_service.actions import program_reading as reading
from wallet_service.actions.program_faults import Fault, Place, nearest, path


def unique(
    place: str, named: tuple[reading.RuleBody | reading.RewardBody | reading.LevelBody, ...]
) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, each in enumerate(named):
        if each.id in seen:
            sentence = f"`{each.id}` is the id of {place}[{seen[each.id]}] too."
            yield Fault(f"{place}[{index}].id", sentence, "Give it another one.")
        seen.setdefault(each.id, index)


def known_tier(body: reading.ProgramBody, tier: str, place: Place) -> Iterator[Fault]:
    known = [level.id for level in body.tiers.levels] if body.tiers else []
    if tier not in known:
        remedy = nearest(tier, known) if known else "Describe it under `tiers`."
        yield Fault(path(*place), f"There is no tier `{tier}`.", remedy)


def days(days: tuple[str | None, str | None], place: Place) -> Iterator[Fault]:
    real = [day for day in days if day is not None and is_day(day)]
    for index, day in enumerate(days):
        if day is not None and not is_day(day):
            yield Fault(path(*place, index), f'"{day}" is no day.', 'Write it like "2026-05-31", or null.')
    if len(real) == 2 and real[0] > real[1]:
        yield Fault(path(*place), "The last day lies before the first.", "Write the earlier one first.")


def is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_time(value: str) -> bool:
    return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) is not None
