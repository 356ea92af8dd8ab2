"""F8: every unkindness of APNs, each against all cards; what is asked is the same after each."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.faults.count import Count
from tests.faults.outside_crowd import Crowd, gathered
from tests.faults.witnesses import doubled_numbers
from tests.services.memory import in_memory

CARDS = 5000
PUSHES_A_CONNECTION = 300
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Profile:
    """`script` sets the knobs and may work for a while; `faults` says how many it set. `cuts`: each of so
    many costs a connection, whoever is to blame. `gone`: which of the cards may lose their phone.
    """

    name: str
    script: Callable[[Crowd, random.Random], int]
    cuts: int = 0
    gone: float = 0.0


def run(scale: float, seed: int) -> Count:
    """All profiles, one after the other, on the same cards."""
    cards = max(int(CARDS * scale), 60)
    amiss: list[str] = []
    faults = stale = pushes = 0
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder, gathered(Path(folder), cards) as crowd:
        for profile in PROFILES:
            count = suffer(crowd, profile, random.Random(f"{seed} {profile.name}"))
            faults += count.faults
            stale += count.stale
            pushes += count.acknowledged
            amiss += [f"{profile.name}: {sentence}" for sentence in count.amiss]
    done = f"{len(PROFILES)} ways of APNs to misbehave, {cards} cards each"
    return Count("F8 APNs", done, faults, pushes, stale=stale, amiss=tuple(amiss))


def suffer(crowd: Crowd, profile: Profile, dice: random.Random) -> Count:
    """`acknowledged` are the pushes that APNs was asked for."""
    crowd.change_all()
    before = set(crowd.registered())
    faults = profile.script(crowd, dice)
    crowd.settles()
    stats = crowd.apns.stats()
    amiss = [*_amiss(crowd, profile, stats, len(before - set(crowd.registered())))]
    return Count(profile.name, "", faults, stats["requests"], stale=len(crowd.stale()), amiss=tuple(amiss))


def _amiss(crowd: Crowd, profile: Profile, stats: dict[str, Any], lost: int) -> list[str]:
    said = []
    allowed = stats["requests"] / PUSHES_A_CONNECTION + profile.cuts + 1
    if stats["connections"] > allowed:
        said.append(f"{stats['connections']} connections for {stats['requests']} pushes")
    if lost > profile.gone * len(crowd.tokens):
        said.append(f"{lost} phones were dropped")
    if profile.gone and not lost:
        said.append("no phone was dropped")
    if silent := [mark.card_id for mark in crowd.waiting() if not mark.last_error]:
        said.append(f"{len(silent)} marks wait without a reason")
    if "apns-circuit" in crowd.alarms():
        said.append("the circuit is still open")
    with crowd.shop.services.sessions.read() as session:
        said += doubled_numbers(session)
    return said


def _answers(*scripted: dict[str, Any]) -> Callable[[Crowd, random.Random], int]:
    def script(crowd: Crowd, _: random.Random) -> int:
        crowd.apns.turn(answers=list(scripted))
        return sum(min(one.get("times") or 0, len(crowd.tokens) // one.get("every", 1)) for one in scripted)

    return script


def _knobs(share: float, **knobs: Any) -> Callable[[Crowd, random.Random], int]:
    """A knob given as None is turned to that share of the cards."""

    def script(crowd: Crowd, _: random.Random) -> int:
        many = max(int(len(crowd.tokens) * share), 1)
        crowd.apns.turn(**{name: many if value is None else value for name, value in knobs.items()})
        return many

    return script


def _tokens(reason: str, share: float, since: timedelta | None) -> Callable[[Crowd, random.Random], int]:
    """Some phones are called so for ever; `since` is how long before now they are gone."""

    def script(crowd: Crowd, dice: random.Random) -> int:
        crowd.shop.clock.forward(hours=1)
        chosen = dice.sample(sorted(crowd.tokens.values()), max(int(len(crowd.tokens) * share), 1))
        entry: dict[str, Any] = {"reason": reason, "times": None}
        if since is not None:
            entry["timestamp"] = int((crowd.shop.clock() - since).timestamp() * 1000)
        crowd.apns.turn(answers=[entry | {"token": token} for token in chosen])
        return len(chosen)

    return script


def _one_stream(crowd: Crowd, _: random.Random) -> int:
    """In mid-work, and back again (openradar 27870881)."""
    crowd.worker.step()
    crowd.apns.turn(max_streams=1)
    for _batch in range(3):
        crowd.worker.step()
    crowd.apns.turn(max_streams=1000)
    return 1


def _a_byte_a_second(crowd: Crowd, _: random.Random) -> int:
    crowd.worker.step()
    crowd.apns.turn(byte_per_second=True)
    crowd.worker.step()
    crowd.worker.step()
    crowd.apns.turn(byte_per_second=False)
    return 2


def _handshakes_cut(crowd: Crowd, _: random.Random) -> int:
    """After the connection that stands has gone too."""
    crowd.apns.turn(cut=1, cut_handshakes=3)
    return 4


def _wrong_certificate(crowd: Crowd, _: random.Random) -> int:
    """The circuit opens with the first batch, within a second, and everything waits for a good probe."""
    crowd.apns.turn(answers=[{"reason": "BadCertificate", "times": None}])
    began = time.monotonic()
    crowd.worker.step()
    assert "apns-circuit" in crowd.alarms(), "the circuit did not open"
    took = time.monotonic() - began
    refused = len(crowd.apns.history())
    crowd.worker.run_until_idle()
    assert len(crowd.apns.history()) == refused, "pushes went out through an open circuit"
    for _probe in range(3):
        crowd.shop.clock.forward(minutes=5)
        crowd.worker.run_until_idle()
    probes = len(crowd.apns.history()) - refused
    assert probes <= 3, f"{probes} probes in a quarter of an hour"
    assert took < 1.0 or refused <= 200, f"{refused} refusals in {took:.1f} s before the circuit opened"
    crowd.apns.turn(answers=[])
    return refused + probes


PROFILES = (
    Profile("429 TooManyRequests", _answers({"reason": "TooManyRequests", "every": 10, "times": 500})),
    Profile("503 ServiceUnavailable", _answers({"reason": "ServiceUnavailable", "every": 7, "times": 700})),
    Profile("503 Shutdown", _answers({"reason": "Shutdown", "every": 50, "times": 100})),
    Profile("500 with an empty body", _knobs(0.1, empty_500=None)),
    Profile("410 of after the registration", _tokens("Unregistered", 0.02, timedelta()), gone=0.02),
    Profile("410 of before it", _tokens("Unregistered", 0.02, DAY)),
    Profile("400 BadDeviceToken", _tokens("BadDeviceToken", 0.01, None), gone=0.01),
    Profile("GOAWAY", _knobs(0.002, goaway_after=500, goaway_takes_back=10)),
    Profile("RST_STREAM", _knobs(0.01, reset=None)),
    # libcurl asks for a refused stream again on a connection of its own
    Profile("REFUSED_STREAM", _knobs(0.001, reset=None, reset_code=7), cuts=5),
    Profile("one stream", _one_stream),
    Profile("hangs", _knobs(0.002, hang=None)),
    Profile("one byte a second", _a_byte_a_second, cuts=3),
    Profile("connections cut", _knobs(0.001, cut=None), cuts=6),
    Profile("handshakes cut", _handshakes_cut, cuts=4),
    Profile("wrong certificate", _wrong_certificate, cuts=1),
)
