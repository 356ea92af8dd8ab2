"""What other servers' clocks say of ours, by the Date of answers that we get anyway."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median_low
from threading import get_ident
from urllib.parse import urlsplit

from wallet_service.domain.detail import Detail
from wallet_service.push.clock_watch import APART, REMEDY, steady
from wallet_service.push.http_date import moment_of

FILE = "clock.json"
BOOT = Path("/proc/sys/kernel/random/boot_id")
OFF = timedelta(minutes=5)
COUNTS_FOR = 3600.0  # steady seconds
HEARD_EVERY = 30.0  # of one host
READ_EVERY = 5.0
FEWEST = 2

Heard = Mapping[str, tuple[float, float]]
"""By host: when by steady seconds, and what it said."""
NEVER: tuple[float, Heard] = (-READ_EVERY, {})


@dataclass(frozen=True)
class Verdict:
    """`ahead` is below zero for a clock that is behind; `hosts` are those that say so."""

    ahead: timedelta
    hosts: tuple[str, ...]

    @property
    def is_off(self) -> bool:
        return abs(self.ahead) > OFF

    @property
    def minutes(self) -> int:
        return round(abs(self.ahead).total_seconds() / 60)

    @property
    def side(self) -> str:
        return "ahead" if self.ahead > timedelta() else "behind"

    def __str__(self) -> str:
        told = f"{self.minutes} minutes" if self.minutes < 120 else f"{self.minutes // 60} hours"
        return f"{told} {self.side}"


class OtherClocks:
    """Shared by all processes of a machine that use this folder. A time that was heard goes on by the steady
    seconds since, so that a clock that was set right is believed at once.
    """

    def __init__(self, folder: Path, steady: Callable[[], float] = steady) -> None:
        self._file, self._steady = folder / FILE, steady
        self._heard_at: dict[str, float] = {}
        self._looked = NEVER

    def heard(self, url: str, date: str | None) -> None:
        """An answer from `url` has just begun. Only over TLS: others may be anybody's."""
        place, moment = urlsplit(url), self._steady()
        host = place.hostname
        if place.scheme != "https" or not host or self._was_heard(host, moment):
            return
        if told := moment_of(date or ""):
            self._heard_at[host], self._looked = moment, NEVER
            with suppress(OSError):  # a full disk stops nothing
                self._write(_young(self._noted(), moment) | {host: (moment, told.timestamp())})

    def verdict(self, now: datetime) -> Verdict | None:
        """What most of those who were heard within the hour agree on; None: too few, or no two agree. A
        minority that lies stops nobody.
        """
        moment = self._steady()
        known = _young(self._lately(moment), moment)
        ahead = {host: now.timestamp() - (told + moment - at) for host, (at, told) in known.items()}
        if len(ahead) < FEWEST:
            return None
        middle = median_low(ahead.values())
        agreed = [host for host, by in ahead.items() if abs(by - middle) <= APART.total_seconds()]
        if len(agreed) < FEWEST or 2 * len(agreed) <= len(ahead):
            return None
        return Verdict(timedelta(seconds=middle), tuple(sorted(agreed)))

    def doubt(self, now: datetime) -> str:
        """Why ours is not to be believed; empty while nobody says so. Strangers read it: it names no host."""
        verdict = self.verdict(now)
        if verdict is None or not verdict.is_off:
            return ""
        said = f"The clock of this machine is {verdict}, as other servers say. {REMEDY}"
        return Detail(said, f"clock/{verdict.side}", minutes=verdict.minutes)

    def _was_heard(self, host: str, moment: float) -> bool:
        return moment - self._heard_at.get(host, -HEARD_EVERY) < HEARD_EVERY

    def _lately(self, moment: float) -> Heard:
        """Whoever signs asks for every pass; the file is read now and then."""
        at, heard = self._looked
        if not 0 <= moment - at < READ_EVERY:
            heard = self._noted()
            self._looked = moment, heard
        return heard

    def _noted(self) -> Heard:
        """What was heard before a restart of the machine tells nothing."""
        try:
            noted = json.loads(self._file.read_text())
            if noted["boot"] != _boot():
                return {}
            return {str(host): (float(at), float(told)) for host, (at, told) in noted["heard"].items()}
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            return {}

    def _write(self, heard: Heard) -> None:
        """Whole or not at all. Of two processes at the same moment one is not heard until its next answer."""
        beside = self._file.with_name(f"{FILE}.{os.getpid()}-{get_ident()}")
        beside.write_text(json.dumps({"boot": _boot(), "heard": heard}))
        beside.replace(self._file)


def _young(heard: Heard, moment: float) -> dict[str, tuple[float, float]]:
    return {host: said for host, said in heard.items() if 0 <= moment - said[0] <= COUNTS_FOR}


def _boot() -> str:
    """Which run of the machine this is; empty where nobody knows."""
    try:
        return BOOT.read_text().strip()
    except OSError:
        return ""
