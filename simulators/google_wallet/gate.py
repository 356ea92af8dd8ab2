"""Every request passes here: it is counted, perhaps met by a scripted answer, and written down."""

from __future__ import annotations

import time
from collections.abc import Callable

from simulators.google_wallet.calls import Answer, Call, refusing
from simulators.google_wallet.errors import rate_limit
from simulators.google_wallet.history import Entry
from simulators.google_wallet.world import World

Act = Callable[[Call], Answer]


class Gate:
    def __init__(self, world: World) -> None:
        self._world = world

    def let_through(self, call: Call, act: Act, *, counted: bool = True, in_batch: bool = False) -> Answer:
        """`counted` requests are those to the API itself, each part of a batch included (G25)."""
        at = self._world.clock()
        rate = self._world.history.came() if counted else 0
        time.sleep(self._world.knobs.switches.delay_ms / 1000)
        answer, scripted = self._answered(call, act, rate)
        self._world.history.write(Entry(at, call, answer.status, answer.reason, scripted, in_batch))
        self._world.stirred()
        return answer

    def _answered(self, call: Call, act: Act, rate: int) -> tuple[Answer, bool]:
        scripted = self._world.knobs.scripted_for(call)
        if scripted:
            return scripted.answer(act(call) if scripted.after_effect else None), True
        switches = self._world.knobs.switches
        if 0 < switches.rate_limit < rate:
            return refusing(rate_limit(switches.rate_status)), False
        return act(call), False
