"""The tiers: how each is reached, and that they rise."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from wallet_service.actions import program_reading as reading
from wallet_service.actions.program_faults import Fault, Place, path
from wallet_service.actions.program_meaning.shared import unique


def faults(body: reading.ProgramBody) -> Iterator[Fault]:
    levels, highest = body.tiers.levels if body.tiers else (), 0
    yield from unique("tiers.levels", levels)
    for index, level in enumerate(levels):
        place: Place = ("tiers", "levels", index)
        yield from _level(level, place)
        if level.threshold is not None and level.threshold <= highest:
            sentence = f"{level.threshold} is not above the {highest} of the level before."
            yield Fault(path(*place, "threshold"), sentence, "Let the levels rise.")
        highest = max(highest, level.threshold or 0)


def _level(level: reading.LevelBody, place: Place) -> Iterator[Fault]:
    if level.paid and (level.threshold is not None or level.jump is not None):
        yield Fault(
            path(*place, "paid"), "A level is either bought or earned.", "Leave `threshold` and `jump` out."
        )
    if not level.paid and level.threshold is None:
        yield Fault(
            path(*place, "threshold"), "Nothing leads to this level.", 'Write "threshold": 1000, or `paid`.'
        )
    if not 0 < Fraction(*level.multiplier) <= 100:
        yield Fault(
            path(*place, "multiplier"), "It lies above 0, up to 100.", "Write [3, 2] for half as many again."
        )
    if not 0 <= Fraction(*level.discount) <= 100:
        yield Fault(path(*place, "discount"), "It lies between 0 and 100.", "Write [5, 1] for 5 percent.")
