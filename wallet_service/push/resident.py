"""A loop that lives in the worker process: works while there is work, and then waits to be woken."""

from __future__ import annotations

import logging
import threading

from wallet_service.domain.errors import Quarantined, Unavailable

log = logging.getLogger(__name__)

PAUSE = 0.02  # seconds after each batch: on SQLite the till waits behind our writes
BREATH = 0.15  # seconds after each part of bulk work on SQLite, in which tills have it for themselves
IDLE = 1.0


class Resident:
    """`name` is what the log calls it."""

    name = "worker"

    def __init__(self) -> None:
        self._woken = threading.Event()
        self._stopping = threading.Event()

    def step(self) -> bool:
        """One batch; tells whether there was work."""
        raise NotImplementedError

    def run_until_idle(self) -> None:
        while self.step():
            pass

    def run(self) -> None:
        """Waits for a wake-up a second at most."""
        while not self._stopping.is_set():
            self._woken.clear()  # before the look: a wake-up during it must not be forgotten
            if self._worked():
                self._stopping.wait(PAUSE)
            else:
                self._woken.wait(IDLE)

    def _worked(self) -> bool:
        """Whatever happens to one batch, what is due stays due and the loop goes on."""
        try:
            return self.step()
        except Quarantined as error:
            log.debug("%s waits: %s", self.name, error.detail)
        except Unavailable as error:
            log.warning("%s waits: %s", self.name, error.detail)
        except Exception:
            log.exception("telling %s failed; the marks stay due", self.name)
        return False

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()
