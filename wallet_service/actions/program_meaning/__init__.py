"""What a program says that can be read and still makes no sense."""

from __future__ import annotations

from collections.abc import Iterator

from wallet_service.actions import program_reading as reading
from wallet_service.actions.program_faults import Fault
from wallet_service.actions.program_meaning import earning, guarding, levels, said, sizes, spending


def faults_of_meaning(body: reading.ProgramBody) -> Iterator[Fault]:
    for part in (said, earning, sizes, spending, levels, guarding):
        yield from part.faults(body)
